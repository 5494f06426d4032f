"""Lambda's Python runtime, as far as it takes: hands each invocation to `index.handler`."""

import json
import logging
import os
import time
import traceback
from http.client import HTTPConnection

INVOCATIONS = "/2018-06-01/runtime/invocation"


class Context:
    """What a handler may ask about its invocation."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)


def main():
    # Lambda's runtime, too, has a handler on the root logger before the function is imported.
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
