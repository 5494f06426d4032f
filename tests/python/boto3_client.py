"""Drives the emulated service with boto3, as AWS's own client would drive the real one."""

import sys
import uuid

import boto3
from botocore.config import Config

client = boto3.client(
    "ssm-contacts",
    endpoint_url=sys.argv[1],
    region_name="us-east-2",
    config=Config(retries={"total_max_attempts": 1}),
)


def same(found, wanted):
    if found != wanted:
        sys.exit(f"found {found!r}\nwanted {wanted!r}")


def refused(error, call, **arguments):
    try:
        call(**arguments)
    except error as refusal:
        return refusal.response
    sys.exit(f"{call.__name__} was not refused with {error.__name__}")


errors = client.exceptions
stages = [{"DurationInMinutes": 1, "Targets": []}]
# The emulator remembers tokens beyond their contacts, so each run has its own.
token = uuid.uuid4().hex
akua = dict(Alias="akuam", DisplayName="Akua Mänsa", Type="PERSONAL", Plan={"Stages": stages})
arn = client.create_contact(**akua, Tags=[{"Key": "team", "Value": "a b"}], IdempotencyToken=token)["ContactArn"]
same(arn, "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam")
again = client.create_contact(**akua, Tags=[{"Key": "team", "Value": "a b"}], IdempotencyToken=token)
same(again["ContactArn"], arn)
found = client.get_contact(ContactId=arn)
del found["ResponseMetadata"]
same(found, {"ContactArn": arn, **akua})
same(client.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "team", "Value": "a b"}])

conflict = refused(errors.ConflictException, client.create_contact, **akua)
same(conflict["ResourceId"], arn)
same(conflict["ResponseMetadata"]["HTTPStatusCode"], 400)
invalid = refused(errors.ValidationException, client.create_contact, **{**akua, "Alias": "NO"})
same(invalid["Reason"], "FIELD_VALIDATION_FAILED")
same([field["Name"] for field in invalid["Fields"]], ["Alias"])

for alias, kind, plan in (("esc", "ESCALATION", {"Stages": []}), ("sched", "ONCALL_SCHEDULE", {})):
    made = client.create_contact(Alias=alias, Type=kind, Plan=plan)["ContactArn"]
    same(client.get_contact(ContactId=made)["Plan"], plan)
refused(
    errors.ValidationException,
    client.create_contact,
    Alias="s2",
    Type="ONCALL_SCHEDULE",
    Plan={"Stages": []},
)

client.update_contact(ContactId=arn, DisplayName="")
found = client.get_contact(ContactId=arn)
same("DisplayName" in found, False)
same(found["Plan"], {"Stages": stages})
client.update_contact(ContactId=arn, Plan={"Stages": []})
same(client.get_contact(ContactId=arn)["Plan"], {"Stages": []})

client.tag_resource(ResourceARN=arn, Tags=[{"Key": "floor", "Value": "3"}])
client.untag_resource(ResourceARN=arn, TagKeys=["team"])
same(client.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "floor", "Value": "3"}])

mail = {"SimpleAddress": "akua@example.com"}
channel = dict(ContactId=arn, Name="mail", Type="EMAIL", DeliveryAddress=mail)
made = client.create_contact_channel(**channel, DeferActivation=True, IdempotencyToken=token)["ContactChannelArn"]
again = client.create_contact_channel(**channel, DeferActivation=True, IdempotencyToken=token)
same(again["ContactChannelArn"], made)
same(made.rpartition("/")[0], arn.replace(":contact/", ":contact-channel/"))
listed = {"ContactArn": arn, "ContactChannelArn": made, "Name": "mail", "Type": "EMAIL"}
listed |= {"DeliveryAddress": mail, "ActivationStatus": "NOT_ACTIVATED"}
same(client.list_contact_channels(ContactId=arn)["ContactChannels"], [listed])
found = client.get_contact_channel(ContactChannelId=made)
del found["ResponseMetadata"]
same(found, listed)
client.send_activation_code(ContactChannelId=made)
wrong = dict(ContactChannelId=made, ActivationCode="999999")
refused(errors.ValidationException, client.activate_contact_channel, **wrong)
# The activation was deferred, so this is the first code.
client.activate_contact_channel(ContactChannelId=made, ActivationCode="000001")
same(client.get_contact_channel(ContactChannelId=made)["ActivationStatus"], "ACTIVATED")
number = {"SimpleAddress": "2065550107"}
wrong = refused(errors.ValidationException, client.create_contact_channel, **{**channel, "DeliveryAddress": number})
same(number["SimpleAddress"] in wrong["Error"]["Message"], True)
same([field["Name"] for field in wrong["Fields"]], ["DeliveryAddress.SimpleAddress"])
other = dict(Name="work", DeliveryAddress={"SimpleAddress": "mansa@example.com"})
client.update_contact_channel(ContactChannelId=made, **other)
client.create_contact_channel(**channel)
pages = client.get_paginator("list_contact_channels").paginate(ContactId=arn, PaginationConfig={"PageSize": 1})
pages = [page["ContactChannels"] for page in pages]
same([[one["Name"] for one in page] for page in pages], [["work"], ["mail"]])
same(pages[0], [{**listed, **other}])
client.delete_contact_channel(ContactChannelId=made)
gone = refused(errors.ResourceNotFoundException, client.get_contact_channel, ContactChannelId=made)
same(gone["ResourceId"], made)
same(len(client.list_contact_channels(ContactId=arn)["ContactChannels"]), 1)

pages = list(client.get_paginator("list_contacts").paginate(PaginationConfig={"PageSize": 2}))
contacts = [contact for page in pages for contact in page["Contacts"]]
same([contact["Alias"] for contact in contacts], ["akuam", "esc", "sched"])
for contact in contacts:
    client.delete_contact(ContactId=contact["ContactArn"])
same(client.list_contacts()["Contacts"], [])
gone = refused(errors.ResourceNotFoundException, client.get_contact, ContactId=arn)
same(gone["ResourceId"], arn)
refused(errors.ResourceNotFoundException, client.list_tags_for_resource, ResourceARN=arn)
refused(errors.ResourceNotFoundException, client.list_contact_channels, ContactId=arn)
refused(errors.ValidationException, client.create_contact_channel, **channel)
print("boto3 found the service as it knows it")
