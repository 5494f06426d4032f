"""A relay on loopback that forwards requests or leaves them without a reply."""

import http.client
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Headers that concern one connection and not the message.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


@dataclass
class Message:
    """A request as it was received, and the status of its reply."""

    method: str
    headers: dict[str, str]
    body: bytes
    status: int


class Relay:
    """Forwards each request to `upstream`, unless told to hold it."""

    def __init__(self, upstream: str) -> None:
        self.messages: list[Message] = []
        self.upstream = upstream
        self._held: threading.Event | None = None
        self._arrived = threading.Semaphore(0)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def host(self) -> str:
        return "{}:{}".format(*self._server.server_address)

    def hold(self) -> None:
        """Leaves all further requests without a reply."""
        self._held = threading.Event()

    def wait_for_a_held_one(self) -> None:
        assert self._arrived.acquire(timeout=30), "no request came"

    def resume(self) -> None:
        """Replies to further requests. A held request gets no reply, because its client no longer waits."""
        held, self._held = self._held, None
        if held:
            held.set()

    def stop(self) -> None:
        self.resume()
        self._server.shutdown()
        self._server.server_close()

    def _forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def relay_it(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                # When it starts, the function sends a HEAD request to open a connection. It is no API call.
                asks = self.command != "HEAD"
                if held := relay._held:
                    if asks:
                        relay._arrived.release()
                    held.wait()
                    self.close_connection = True
                    return
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                status, answered, reply = relay._forward(self.command, self.path, headers, body)
                if asks:
                    relay.messages.append(Message(self.command, dict(self.headers.items()), body, status))
                self.send_response_only(status)
                for name, value in answered.items():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply)

            do_HEAD = do_POST = do_PUT = relay_it

            def log_message(self, *_: object) -> None:
                """Logs nothing."""

        return Handler
