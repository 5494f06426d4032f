"""The resource with boto3. It sends the PUT with urllib3, as AWS's cfn-response module does."""

import json

import boto3
import urllib3

contacts = boto3.client("ssm-contacts")
http = urllib3.PoolManager()


def handler(event, context):
    answer = {
        "PhysicalResourceId": event.get("PhysicalResourceId", context.log_stream_name),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    try:
        arn = create(event)
        answer |= {"Status": "SUCCESS", "PhysicalResourceId": arn, "Data": {"ContactArn": arn}}
    except Exception as error:
        answer |= {"Status": "FAILED", "Reason": str(error)}
    body = json.dumps(answer)
    headers = {"content-type": "", "content-length": str(len(body))}
    http.request("PUT", event["ResponseURL"], headers=headers, body=body)


def create(event):
    properties = event["ResourceProperties"]
    return contacts.create_contact(
        Alias=properties["Alias"],
        DisplayName=properties["DisplayName"],
        Type=properties["Type"],
        Plan=properties["Plan"],
        IdempotencyToken=event["RequestId"],
    )["ContactArn"]
