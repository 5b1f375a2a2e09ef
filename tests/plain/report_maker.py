"""Writes order reports as Amazon writes them, with invented buyers."""

STANDARD = (
    "order-id",
    "order-item-id",
    "purchase-date",
    "payments-date",
    "reporting-date",
    "promise-date",
    "days-past-promise",
    "buyer-email",
    "buyer-name",
    "buyer-phone-number",
    "sku",
    "product-name",
    "quantity-purchased",
    "quantity-shipped",
    "quantity-to-ship",
    "ship-service-level",
    "recipient-name",
    "ship-address-1",
    "ship-address-2",
    "ship-address-3",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
    "is-business-order",
    "purchase-order-number",
    "price-designation",
    "is-prime",
)
CORE = (
    "order-id",
    "order-item-id",
    "sku",
    "quantity-to-ship",
    "recipient-name",
    "ship-address-1",
    "ship-city",
    "ship-postal-code",
    "ship-country",
)
VALUES = {
    "order-id": "402-0000001-0000001",
    "order-item-id": "00000000000017",
    "purchase-date": "2026-11-16T08:34:47+00:00",
    "payments-date": "2026-11-16T08:35:00+00:00",
    "reporting-date": "2026-11-16T09:05:12+00:00",
    "promise-date": "2026-11-19T22:59:59+00:00",
    "days-past-promise": "-3",
    "buyer-email": "a1b2c3d4@marketplace.amazon.nl",
    "buyer-name": "Testklant Een",
    "buyer-phone-number": "+31600000001",
    "sku": "SKU-1",
    "product-name": "Voorbeeldproduct blauw",
    "quantity-purchased": "3",
    "quantity-shipped": "1",
    "quantity-to-ship": "2",
    "ship-service-level": "Standard",
    "recipient-name": "Testklant Één",
    "ship-address-1": "Voorbeeldstraat 12 a",
    "ship-address-2": "",
    "ship-address-3": "",
    "ship-city": "Utrecht",
    "ship-state": "",
    "ship-postal-code": "3500 AA",
    "ship-country": "NL",
    "is-business-order": "false",
    "purchase-order-number": "",
    "price-designation": "",
    "is-prime": "false",
}


def row(**changes):
    """The cells of one row by column; ``ship_city="x"`` changes "ship-city"."""
    return VALUES | {name.replace("_", "-"): text for name, text in changes.items()}


def order(number, **changes):
    """A row of an order of its own."""
    own = {"order_id": f"402-{number:07d}-0000001", "order_item_id": f"{number:014d}"}
    return row(**own | changes)


def text_of(*rows, columns=STANDARD, end="\r\n"):
    lines = [columns, *([cells.get(name, "") for name in columns] for cells in rows)]
    return "".join("\t".join(line) + end for line in lines)


def report(*rows, columns=STANDARD, end="\r\n", encoding="utf-8"):
    """The bytes of a report; columns that a row does not name are blank."""
    return text_of(*rows, columns=columns, end=end).encode(encoding)
