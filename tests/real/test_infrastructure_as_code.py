"""The examples of docs/infrastructure-as-code.md: CDK and Terraform make templates of them, and the templates of all
examples are linted."""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rie import ROOT

# What CDK writes into every template beside the resources.
CDK_PARAMETER = "BootstrapVersion"

Template = dict[str, Any]


def example(language: str) -> str:
    """The only example in this language."""
    page = (ROOT / "docs/infrastructure-as-code.md").read_text()
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return block


def need(*programs: str) -> None:
    """Skips a test whose programs are not installed. In CI, it fails instead."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def run(*command: str | Path, folder: Path, environment: dict[str, str] | None = None) -> str:
    """Runs a command in a folder and returns its output."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def findings(template: Path) -> list[str]:
    """What cfn-lint says with the rules of the resource."""
    command = [ROOT / ".venv/aws/bin/cfn-lint", "-a", "schema/cfn_lint_rules", "--format", "json", "--", template]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return [f"{it['Rule']['Id']} {it['Message']}" for it in json.loads(linted.stdout)]


def properties(template: Template) -> dict[str, Any]:
    (contact,) = template["Resources"].values()
    assert contact["Type"] == "Custom::SSMContact"
    return contact["Properties"]


@pytest.fixture(scope="session")
def typescript() -> Path:
    """A folder with CDK for TypeScript. It is installed again if its lock file has changed."""
    need("node", "npm")
    source, folder = ROOT / "tests/real/cdk", ROOT / ".venv/cdk"
    lock = folder / "installed.json"
    if not lock.exists() or not filecmp.cmp(source / "package-lock.json", lock, shallow=False):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
        shutil.copy(source / "package-lock.json", lock)
    return folder


def synthesised(command: list[str | Path], folder: Path) -> Path:
    """Runs a CDK app as `cdk synth` does, and returns the template of its stack."""
    output = folder / "cdk.out"
    run(*command, folder=folder, environment={"CDK_OUTDIR": str(output)})
    return output / "People.template.json"


@pytest.fixture
def from_typescript(typescript: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Returns a function that compiles a CDK app and returns the template of its stack."""

    def make(app: str) -> Path:
        folder = tmp_path / "typescript"
        folder.mkdir()
        (folder / "node_modules").symlink_to(typescript / "node_modules")
        shutil.copy(ROOT / "tests/real/cdk/tsconfig.json", folder)
        (folder / "app.ts").write_text(app)
        run("node", folder / "node_modules/typescript/bin/tsc", folder=folder)
        return synthesised(["node", "app.js"], folder)

    return make


def test_both_cdk_examples_give_the_same_template_without_findings(
    from_typescript: Callable[[str], Path], tmp_path: Path
) -> None:
    typescript = from_typescript(example("ts"))
    folder = tmp_path / "python"
    folder.mkdir()
    (folder / "app.py").write_text(example("python"))
    python = synthesised([sys.executable, "app.py"], folder)
    assert findings(typescript) == findings(python) == []

    templates = [json.loads(path.read_text()) for path in (typescript, python)]
    assert properties(templates[0]) == properties(templates[1])
    assert properties(templates[0])["ServiceToken"] == {"Fn::ImportValue": "ssm-contact-resource-ServiceToken"}
    for template in templates:
        assert set(template.get("Parameters", {})) <= {CDK_PARAMETER}


def in_camel_case(app: str) -> str:
    """The app with a small first letter in every key of the properties."""
    return re.sub(r"\b([A-Z])(\w*): ", lambda key: f"{key[1].lower()}{key[2]}: ", app)


def test_a_nested_key_in_camel_case_is_found(from_typescript: Callable[[str], Path]) -> None:
    """CDK gives only the outermost keys a capital first letter, and only if told to."""
    app = in_camel_case(example("ts")).replace("resourceType", "pascalCaseProperties: true, resourceType")
    template = from_typescript(app)
    assert set(properties(json.loads(template.read_text()))) == {"ServiceToken", "Alias", "Type", "Channels", "Plan"}
    found = findings(template)
    assert example("text").strip() in found
    assert "E9701 Channels[0].deliveryAddress is unknown; did you mean DeliveryAddress?" in found
    assert "E9701 Plan.stages is unknown; did you mean Stages?" in found


def test_the_rules_are_silent_without_the_resource_type(from_typescript: Callable[[str], Path]) -> None:
    line = "  resourceType: 'Custom::SSMContact',\n"
    app = in_camel_case(example("ts"))
    assert line in app
    template = from_typescript(app.replace(line, ""))
    (resource,) = json.loads(template.read_text())["Resources"].values()
    assert resource["Type"] == "AWS::CloudFormation::CustomResource"
    # CDK left the outermost keys as they are written, too.
    assert set(resource["Properties"]) == {"ServiceToken", "alias", "type", "channels", "plan"}
    assert findings(template) == []


def test_the_terraform_example_is_formatted_and_its_template_has_no_findings(tmp_path: Path) -> None:
    need("terraform")
    terraform = example("terraform")
    (tmp_path / "main.tf").write_text(terraform)
    run("terraform", "fmt", "-check", "-diff", folder=tmp_path)

    # The provider of the resource is not installed. An output needs none.
    (template,) = re.findall(r"template_body = (jsonencode\(.*\))\n}", terraform, re.DOTALL)
    folder = tmp_path / "output"
    folder.mkdir()
    (folder / "main.tf").write_text(f'output "template" {{\n  value = {template}\n}}\n')
    run("terraform", "apply", "-auto-approve", "-input=false", folder=folder)
    outputs = json.loads(run("terraform", "output", "-json", folder=folder))
    path = folder / "template.json"
    path.write_text(outputs["template"]["value"])
    assert findings(path) == []
    assert properties(json.loads(path.read_text()))["Channels"]


def test_the_sns_example_has_no_findings(tmp_path: Path) -> None:
    path = tmp_path / "topic.yaml"
    path.write_text(example("yaml"))
    assert findings(path) == []
