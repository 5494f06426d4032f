"""The event files, delivered by AWS's runtime interface emulator."""

from typing import Any

from services import CONTACTS, Services


def arn(alias: str) -> str:
    return CONTACTS + alias


def outcome(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["Status"], answer["PhysicalResourceId"]


def test_a_contact_lives_from_create_to_delete(services: Services) -> None:
    answer = services.deliver(services.event("create-personal"))
    assert outcome(answer) == ("SUCCESS", arn("akuam"))
    assert answer["Data"] == {
        "ContactArn": arn("akuam"),
        "Arn": arn("akuam"),
        "Alias": "akuam",
        "Type": "PERSONAL",
    }
    assert services.aliases() == ["akuam"]

    assert outcome(services.deliver(services.event("update-plan"))) == ("SUCCESS", arn("akuam"))
    found = services.contacts.get_contact(ContactId=arn("akuam"))
    assert [stage["DurationInMinutes"] for stage in found["Plan"]["Stages"]] == [5]

    assert outcome(services.deliver(services.event("update-rename"))) == ("SUCCESS", arn("akua-mansa"))
    assert services.aliases() == ["akua-mansa", "akuam"]

    assert outcome(services.deliver(services.event("delete"))) == ("SUCCESS", arn("akuam"))
    assert services.aliases() == ["akua-mansa"]


def test_the_other_types_are_made(services: Services) -> None:
    names = {"create-personal": "akuam", "create-oncall-schedule": "primary-on-call"}
    names["create-escalation"] = "on-call-escalation"
    for name, alias in names.items():
        assert outcome(services.deliver(services.event(name))) == ("SUCCESS", arn(alias))
    assert services.aliases() == sorted(names.values())


def test_bad_properties_are_refused_without_a_call(services: Services) -> None:
    event = services.event("create-invalid")
    answer = services.deliver(event)
    status, marker = outcome(answer)
    assert status == "FAILED"
    assert str(marker).startswith(f"nothing-created:{event['RequestId']}/")
    assert "Plan.Stages[0].DurationInMinutes" in answer["Reason"]
    assert services.service.messages == []


def test_the_same_event_again_gets_the_same_answer(services: Services) -> None:
    event = services.event("create-personal")
    assert services.deliver(event) == services.deliver(event)
    assert services.aliases() == ["akuam"]


def test_a_person_is_one_resource(services: Services) -> None:
    def channels() -> dict[str, str]:
        page = services.contacts.list_contact_channels(ContactId=arn("kwesib"))
        return {it["Name"]: it["ContactChannelArn"] for it in page["ContactChannels"]}

    def planned() -> list[str]:
        stages = services.contacts.get_contact(ContactId=arn("kwesib"))["Plan"]["Stages"]
        return [it["ChannelTargetInfo"]["ContactChannelId"] for stage in stages for it in stage["Targets"]]

    assert outcome(services.deliver(services.event("create-person"))) == ("SUCCESS", arn("kwesib"))
    assert list(channels()) == ["mobile", "mail"]
    assert list(dict.fromkeys(planned())) == list(channels().values())

    assert outcome(services.deliver(services.event("update-person"))) == ("SUCCESS", arn("kwesib"))
    assert list(channels()) == ["mobile"]
    assert list(dict.fromkeys(planned())) == list(channels().values())

    assert outcome(services.deliver(services.event("delete-person"))) == ("SUCCESS", arn("kwesib"))
    assert services.aliases() == []
