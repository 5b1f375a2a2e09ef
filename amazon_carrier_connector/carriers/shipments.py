"""What every carrier is asked and answers, in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .customs import Declaration


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the parcel. Absent text is ""; only the country shows in a repr.

    Not ``certain``: street and number were told apart by guessing, and nobody has
    looked at it.
    """

    name: str = field(repr=False)
    company: str = field(repr=False)
    street: str = field(repr=False)
    number: str = field(repr=False)
    number_suffix: str = field(repr=False)
    box_number: str = field(repr=False)
    street_additional: str = field(repr=False)
    postal_code: str = field(repr=False)
    city: str = field(repr=False)
    region: str = field(repr=False)
    country_code: str
    phone: str = field(repr=False)
    email: str = field(repr=False)
    certain: bool = True


@dataclass(frozen=True, slots=True)
class ParcelRequest:
    """One parcel to be labelled.

    ``reference`` is ours, stable over attempts, and finds the parcel again after an
    unclear answer. ``carrier_id``, ``package_type`` and the keys of ``options`` are the
    carrier's; flags are booleans, amounts integers in cents, None is "not given".
    ``customs`` is for what leaves the customs or tax area of the EU. ``shipment`` is
    the reference of the first parcel where several make one shipment.
    """

    reference: str
    carrier_id: int
    package_type: int
    recipient: Recipient
    weight_grams: int
    options: Mapping[str, object] = field(default_factory=dict)
    label_description: str = ""
    customs: Declaration | None = None
    shipment: str = ""


def shipment_of(request: object) -> str:
    """The reference of the shipment that a request belongs to; most are one alone."""
    return getattr(request, "shipment", "") or request.reference


@dataclass(frozen=True, slots=True)
class Shipment:
    """What the carrier holds. ``price_cents`` is in euro cents, None when not told.

    ``barcode`` and ``tracking_url`` are "" until the label is registered. ``status`` is
    the carrier's number, as ``package_type`` is; unknown numbers are passed on as they
    are. ``colli`` are the other parcels of the same shipment.
    """

    remote_ref: str
    reference: str
    status: int
    barcode: str
    price_cents: int | None
    tracking_url: str = field(repr=False)
    package_type: int = 0
    colli: tuple[Shipment, ...] = ()
