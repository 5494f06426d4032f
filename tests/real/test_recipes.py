"""The recipes of docs/operations.md for what one update can't do, played by the emulator with the real function."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

Template = dict[str, dict[str, str]]
# What becomes of each contact: its alias, the logical id that owns it, and whether the stack deletes it.
Contacts = dict[str, tuple[str | None, bool]]


def resource(alias: str, contact_type: str = "PERSONAL", **properties: str) -> dict[str, str]:
    return {"Alias": alias, "Type": contact_type, **properties}


def contacts(operation: dict[str, Any]) -> Contacts:
    def owner(tags: dict[str, str]) -> tuple[str | None, bool]:
        origin = tags.get("cloudformation-origin", ":adopted:")
        return tags.get("cloudformation-logical-id"), ":adopted:" not in origin

    return {contact["Alias"]: owner(contact["Tags"]) for contact in operation["contacts"]}


class Stack:
    def __init__(self, command: Path, bootstrap: Path, folder: Path) -> None:
        self.command = [command, "--bootstrap", bootstrap, "stack", "--json", "--keep"]
        self.folder = folder

    def play(self, *templates: Template, fail: str | None = None) -> tuple[list[str], Contacts]:
        """The statuses of the stack after each template, and the contacts after the last one."""
        token = {"Fn::ImportValue": "ssm-contact-resource-ServiceToken"}
        paths = []
        for number, template in enumerate(templates):
            paths.append(self.folder / f"{number}.json")
            resources = {
                name: {"Type": "Custom::SSMContact", "Properties": {"ServiceToken": token, **properties}}
                for name, properties in template.items()
            }
            # The last resource comes last.
            *before, last = resources
            resources[last]["DependsOn"] = before
            paths[-1].write_text(json.dumps({"Resources": resources}))
        options = ["--fail", fail] if fail else []
        done = subprocess.run([*self.command, *paths, *options], stdout=subprocess.PIPE, text=True)
        operations = [json.loads(line) for line in done.stdout.splitlines()]
        return [operation["status"] for operation in operations], contacts(operations[-1])


@pytest.fixture
def stack(emulator_command: Path, bootstrap: Path, tmp_path: Path) -> Stack:
    return Stack(emulator_command, bootstrap, tmp_path)


UPDATED = "UPDATE_COMPLETE"
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"


def test_two_resources_swap_their_aliases_in_three_updates(stack: Stack) -> None:
    before = {"One": resource("a"), "Two": resource("b")}
    aside = {"One": resource("c"), "Two": resource("b")}
    half = {"One": resource("c"), "Two": resource("a")}
    after = {"One": resource("b"), "Two": resource("a")}
    statuses, found = stack.play(before, aside, half, after)
    assert statuses == ["CREATE_COMPLETE", UPDATED, UPDATED, UPDATED]
    assert found == {"a": ("Two", True), "b": ("One", True)}
    # Two are not enough.
    statuses, found = stack.play(before, aside, after)
    assert statuses[-1] == ROLLED_BACK
    assert found == {"c": ("One", True), "b": ("Two", True)}


def test_a_resource_keeps_its_contact_under_another_logical_id(stack: Stack) -> None:
    before = {"Akua": resource("akuam")}
    renamed = {"AkuaMansa": resource("akuam", AdoptExisting="Akua")}
    statuses, found = stack.play(before, renamed, {"AkuaMansa": resource("akuam")})
    assert statuses == ["CREATE_COMPLETE", UPDATED, UPDATED]
    assert found == {"akuam": ("AkuaMansa", False)}


def test_a_renamed_resource_that_is_rolled_back_leaves_its_contact_without_tags(stack: Stack) -> None:
    before = {"Akua": resource("akuam")}
    renamed = {"AkuaMansa": resource("akuam", AdoptExisting="Akua"), "Other": resource("other")}
    statuses, found = stack.play(before, renamed, fail="Other")
    assert statuses == ["CREATE_COMPLETE", ROLLED_BACK]
    assert found == {"akuam": (None, False)}


def test_a_contact_changes_its_type_in_two_updates(stack: Stack) -> None:
    before, after = {"Team": resource("team")}, {"Team": resource("team", "ESCALATION")}
    statuses, found = stack.play(before, {"Team": resource("team-2", "ESCALATION")}, after)
    assert statuses == ["CREATE_COMPLETE", UPDATED, UPDATED]
    assert found == {"team": ("Team", True)}
    statuses, found = stack.play(before, after)
    assert statuses == ["CREATE_COMPLETE", ROLLED_BACK]
    assert found == {"team": ("Team", True)}
