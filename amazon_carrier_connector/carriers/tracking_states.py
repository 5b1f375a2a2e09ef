"""Where parcels are: the words of the carriers, ours, and how often to ask.

Carriers add words without notice. One that is not listed here tells nothing: "".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from .errors import Refused
from .gls_shipments import TrackedParcel
from .gls_tracking import MAX_PARCELS, GlsTracking
from .myparcel import MAX_SHIPMENTS, MyParcel

REGISTERED, IN_TRANSIT, AT_PICKUP = "registered", "in_transit", "at_pickup"
DELIVERED, PROBLEM, RETURNED = "delivered", "problem", "returned"
# Nothing comes after these.
END_STATES = (DELIVERED, RETURNED)

# MyParcel's numbers (reference, section 3.2); 30-38 are 1-9 of which nothing was heard
# for long. What was credited, expired, cancelled or deleted moves nowhere.
MYPARCEL_STATES: Mapping[int, str] = {
    **dict.fromkeys((2, 12, 14, 15, 18, 31), REGISTERED),
    **dict.fromkeys((3, 4, 5, 6), IN_TRANSIT),
    8: AT_PICKUP,
    **dict.fromkeys((7, 9, 19, 36, 38), DELIVERED),
    **dict.fromkeys((10, 11), RETURNED),
    **dict.fromkeys((13, 16, 17, 32, 33, 34, 35, 37, 98, 99, 101), PROBLEM),
}
# Words of Track & Trace V1 (reference, section 5.1).
GLS_STATES: Mapping[str, str] = {
    "Announced": REGISTERED,
    "InRegion": IN_TRANSIT,
    "OutForDelivery": IN_TRANSIT,
    "Delivered": DELIVERED,
    "NotDelivered": PROBLEM,
}

# Up to this age of a label, how long until it is asked for again; then never.
PACE = (
    (timedelta(days=2), timedelta(hours=2)),
    (timedelta(days=10), timedelta(hours=6)),
    (timedelta(days=45), timedelta(days=1)),
)
GIVEN_UP_AFTER = PACE[-1][0]


@dataclass(frozen=True, slots=True)
class Tracking:
    """An account that can be asked where parcels are.

    ``key`` is the field of a parcel that the account knows it by. ``read`` takes at
    most ``chunk_size`` keys and returns the states of those that it knows; it raises
    ``CarrierError``. ``calls`` bounds what is asked in one go.
    """

    key: str
    chunk_size: int
    calls: int
    read: Callable[[Sequence[str]], Mapping[str, str]]


def wait_after(age: timedelta) -> timedelta:
    """How long a parcel that was labelled so long ago need not be asked for again."""
    return next((wait for limit, wait in PACE if age <= limit), PACE[-1][1])


def track_myparcel(client: MyParcel) -> Tracking:
    """MyParcel allows 1,000 of these calls in five minutes, labels among them."""

    def read(remote_refs: Sequence[str]) -> dict[str, str]:
        return {
            shipment.remote_ref: MYPARCEL_STATES.get(shipment.status, "")
            for shipment in client.read_shipments(remote_refs)
        }

    return Tracking("remote_ref", MAX_SHIPMENTS, 50, read)


def track_gls(client: GlsTracking) -> Tracking:
    """GLS publishes no rate, and answers 429 where there is one."""

    def read(unit_nos: Sequence[str]) -> dict[str, str]:
        return {
            parcel.unit_no: gls_state(parcel)
            for parcel in client.track_parcels(unit_nos)
        }

    return Tracking("tracking_number", MAX_PARCELS, 20, read)


def gls_state(parcel: TrackedParcel) -> str:
    """The state can be old for parcels abroad: then their scans know better."""
    state = GLS_STATES.get(parcel.state, "")
    return IN_TRANSIT if state == REGISTERED and parcel.is_scanned else state


def read_patiently(tracking: Tracking, keys: Sequence[str]) -> Mapping[str, str]:
    """As ``tracking.read``; a key that spoils its call does not keep the others."""
    try:
        return tracking.read(keys)
    except Refused:
        if len(keys) == 1:
            return {}
    middle = len(keys) // 2
    return {
        **read_patiently(tracking, keys[:middle]),
        **read_patiently(tracking, keys[middle:]),
    }
