"""The emulated service and bucket, and the function in AWS's runtime interface emulator."""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from relay import Relay
from rie import HOME, ROOT, Rie

# The ARN prefix of contacts in the account of AWS's emulator.
CONTACTS = f"arn:aws:ssm-contacts:{HOME}:contact/"


def place() -> list[str]:
    region, account = HOME.split(":")
    return ["--region", region, "--account", account]


class Emulator:
    """`emulator serve` on ports of its own."""

    def __init__(self, command: Path, log: Path, *options: str) -> None:
        self.log = log
        self.command = command
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [command, "serve", "--contacts-port", "0", "--sink-port", "0", *place(), *options],
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )
        self.environment = dict(self._exports())

    def _exports(self) -> Iterator[tuple[str, str]]:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                yield name, value
            elif "Ctrl-C" in line:
                return
        raise AssertionError(self.log.read_text())

    @property
    def contacts_url(self) -> str:
        return self.environment["AWS_ENDPOINT_URL_SSM_CONTACTS"]

    def client(self, attempts: int = 1) -> Any:
        """Returns boto3's client for the emulated service, with this number of attempts for each call."""
        return boto3.client(
            "ssm-contacts",
            endpoint_url=self.contacts_url,
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self.environment["AWS_SESSION_TOKEN"],
            config=Config(retries={"total_max_attempts": attempts}),
        )

    def stop(self) -> str:
        """Stops the emulator and returns its output."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


class Services:
    """One service, one bucket and one function."""

    def __init__(
        self,
        emulator: Emulator,
        rie: Path,
        bootstrap: Path,
        timeout: int,
        hosts: Sequence[str],
        log: Path,
    ) -> None:
        self.emulator = emulator
        self.service = Relay(emulator.contacts_url.removeprefix("http://"))
        self.bucket = Relay(emulator.environment["RESPONSE_HOSTS"])
        environment = {
            **emulator.environment,
            "AWS_ENDPOINT_URL_SSM_CONTACTS": f"http://{self.service.host}",
            "RESPONSE_HOSTS": ",".join([self.bucket.host, *hosts]),
        }
        self.contacts = emulator.client()
        self.function = Rie(rie, bootstrap, environment, timeout, log)

    def event(self, name: str) -> dict[str, Any]:
        """Returns an event file with a response URL and an account of these services."""
        file = ROOT / f"events/{name}.json"
        command = [self.emulator.command, "event", file, "--host", self.bucket.host, *place()]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    def answers(self) -> list[dict[str, Any]]:
        """Returns the answers that the bucket received, in order. Checks that each PUT obeys S3's rules."""
        for put in self.bucket.messages:
            headers = {name.lower() for name in put.headers}
            assert "content-type" not in headers
            assert "content-length" in headers
            assert len(put.body) <= 4096
            assert (put.method, put.status) == ("PUT", 200)
        return [json.loads(put.body) for put in self.bucket.messages]

    def deliver(self, event: dict[str, Any]) -> dict[str, Any]:
        """Delivers an event whose invocation must succeed, and returns its one answer."""
        before = len(self.bucket.messages)
        assert self.function.invoke(event) == (200, None)
        (answer,) = self.answers()[before:]
        for name in ("StackId", "RequestId", "LogicalResourceId"):
            assert answer[name] == event[name]
        return answer

    def aliases(self) -> list[str]:
        return [contact["Alias"] for contact in self.contacts.list_contacts()["Contacts"]]

    def stop(self) -> None:
        self.function.stop()
        self.service.stop()
        self.bucket.stop()
