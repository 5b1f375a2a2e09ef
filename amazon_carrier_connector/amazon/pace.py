"""Keep a published rate: Amazon's token bucket, reckoned on our side."""

from dataclasses import dataclass

# Nobody takes more than so many tokens beforehand: what is further ahead comes from a
# clock that was put back.
MOST_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Bucket:
    """``rate`` calls per second, and ``burst`` of them at once after a rest.

    ``full_at`` is the moment, in seconds, at which it is full again: the one number
    that must be kept from one call to the next.
    Source: https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
    """

    rate: float
    burst: float
    full_at: float

    @classmethod
    def without_burst(cls, rate: float, burst: float, now: float) -> "Bucket":
        """Holding a single token: nobody knows what was taken before."""
        return cls(rate, burst, now + (burst - 1) / rate)

    def take(self, now: float) -> tuple[float, "Bucket"]:
        """Take a token, one of the future if there is none.

        :return: the seconds to wait before the call, and the bucket afterwards
        """
        full_at = self._full_from(now) + 1 / self.rate
        return self.wait_for(now, 1), Bucket(self.rate, self.burst, full_at)

    def wait_for(self, now: float, count: int) -> float:
        """The seconds until so many tokens are there; at most ``burst`` ever are."""
        full_at = self._full_from(now) + count / self.rate
        return max(full_at - self.burst / self.rate - now, 0.0)

    def _full_from(self, now: float) -> float:
        latest = now + (self.burst + MOST_AHEAD) / self.rate
        return max(min(self.full_at, latest), now)
