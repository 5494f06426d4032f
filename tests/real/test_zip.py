"""The zip that cargo-lambda builds and that is uploaded to Lambda."""

import re
import zipfile
from pathlib import Path

import pytest

# The version in Amazon Linux 2023, which the function's runtime is based on.
GLIBC = (2, 34)


def test_the_zip_holds_one_executable(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(archive) as opened:
        (entry,) = opened.infolist()
    assert entry.filename == "bootstrap"
    assert entry.external_attr >> 16 & 0o111 == 0o111
    size = archive.stat().st_size
    assert size > entry.compress_size > 0
    with capsys.disabled():
        print(f"\nbootstrap.zip: {size} bytes, of {entry.file_size}")


def test_the_binary_runs_on_the_runtimes_libc(bootstrap: Path) -> None:
    wanted = re.findall(rb"GLIBC_(\d+)\.(\d+)", bootstrap.read_bytes())
    versions = {(int(major), int(minor)) for major, minor in wanted}
    assert versions
    assert max(versions) <= GLIBC


def test_the_binary_catches_a_panic(bootstrap: Path) -> None:
    """cargo-lambda builds with `panic = "abort"` unless the manifest sets `panic`. CloudFormation would then get no
    answer after a panic. Only a binary that unwinds contains the text below."""
    assert b"Rust cannot catch foreign exceptions" in bootstrap.read_bytes()
