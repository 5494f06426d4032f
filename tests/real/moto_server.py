"""moto's server on loopback: S3, Lambda and a CloudFormation that nobody here wrote."""

import logging
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import moto.settings
import pytest
from moto.server import ThreadedMotoServer

REGION = "us-east-1"
CREDENTIALS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "an example"}


def client(service: str, server: str) -> Any:
    """boto3's client for a service of the server, a host and a port."""
    return boto3.client(service, endpoint_url=f"http://{server}", region_name=REGION, **CREDENTIALS)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """moto on loopback, as a host and a port."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    serving = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    serving.start()
    host, port = serving.get_host_and_port()
    # A function in a container would find the host by another name.
    monkeypatch.setattr(moto.settings, "moto_server_host", lambda: f"http://{host}")
    monkeypatch.setenv("MOTO_PORT", str(port))
    # What an earlier server made in this process is still there.
    urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()
    yield f"{host}:{port}"
    serving.stop()
