// AwsCustomResource's own handler, untouched.
"use strict";
const https = require("node:https");
const cdk = require("./handler/index.js");

exports.handler = (event, context) => {
  // It leaves out the ResponseURL's port, for S3 has none. The port goes where Node looks for it then.
  https.globalAgent.defaultPort = new URL(event.ResponseURL).port || 443;
  return cdk.handler(event, context);
};
