"""How often a carrier was asked lately, so that it need not refuse.

MyParcel counts calls per method and address in a window that slides; refused ones
count too, so that asking on would keep the door shut.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from hashlib import sha256

from .errors import Throttled


class Windows:
    """The calls of one key by kind; may be used by several threads."""

    def __init__(
        self,
        limits: Mapping[str, int],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``limits`` is calls in so many ``seconds``, by kind."""
        self._limits = limits
        self._seconds = seconds
        self._clock = clock
        self._calls: Mapping[str, deque[float]] = defaultdict(deque)
        self._shut_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, kind: str) -> None:
        """Count a call that is about to be made.

        Raises :class:`Throttled` when the carrier would refuse it, with the seconds
        until it would not.
        """
        now = self._clock()
        with self._lock:
            calls = self._calls[kind]
            while calls and calls[0] <= now - self._seconds:
                calls.popleft()
            wait = self._shut_until.get(kind, now) - now
            if len(calls) >= self._limits[kind]:
                wait = max(wait, calls[0] + self._seconds - now)
            if wait > 0:
                raise Throttled(wait)
            calls.append(now)

    def shut(self, kind: str, retry_after: float | None) -> None:
        """Refuse such calls for as long as the carrier has said, 5 s when it has not.

        Others may use the same key: what was counted here is not all there was.
        """
        until = self._clock() + (5 if retry_after is None else retry_after)
        with self._lock:
            self._shut_until[kind] = max(until, self._shut_until.get(kind, until))


class WindowsByKey:
    """The windows of each key, for as long as the process lives; holds no key."""

    def __init__(self, limits: Mapping[str, int], seconds: float) -> None:
        self._limits = limits
        self._seconds = seconds
        self._windows: dict[bytes, Windows] = {}
        self._lock = threading.Lock()

    def of(self, key: str) -> Windows:
        digest = sha256(key.encode()).digest()
        with self._lock:
            return self._windows.setdefault(
                digest, Windows(self._limits, self._seconds)
            )
