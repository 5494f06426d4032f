"""boto3 as a client of the emulated service, for what tests/python/boto3_client.py does not check."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services import CONTACTS, Emulator


@pytest.fixture
def contacts(emulator: Emulator) -> Any:
    return emulator.client()


def create(contacts: Any, alias: str, kind: str = "PERSONAL", **more: Any) -> str:
    made = contacts.create_contact(Alias=alias, Type=kind, Plan={"Stages": []}, **more)
    return made["ContactArn"]


def refusal(call: Callable[..., Any], **arguments: Any) -> Any:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response


def test_the_paginator_turns_every_page(contacts: Any) -> None:
    aliases = [f"contact-{number}" for number in range(7)]
    for alias in aliases:
        create(contacts, alias)
    pages = list(contacts.get_paginator("list_contacts").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Contacts"]) for page in pages] == [3, 3, 1]
    assert ["NextToken" in page for page in pages] == [True, True, False]
    assert [contact["Alias"] for page in pages for contact in page["Contacts"]] == aliases


def test_the_paginator_keeps_the_filters(contacts: Any) -> None:
    for alias, kind in (("a-1", "PERSONAL"), ("a-2", "ESCALATION"), ("a-3", "PERSONAL"), ("b-1", "PERSONAL")):
        create(contacts, alias, kind)
    pages = contacts.get_paginator("list_contacts").paginate(
        AliasPrefix="a-", Type="PERSONAL", PaginationConfig={"PageSize": 1}
    )
    assert [contact["Alias"] for page in pages for contact in page["Contacts"]] == ["a-1", "a-3"]


def test_a_taken_alias_is_a_conflict(contacts: Any) -> None:
    arn = create(contacts, "akuam")
    conflict = refusal(contacts.create_contact, Alias="akuam", Type="PERSONAL", Plan={"Stages": []})
    assert conflict["Error"]["Code"] == "ConflictException"
    assert (conflict["ResourceId"], conflict["ResourceType"]) == (arn, "CONTACT")
    assert conflict["ResponseMetadata"]["RequestId"]


def test_a_used_token_with_other_details_is_invalid(contacts: Any) -> None:
    create(contacts, "akuam", IdempotencyToken="t")
    invalid = refusal(
        contacts.create_contact, Alias="other", Type="PERSONAL", Plan={"Stages": []}, IdempotencyToken="t"
    )
    assert (invalid["Error"]["Code"], invalid["Reason"]) == ("ValidationException", "OTHER")
    assert "idempotency token" in invalid["Error"]["Message"]


def test_every_bad_field_is_told(contacts: Any) -> None:
    plan = {"Stages": [{"DurationInMinutes": 31, "Targets": []}]}
    invalid = refusal(contacts.create_contact, Alias="NO", DisplayName="n@", Type="NONE", Plan=plan)
    assert (invalid["Error"]["Code"], invalid["Reason"]) == ("ValidationException", "FIELD_VALIDATION_FAILED")
    names = [field["Name"] for field in invalid["Fields"]]
    assert names == ["Alias", "Type", "DisplayName", "Plan.Stages[0].DurationInMinutes"]
    assert all(field["Message"] for field in invalid["Fields"])


@pytest.mark.parametrize(
    ("operation", "member", "more"),
    [
        ("get_contact", "ContactId", {}),
        ("update_contact", "ContactId", {}),
        ("delete_contact", "ContactId", {}),
        ("tag_resource", "ResourceARN", {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("untag_resource", "ResourceARN", {"TagKeys": ["k"]}),
        ("list_tags_for_resource", "ResourceARN", {}),
    ],
)
def test_what_is_not_there_is_not_found(contacts: Any, operation: str, member: str, more: dict[str, Any]) -> None:
    arn = f"{CONTACTS}nobody"
    missing = refusal(getattr(contacts, operation), **{member: arn}, **more)
    assert missing["Error"]["Code"] == "ResourceNotFoundException"
    assert (missing["ResourceId"], missing["ResourceType"]) == (arn, "CONTACT")

    foreign = refusal(getattr(contacts, operation), **{member: arn.replace("us-east-1", "eu-west-1")}, **more)
    assert foreign["Error"]["Code"] == "AccessDeniedException"


def test_tags_add_up_to_fifty(contacts: Any) -> None:
    arn = create(contacts, "akuam", Tags=[{"Key": "first", "Value": "é"}])
    contacts.tag_resource(ResourceARN=arn, Tags=[{"Key": f"k{n}", "Value": str(n)} for n in range(49)])
    contacts.tag_resource(ResourceARN=arn, Tags=[{"Key": "first", "Value": "changed"}])
    too_many = refusal(contacts.tag_resource, ResourceARN=arn, Tags=[{"Key": "k49", "Value": "v"}])
    assert too_many["Error"]["Code"] == "ServiceQuotaExceededException"
    assert (too_many["QuotaCode"], too_many["ServiceCode"]) == ("L-TAGS", "ssm-contacts")
    # The service ignores a key that the contact does not have.
    contacts.untag_resource(ResourceARN=arn, TagKeys=["nothing", *(f"k{n}" for n in range(49))])
    assert contacts.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "first", "Value": "changed"}]


@pytest.fixture
def slow_service(emulator_command: Path, tmp_path: Path) -> Iterator[Emulator]:
    serving = Emulator(emulator_command, tmp_path / "slow.log", "--rate", "1")
    yield serving
    serving.stop()


def test_a_throttled_call_is_one_that_boto3_would_try_again(slow_service: Emulator) -> None:
    impatient = slow_service.client()
    with pytest.raises(ClientError) as throttled:
        # The service admits one call each second. On a busy machine, many calls may be slow enough.
        for _ in range(100):
            impatient.list_contacts()
    assert throttled.value.response["Error"] == {"Code": "ThrottlingException", "Message": "Rate exceeded"}
    assert throttled.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert slow_service.client(attempts=10).list_contacts()["Contacts"] == []
