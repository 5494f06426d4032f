// The unchanged handler of AwsCustomResource.
"use strict";
const https = require("node:https");
const cdk = require("./handler/index.js");

exports.handler = (event, context) => {
  // The handler ignores the port of the ResponseURL, because S3's URLs have none. Node then uses the default port.
  https.globalAgent.defaultPort = new URL(event.ResponseURL).port || 443;
  return cdk.handler(event, context);
};
