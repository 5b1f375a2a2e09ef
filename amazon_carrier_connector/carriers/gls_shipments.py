"""What GLS is asked and what it answers, in our shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from .shipments import Recipient


@dataclass(frozen=True, slots=True)
class GlsUnit:
    """One parcel of a shipment.

    ``reference`` is ours, and of one attempt only: GLS gives it back with the parcel's
    number, and its tracking may be searched by it.
    """

    reference: str
    weight_grams: int


@dataclass(frozen=True, slots=True)
class GlsNotification:
    """The mail by which the recipient follows, and moves, the delivery (FlexDelivery).

    It is sent to the recipient's own address, and not at all where there is none.
    """

    sender_name: str
    reply_address: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class GlsShipment:
    """One call of Label/Create: one or several parcels to one address.

    ``order_ref`` stands on the label; for Amazon's buyers it must be the order id and
    nothing else, or GLS's mail does not reach them. ``sender`` is where GLS gets the
    parcels, None for the address of the account. The keys of ``options`` are in
    :data:`~.gls_options.OPTIONS`; None is "not given".
    """

    order_ref: str
    units: tuple[GlsUnit, ...]
    recipient: Recipient
    sender: Recipient | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    shipping_date: date | None = None
    notification: GlsNotification | None = None
    label_type: str = "pdfA6U"

    @property
    def reference(self) -> str:
        """That of the first parcel: the only one until the shipment is sent."""
        return self.units[0].reference


@dataclass(frozen=True, slots=True)
class GlsLabel:
    """One parcel that GLS made, and has a number for.

    ``label`` is empty when what stands in the answer is no whole document: the parcel
    exists all the same, and GLS gives its label only this once. ``label_format`` is
    ``pdf``, ``zpl`` or "".
    """

    reference: str
    unit_no: str
    unique_no: str
    tracking_url: str = field(repr=False)
    label: bytes = field(repr=False)
    label_format: str
    return_unit_no: str = ""
    return_label: bytes = field(default=b"", repr=False)
    return_format: str = ""


@dataclass(frozen=True, slots=True)
class GlsCustomer:
    """A customer number that a login may ship for; ``name`` is "" when not told."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class GlsParcelShop:
    """A shop or locker near an address; ``metres`` is None when not told."""

    parcel_shop_id: str
    name: str
    street: str
    number: str
    postal_code: str
    city: str
    country_code: str
    kind: str
    metres: float | None


@dataclass(frozen=True, slots=True)
class GlsDeliveryOption:
    """A service that GLS offers to a place; ``expected`` is a date as GLS writes it."""

    service: str
    title: str
    expected: str


@dataclass(frozen=True, slots=True)
class GlsPickup:
    """An order to fetch parcels at ``shipment.sender``; ``requester`` is who asks."""

    shipment: GlsShipment
    requester: Recipient
    pickup_date: date


@dataclass(frozen=True, slots=True)
class TrackedParcel:
    """What tracking knows of a parcel.

    ``reference`` is the customer's, as GLS keeps it. ``handed_in`` is the moment GLS
    heard of the parcel, as it writes it. ``state`` may be old for parcels abroad:
    ``events`` are newer, and it ``is_scanned`` once one of them happened to the parcel
    itself. An event "data deleted" is no cancellation.
    """

    unit_no: str
    unique_no: str
    state: str
    reference: str
    handed_in: str
    tracking_url: str = field(repr=False)
    events: tuple[str, ...] = ()
    is_scanned: bool = False
