"""A real HTTP server on loopback that answers what a test has written down.

For answers no healthy stand-in would give: cut connections, half bodies, other people's
envelopes. It keeps every request as it came over the wire.
"""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Reply:
    """``announce`` is a Content-Length other than the body's true one."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    announce: int | None = None


CUT = "close the connection without an answer"
HANG = "never answer"


def as_json(data, status=200, **headers):
    return Reply(
        status,
        json.dumps(data).encode(),
        {"Content-Type": "application/json", **headers},
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up in the middle is part of the script."""


class ScriptedServer:
    """Answers the replies of ``script`` in turn; each may be a function.

    With ``tls``, a context for servers, over https.
    """

    def __init__(self, tls=None):
        self.asked: list[Asked] = []
        self.script: list = []
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self):
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, *replies):
        self.script.extend(replies)

    def _handler(server):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                asked = Asked(self.command, self.path, dict(self.headers), body)
                server.asked.append(asked)
                reply = server.script.pop(0)
                server._play(self, reply(asked) if callable(reply) else reply)

            do_GET = do_POST = do_DELETE = _serve

            def log_message(self, *_arguments):
                """Keep the test's output quiet."""

        return Handler

    def _play(self, handler, reply):
        if reply in (CUT, HANG):
            if reply == HANG:
                self._released.wait(30)
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        length = len(reply.body) if reply.announce is None else reply.announce
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(reply.body)
        if length != len(reply.body):
            handler.close_connection = True
