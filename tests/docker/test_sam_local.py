"""`sam local invoke` with the commands of docs/local.md. The emulator runs in a container of its own, on a network
of its own, instead of on the machine."""

import io
import json
import os
import platform
import re
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
EMULATOR = ROOT / "target/debug/emulator"
NAME = "ssm-contact-sam-local"
HOST = "host.docker.internal"

SECTION = (ROOT / "docs/local.md").read_text().partition("\n## SAM\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```console\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
SERVE, _BUILD, INVOKE = "".join(BLOCKS).splitlines()


def docker(*arguments: str, **options: Any) -> str:
    done = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, check=True, **options)
    return done.stdout.decode().strip()


def image() -> str:
    """Makes an image of the emulator and the libraries that it needs, and returns its id."""
    linked = subprocess.run(["ldd", EMULATOR], stdout=subprocess.PIPE, check=True, text=True).stdout
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", dereference=True) as archive:
        archive.add(EMULATOR, "emulator")
        for library in re.findall(r"/\S+", linked):
            archive.add(library)
    return docker("import", "-", input=content.getvalue())


class Emulator(NamedTuple):
    address: str
    contacts: Any

    def output(self) -> str:
        return docker("logs", NAME, stderr=subprocess.STDOUT)

    def wait_for(self, text: str, after: str = "") -> str:
        """Waits until the emulator has printed the text, and returns what it has printed since `after`."""
        end = time.monotonic() + 30
        while text not in (printed := self.output().removeprefix(after)):
            assert time.monotonic() < end, printed
            time.sleep(0.1)
        return printed


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    arguments = SERVE.removeprefix("cargo run -p emulator -- ").split()
    docker("network", "create", NAME)
    try:
        docker("run", "--detach", "--name", NAME, "--network", NAME, image(), "/emulator", *arguments)
        (network,) = json.loads(docker("inspect", NAME))[0]["NetworkSettings"]["Networks"].values()
        address = network["IPAddress"]
        contacts = boto3.client(
            "ssm-contacts",
            endpoint_url=f"http://{address}:4566",
            region_name="us-east-1",
            aws_access_key_id="example",
            aws_secret_access_key="example",
        )
        serving = Emulator(address, contacts)
        serving.wait_for("Ctrl-C")
        yield serving
        print(serving.output())
    finally:
        # SAM's container is still there if the test ended while it ran.
        if left := docker("ps", "--all", "--quiet", "--filter", f"network={NAME}").split():
            docker("rm", "--force", *left)
        docker("network", "rm", NAME)


def invoke(emulator: Emulator, event: str) -> dict[str, str]:
    """Invokes the function with an event file, and returns the members of the one answer."""
    before = emulator.output()
    # These options lead to the emulator's container what the settings in samconfig.toml lead to the machine.
    command = f"{INVOKE} --skip-pull-image --docker-network {NAME} --add-host {HOST}:{emulator.address}"
    command = command.replace("create-person", event).replace("x86_64", ARCHITECTURE)
    command = command.replace("cargo run -p emulator --", str(EMULATOR))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    print(done.stdout)
    assert done.returncode == 0 and "errorType" not in done.stdout
    printed = emulator.wait_for("Status ", before)
    assert "would not accept" not in printed
    answers = printed.split("⇒ PUT")[1:]
    assert len(answers) == 1
    return dict(re.findall(r'^ +(\w+) "(.*)"$', answers[0], re.MULTILINE))


def test_a_person_lives_from_create_to_delete(emulator: Emulator) -> None:
    arn = "arn:aws:ssm-contacts:us-east-1:012345678912:contact/kwesib"

    def channels() -> list[str]:
        return [it["Name"] for it in emulator.contacts.list_contact_channels(ContactId=arn)["ContactChannels"]]

    def outcome(event: str) -> tuple[str, str]:
        answer = invoke(emulator, event)
        return answer["Status"], answer["PhysicalResourceId"]

    assert outcome("create-person") == ("SUCCESS", arn)
    assert emulator.contacts.get_contact(ContactId=arn)["DisplayName"] == "Kwesi Boateng"
    assert channels() == ["mobile", "mail"]

    assert outcome("update-person") == ("SUCCESS", arn)
    assert channels() == ["mobile"]

    assert outcome("delete-person") == ("SUCCESS", arn)
    assert emulator.contacts.list_contacts()["Contacts"] == []
