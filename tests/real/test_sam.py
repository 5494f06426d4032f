"""`sam build` of the template, as the README tells it."""

import os
import subprocess
from pathlib import Path

from rie import ARCHITECTURE, ROOT

LINT, BUILD = ROOT / ".venv/lint/bin", ROOT / ".venv/build/bin"


def test_sam_builds_both_functions_out_of_the_same_source(archive: Path, tmp_path: Path) -> None:
    built = tmp_path / "built"
    command = [LINT / "sam", "build", "--build-dir", built, "--cache-dir", tmp_path / "cache"]
    command += ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    # cargo-lambda's environment stands first: SAM looks for the commands there.
    path = os.pathsep.join([str(BUILD), os.environ["PATH"]])
    own = {"PATH": path, "SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(tmp_path)}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    binaries = [built / name / "bootstrap" for name in ("Function", "LastWords")]
    assert all(os.access(binary, os.X_OK) for binary in binaries), done.stdout
    assert binaries[0].read_bytes() == binaries[1].read_bytes()
