"""Wait for what another process does."""

import time


def wait_until(condition, timeout, what, *, every=0.05, meanwhile=None):
    """Ask `condition` until it gives something true; returns that.

    `timeout` in seconds; `meanwhile` is called now and then between two questions.
    Raises TimeoutError, which says `what` did not happen.
    """
    end = time.monotonic() + timeout
    next_call = 0.0
    while True:
        found = condition()
        if found:
            return found
        now = time.monotonic()
        if now > end:
            raise TimeoutError(f"not within {timeout} s: {what}")
        if meanwhile and now >= next_call:
            meanwhile()
            next_call = now + 1
        time.sleep(every)
