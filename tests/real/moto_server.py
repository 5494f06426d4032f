"""moto's server on loopback: S3, Lambda and a CloudFormation that is independent of this project."""

import json
import logging
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import moto.settings
import pytest
from moto.cloudformation import parsing
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.server import ThreadedMotoServer
from samtranslator.translator.transform import transform

REGION = "us-east-1"
CREDENTIALS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "an example"}


def client(service: str, server: str) -> Any:
    """Returns boto3's client for a service. `server` is a host and a port."""
    return boto3.client(service, endpoint_url=f"http://{server}", region_name=REGION, **CREDENTIALS)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Starts moto on loopback and yields its host and port."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    serving = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    serving.start()
    host, port = serving.get_host_and_port()
    # By default, moto gives its functions a host name that is only valid in a container.
    monkeypatch.setattr(moto.settings, "moto_server_host", lambda: f"http://{host}")
    monkeypatch.setenv("MOTO_PORT", str(port))
    # The servers of one process share their resources, so those of an earlier server still exist.
    urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()
    yield f"{host}:{port}"
    serving.stop()


class NoManagedPolicies:
    """Gives `transform` the ARNs of managed policies. The template names none."""

    def load(self) -> dict[str, str]:
        raise AssertionError("the template names a managed policy")


@pytest.fixture
def change_sets(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Makes moto transform a SAM template in a change set with AWS's own translator, as CloudFormation does.
    Returns a list to which each request for a change set is added."""
    requests: list[dict[str, Any]] = []
    apply, clean_json = ChangeSet.apply, parsing.clean_json
    create_change_set = CloudFormationBackend.create_change_set
    respond = CloudFormationResponse.create_change_set

    def transformed(self: CloudFormationBackend, **arguments: Any) -> Any:
        template = Stack.parse_template(arguments["template"])
        if "Transform" in template:
            template = transform(template, arguments["parameters"], NoManagedPolicies())
        return create_change_set(self, **{**arguments, "template": json.dumps(template)})

    def recorded(self: CloudFormationResponse) -> Any:
        requests.append({name: self._get_param(name) for name in ("StackName", "Capabilities", "Parameters")})
        return respond(self)

    def cleaned(node: Any, resources: Any) -> Any:
        """Removes None from lists, because moto replaces AWS::NoValue with None there."""
        found = clean_json(node, resources)
        return [item for item in found if item is not None] if isinstance(found, list) else found

    def applied(self: ChangeSet) -> None:
        """Sets the outputs and tags of a stack that a change set creates, because moto does not."""
        apply(self)
        self.stack.template, self.stack.tags = self.template, self.tags
        self.stack._parse_template()
        self.stack.output_map = self.stack._create_output_map()

    # The translator reads the Region only from this variable.
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(parsing, "clean_json", cleaned)
    monkeypatch.setattr(ChangeSet, "apply", applied)
    monkeypatch.setattr(CloudFormationBackend, "create_change_set", transformed)
    monkeypatch.setattr(CloudFormationResponse, "create_change_set", recorded)
    return requests
