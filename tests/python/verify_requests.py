"""Checks captured requests with botocore: the signature, and the service's model.

Reads one JSON document a line, {"url", "headers": [[name, value], …], "body"}, and
ends with 1 where a request is not as AWS's own code would have it.
"""

import json
import os
import sys

import botocore.session
import regex
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("ssm-contacts")
CREDENTIALS = Credentials(
    os.environ["AWS_ACCESS_KEY_ID"],
    os.environ["AWS_SECRET_ACCESS_KEY"],
    os.environ.get("AWS_SESSION_TOKEN"),
)


def signature_faults(request):
    """Signs the request again, with the same time and the same headers."""
    headers = dict(request["headers"])
    scheme, _, rest = headers["authorization"].partition(" ")
    claims = dict(part.strip().split("=", 1) for part in rest.split(","))
    _, date, region, service, _ = claims["Credential"].split("/")
    names = claims["SignedHeaders"].split(";")
    for needed in ("host", "x-amz-date", "x-amz-target", "x-amz-security-token"):
        if needed not in names:
            yield f"{needed} is not signed"
    if scheme != "AWS4-HMAC-SHA256" or service != "ssm-contacts":
        yield f"signed as {scheme} for {service}"
    signer = SigV4Auth(CREDENTIALS, service, region)
    again = AWSRequest(
        "POST",
        request["url"],
        headers={name: headers[name] for name in names},
        data=request["body"].encode(),
    )
    again.context["timestamp"] = headers["x-amz-date"]
    if not headers["x-amz-date"].startswith(date):
        yield "the scope's date is not the request's"
    text = signer.string_to_sign(again, signer.canonical_request(again))
    if signer.signature(text, again) != claims["Signature"]:
        yield "the signature is wrong"


def constraint_faults(shape, value, path):
    """What botocore's validator leaves to the service: patterns, enums, upper bounds."""
    bounds = shape.metadata
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                yield from constraint_faults(member, value[name], f"{path}.{name}")
        for name in value.keys() - shape.members.keys():
            yield f"{path} has no member {name}"
        return
    size = len(value) if shape.type_name in ("list", "string") else value
    if "max" in bounds and size > bounds["max"]:
        yield f"{path}: {size} is more than {bounds['max']}"
    if shape.type_name == "list":
        for index, item in enumerate(value):
            yield from constraint_faults(shape.member, item, f"{path}[{index}]")
    if "pattern" in bounds and not regex.fullmatch(bounds["pattern"], value):
        yield f"{path}: {value!r} does not match {bounds['pattern']}"
    if getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"


def model_faults(request):
    headers = dict(request["headers"])
    prefix, _, name = headers["x-amz-target"].partition(".")
    if prefix != MODEL.metadata["targetPrefix"]:
        yield f"the target is {headers['x-amz-target']}"
    version = MODEL.metadata["jsonVersion"]
    if headers["content-type"] != f"application/x-amz-json-{version}":
        yield f"the content type is {headers['content-type']}"
    shape = MODEL.operation_model(name).input_shape
    body = json.loads(request["body"])
    report = ParamValidator().validate(body, shape)
    if report.has_errors():
        yield report.generate_report()
    yield from constraint_faults(shape, body, name)


def main():
    count, bad = 0, 0
    for line in sys.stdin:
        request = json.loads(line)
        faults = [*signature_faults(request), *model_faults(request)]
        target = dict(request["headers"])["x-amz-target"]
        print(f"{target}: {'; '.join(faults) or 'as AWS has it'}")
        count, bad = count + 1, bad + bool(faults)
    print(f"{count} requests, {bad} bad")
    sys.exit(1 if bad or not count else 0)


main()
