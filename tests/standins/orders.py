"""The orders a seller has at Amazon: their state, the API's view, the report's view."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from .clock import iso, parse_iso
from .markets import BY_REF, BY_SALES_CHANNEL, NETHERLANDS

RECIPIENT_COLUMNS = {
    "recipient-name": "name",
    "ship-address-1": "addressLine1",
    "ship-address-2": "addressLine2",
    "ship-address-3": "addressLine3",
    "ship-city": "city",
    "ship-state": "stateOrRegion",
    "ship-postal-code": "postalCode",
    "ship-country": "countryCode",
    "buyer-phone-number": "phone",
}
BUYER_COLUMNS = {
    "buyer-name": "buyerName",
    "buyer-email": "buyerEmail",
    "buyer-company-name": "buyerCompanyName",
    "purchase-order-number": "buyerPurchaseOrderNumber",
}
PROGRAM_COLUMNS = {"is-business-order": "AMAZON_BUSINESS", "is-prime": "PRIME"}
REPORT_COLUMNS = (
    "order-id order-item-id purchase-date payments-date reporting-date promise-date"
    " days-past-promise buyer-email buyer-name buyer-phone-number sku product-name"
    " quantity-purchased quantity-shipped quantity-to-ship ship-service-level"
    " recipient-name ship-address-1 ship-address-2 ship-address-3 ship-city ship-state"
    " ship-postal-code ship-country is-business-order purchase-order-number"
    " price-designation is-prime"
).split()
OPEN = ("UNSHIPPED", "PARTIALLY_SHIPPED")


@dataclass
class Item:
    order_item_id: str
    sku: str
    title: str = ""
    quantity: int = 1
    quantity_shipped: int = 0
    unit_price: str = ""
    cancel_requested: bool = False
    cancel_reason: str = ""
    ioss_number: str = ""


@dataclass
class Package:
    """One confirmed parcel; ``version`` counts the edits."""

    reference: str
    carrier_code: str
    carrier_name: str
    shipping_method: str
    tracking_number: str
    ship_date: str
    items: dict[str, int]
    created: datetime
    version: int = 1

    @property
    def carrier(self) -> str:
        return self.carrier_name if self.carrier_code == "Other" else self.carrier_code


@dataclass
class Order:
    """``recipient`` and ``buyer`` use the keys of the 2026-01-01 orders model.

    ``status`` overrides the one that follows from the quantities: PENDING, CANCELLED.
    ``quantity_shipped`` of an item is what was shipped outside this stand-in.
    ``released`` is when it left PENDING, else when it was bought.
    """

    order_id: str
    items: list[Item]
    marketplace_ref: str = NETHERLANDS
    recipient: dict = field(default_factory=dict)
    buyer: dict = field(default_factory=dict)
    purchased: datetime | None = None
    updated: datetime | None = None
    released: datetime | None = None
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    service_level: str = "Standard"
    programs: list[str] = field(default_factory=list)
    status: str = ""
    fulfilled_by: str = "MERCHANT"
    selling_partner_id: str = ""
    packages: dict[str, Package] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: dict) -> Order:
        """Keys as the dataclasses name them, moments in ISO 8601.

        Raises TypeError or ValueError for unknown keys and unreadable moments.
        """
        values = dict(data, items=[Item(**item) for item in data.get("items", [])])
        for name in ("purchased", "updated", "released", "ship_by", "deliver_by"):
            if isinstance(values.get(name), str):
                values[name] = parse_iso(values[name])
        return cls(**values)

    def item(self, order_item_id: str) -> Item | None:
        return next((i for i in self.items if i.order_item_id == order_item_id), None)

    def shipped(self, item: Item, without: str = "") -> int:
        """Units shipped; ``without`` leaves one package out of the sum."""
        return item.quantity_shipped + sum(
            package.items.get(item.order_item_id, 0)
            for reference, package in self.packages.items()
            if reference != without
        )

    def remaining(self, item: Item, without: str = "") -> int:
        return item.quantity - self.shipped(item, without)

    @property
    def fulfillment_status(self) -> str:
        if self.status:
            return self.status
        if not any(self.remaining(item) for item in self.items):
            return "SHIPPED"
        touched = any(self.shipped(item) for item in self.items)
        return "PARTIALLY_SHIPPED" if touched else "UNSHIPPED"

    def describe(self) -> dict:
        """Everything about it as plain data, for a test in another process."""
        return asdict(self) | {"fulfillment_status": self.fulfillment_status}


class Orders(dict):
    """Orders by order id."""

    def __init__(self, clock):
        super().__init__()
        self._clock = clock

    def add(self, order: Order) -> Order:
        now = self._clock.now()
        order.purchased = order.purchased or now - timedelta(hours=1)
        order.updated = order.updated or order.purchased
        order.ship_by = order.ship_by or now + timedelta(days=2)
        order.deliver_by = order.deliver_by or order.ship_by + timedelta(days=3)
        self[order.order_id] = order
        return order

    def load_report(self, data: bytes, marketplace_ref=NETHERLANDS) -> list[Order]:
        """Adds the orders of an Unshipped orders report.

        The marketplace is the one of ``sales-channel`` where that column is filled.
        """
        orders: dict[str, list[dict]] = {}
        for row in read_rows(data):
            orders.setdefault(row["order-id"], []).append(row)
        return [self.add(_order(rows, marketplace_ref)) for rows in orders.values()]


def read_rows(data: bytes) -> list[dict]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    lines = re.split(r"\r\n|\r|\n", text)
    rows = [line.split("\t") for line in lines if line.strip()]
    header = [name.strip().lower() for name in rows[0]] if rows else []
    return [dict(zip(header, row, strict=False)) for row in rows[1:]]


def _order(rows: list[dict], marketplace_ref: str) -> Order:
    row = rows[0]
    market = BY_SALES_CHANNEL.get(row.get("sales-channel", "").lower())
    return Order(
        order_id=row["order-id"],
        items=[_item(row) for row in rows],
        marketplace_ref=market.marketplace_ref if market else marketplace_ref,
        recipient=_picked(row, RECIPIENT_COLUMNS),
        buyer=_picked(row, BUYER_COLUMNS),
        purchased=parse_iso(row["purchase-date"]),
        ship_by=parse_iso(row["promise-date"]),
        service_level=row.get("ship-service-level", "Standard"),
        programs=[p for c, p in PROGRAM_COLUMNS.items() if row.get(c) == "true"],
    )


def _item(row: dict) -> Item:
    requested = row.get("is-buyer-requested-cancellation", "").lower() == "true"
    return Item(
        order_item_id=row["order-item-id"],
        sku=row["sku"],
        title=row["product-name"],
        quantity=int(row["quantity-shipped"] or 0) + int(row["quantity-to-ship"]),
        quantity_shipped=int(row["quantity-shipped"] or 0),
        cancel_requested=requested,
        cancel_reason=row.get("buyer-requested-cancel-reason", ""),
        ioss_number=row.get("ioss-number", ""),
    )


def _picked(row: dict, columns: dict) -> dict:
    return {key: row[column] for column, key in columns.items() if row.get(column)}


# The view of the 2026-01-01 API


def order_document(order: Order, included: set[str]) -> dict:
    """The order as ``getOrder`` gives it, with the data sets that were asked for."""
    market = BY_REF[order.marketplace_ref]
    document = {
        "orderId": order.order_id,
        "createdTime": iso(order.purchased),
        "lastUpdatedTime": iso(order.updated),
        "programs": list(order.programs),
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": market.marketplace_ref,
            "marketplaceName": market.sales_channel,
        },
        "orderItems": [_item_document(order, item, included) for item in order.items],
    }
    for name, (key, build) in ORDER_SETS.items():
        if name in included and (value := build(order)):
            document[key] = value
    return document


def _item_document(order: Order, item: Item, included: set[str]) -> dict:
    document = {
        "orderItemId": item.order_item_id,
        "quantityOrdered": item.quantity,
        "product": {"title": item.title, "sellerSku": item.sku},
    }
    if item.unit_price and "PROCEEDS" in included:
        document["product"]["price"] = {"unitPrice": _money(order, item.unit_price)}
        total = f"{float(item.unit_price) * item.quantity:.2f}"
        document["proceeds"] = {
            "proceedsTotal": _money(order, total),
            "breakdowns": [{"type": "ITEM", "subtotal": _money(order, total)}],
        }
    if "FULFILLMENT" in included:
        document["fulfillment"] = _item_fulfillment(order, item)
    if item.cancel_requested and "CANCELLATION" in included:
        request = {"requester": "BUYER", "cancelReason": item.cancel_reason}
        document["cancellation"] = {"cancellationRequest": request}
    return document


def _item_fulfillment(order: Order, item: Item) -> dict:
    fulfillment = {
        "quantityFulfilled": order.shipped(item),
        "quantityUnfulfilled": order.remaining(item),
    }
    if item.ioss_number:
        international = {"iossNumber": item.ioss_number}
        fulfillment["shipping"] = {"internationalShipping": international}
    return fulfillment


def _money(order: Order, amount: str) -> dict:
    currency = BY_REF[order.marketplace_ref].currency
    return {"amount": amount, "currencyCode": currency}


def _fulfillment(order: Order) -> dict:
    return {
        "fulfillmentStatus": order.fulfillment_status,
        "fulfilledBy": order.fulfilled_by,
        "fulfillmentServiceLevel": _upper_words(order.service_level),
        "shipByWindow": {
            "earliestDateTime": iso(order.purchased),
            "latestDateTime": iso(order.ship_by),
        },
        "deliverByWindow": {
            "earliestDateTime": iso(order.ship_by),
            "latestDateTime": iso(order.deliver_by),
        },
    }


def _upper_words(name: str) -> str:
    """The report's NextDay is the API's NEXT_DAY."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _packages(order: Order) -> list[dict]:
    return [
        {
            "packageReferenceId": package.reference,
            "createdTime": iso(package.created),
            "packageStatus": {"status": "SHIPPED"},
            "carrier": package.carrier,
            "shipTime": iso(parse_iso(package.ship_date)),
            "shippingService": package.shipping_method,
            "trackingNumber": package.tracking_number,
            "packageItems": [
                {"orderItemId": item, "quantity": quantity}
                for item, quantity in package.items.items()
            ],
        }
        for package in order.packages.values()
    ]


def _proceeds(order: Order) -> dict | None:
    total = sum(float(item.unit_price or 0) * item.quantity for item in order.items)
    return {"grandTotal": _money(order, f"{total:.2f}")} if total else None


ORDER_SETS = {
    "BUYER": ("buyer", lambda order: order.buyer),
    "RECIPIENT": (
        "recipient",
        lambda order: order.recipient and {"deliveryAddress": order.recipient},
    ),
    "FULFILLMENT": ("fulfillment", _fulfillment),
    "PROCEEDS": ("proceeds", _proceeds),
    "PACKAGES": ("packages", _packages),
}


# The view of the Unshipped orders report


def report_text(orders: list[Order], sales_channel: bool, now: datetime) -> str:
    """Header and a line per item that still has units to ship; CRLF, tab separated."""
    columns = REPORT_COLUMNS + ["sales-channel"] * sales_channel
    lines = [columns]
    for order in orders:
        for item in order.items:
            if order.remaining(item):
                row = _report_row(order, item, now)
                lines.append([row.get(column, "") for column in columns])
    return "".join("\t".join(line) + "\r\n" for line in lines)


def _report_row(order: Order, item: Item, now: datetime) -> dict:
    address = {c: order.recipient.get(k, "") for c, k in RECIPIENT_COLUMNS.items()}
    buyer = {c: order.buyer.get(k, "") for c, k in BUYER_COLUMNS.items()}
    programs = {
        column: str(program in order.programs).lower()
        for column, program in PROGRAM_COLUMNS.items()
    }
    return {
        **address,
        **buyer,
        **programs,
        "order-id": order.order_id,
        "order-item-id": item.order_item_id,
        "purchase-date": _offset(order.purchased),
        "payments-date": _offset(order.purchased),
        "reporting-date": _offset(now),
        "promise-date": _offset(order.ship_by),
        "days-past-promise": str((now - order.ship_by).days),
        "sku": item.sku,
        "product-name": item.title,
        "quantity-purchased": str(item.quantity),
        "quantity-shipped": str(order.shipped(item)),
        "quantity-to-ship": str(order.remaining(item)),
        "ship-service-level": order.service_level,
        "sales-channel": BY_REF[order.marketplace_ref].sales_channel,
    }


def _offset(moment: datetime) -> str:
    return iso(moment).replace("Z", "+00:00")
