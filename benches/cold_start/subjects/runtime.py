"""The part of Lambda's Python runtime that the programs need. Calls `index.handler` for each invocation."""

import json
import logging
import os
import time
import traceback
from http.client import HTTPConnection

INVOCATIONS = "/2018-06-01/runtime/invocation"


class Context:
    """The members of Lambda's context object that the handlers use."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)


def main():
    # Lambda's runtime also adds a handler to the root logger before it imports the function.
    logging.basicConfig()
    from index import handler

    api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def exchange(method, path, value=None):
        api.request(method, f"{INVOCATIONS}/{path}", None if method == "GET" else json.dumps(value))
        reply = api.getresponse()
        body = reply.read()
        if reply.status >= 300:
            raise RuntimeError(f"the Runtime API answers {method} {path} with {reply.status}: {body!r}")
        return reply.headers, body

    while True:
        headers, event = exchange("GET", "next")
        context = Context(headers)
        try:
            end, value = "response", handler(json.loads(event), context)
        except Exception as error:
            traceback.print_exc()
            end, value = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
        exchange("POST", f"{context.aws_request_id}/{end}", value)


main()
