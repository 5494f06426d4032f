"""The AWS CLI accepts the commands of the guides: services, operations, options and the form of the values."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rie import ROOT

PROGRAMS = ROOT / ".venv/aws/bin"
# Nothing listens there. A command that the CLI accepts gets as far as to connect.
NOWHERE = "http://127.0.0.1:1"


def pages() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def commands() -> list[str]:
    """Each command once. test_deploy.py and test_release.py run those that deploy the function."""
    blocks = (block for page in pages() for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL))
    lines = (line.strip() for block in blocks for line in block.splitlines())
    found = {line for line in lines if line.startswith("aws ")}
    elsewhere = ("aws cloudformation package", "aws cloudformation deploy --template-file")
    return sorted(line for line in found if not line.startswith(elsewhere))


def errors(command: str) -> str:
    """What the CLI says, unless it accepts the command."""
    environment = {
        **os.environ,
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not a secret",
        "AWS_DEFAULT_REGION": "us-east-2",
        "AWS_ENDPOINT_URL": NOWHERE,
        "AWS_MAX_ATTEMPTS": "1",
    }
    done = subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True)
    return "" if "Could not connect to the endpoint URL" in done.stderr else f"{command}\n{done.stderr}"


def test_the_cli_accepts_the_commands() -> None:
    found = commands()
    assert len(found) > 30
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        refused = [text for text in threads.map(errors, found) if text]
    assert refused == [], "\n".join(refused)
