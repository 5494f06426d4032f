"""AWS's runtime interface emulator, which runs the function in these tests."""

import hashlib
import http.client
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]

# The SAM CLI contains the emulator; .ci/requirements-aws.txt pins its version.
SHA256 = {
    "x86_64": "6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5",
    "arm64": "ec2e5d09633d853834c008b1ef264bf834b258a94d551d2b2074966494b39a21",
}
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]

# The emulator gives every function this Region and account, whatever the environment says.
HOME = "us-east-1:012345678912"


def executable(into: Path) -> Path:
    """Copies the emulator out of the SAM CLI and checks its hash."""
    inside = f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"
    (found,) = (ROOT / ".venv/aws").glob(inside)
    assert hashlib.sha256(found.read_bytes()).hexdigest() == SHA256[ARCHITECTURE]
    copy = into / found.name
    shutil.copy(found, copy)
    copy.chmod(0o755)
    return copy


def release_flags() -> str:
    """The RUSTFLAGS with which a release is built."""
    return subprocess.run([ROOT / ".ci/release", "flags"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [it.getsockname()[1] for it in sockets]
    for it in sockets:
        it.close()
    return ports


class Rie:
    """Runs the function as Lambda would, with one invocation at a time."""

    def __init__(
        self, emulator: Path, bootstrap: Path, environment: dict[str, str], timeout: int, log: Path
    ) -> None:
        self.port, api = free_ports(2)
        address = f"127.0.0.1:{self.port}"
        command = [emulator, "--log-level", "error", "--runtime-interface-emulator-address", address]
        command += ["--runtime-api-address", f"127.0.0.1:{api}", bootstrap]
        own = {"AWS_LAMBDA_FUNCTION_NAME": "ssm-contact", "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout)}
        self.log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], **own, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                # With a session of its own, the emulator and the function can be stopped together.
                start_new_session=True,
            )

    def invoke(self, event: Any) -> tuple[int, Any]:
        """Returns the HTTP status of the invocation, and its JSON or the emulator's own text.

        The status is 200 even for an error of the handler and for a time-out. It is 502 if the process exits.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self._connect(connection)
            path = "/2015-03-31/functions/function/invocations"
            connection.request("POST", path, json.dumps(event))
            reply = connection.getresponse()
            text = reply.read().decode()
        finally:
            connection.close()
        try:
            return reply.status, json.loads(text)
        except ValueError:
            return reply.status, text

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        """Connects to the emulator. It does not report when it listens, so this tries until it does."""
        while True:
            try:
                return connection.connect()
            except ConnectionRefusedError:
                assert self._process.poll() is None, self.log.read_text()
                time.sleep(0.02)

    def signal_function(self, number: signal.Signals) -> None:
        """Sends a signal to the process that runs the function."""
        (function,) = (it.pid for it in processes() if it.parent == self._process.pid)
        os.kill(function, number)

    def stop(self) -> None:
        """Kills the emulator and the function, because a stopped process ignores other signals."""
        for process in processes():
            if process.session == self._process.pid:
                os.kill(process.pid, signal.SIGKILL)
        self._process.wait()


class Process(NamedTuple):
    pid: int
    parent: int
    session: int


def processes() -> Iterator[Process]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name of the command is in brackets and may contain any character.
            _, parent, _, session = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        yield Process(int(path.parent.name), int(parent), int(session))
