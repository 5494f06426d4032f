"""The event files, delivered by AWS's runtime interface emulator."""

from typing import Any

import pytest

from world import CONTACTS, World


def arn(alias: str) -> str:
    return CONTACTS + alias


def outcome(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["Status"], answer["PhysicalResourceId"]


def test_a_contact_lives_from_create_to_delete(world: World) -> None:
    answer = world.deliver(world.event("create-personal"))
    assert outcome(answer) == ("SUCCESS", arn("akuam"))
    assert answer["Data"] == {
        "ContactArn": arn("akuam"),
        "Arn": arn("akuam"),
        "Alias": "akuam",
        "Type": "PERSONAL",
    }
    assert world.aliases() == ["akuam"]

    assert outcome(world.deliver(world.event("update-plan"))) == ("SUCCESS", arn("akuam"))
    found = world.contacts.get_contact(ContactId=arn("akuam"))
    assert [stage["DurationInMinutes"] for stage in found["Plan"]["Stages"]] == [5]

    assert outcome(world.deliver(world.event("update-rename"))) == ("SUCCESS", arn("akua-mansa"))
    assert world.aliases() == ["akua-mansa", "akuam"]

    assert outcome(world.deliver(world.event("delete"))) == ("SUCCESS", arn("akuam"))
    assert world.aliases() == ["akua-mansa"]


@pytest.mark.parametrize(
    ("name", "alias"),
    [("create-escalation", "on-call-escalation"), ("create-oncall-schedule", "primary-on-call")],
)
def test_the_other_types_are_made(world: World, name: str, alias: str) -> None:
    assert outcome(world.deliver(world.event(name))) == ("SUCCESS", arn(alias))
    assert world.aliases() == [alias]


def test_bad_properties_are_refused_without_a_call(world: World) -> None:
    event = world.event("create-invalid")
    answer = world.deliver(event)
    assert outcome(answer) == ("FAILED", f"nothing-created:{event['RequestId']}")
    assert "Plan.Stages[0].DurationInMinutes" in answer["Reason"]
    assert world.service.messages == []


def test_the_same_event_again_gets_the_same_answer(world: World) -> None:
    event = world.event("create-personal")
    assert world.deliver(event) == world.deliver(event)
    assert world.aliases() == ["akuam"]
