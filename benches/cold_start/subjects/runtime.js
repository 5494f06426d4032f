// The part of Lambda's Node runtime that the programs need. Calls the handler of index.js for each invocation.
"use strict";
const http = require("node:http");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function exchange(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { agent, host, port, method, path: `/2018-06-01/runtime/invocation/${path}` };
    const request = http.request(options, (reply) => {
      const chunks = [];
      reply.on("error", reject);
      reply.on("data", (chunk) => chunks.push(chunk));
      reply.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (reply.statusCode < 300) resolve({ headers: reply.headers, text });
        else reject(new Error(`the Runtime API answers ${method} ${path} with ${reply.statusCode}: ${text}`));
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function main() {
  const { handler } = require("./index.js");
  for (;;) {
    const { headers, text } = await exchange("GET", "next");
    const id = headers["lambda-runtime-aws-request-id"];
    const deadline = Number(headers["lambda-runtime-deadline-ms"]);
    const context = {
      awsRequestId: id,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    };
    let [end, value] = ["response", null];
    try {
      value = (await handler(JSON.parse(text), context)) ?? null;
    } catch (error) {
      console.error(error);
      [end, value] = ["error", { errorType: error.name, errorMessage: error.message }];
    }
    await exchange("POST", `${id}/${end}`, JSON.stringify(value));
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
