"""Webhooks of MyParcel: it calls an address when a shipment's status changes.

The call is not signed and goes to the address in lower case. Nothing in it is believed:
it only says which shipments are worth reading.
"""

from __future__ import annotations

import json

from .errors import Unavailable
from .texts import text_of, value_at
from .transport import check_url

STATUS_CHANGE = "shipment_status_change"
# MyParcel sends one; more than these in one call are somebody else's.
MAX_SHIPMENTS = 100


def is_hook_url(url: str) -> bool:
    """Whether MyParcel can call it: https, except this machine, and lower case."""
    try:
        return check_url(url) == url and url == url.lower()
    except Unavailable:
        return False


def read_hook(body: str) -> tuple[str, ...]:
    """The ids of the shipments that a call names; empty for anything else."""
    try:
        entries = value_at(json.loads(body), "data", "hooks")
    except (ValueError, RecursionError):
        return ()
    if not isinstance(entries, list):
        return ()
    named = (text_of(value_at(e, "shipment_id")) for e in entries[:MAX_SHIPMENTS])
    return tuple(
        dict.fromkeys(
            ref for ref in named if ref.isascii() and ref.isdigit() and len(ref) < 20
        )
    )
