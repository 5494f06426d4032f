// The resource with the AWS SDK for JavaScript. It sends the PUT with Node's own client.
"use strict";
const https = require("node:https");
const { CreateContactCommand, SSMContactsClient } = require("@aws-sdk/client-ssm-contacts");

const contacts = new SSMContactsClient({});

exports.handler = async (event, context) => {
  const { StackId, RequestId, LogicalResourceId } = event;
  const told = { StackId, RequestId, LogicalResourceId };
  let answer;
  try {
    const arn = await create(event);
    answer = { ...told, Status: "SUCCESS", PhysicalResourceId: arn, Data: { ContactArn: arn } };
  } catch (error) {
    const id = event.PhysicalResourceId ?? context.logStreamName;
    answer = { ...told, Status: "FAILED", PhysicalResourceId: id, Reason: error.message };
  }
  await put(event.ResponseURL, JSON.stringify(answer));
};

async function create({ RequestId, ResourceProperties: { Alias, DisplayName, Type, Plan } }) {
  const members = { Alias, DisplayName, Type, Plan, IdempotencyToken: RequestId };
  return (await contacts.send(new CreateContactCommand(members))).ContactArn;
}

function put(url, body) {
  const headers = { "content-type": "", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method: "PUT", headers }, (reply) => {
      reply.resume();
      reply.on("error", reject);
      reply.on("end", resolve);
    });
    request.on("error", reject);
    request.end(body);
  });
}
