"""Rate limits: Amazon's token bucket and the sliding window of the carriers."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

FAST = (1_000_000, 1_000_000)


def choose_rates(published: dict, overrides) -> dict:
    """The published rates, with some replaced; ``"fast"`` replaces all of them."""
    if overrides == "fast":
        return dict.fromkeys(published, FAST)
    return {**published, **(overrides or {})}


class TokenBucket:
    """Amazon's usage plan: ``burst`` calls at once, ``rate`` tokens a second."""

    def __init__(self, rate: float, burst: float, clock):
        self.rate, self.burst, self._clock = rate, burst, clock
        self._tokens, self._seen = float(burst), clock.seconds()
        self._lock = threading.Lock()

    def take(self) -> float:
        """0 when the call may go on, else the seconds until the next token."""
        with self._lock:
            now = self._clock.seconds()
            refill = (now - self._seen) * self.rate
            self._tokens = min(self.burst, self._tokens + refill)
            self._seen = now
            if self._tokens >= 1:
                self._tokens -= 1
                return 0.0
            return (1 - self._tokens) / self.rate


class SlidingWindow:
    """At most ``limit`` calls in any ``seconds``; refused calls count too."""

    def __init__(self, limit: int, seconds: float, clock):
        self.limit, self.period, self._clock = limit, seconds, clock
        self._calls: deque[float] = deque(maxlen=min(limit + 1, 100_000))
        self._lock = threading.Lock()

    def take(self) -> float:
        """0 when the call may go on, else the seconds until the window has room."""
        with self._lock:
            now = self._clock.seconds()
            while self._calls and self._calls[0] <= now - self.period:
                self._calls.popleft()
            self._calls.append(now)
            if len(self._calls) <= self.limit:
                return 0.0
            return self._calls[1] + self.period - now


class Limits:
    """One limit per key, made when the key is first seen."""

    def __init__(self, make):
        self._make = make
        self._limits = defaultdict(dict)
        self._lock = threading.Lock()

    def take(self, operation: str, key: str = "") -> float:
        with self._lock:
            keys = self._limits[operation]
            limit = keys.get(key) or keys.setdefault(key, self._make(operation))
        return limit.take()
