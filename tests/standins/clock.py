"""The stand-ins' time: the machine's, which a test may move forward."""

from __future__ import annotations

import time
from datetime import datetime, timezone


class Clock:
    def __init__(self):
        self._ahead = 0.0

    def seconds(self) -> float:
        """Seconds since 1970, moved forward by what a test asked for."""
        return time.time() + self._ahead

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), timezone.utc)

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


def iso(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> datetime:
    """An ISO 8601 date or date-time; without an offset it is UTC.

    Raises ValueError for anything else.
    """
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
