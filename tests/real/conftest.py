"""Builds the function and the emulator once, and starts new services for each test."""

import json
import os
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rie
from moto_server import change_sets, server  # noqa: F401 (pytest finds fixtures here)
from rie import ROOT, release_flags
from services import Emulator, Services

BUILD = ROOT / ".venv/aws/bin"


def cargo(*arguments: str, **environment: str) -> str:
    """Runs cargo with cargo-lambda and zig in the PATH, and returns its output."""
    environment = {**os.environ, "PATH": f"{BUILD}{os.pathsep}{os.environ['PATH']}", **environment}
    done = subprocess.run(
        ["cargo", *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout


@pytest.fixture(scope="session")
def target() -> Path:
    """The target folder of cargo and its tools."""
    return Path(json.loads(cargo("metadata", "--no-deps", "--format-version=1"))["target_directory"])


@pytest.fixture(scope="session")
def archive(target: Path) -> Path:
    """The zip that is deployed. A later `sam build` compiles nothing again, because it calls cargo-lambda for
    the same target, the architecture of this machine, with the same flags."""
    cargo("lambda", "build", "--release", "--locked", "--output-format", "zip", RUSTFLAGS=release_flags())
    return target / "lambda/bootstrap/bootstrap.zip"


@pytest.fixture(scope="session")
def bootstrap(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The binary from the zip."""
    with zipfile.ZipFile(archive) as opened:
        extracted = Path(opened.extract("bootstrap", tmp_path_factory.mktemp("function")))
    extracted.chmod(0o755)
    return extracted


@pytest.fixture(scope="session")
def rie_command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rie.executable(tmp_path_factory.mktemp("rie"))


@pytest.fixture(scope="session")
def emulator_command() -> Path:
    messages = cargo("build", "--quiet", "--locked", "-p", "emulator", "--message-format=json-render-diagnostics")
    executables = (json.loads(line).get("executable") for line in messages.splitlines())
    (command,) = (Path(it) for it in executables if it)
    return command


@pytest.fixture
def emulator(emulator_command: Path, tmp_path: Path) -> Iterator[Emulator]:
    serving = Emulator(emulator_command, tmp_path / "emulator.log")
    yield serving
    output = serving.stop()
    assert "would not take this" not in output, output
    assert "PUT refused" not in output, output


@pytest.fixture
def make_services(
    emulator: Emulator, rie_command: Path, bootstrap: Path, tmp_path: Path
) -> Iterator[Callable[..., Services]]:
    """Yields a function that starts services. `timeout` is the function's time-out in seconds, and `hosts` are
    further hosts to which it may send answers."""
    made: list[Services] = []

    def make(timeout: int, *hosts: str) -> Services:
        made.append(Services(emulator, rie_command, bootstrap, timeout, hosts, tmp_path / "function.log"))
        return made[-1]

    yield make
    for services in made:
        services.stop()
        print(services.function.log.read_text())


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    return make_services(60)
