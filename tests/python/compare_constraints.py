"""Compares what the emulated service accepts with botocore's model of the service.

For each operation it sends a request that botocore accepts, and then the same request with
one member changed: left out, of another type, and at and beyond each bound of the model.
"""

import copy
import http.client
import json
import sys
from urllib.parse import urlsplit

import botocore.session

MODEL = botocore.session.get_session().get_service_model("ssm-contacts")
AT = "arn:aws:ssm-contacts:us-east-2:111122223333"
CONTACT, CHANNEL = f"{AT}:contact/akuam", f"{AT}:contact-channel/akuam/1"
PLAN = {
    "Stages": [
        {
            "DurationInMinutes": 1,
            "Targets": [{"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": 1}}],
        }
    ]
}
TAGS = [{"Key": "a", "Value": "b"}]
ADDRESS = {"SimpleAddress": "akua@example.com"}
# Each has every member, so that each is changed.
REQUESTS = {
    "CreateContact": dict(
        Alias="akuam", DisplayName="Akua", Type="PERSONAL", Plan=PLAN, Tags=TAGS, IdempotencyToken="t"
    ),
    "GetContact": dict(ContactId=CONTACT),
    "UpdateContact": dict(ContactId=CONTACT, DisplayName="Akua", Plan=PLAN),
    "DeleteContact": dict(ContactId=CONTACT),
    "ListContacts": dict(NextToken="t", MaxResults=1, AliasPrefix="a", Type="PERSONAL"),
    "TagResource": dict(ResourceARN=CONTACT, Tags=TAGS),
    "UntagResource": dict(ResourceARN=CONTACT, TagKeys=["a"]),
    "ListTagsForResource": dict(ResourceARN=CONTACT),
    "CreateContactChannel": dict(
        ContactId=CONTACT,
        Name="mail",
        Type="EMAIL",
        DeliveryAddress=ADDRESS,
        DeferActivation=True,
        IdempotencyToken="t",
    ),
    "GetContactChannel": dict(ContactChannelId=CHANNEL),
    "UpdateContactChannel": dict(ContactChannelId=CHANNEL, Name="mail", DeliveryAddress=ADDRESS),
    "DeleteContactChannel": dict(ContactChannelId=CHANNEL),
    "ListContactChannels": dict(ContactId=CONTACT, NextToken="t", MaxResults=1),
    "SendActivationCode": dict(ContactChannelId=CHANNEL),
    "ActivateContactChannel": dict(ContactChannelId=CHANNEL, ActivationCode="123456"),
}
# The emulator wants both members of a tag, which the model does not.
STRICTER = {"Tags[0].Key", "Tags[0].Value"}
LEFT_OUT = object()


def refused_fields(connection, operation, body):
    """The members that the emulator refuses for the constraints of the model."""
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "authorization": "AWS4-HMAC-SHA256 not checked",
        "x-amz-target": f"SSMContacts.{operation}",
    }
    connection.request("POST", "/", json.dumps(body), headers)
    reply = json.loads(connection.getresponse().read())
    return [field["Name"] for field in reply.get("Fields", [])]


def string_changes(shape, value):
    bounds = shape.metadata
    if shape.enum:
        for one in shape.enum:
            yield one, one, True
        yield "no value of the enum", "NONE", False
        return
    # The last character of a valid value, repeated, keeps to every pattern.
    longest = value + value[-1] * (bounds["max"] - len(value)) if "max" in bounds else value
    yield "longest", longest, True
    if "max" in bounds:
        yield "too long", longest + value[-1], False
    if bounds.get("min", 0) > 0:
        yield "too short", value[: bounds["min"] - 1], False
    if "pattern" in bounds:
        yield "a character beyond the pattern", value + "§", False


def changes(shape, value, required):
    """What is done to a member, its new value, and whether the model accepts it."""
    yield "left out", LEFT_OUT, not required
    yield "of another type", {"boolean": 1, "string": 1}.get(shape.type_name, "1"), False
    bounds = shape.metadata
    if shape.type_name == "string":
        yield from string_changes(shape, value)
    elif shape.type_name == "integer":
        for bound, beyond in (("min", -1), ("max", 1)):
            if bound in bounds:
                yield bound, bounds[bound], True
                yield f"beyond {bound}", bounds[bound] + beyond, False
    elif shape.type_name == "list" and "max" in bounds:
        yield "too many", value * (bounds["max"] + 1), False


def probes(shape, value, path=()):
    """Each member at any depth: its path, what is done to it, its new value, and whether the
    model accepts it."""
    if shape.type_name == "structure":
        yield path + ("NotAMember",), "unknown", 1, False
        for name, member in shape.members.items():
            # A target has one of its members, which the model does not say.
            if name not in value:
                continue
            required = name in shape.required_members
            for what, changed, accepted in changes(member, value[name], required):
                yield path + (name,), what, changed, accepted
            yield from probes(member, value[name], path + (name,))
    elif shape.type_name == "list":
        for what, changed, accepted in changes(shape.member, value[0], True):
            if changed is not LEFT_OUT:
                yield path + (0,), what, changed, accepted
        yield from probes(shape.member, value[0], path + (0,))


def with_change(request, path, changed):
    request = copy.deepcopy(request)
    parent = request
    for step in path[:-1]:
        parent = parent[step]
    if changed is LEFT_OUT:
        del parent[path[-1]]
    else:
        parent[path[-1]] = changed
    return request


def text(path):
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def main():
    connection = http.client.HTTPConnection(urlsplit(sys.argv[1]).netloc)
    count, wrong = 0, []
    for operation, request in REQUESTS.items():
        shape = MODEL.operation_model(operation).input_shape
        missing = shape.members.keys() - request.keys()
        if missing:
            wrong.append(f"{operation} is compared without {missing}")
        if refused := refused_fields(connection, operation, request):
            wrong.append(f"{operation} is refused for {refused}")
        for path, what, changed, accepted in probes(shape, request):
            refused = refused_fields(connection, operation, with_change(request, path, changed))
            name = text(path)
            if name in STRICTER and changed is LEFT_OUT:
                accepted = False
            if accepted == (name in refused):
                model = "accepts" if accepted else "refuses"
                wrong.append(f"{operation}: {name} {what}: the model {model} it, the emulator refuses {refused}")
            count += 1
    print("\n".join([*wrong, f"{count} requests, {len(wrong)} judged otherwise than by the model"]))
    sys.exit(1 if wrong or not count else 0)


main()
