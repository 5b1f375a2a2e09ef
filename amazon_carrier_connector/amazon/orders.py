"""One Amazon order as the rest of the addon sees it, whatever it was read from."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

Detail = str | bool | int | Decimal | datetime
Details = tuple[tuple[str, Detail], ...]


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """The recipient as Amazon gives it: raw lines, nothing split or corrected.

    Absent parts are "". ``country_code`` is ISO 3166-1 alpha-2 in upper case
    (Amazon's "UK" is "GB" here). Which line holds the street differs per country
    and per buyer.
    """

    name: str = field(default="", repr=False)
    line1: str = field(default="", repr=False)
    line2: str = field(default="", repr=False)
    line3: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    region: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    country_code: str = ""

    @property
    def is_missing(self) -> bool:
        """Amazon gives it only to apps with the role for it."""
        return not (self.line1 or self.line2 or self.line3)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One order item. ``item_ref`` is text: it may begin with zeros.

    Quantities are units. ``quantity_to_ship`` is what is still to be sent.
    ``details`` as in ``Order``.
    """

    item_ref: str
    sku: str
    title: str
    quantity_ordered: int
    quantity_shipped: int
    quantity_to_ship: int
    price_designation: str = ""
    details: Details = field(default=(), repr=False)

    @property
    def unit_price(self) -> Decimal | None:
        """What a piece was sold for, as in the shop: without shipping, before
        discounts. None when Amazon does not say; ``currency`` is ISO 4217.
        """
        price = dict(self.details).get("item-price")
        if price is None or not self.quantity_ordered:
            return None
        return price / self.quantity_ordered

    @property
    def currency(self) -> str:
        return dict(self.details).get("currency", "")


@dataclass(frozen=True, slots=True)
class Order:
    """One order with the items that are still to be shipped (at least one).

    Moments are aware, in UTC, and None when Amazon does not say.
    ``days_past_promise`` is negative while the order is not late. ``rows`` are the
    rows of the file the order was read from (the header is row 1). ``details`` are
    the typed values of the optional columns, as (column, value) pairs in the order of
    ``report_columns``; blank and false ones are left out. Without ``has_remainder``
    the quantities are those that were ordered: a part may be shipped or cancelled.
    ``has_shipped_items``: items are not in ``items`` because they were shipped.
    ``marketplace_ref`` is Amazon's marketplace id, "" when only ``sales_channel`` says
    where it was placed.
    """

    order_ref: str
    items: tuple[OrderItem, ...]
    recipient: PostalAddress
    purchase_date: datetime | None = None
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    service_level: str = ""
    sales_channel: str = ""
    buyer_name: str = field(default="", repr=False)
    buyer_email: str = field(default="", repr=False)
    buyer_phone: str = field(default="", repr=False)
    po_number: str = field(default="", repr=False)
    is_prime: bool = False
    is_business: bool = False
    cancel_requested: bool = False
    cancel_reason: str = field(default="", repr=False)
    rows: tuple[int, ...] = ()
    payments_date: datetime | None = None
    days_past_promise: int | None = None
    details: Details = field(default=(), repr=False)
    has_remainder: bool = True
    has_shipped_items: bool = False
    marketplace_ref: str = ""
