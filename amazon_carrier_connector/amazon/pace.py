"""Keep a steady pace of calls, so that a published rate is never exceeded."""

import time


class Pace:
    """One call per ``1 / rate`` seconds; for one thread.

    It begins without the burst that Amazon grants, because nobody knows what an
    earlier process has used of it.

    :param rate: calls per second
    """

    def __init__(self, rate: float, *, clock=time.monotonic, sleep=time.sleep):
        self._interval = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._last_call = float("-inf")

    def wait(self) -> None:
        """Return when the next call is allowed."""
        # Reckoned here and not beforehand: the rate may have changed since.
        next_call = self._last_call + self._interval
        delay = next_call - self._clock()
        if delay > 0:
            self._sleep(delay)
        self._last_call = max(next_call, self._clock())

    def adopt(self, rate: float | None) -> None:
        """Take over the rate that Amazon's answer grants; None changes nothing."""
        if rate:
            self._interval = 1 / rate
