"""Checks captured requests with botocore: the signature, and the service's model.

Reads one JSON document a line, {"url", "headers": [[name, value], …], "body"}, and
ends with 1 where a request is not as AWS's own code would have it. With --self-test
it checks itself, on requests that botocore's client made.
"""

import hashlib
import json
import os
import sys
from urllib.parse import urlsplit

import botocore.session
import regex
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("ssm-contacts")
SIGNED = ("content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target")


def signature_faults(url, headers, body, credentials):
    """Signs the request again, with the same time and the same headers."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    claims = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    scope = claims.get("Credential", "").split("/")
    if scheme != "AWS4-HMAC-SHA256" or len(scope) != 5:
        yield "it is not signed"
        return
    key, date, region, service, _ = scope
    if key != credentials.access_key or service != "ssm-contacts":
        yield f"signed by {key} for {service}"
    names = claims["SignedHeaders"].split(";")
    for needed in SIGNED:
        if needed not in names:
            yield f"{needed} is not signed"
    # The signature covers this header in the body's stead, whatever it claims.
    payload = hashlib.sha256(body.encode()).hexdigest()
    if headers.get("x-amz-content-sha256", payload) != payload:
        yield "x-amz-content-sha256 is not the body's"
    if not headers["x-amz-date"].startswith(date):
        yield "the scope's date is not the request's"
    signer = SigV4Auth(credentials, service, region)
    again = AWSRequest("POST", url, {name: headers.get(name, "") for name in names}, body.encode())
    again.context["timestamp"] = headers["x-amz-date"]
    wanted = signer.string_to_sign(again, signer.canonical_request(again))
    if signer.signature(wanted, again) != claims["Signature"]:
        yield "the signature is wrong"


def constraint_faults(shape, value, path):
    """What botocore's validator leaves to the service: patterns, enums, upper bounds."""
    bounds = shape.metadata
    if shape.type_name == "structure":
        for name in value:
            yield from constraint_faults(shape.members[name], value[name], f"{path}.{name}")
        return
    if isinstance(value, bool) and shape.type_name != "boolean":
        yield f"{path}: {value} is no {shape.type_name}"
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


def once(pairs):
    """Python would keep the last of several members of one name, unseen."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"a member comes twice: {[name for name, _ in pairs]}")
    return members


def model_faults(headers, body):
    prefix, _, name = headers.get("x-amz-target", "").partition(".")
    version = MODEL.metadata["jsonVersion"]
    if headers.get("content-type") != f"application/x-amz-json-{version}":
        yield f"the content type is {headers.get('content-type')}"
    if prefix != MODEL.metadata["targetPrefix"] or name not in MODEL.operation_names:
        yield f"the target is {headers.get('x-amz-target')}"
        return
    try:
        members = json.loads(body, object_pairs_hook=once)
    except ValueError as error:
        yield f"the body can't be read: {error}"
        return
    shape = MODEL.operation_model(name).input_shape
    report = ParamValidator().validate(members, shape)
    if report.has_errors():
        # The constraints are those of values of the right type.
        yield report.generate_report()
        return
    yield from constraint_faults(shape, members, name)


def faults(request, credentials):
    """All that is wrong with a request."""
    url, body = request["url"], request["body"]
    headers = dict(request["headers"])
    found = [] if len(headers) == len(request["headers"]) else ["a header comes twice"]
    if urlsplit(url).path != "/":
        found.append(f"it goes to {url}")
    found += signature_faults(url, headers, body, credentials)
    return found + [*model_faults(headers, body)]


def by_botocore(credentials):
    """A request as botocore's own client makes and signs it."""
    session = botocore.session.get_session()
    session.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
    client = session.create_client("ssm-contacts", "us-east-2", endpoint_url="http://127.0.0.1:1")
    sent = []

    def capture(request, **_):
        headers = [[name.lower(), text(value)] for name, value in request.headers.items()]
        # urllib3 would add it; botocore has signed it.
        headers.append(["host", "127.0.0.1:1"])
        sent.append({"url": request.url, "headers": headers, "body": text(request.body)})
        return AWSResponse(request.url, 200, {}, Nothing())

    client.meta.events.register("before-send", capture)
    client.create_contact(
        Alias="akuam",
        DisplayName="Akua Mänsa 阿夸",
        Type="PERSONAL",
        Plan={"Stages": [{"DurationInMinutes": 1, "Targets": []}]},
        Tags=[{"Key": "team", "Value": "1 é"}],
    )
    return sent[0]


class Nothing:
    def stream(self, *_, **__):
        yield b"{}"


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def sign(request, credentials, keep=()):
    """Signs what was changed, so that the model alone can object."""
    headers = {name: value for name, value in request["headers"] if name in (*SIGNED[:2], SIGNED[4], *keep)}
    again = AWSRequest("POST", request["url"], headers, request["body"].encode())
    SigV4Auth(credentials, "ssm-contacts", "us-east-2").add_auth(again)
    return {**request, "headers": [[name.lower(), value] for name, value in again.headers.items()]}


def self_test():
    credentials = Credentials("AKIDEXAMPLE", "secret", "session")
    good = by_botocore(credentials)

    def body(old, new):
        assert old in good["body"], old
        return {**good, "body": good["body"].replace(old, new, 1)}

    def header(name, value):
        kept = [pair for pair in good["headers"] if pair[0] != name]
        return {**good, "headers": kept + [[name, value]]}

    def signed(request, *keep):
        return sign(request, credentials, keep)

    authorization = dict(good["headers"])["authorization"]
    lying_hash = header("x-amz-content-sha256", hashlib.sha256(b"another").hexdigest())
    unsigned_payload = header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    cases = [
        (good, None),
        (signed(good), None),
        (body("akuam", "akuan"), "the signature is wrong"),
        ({**good, "url": good["url"] + "?x=1"}, "the signature is wrong"),
        (header("x-amz-security-token", "another"), "the signature is wrong"),
        (header("x-amz-target", "SSMContacts.DeleteContact"), "the signature is wrong"),
        (header("authorization", authorization.replace("AKID", "AKIE")), "signed by AKIE"),
        (header("authorization", authorization.replace("host;", "")), "host is not signed"),
        (header("authorization", regex.sub(r"/\d{8}/", "/20000101/", authorization)), "the scope's date"),
        (header("authorization", ""), "it is not signed"),
        (signed(lying_hash, "x-amz-content-sha256"), "is not the body's"),
        (signed(unsigned_payload, "x-amz-content-sha256"), "is not the body's"),
        ({**good, "headers": good["headers"] + [["x-amz-target", "SSMContacts.CreateContact"]]}, "a header comes twice"),
        (signed({**good, "url": good["url"] + "v1"}), "it goes to"),
        (signed(header("content-type", "application/json")), "the content type"),
        (signed(header("x-amz-target", "SSMContacts.Nope")), "the target is"),
        (signed(body("akuam", "AKUAM")), "does not match"),
        (signed(body("akuam", "akuam\\n")), "does not match"),
        (signed(body("akuam", "a" * 256)), "more than 255"),
        (signed(body("PERSONAL", "PERSON")), "is none of"),
        (signed(body("Alias", "Aliaz")), "Missing required parameter"),
        (signed(body('"Stages"', '"Stage"')), "Unknown parameter in Plan"),
        (signed(body('s": 1', 's": 31')), "more than 30"),
        (signed(body('s": 1', 's": true')), "True is no integer"),
        (signed(body('s": 1', 's": "1"')), "Invalid type"),
        (signed(body('"akuam"', "null")), "Invalid type"),
        (signed(body("{", '{"Alias": "AKUAM", ')), "a member comes twice"),
        (signed(body("{", "")), "can't be read"),
        (signed({**good, "body": "[]"}), "Invalid type"),
    ]
    for number, (request, wanted) in enumerate(cases):
        found = "; ".join(faults(request, credentials))
        if wanted not in found if wanted else found:
            sys.exit(f"case {number}: wanted {wanted!r}, found {found!r}")
    print(f"{len(cases)} cases told right from wrong")


def main():
    credentials = Credentials(
        os.environ["AWS_ACCESS_KEY_ID"],
        os.environ["AWS_SECRET_ACCESS_KEY"],
        os.environ.get("AWS_SESSION_TOKEN"),
    )
    count, bad = 0, 0
    for line in sys.stdin:
        request = json.loads(line)
        found = faults(request, credentials)
        target = dict(request["headers"]).get("x-amz-target")
        print(f"{target}: {'; '.join(found) or 'as AWS has it'}")
        count, bad = count + 1, bad + bool(found)
    print(f"{count} requests, {bad} bad")
    sys.exit(1 if bad or not count else 0)


self_test() if sys.argv[1:] == ["--self-test"] else main()
