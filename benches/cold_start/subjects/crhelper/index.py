"""The resource as crhelper's users write it."""

import boto3
from crhelper import CfnResource

helper = CfnResource()

try:
    contacts = boto3.client("ssm-contacts")
except Exception as error:
    helper.init_failure(error)


@helper.create
def create(event, _):
    properties = event["ResourceProperties"]
    arn = contacts.create_contact(
        Alias=properties["Alias"],
        DisplayName=properties["DisplayName"],
        Type=properties["Type"],
        Plan=properties["Plan"],
        IdempotencyToken=event["RequestId"],
    )["ContactArn"]
    helper.Data["ContactArn"] = arn
    return arn


def handler(event, context):
    helper(event, context)
