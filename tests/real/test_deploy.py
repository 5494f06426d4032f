"""The commands of docs/deploy.md deploy the function to moto's CloudFormation."""

import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from moto.cloudformation.models import Stack

from moto_server import CREDENTIALS, REGION, client
from rie import ARCHITECTURE, ROOT, release_flags

# moto supports neither alarms nor the settings of Lambda's retries.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse")

FUNCTIONS = ("Function", "FailureHandler")
BUCKET = "example-bucket"

# The guide says to replace `--arm64` with this flag on another architecture.
FLAG = {"arm64": "--arm64", "x86_64": "--x86-64"}[ARCHITECTURE]


def commands(heading: str) -> list[str]:
    """The commands under a heading of the guide."""
    guide = (ROOT / "docs/deploy.md").read_text()
    (section,) = re.findall(rf"^## {heading}\n(.*?)^## ", guide, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return "".join(blocks).splitlines()


def run(command: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"


@pytest.fixture
def tools(tmp_path: Path) -> dict[str, str]:
    """An environment with the tools that the guide requires, and without credentials."""
    folders = [str(ROOT / ".venv/aws/bin"), os.environ["PATH"]]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "PATH": os.pathsep.join(folders),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "RUSTFLAGS": release_flags(),
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(tmp_path),
    }


@pytest.fixture
def account(tools: dict[str, str], server: str) -> dict[str, str]:
    """The environment `tools` with credentials for moto."""
    return {
        **tools,
        **{name.upper(): value for name, value in CREDENTIALS.items()},
        "AWS_DEFAULT_REGION": REGION,
        # moto accepts the URL of an uploaded template only with the host name localhost.
        "AWS_ENDPOINT_URL": f"http://{server.replace('127.0.0.1', 'localhost')}",
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the files that the commands read after the build. The commands may write to this folder."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("template.yaml", "samconfig.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


def unzipped(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def uploaded_zip(server: str, bucket: str) -> bytes:
    """Returns the only zip among the files in the bucket."""
    s3 = client("s3", server)
    keys = [it["Key"] for it in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    objects = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    (found,) = (it for it in objects if zipfile.is_zipfile(io.BytesIO(it)))
    return found


def sha256(code: bytes) -> str:
    """A zip's hash as Lambda gives it."""
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


def imported_by_the_examples() -> set[str]:
    texts = [path.read_text() for path in (ROOT / "examples").rglob("*.yaml")]
    return {name for text in texts for name in re.findall(r"!ImportValue (\S+)", text)}


def assert_deployed(server: str, change_sets: list[dict[str, Any]], code: bytes) -> None:
    """Checks that a stack was created with the exports that the examples import, that its functions have this code,
    and that its architecture is that of the build."""
    # SAM also creates a stack for its bucket.
    (request,) = (it for it in change_sets if it["StackName"] != "aws-sam-cli-managed-default")
    # The template has only roles without names, which need no other capability.
    assert request["Capabilities"] == ["CAPABILITY_IAM"]
    # moto gives every function the architecture x86_64, so this checks the request instead.
    assert {"ParameterKey": "Architecture", "ParameterValue": ARCHITECTURE} in request["Parameters"]

    (stack,) = client("cloudformation", server).describe_stacks(StackName=request["StackName"])["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert {it["ExportName"] for it in stack["Outputs"] if "ExportName" in it} == imported_by_the_examples()

    functions = client("lambda", server).list_functions()["Functions"]
    assert len(functions) == len(FUNCTIONS)
    for function in functions:
        assert function["CodeSha256"] == sha256(code)


def test_sam_deploys_what_it_builds(
    bootstrap: Path,
    source: Path,
    tools: dict[str, str],
    account: dict[str, str],
    server: str,
    change_sets: list[dict[str, Any]],
) -> None:
    build, deploy = commands("With SAM")
    assert f"```console\n{build}\n{deploy}\n```" in (ROOT / "README.md").read_text()

    # The guide says that only this file sets the architecture.
    settings = source / "samconfig.toml"
    assert settings.read_text().count("arm64") == 1
    settings.write_text(settings.read_text().replace("arm64", ARCHITECTURE))

    # The build needs the whole source folder and must write nothing to it.
    built = source / ".aws-sam/build"
    options = f"--config-file {settings} --build-dir {built} --cache-dir {source / 'cache'}"
    run(f"{build} {options}", ROOT, tools)
    assert all(os.access(built / function / "bootstrap", os.X_OK) for function in FUNCTIONS)

    run(deploy, source, account)
    (bucket,) = client("s3", server).list_buckets()["Buckets"]
    code = uploaded_zip(server, bucket["Name"])
    assert unzipped(code) == {"bootstrap": bootstrap.read_bytes()}
    assert_deployed(server, change_sets, code)


def test_the_aws_cli_deploys_the_zip(
    archive: Path,
    source: Path,
    tools: dict[str, str],
    account: dict[str, str],
    server: str,
    change_sets: list[dict[str, Any]],
) -> None:
    build, *others = commands("With cargo-lambda")
    assert build.startswith("cargo lambda build ")
    run(build.replace("--arm64", FLAG), ROOT, tools)
    built = source / "target/lambda/bootstrap"
    built.mkdir(parents=True)
    shutil.copy(archive, built)

    client("s3", server).create_bucket(Bucket=BUCKET)
    for command in others:
        run(command.replace("BUCKET", BUCKET).replace("arm64", ARCHITECTURE), source, account)

    # If a function has no CodeUri, the zip contains the whole folder of the template.
    code = uploaded_zip(server, BUCKET)
    assert list(unzipped(code)) == ["bootstrap"]
    assert code == archive.read_bytes()

    resources = Stack.parse_template((source / "target/packaged.yaml").read_text())["Resources"]
    (place,) = {resources[function]["Properties"]["CodeUri"] for function in FUNCTIONS}
    bucket, _, key = place.removeprefix("s3://").partition("/")
    assert client("s3", server).get_object(Bucket=bucket, Key=key)["Body"].read() == code
    assert_deployed(server, change_sets, code)
