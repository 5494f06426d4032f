"""The files of a release, as a user without Rust would use them."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from moto_server import client
from rie import ARCHITECTURE, ROOT
from test_deploy import (
    BUCKET,
    account,
    assert_deployed,
    commands,
    imported_by_the_examples,
    run,
    sha256,
    tools,
    unzipped,
    uploaded_zip,
)

__all__ = ["account", "tools"]

# moto supports neither alarms nor the settings of Lambda's retries.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse")


@pytest.fixture(scope="session")
def release(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a release for this architecture."""
    subprocess.run([".ci/release", "build", ARCHITECTURE], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return Path(shutil.copytree(ROOT / "target/release-files", tmp_path_factory.mktemp("release") / "files"))


def one(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def unpacked(archive: Path, into: Path) -> Path:
    with tarfile.open(archive) as opened:
        opened.extractall(into, filter="data")
    (folder,) = into.iterdir()
    return folder


def test_every_file_has_its_checksum(release: Path) -> None:
    sums = dict(reversed(line.split()) for line in (release / "SHA256SUMS").read_text().splitlines())
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in release.iterdir()}
    del files["SHA256SUMS"]
    assert sums == files
    assert len(files) == 8


def test_another_folder_gives_the_same_bytes(release: Path, tmp_path: Path) -> None:
    """Copies the sources and cargo's folder, apart from what cargo has downloaded and what pip has installed."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout.split("\0")
    copy = tmp_path / "another/folder"
    for name in names:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    home = tmp_path / "cargo"
    home.mkdir()
    (home / "registry").symlink_to(Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry")
    (copy / ".venv").symlink_to(ROOT / ".venv")
    time = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    subprocess.run(
        [".ci/release", "build", ARCHITECTURE],
        cwd=copy,
        env={**os.environ, "CARGO_HOME": str(home), "SOURCE_DATE_EPOCH": time.stdout.strip()},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    sums = (copy / "target/release-files/SHA256SUMS").read_text()
    assert sums == (release / "SHA256SUMS").read_text()
    shutil.rmtree(copy)


def test_a_template_needs_no_transform(release: Path, server: str, change_sets: list[dict[str, Any]]) -> None:
    """Service-managed StackSets take no transform. `change_sets` has repaired how moto reads AWS::NoValue."""
    template = one(release, "stackset-*.json").read_text()
    assert "Transform" not in json.loads(template)
    archive = one(release, "ssm-contact-resource-*.zip")
    client("s3", server).create_bucket(Bucket=BUCKET)
    client("s3", server).put_object(Bucket=BUCKET, Key=archive.name, Body=archive.read_bytes())
    parameters = {"CodeBucket": BUCKET, "CodeKey": archive.name}
    client("cloudformation", server).create_stack(
        StackName="ssm-contact-resource",
        TemplateBody=template,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    (stack,) = client("cloudformation", server).describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert {it["ExportName"] for it in stack["Outputs"] if "ExportName" in it} == imported_by_the_examples()
    functions = client("lambda", server).list_functions()["Functions"]
    assert {it["CodeSha256"] for it in functions} == {sha256(archive.read_bytes())}


def test_the_crates_are_listed_with_their_licences(release: Path) -> None:
    components = json.loads(one(release, "sbom-*.json").read_text())["components"]
    names = {it["name"] for it in components}
    assert {"aws-sdk-ssmcontacts", "ring", "tokio"} <= names
    # Of the tests, of the build, and a macro.
    assert names.isdisjoint({"emulator", "cc", "serde_derive"})
    texts = (release / "third-party-licenses.txt").read_text()
    for it in components:
        assert it["hashes"] and it["licenses"], it
        assert f"{it['name']} {it['version']} (" in texts


def test_three_commands_deploy_it(
    release: Path,
    bootstrap: Path,
    account: dict[str, str],
    server: str,
    change_sets: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "download"
    folder.mkdir()
    for pattern in ("SHA256SUMS", "LICENSE", "template-*.yaml", "ssm-contact-resource-*.zip"):
        shutil.copy(one(release, pattern), folder)
    client("s3", server).create_bucket(Bucket=BUCKET)
    check, package, deploy = commands("From release files")
    for command in (check, package, deploy):
        run(command.replace("BUCKET", BUCKET).replace("arm64", ARCHITECTURE), folder, account)
    code = uploaded_zip(server, BUCKET)
    # Other tests run this binary in AWS's runtime interface emulator.
    assert unzipped(code) == {"bootstrap": bootstrap.read_bytes()}
    assert len(code) < bootstrap.stat().st_size / 2
    assert_deployed(server, change_sets, code)


def test_a_file_that_is_not_the_releases_is_found(release: Path, tools: dict[str, str], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(release, tmp_path / "download"))
    with one(folder, "*.zip").open("ab") as changed:
        changed.write(b"x")
    with pytest.raises(AssertionError, match="FAILED"):
        run(commands("From release files")[0], folder, tools)


def test_the_emulator_needs_no_cargo(release: Path, tmp_path: Path) -> None:
    folder = unpacked(one(release, "ssm-contact-emulator-*.tar.gz"), tmp_path / "emulator")
    done = subprocess.run(
        [folder / "emulator", ROOT / "events/create-personal.json"],
        cwd=tmp_path,
        env={"PATH": os.devnull},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "CreateContact" in done.stdout and "SUCCESS" in done.stdout


def test_two_lines_enable_the_rules_of_the_linter(release: Path, tmp_path: Path) -> None:
    """The archive is unpacked into the user's project, which gets the .cfnlintrc of the guide."""
    unpacked(one(release, "ssm-contact-cfn-lint-*.tar.gz"), tmp_path / "project")
    guide = (ROOT / "schema/README.md").read_text()
    (_, _, rest) = guide.partition("```yaml\nappend_rules:")
    settings, _, _ = ("append_rules:" + rest).partition("```")
    assert len(settings.splitlines()) == 2
    (tmp_path / "project/.cfnlintrc").write_text(settings)
    linted = subprocess.run(
        [ROOT / ".venv/aws/bin/cfn-lint", ROOT / "schema/test/bad/contact.yaml"],
        cwd=tmp_path / "project",
        capture_output=True,
        text=True,
    )
    assert "E9701" in linted.stdout and "E9702" in linted.stdout, linted.stderr
