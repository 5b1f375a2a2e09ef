"""Faults on command: what a stand-in does instead of, or beside, answering well.

A fault is addressed to an operation (``"*"`` is any), optionally to requests that name
a reference, and hits the n-th to the (n + times - 1)-th such request since it was
added. Its ``moment`` is ``before`` (the stand-in has not acted), ``after`` (it has
acted, the answer is not sent) or ``answered`` (the answer is with the client's kernel).
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from werkzeug.wrappers import Response

MOMENTS = ("before", "after", "answered")
PAGE_503 = (
    "<html><head><title>503 Service Temporarily Unavailable</title></head>"
    "<body><h1>503 Service Temporarily Unavailable</h1></body></html>"
)


@dataclass
class Fault:
    operation: str
    kind: str
    moment: str = ""
    nth: int = 1
    times: int | None = 1
    reference: str | None = None
    seconds: float = 0.0
    status: int = 200
    body: object = True
    content_type: str = "text/html; charset=utf-8"
    retry_after: int | None = None
    pid: int | None = None
    hook: Callable | None = None
    seen: int = field(default=0, init=False)
    played: int = field(default=0, init=False)

    def __post_init__(self):
        self.moment = self.moment or DEFAULT_MOMENTS.get(self.kind, "before")
        if self.kind not in KINDS or self.moment not in MOMENTS:
            raise ValueError(f"no such fault: {self.kind} {self.moment}")
        if self.kind == "kill" and (self.pid or 0) <= 1 or self.pid == os.getpgrp():
            raise ValueError("refusing to kill this process group")

    def takes(self, call) -> bool:
        """Counts a request it is meant for; says whether this one is hit."""
        if self.operation not in ("*", call.operation):
            return False
        if self.reference is not None and self.reference not in call.references:
            return False
        self.seen += 1
        last = None if self.times is None else self.nth + self.times
        hit = self.seen >= self.nth and (last is None or self.seen < last)
        self.played += hit
        return hit

    def describe(self) -> dict:
        return asdict(replace(self, hook=None)) | {
            "seen": self.seen,
            "played": self.played,
        }


class Faults:
    """The faults of one service; safe to change while it serves."""

    def __init__(self, service):
        self._service = service
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, operation: str, kind: str, **details) -> Fault:
        """Kinds and the details they heed:

        latency(seconds), throttled(retry_after, body=True|False),
        unavailable(status=503), timeout(seconds, moment), cut(moment), cut_midway,
        truncated, content(status, body, content_type, moment),
        refused(status, body: data for the service's error shape),
        hook(hook: callable taking the call, moment), kill(pid: process group, moment).
        All heed nth, times (None: for ever) and reference.
        """
        fault = Fault(operation, kind, **details)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def describe(self) -> list[dict]:
        with self._lock:
            return [fault.describe() for fault in self._faults]

    def take(self, call) -> Playing:
        with self._lock:
            hit = [fault for fault in self._faults if fault.takes(call)]
        return Playing(self._service, call, hit)


class Playing:
    """The faults that one request meets."""

    def __init__(self, service, call, faults):
        self._service, self._call, self._faults = service, call, faults

    def at(self, moment: str, answer: Response | None = None) -> Response | None:
        """The answer to give in place of ``answer``; None before acting: go on."""
        for fault in self._faults:
            if fault.moment == moment:
                play = KINDS[fault.kind]
                answer = play(fault, self._service, self._call, answer)
        return answer


def _latency(fault, service, call, answer):
    time.sleep(fault.seconds)
    return answer


def _throttled(fault, service, call, answer):
    throttled = service.throttled(call, fault.retry_after)
    if not fault.body:
        throttled.set_data(b"")
        throttled.headers.pop("Content-Type", None)
    return throttled


def _unavailable(fault, service, call, answer):
    status = 503 if fault.status == 200 else fault.status
    return Response(PAGE_503, status, content_type="text/html")


def _timeout(fault, service, call, answer):
    call.hold(fault.seconds or 120, service.stopping)
    call.cut()


def _cut(fault, service, call, answer):
    call.cut()


def _cut_midway(fault, service, call, answer):
    data = answer.get_data()
    headers = [item for item in answer.headers if item[0] != "Content-Length"]
    headers.append(("Content-Length", str(len(data))))

    def half():
        yield data[: len(data) // 2]
        call.cut()

    return Response(half(), answer.status_code, headers)


def _truncated(fault, service, call, answer):
    data = answer.get_data()
    answer.set_data(data[: len(data) // 2])
    return answer


def _content(fault, service, call, answer):
    body = "" if fault.body is True else fault.body
    if fault.status == 204:
        return Response(status=204)
    return Response(body, fault.status, content_type=fault.content_type)


def _refused(fault, service, call, answer):
    body = None if fault.body is True else fault.body
    return service.refused(call, fault.status, body)


def _hook(fault, service, call, answer):
    return fault.hook(call) or answer


def _kill(fault, service, call, answer):
    os.killpg(fault.pid, signal.SIGKILL)
    if fault.moment != "answered":
        call.cut()


KINDS = {
    "latency": _latency,
    "throttled": _throttled,
    "unavailable": _unavailable,
    "timeout": _timeout,
    "cut": _cut,
    "cut_midway": _cut_midway,
    "truncated": _truncated,
    "content": _content,
    "refused": _refused,
    "hook": _hook,
    "kill": _kill,
}
DEFAULT_MOMENTS = dict.fromkeys(("cut_midway", "truncated"), "after")
