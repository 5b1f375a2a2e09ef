"""Track & Trace of GLS Netherlands: where parcels are, and which ones there are.

It has its own host, its own spelling of the login, and must be switched on by GLS for
each customer. What it does not show may exist all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from .gls_answers import read_parcels
from .gls_door import Door
from .gls_errors import read_envelope
from .gls_shipments import TrackedParcel

BASE_URL = "https://api.gls.nl/tt/V1"
TEST_URL = "https://api.gls.nl/tt-test"
MAX_PARCELS = 20


class GlsTracking:
    """A client for one login; may be used by several threads."""

    def __init__(
        self,
        username: str,
        password: str,
        *,
        subscription_key: str = "",
        base_url: str = BASE_URL,
        timeout: tuple[float, float] = (5, 30),
    ) -> None:
        """``timeout`` is (connect, read) in seconds."""
        login = {"userName": username.strip(), "password": password}
        self._door = Door(base_url, login, subscription_key, timeout)

    def track_parcels(self, unit_nos: Sequence[str]) -> tuple[TrackedParcel, ...]:
        """What is known of these numbers, twenty a call, without unknown ones."""
        return tuple(
            parcel
            for start in range(0, len(unit_nos), MAX_PARCELS)
            for parcel in self._ask(
                "/api/parcel/v1/details",
                {"parcelNumbers": list(unit_nos[start : start + MAX_PARCELS])},
            )
        )

    def find_parcels(
        self, reference: str, since: date | None = None
    ) -> tuple[TrackedParcel, ...]:
        """The parcels that bear a reference, also deleted ones.

        ``since`` is the first day they may be of.
        """
        days = {"from": since.isoformat()} if since else {}
        return self._ask("/api/parcel/v1/search", {"customerRef": reference, **days})

    def _ask(
        self, target: str, fields: Mapping[str, object]
    ) -> tuple[TrackedParcel, ...]:
        answer = self._door.ask(target, fields)
        if answer.status == 204:
            return ()
        return read_parcels(read_envelope(answer))
