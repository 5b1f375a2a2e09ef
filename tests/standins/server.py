"""What every stand-in shares: a server, a table of operations, a record of calls."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from werkzeug.exceptions import ClientDisconnected, HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from . import control
from .contracts import misfits
from .faults import Faults


@dataclass(frozen=True)
class Operation:
    """One row of a service's table.

    ``essentials`` is a small JSON schema of ours, ``contract`` the name of the official
    or derived one; ``open`` operations ask for no credentials.
    """

    name: str
    method: str
    path: str
    handler: str
    contract: str = ""
    essentials: dict | None = None
    open: bool = False


@dataclass
class Call:
    """One request: what was asked, and what became of it.

    ``data`` is the JSON body, None when there is none or it cannot be read; ``target``
    path and query as they came over the wire; ``request`` is there until the answer is
    sent.
    """

    operation: str
    request: Request | None
    arguments: dict
    at: float
    method: str
    target: str
    headers: dict[str, str]
    data: object
    references: tuple[str, ...] = ()
    status: int | None = None
    acted: bool = False
    caller: object = None

    def hold(self, seconds: float, stopping: threading.Event) -> None:
        """Keeps the client waiting until it hangs up, or the time is over."""
        connection, end = self.request.environ["werkzeug.socket"], time.monotonic()
        end += seconds
        while time.monotonic() < end and not stopping.is_set():
            if select.select([connection], [], [], 0.05)[0]:
                return

    def cut(self) -> None:
        """Closes the connection without (the rest of) an answer."""
        try:
            self.request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        raise ConnectionAbortedError("cut on command")

    def describe(self) -> dict:
        return {
            "operation": self.operation,
            "method": self.method,
            "target": self.target,
            "at": self.at,
            "references": self.references,
            "status": self.status,
            "acted": self.acted,
        }


@dataclass(frozen=True)
class Violation:
    """A request that no such service would be asked by a correct client."""

    operation: str
    path: str
    message: str
    references: tuple[str, ...] = field(default=())


class Refusal(Exception):
    """Ends a handler with an answer of the service's own shape."""

    def __init__(self, response: Response):
        super().__init__(response.status)
        self.response = response


def answer_json(data, status=200, content_type="application/json", **headers):
    body = json.dumps(data, ensure_ascii=False).encode()
    response = Response(body, status, content_type=content_type)
    response.headers.update({k.replace("_", "-"): v for k, v in headers.items()})
    return response


class StandIn:
    """A service on loopback.

    Subclasses give ``name``, ``operations`` and the hooks below; a handler takes the
    call, holds ``lock`` while it runs and returns a response or raises ``Refusal``.
    """

    name = ""
    operations: tuple[Operation, ...] = ()
    settings: tuple[str, ...] = ()

    def __init__(self, clock, contracts):
        self.clock, self.contracts = clock, contracts
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.faults = Faults(self)
        self._map = Map(
            [
                Rule(operation.path, endpoint=position, methods=[operation.method])
                for position, operation in enumerate(self.operations)
            ]
        )
        self._server = self._thread = None
        self._port = 0
        self.reset()

    # What a service says about itself

    def reset(self) -> None:
        """Forgets calls, violations, faults and state; credentials stay."""
        with self.lock:
            self.calls: list[Call] = []
            self.violations: list[Violation] = []
            self.faults.clear()
            self.reset_state()

    def reset_state(self) -> None:
        raise NotImplementedError

    def state(self) -> dict:
        """The state as plain data."""
        raise NotImplementedError

    def controls(self) -> dict:
        """More control routes: (method, part) to a function of service and request."""
        return {}

    def references_of(self, call: Call) -> tuple[str, ...]:
        """What a request names: order ids, references, parcel numbers."""
        return ()

    def admit(self, call: Call, operation: Operation) -> None:
        """Checks credentials, headers and rate; raises Refusal."""

    def misfit(self, call: Call, found: list) -> Response:
        """The answer to a body that does not fit."""
        raise NotImplementedError

    def unknown(self, call: Call) -> Response:
        """The answer to a path that does not exist."""
        return self.refused(call, 404, None)

    def refused(self, call: Call, status: int, body) -> Response:
        """An error in the service's shape; ``body`` as the service wants it."""
        raise NotImplementedError

    def throttled(self, call: Call, retry_after=None) -> Response:
        raise NotImplementedError

    def finish(self, call: Call, response: Response) -> Response:
        """Adds what every answer of the service carries."""
        return response

    # What tests ask

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        return self.base_url

    def count(self, operation="*", reference=None, status=None) -> int:
        """How often it was asked; refused and unanswered requests included."""
        with self.lock:
            return sum(
                operation in ("*", call.operation)
                and reference in (None, *call.references)
                and status in (None, call.status)
                for call in self.calls
            )

    def counts(self) -> dict[str, int]:
        with self.lock:
            return dict(Counter(call.operation for call in self.calls))

    def references(self, operation="*") -> dict[str, int]:
        """How often each reference was named."""
        with self.lock:
            return dict(
                Counter(
                    reference
                    for call in self.calls
                    if operation in ("*", call.operation)
                    for reference in call.references
                )
            )

    def violate(self, call: Call, message: str, path: str = "") -> None:
        with self.lock:
            self.violations.append(
                Violation(call.operation, path, message, call.references)
            )

    # Serving

    def start(self):
        """Listens on a free port of loopback; a second start takes the same port."""
        self.stopping.clear()
        self._server = make_server(
            "127.0.0.1", self._port, self, threaded=True, request_handler=_Quiet
        )
        self._port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __call__(self, environ, start_response):
        request = Request(environ)
        try:
            request.get_data()
        except ClientDisconnected as half:
            # Whoever asked died in the middle of it: nothing has been asked.
            return half(environ, start_response)
        answer = control.answer(self, request) or self._answer(request)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        call, operation = self._record(request)
        playing = self.faults.take(call)
        response = playing.at("before")
        if response is None:
            response = self.finish(call, self._act(call, operation))
        response = playing.at("after", response)
        call.status = response.status_code
        response.call_on_close(lambda: self._answered(call, playing, response))
        return response

    def _answered(self, call: Call, playing, response: Response) -> None:
        playing.at("answered", response)
        call.request = None

    def _record(self, request: Request):
        try:
            adapter = self._map.bind_to_environ(request.environ)
            position, arguments = adapter.match()
            operation = self.operations[position]
        except HTTPException:
            operation, arguments = None, {}
        name = operation.name if operation else f"{request.method} {request.path}"
        call = Call(
            name,
            request,
            arguments,
            self.clock.seconds(),
            request.method,
            request.environ["REQUEST_URI"],
            dict(request.headers),
            _json_of(request),
        )
        with self.lock:
            call.references = tuple(dict.fromkeys(self.references_of(call)))
            self.calls.append(call)
        return call, operation

    def _act(self, call: Call, operation: Operation | None) -> Response:
        try:
            if operation is None:
                self.violate(call, "no such operation")
                return self.unknown(call)
            self.admit(call, operation)
            self._check_body(call, operation)
            with self.lock:
                response = getattr(self, operation.handler)(call, **call.arguments)
                call.acted = True
                return response
        except Refusal as refusal:
            return refusal.response
        except Exception:
            self.violate(call, "the stand-in failed: " + traceback.format_exc())
            return Response("the stand-in failed", 500)

    def _check_body(self, call: Call, operation: Operation) -> None:
        if operation.essentials is None:
            return
        found = misfits(operation.essentials, call.data)
        if call.data is not None:
            found += self.contracts.check(operation.contract, call.data)
        found = list(dict.fromkeys(found))
        for misfit in found:
            self.violate(call, misfit.message, misfit.dotted)
        if found:
            raise Refusal(self.misfit(call, found))


def _json_of(request: Request):
    try:
        return json.loads(request.get_data() or b"null")
    except ValueError:
        return None


class _Quiet(WSGIRequestHandler):
    """Writes no access log: paths of the services hold order numbers."""

    def log_request(self, *args):
        pass
