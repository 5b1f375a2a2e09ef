"""Orders as searchOrders and getOrder (2026-01-01) give them, in the addon's form.

An order that cannot be read is a problem and stops no others. Unknown keys are ignored.
Source: models/orders-api-model/orders_2026-01-01.json.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .orders import Details, Order, OrderItem, PostalAddress
from .report_columns import read_amount, read_moment
from .report_orders import Problem

OPEN = ("UNSHIPPED", "PARTIALLY_SHIPPED")
# Ours: Amazon's own status says open, but every item is shipped or cancelled.
NOTHING_LEFT = "NOTHING_LEFT"
# Ours: Amazon ships it itself.
BY_AMAZON = "BY_AMAZON"

_MOST_PIECES = 999_999
_PROGRAM_DETAILS = {
    "PREMIUM": "is-premium-order",
    "IN_STORE_PICK_UP": "is-ispu-order",
}


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One answer. ``next_token`` is "" on the last page.

    ``closed`` are orders that are not to be shipped, by order id: Amazon's status, or
    one of NOTHING_LEFT and BY_AMAZON. ``until``: all that changed before that moment
    is in this search; aware, None when Amazon does not say.
    """

    orders: tuple[Order, ...]
    closed: Mapping[str, str]
    problems: tuple[Problem, ...]
    next_token: str = field(default="", repr=False)
    until: datetime | None = None


@dataclass(slots=True)
class _Bad(Exception):
    """The order cannot be used, because of this field."""

    code: str
    column: str


def read_page(
    documents: list, until: object = None, next_token: object = None
) -> OrderPage:
    """The page of these orders; each id once, as it stands last."""
    orders, closed, problems = {}, {}, []
    for document in documents:
        order_ref = _text(document, "orderId")
        try:
            if not order_ref:
                raise _Bad("missing", "orderId")
            status = _closed_status(document)
            if status:
                closed[order_ref] = status
                continue
            order, notes = _read_order(order_ref, document)
        except _Bad as bad:
            problems.append(Problem(bad.code, 0, order_ref, bad.column))
            continue
        problems += notes
        if order.items:
            orders[order_ref] = order
        else:
            closed[order_ref] = NOTHING_LEFT
    return OrderPage(
        tuple(orders.values()),
        closed,
        tuple(problems),
        next_token if isinstance(next_token, str) else "",
        read_moment(until) if isinstance(until, str) else None,
    )


def _closed_status(document) -> str:
    """Why the order is not to be shipped, "" if it is."""
    if _text(document, "fulfillment", "fulfilledBy") == "AMAZON":
        return BY_AMAZON
    status = _text(document, "fulfillment", "fulfillmentStatus")
    if not status:
        raise _Bad("missing", "fulfillmentStatus")
    return "" if status in OPEN else status


def _read_order(order_ref: str, document: Mapping) -> tuple[Order, list[Problem]]:
    notes = []

    def moment(*path):
        written = _text(document, *path)
        value = read_moment(written)
        if written and value is None:
            column = path[-1]
            notes.append(
                Problem("unreadable", 0, order_ref, column, written[:80], True)
            )
        return value

    listed = _list(document, "orderItems")
    if not listed:
        raise _Bad("missing", "orderItems")
    found = [(_read_item(item), item) for item in listed]
    open_items = [(item, source) for item, source in found if item.quantity_to_ship]
    reasons = list(_cancel_reasons(source for __, source in open_items))
    programs = [one for one in _list(document, "programs") if isinstance(one, str)]
    order = Order(
        order_ref=order_ref,
        items=tuple(item for item, __ in open_items),
        recipient=_read_address(_at(document, "recipient", "deliveryAddress")),
        purchase_date=moment("createdTime"),
        ship_by=moment("fulfillment", "shipByWindow", "latestDateTime"),
        deliver_by=moment("fulfillment", "deliverByWindow", "latestDateTime"),
        service_level=_service_level(
            _text(document, "fulfillment", "fulfillmentServiceLevel")
        ),
        sales_channel=_text(document, "salesChannel", "marketplaceName"),
        marketplace_ref=_text(document, "salesChannel", "marketplaceId"),
        buyer_name=_text(document, "buyer", "buyerName"),
        buyer_email=_text(document, "buyer", "buyerEmail"),
        buyer_phone=_text(document, "recipient", "deliveryAddress", "phone"),
        po_number=_text(document, "buyer", "buyerPurchaseOrderNumber"),
        is_prime="PRIME" in programs,
        is_business="AMAZON_BUSINESS" in programs,
        cancel_requested=bool(reasons),
        cancel_reason=next(filter(None, reasons), ""),
        details=tuple(_order_details(document, programs)),
        has_shipped_items=any(
            item.quantity_shipped for item, __ in found if not item.quantity_to_ship
        ),
    )
    return order, notes


def _read_item(source: object) -> OrderItem:
    item_ref = _text(source, "orderItemId")
    sku = _text(source, "product", "sellerSku")
    if not item_ref or not sku:
        raise _Bad("missing", "sellerSku" if item_ref else "orderItemId")
    return OrderItem(
        item_ref=item_ref,
        sku=sku,
        title=_text(source, "product", "title"),
        quantity_ordered=_quantity(source, "quantityOrdered"),
        # Amazon need not write that it is none.
        quantity_shipped=_quantity(
            source, "fulfillment", "quantityFulfilled", default=0
        ),
        quantity_to_ship=_quantity(source, "fulfillment", "quantityUnfulfilled"),
        price_designation=_text(source, "product", "price", "priceDesignation"),
        details=tuple(_item_details(source)),
    )


def _quantity(source, *path, default: int | None = None) -> int:
    value = _at(source, *path)
    if value is None:
        value = default
    if value is None:
        raise _Bad("missing", path[-1])
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 0 <= value <= _MOST_PIECES:
        raise _Bad("unreadable", path[-1])
    return value


def _cancel_reasons(sources) -> Iterator[str]:
    """A reason, or "", for each item that the buyer asks not to be sent."""
    for source in sources:
        request = ("cancellation", "cancellationRequest")
        if _text(source, *request, "requester") == "BUYER":
            yield _text(source, *request, "cancelReason")


# === ADDRESSES === #


def _read_address(source: object) -> PostalAddress:
    """Nothing of it is left out: what the form has no place for becomes a line."""
    name, company = _text(source, "name"), _text(source, "companyName")
    lines = [_text(source, f"addressLine{number}") for number in (1, 2, 3)]
    lines = [line for line in lines if line]
    if company and company not in (name, *lines):
        lines = [company, *lines] if name else lines
    region, *more = _regions(source)
    city = _text(source, "city") or (more.pop() if more else "")
    lines += [text for text in more if text != city]
    line1, line2, *rest = (*lines, "", "")
    return PostalAddress(
        name=name or company,
        line1=line1,
        line2=line2,
        line3=", ".join(filter(None, rest)),
        city=city,
        region=region,
        postal_code=_text(source, "postalCode"),
        country_code=_country_code(_text(source, "countryCode")),
    )


def _regions(source: object) -> list[str]:
    """The parts of a country that the place is in, the largest first; at least ""."""
    keys = ("stateOrRegion", "districtOrCounty", "municipality")
    found = dict.fromkeys(filter(None, (_text(source, key) for key in keys)))
    return [*found] or [""]


def _country_code(written: str) -> str:
    code = written.upper()
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise _Bad("unreadable", "countryCode")
    return "GB" if code == "UK" else code


# === DETAILS: NAMED AS THE REPORT'S COLUMNS === #


def _order_details(document, programs) -> Iterator[tuple[str, str | bool]]:
    if programs:
        yield "amazon-programs", ",".join(programs)
    for program, column in _PROGRAM_DETAILS.items():
        if program in programs:
            yield column, True
    preference = ("recipient", "deliveryPreference")
    for column, path in (
        ("drop-off-location", (*preference, "dropOffLocation")),
        ("delivery-instructions", (*preference, "addressInstruction")),
        ("address-type", ("recipient", "deliveryAddress", "addressType")),
        ("buyer-company-name", ("buyer", "buyerCompanyName")),
    ):
        if text := _text(document, *path):
            yield column, text


def _item_details(source) -> Details:
    if "TRANSPARENCY" in _list(source, "programs"):
        yield "is-transparency", True
    yield from _item_price(source)
    ioss = ("fulfillment", "shipping", "internationalShipping", "iossNumber")
    if number := _text(source, *ioss):
        yield "ioss-number", number


def _item_price(source) -> Details:
    """That of all its pieces, as in the New Orders report.

    The proceeds of type ITEM are the same: without shipping, tax that is added to the
    price, and discounts.
    """
    unit = _at(source, "product", "price", "unitPrice")
    price = read_amount(_text(unit, "amount"))
    if price is not None:
        yield "item-price", price * _quantity(source, "quantityOrdered")
        yield "currency", _text(unit, "currencyCode")
        return
    for part in _list(source, "proceeds", "breakdowns"):
        price = read_amount(_text(part, "subtotal", "amount"))
        if _text(part, "type") == "ITEM" and price is not None:
            yield "item-price", price
            yield "currency", _text(part, "subtotal", "currencyCode")
            return


def _service_level(written: str) -> str:
    """SECOND_DAY is the report's SecondDay."""
    return "".join(word.capitalize() for word in written.split("_"))


# === JSON OF ANY SHAPE === #


def _at(source: object, *path: str) -> object:
    for key in path:
        if not isinstance(source, Mapping):
            return None
        source = source.get(key)
    return source


def _list(source: object, *path: str) -> list:
    value = _at(source, *path)
    return value if isinstance(value, list) else []


def _text(source: object, *path: str) -> str:
    """The text there, on one line and without what a database cannot hold; or ""."""
    value = _at(source, *path)
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value).strip()
