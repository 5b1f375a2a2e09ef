"""Track & Trace of GLS Netherlands: where parcels are, and which ones there are.

It has its own host, its own spelling of the login, and must be switched on by GLS for
each customer. What it does not show may exist all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from .gls_answers import read_parcels
from .gls_errors import read_envelope
from .gls_shipments import TrackedParcel
from .transport import Transport

BASE_URL = "https://api.gls.nl/tt/V1"
TEST_URL = "https://api.gls.nl/tt-test"
MAX_PARCELS = 20

_JSON = {"Accept": "application/json", "Content-Type": "application/json"}


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
        self._login = {"userName": username.strip(), "password": password}
        key = {"Ocp-Apim-Subscription-Key": subscription_key}
        self._transport = Transport(
            base_url,
            headers={**_JSON, **(key if subscription_key else {})},
            timeout=timeout,
        )

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
        answer = self._transport.request(
            "POST", target, body=json.dumps({**self._login, **fields}).encode()
        )
        if answer.status == 204:
            return ()
        return read_parcels(read_envelope(answer))
