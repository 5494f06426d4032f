"""moto's CloudFormation creates a stack whose contacts the function creates."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction

from moto_server import client
from services import CONTACTS, Services

TEMPLATE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Action: "sts:AssumeRole", Principal: {Service: lambda.amazonaws.com}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      Role: !GetAtt Role.Arn
      # AWS's runtime interface emulator runs the function instead of this code.
      Code: {ZipFile: not this}
  Akua:
    Type: Custom::SSMContact
    Properties:
      ServiceToken: !GetAtt Function.Arn
      Alias: !Ref Alias
      DisplayName: Akua Mänsa
      Type: PERSONAL
      Plan: {Stages: []}
  Escalation:
    Type: Custom::SSMContact
    Properties:
      ServiceToken: !GetAtt Function.Arn
      Alias: escalation
      Type: ESCALATION
      Plan: {Stages: [{DurationInMinutes: 0, Targets: [{ContactTargetInfo: {IsEssential: "true"}}]}]}
Parameters:
  Alias: {Type: String}
Outputs:
  Ref: {Value: !Ref Akua}
  ContactArn: {Value: !GetAtt Akua.ContactArn}
  Arn: {Value: !GetAtt Akua.Arn}
  Alias: {Value: !GetAtt Akua.Alias}
  Type: {Value: !GetAtt Escalation.Type}
"""


def test_a_stack_completes_with_the_contacts_attributes(
    server: str, make_services: Callable[..., Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_services(60, server)
    one_at_a_time = threading.Lock()
    invocations: list[tuple[dict[str, Any], tuple[int, Any]]] = []

    def invoke(_: LambdaFunction, event: dict[str, Any]) -> tuple[str, bool, str]:
        with one_at_a_time:
            result = services.function.invoke(event)
            invocations.append((event, result))
        return json.dumps(result), False, ""

    monkeypatch.setattr(LambdaFunction, "_invoke_lambda", invoke)
    cloudformation = client("cloudformation", server)
    cloudformation.create_stack(
        StackName="on-call",
        TemplateBody=TEMPLATE,
        Parameters=[{"ParameterKey": "Alias", "ParameterValue": "akuam"}],
        Capabilities=["CAPABILITY_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="on-call", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})

    (stack,) = cloudformation.describe_stacks(StackName="on-call")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    print(outputs)
    # moto generates a physical id and ignores the one in the function's answer.
    assert outputs.pop("Ref")
    assert outputs == {
        "ContactArn": f"{CONTACTS}akuam",
        "Arn": f"{CONTACTS}akuam",
        "Alias": "akuam",
        "Type": "ESCALATION",
    }
    assert [result for _, result in invocations] == [(200, None)] * 2
    assert {event["RequestType"] for event, _ in invocations} == {"Create"}
    assert services.aliases() == ["akuam", "escalation"]
    for contact in services.contacts.list_contacts()["Contacts"]:
        listed = services.contacts.list_tags_for_resource(ResourceARN=contact["ContactArn"])
        tags = {tag["Key"]: tag["Value"] for tag in listed["Tags"]}
        assert tags["cloudformation-stack-id"] == stack["StackId"]
        assert tags["cloudformation-logical-id"].lower() in ("akua", "escalation")
