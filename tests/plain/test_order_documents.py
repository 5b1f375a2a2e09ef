"""Orders in the form of Amazon's API, and what is made of bad ones."""

from copy import deepcopy
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from amazon.order_documents import BY_AMAZON, NOTHING_LEFT, read_page
from amazon.own_shipping import is_confirmed_by_amazon
from amazon.report_orders import Problem
from hypothesis import given
from hypothesis import strategies as st

ORDER_REF = "402-0000001-0000001"
DOCUMENT = {
    "orderId": ORDER_REF,
    "createdTime": "2026-11-16T08:34:47Z",
    "lastUpdatedTime": "2026-11-16T08:34:47.123Z",
    "programs": ["PRIME", "AMAZON_BUSINESS", "FBM_SHIP_PLUS"],
    "salesChannel": {
        "channelName": "AMAZON",
        "marketplaceId": "A1805IZSGTT6HS",
        "marketplaceName": "Amazon.nl",
    },
    "buyer": {
        "buyerName": "Buyer Example",
        "buyerEmail": "a1b2@marketplace.amazon.nl",
        "buyerCompanyName": "Example B.V.",
        "buyerPurchaseOrderNumber": "PO 12",
    },
    "recipient": {
        "deliveryAddress": {
            "name": "Recipient Example",
            "addressLine1": "Voorbeeldstraat 12 a",
            "city": "Utrecht",
            "stateOrRegion": "Utrecht",
            "postalCode": "3500 AA",
            "countryCode": "NL",
            "phone": "+31600000001",
            "addressType": "COMMERCIAL",
        },
        "deliveryPreference": {
            "dropOffLocation": "FRONTDESK",
            "addressInstruction": "Ring twice",
        },
    },
    "fulfillment": {
        "fulfillmentStatus": "PARTIALLY_SHIPPED",
        "fulfilledBy": "MERCHANT",
        "fulfillmentServiceLevel": "SECOND_DAY",
        "shipByWindow": {"latestDateTime": "2026-11-19T22:59:59Z"},
        "deliverByWindow": {"latestDateTime": "2026-11-21T22:59:59Z"},
    },
    "orderItems": [
        {
            "orderItemId": "00000000000017",
            "quantityOrdered": 3,
            "programs": ["TRANSPARENCY"],
            "product": {
                "title": "Blue mug",
                "sellerSku": "MUG-BLUE",
                "price": {"unitPrice": {"amount": "12.50", "currencyCode": "EUR"}},
            },
            "fulfillment": {
                "quantityFulfilled": 1,
                "quantityUnfulfilled": 2,
                "shipping": {"internationalShipping": {"iossNumber": "IM1234567890"}},
            },
            "cancellation": {
                "cancellationRequest": {
                    "requester": "BUYER",
                    "cancelReason": "Bought by mistake",
                }
            },
        },
        {
            "orderItemId": "60000000000022",
            "quantityOrdered": 1,
            "product": {"title": "Plate", "sellerSku": "PLATE"},
            "fulfillment": {"quantityFulfilled": 1, "quantityUnfulfilled": 0},
        },
    ],
}


def changed(path, value):
    """The document with another value at a path; None takes it out."""
    document = deepcopy(DOCUMENT)
    *parents, key = path
    place = document
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[key]
    else:
        place[key] = value
    return document


def read_one(document):
    page = read_page([document])
    assert not page.problems and not page.closed
    (order,) = page.orders
    return order


def address_of(**parts):
    return read_one(changed(("recipient", "deliveryAddress"), parts)).recipient


def utc(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


def test_every_field_of_the_order_is_read():
    order = read_one(DOCUMENT)
    assert order.order_ref == ORDER_REF
    assert order.purchase_date == utc(2026, 11, 16, 8, 34, 47)
    assert order.ship_by == utc(2026, 11, 19, 22, 59, 59)
    assert order.deliver_by == utc(2026, 11, 21, 22, 59, 59)
    assert (order.sales_channel, order.marketplace_ref) == (
        "Amazon.nl",
        "A1805IZSGTT6HS",
    )
    assert (order.buyer_name, order.buyer_email) == (
        "Buyer Example",
        "a1b2@marketplace.amazon.nl",
    )
    assert (order.buyer_phone, order.po_number) == ("+31600000001", "PO 12")
    assert order.is_prime and order.is_business
    assert order.cancel_requested
    assert order.cancel_reason == "Bought by mistake"
    assert dict(order.details) == {
        "amazon-programs": "PRIME,AMAZON_BUSINESS,FBM_SHIP_PLUS",
        "drop-off-location": "FRONTDESK",
        "delivery-instructions": "Ring twice",
        "address-type": "COMMERCIAL",
        "buyer-company-name": "Example B.V.",
    }
    assert is_confirmed_by_amazon(order)


def test_what_is_left_of_each_item_is_read_and_a_shipped_one_only_noted():
    order = read_one(DOCUMENT)
    (item,) = order.items
    assert (item.item_ref, item.sku, item.title) == (
        "00000000000017",
        "MUG-BLUE",
        "Blue mug",
    )
    assert (item.quantity_ordered, item.quantity_shipped, item.quantity_to_ship) == (
        3,
        1,
        2,
    )
    assert dict(item.details) == {
        "is-transparency": True,
        "item-price": Decimal("37.50"),
        "currency": "EUR",
        "ioss-number": "IM1234567890",
    }
    assert (item.unit_price, item.currency) == (Decimal("12.50"), "EUR")
    assert order.has_shipped_items


ITEM = ("orderItems", 0)


def test_what_the_seller_receives_for_an_item_is_its_price_without_a_unit_price():
    document = changed((*ITEM, "product", "price"), None)
    amounts = {"SHIPPING": "4.00", "ITEM": "25.00", "TAX": "2.00", "DISCOUNT": "3.00"}
    document["orderItems"][0]["proceeds"] = {
        "proceedsTotal": {"amount": "28.00", "currencyCode": "GBP"},
        "breakdowns": [
            {"type": kind, "subtotal": {"amount": amount, "currencyCode": "GBP"}}
            for kind, amount in amounts.items()
        ],
    }
    (item,) = read_one(document).items
    assert dict(item.details)["item-price"] == Decimal("25.00")
    assert (item.unit_price, item.currency) == (Decimal("25.00") / 3, "GBP")


@pytest.mark.parametrize("price", [None, {}, {"unitPrice": {"amount": "about five"}}])
def test_an_item_without_a_readable_price_is_read_without_it(price):
    (item,) = read_one(changed((*ITEM, "product", "price"), price)).items
    assert (item.unit_price, item.currency) == (None, "")


def test_an_item_of_which_amazon_counts_nothing_shipped_is_read():
    path = (*ITEM, "fulfillment", "quantityFulfilled")
    (item,) = read_one(changed(path, None)).items
    assert (item.quantity_shipped, item.quantity_to_ship) == (0, 2)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("STANDARD", "Standard"),
        ("SECOND_DAY", "SecondDay"),
        ("FREE_ECONOMY", "FreeEconomy"),
        ("", ""),
    ],
)
def test_a_service_level_is_spelled_as_in_the_report(written, read):
    document = changed(("fulfillment", "fulfillmentServiceLevel"), written)
    assert read_one(document).service_level == read


def test_a_shipped_item_asks_for_no_cancellation():
    document = deepcopy(DOCUMENT)
    request = document["orderItems"][0].pop("cancellation")
    document["orderItems"][1]["cancellation"] = request
    assert not read_one(document).cancel_requested


# === ADDRESSES === #


def test_an_address_is_read_line_by_line():
    address = read_one(DOCUMENT).recipient
    assert (address.name, address.line1, address.line2, address.line3) == (
        "Recipient Example",
        "Voorbeeldstraat 12 a",
        "",
        "",
    )
    assert (address.city, address.region) == ("Utrecht", "Utrecht")
    assert (address.postal_code, address.country_code) == ("3500 AA", "NL")
    assert not address.is_missing


def test_the_united_kingdom_is_gb():
    assert address_of(addressLine1="High Street 1", countryCode="UK").country_code == (
        "GB"
    )


def test_a_company_is_a_line_of_its_own_or_the_name():
    named = address_of(name="Jo", companyName="Firm", addressLine1="Street 1")
    assert (named.name, named.line1, named.line2) == ("Jo", "Firm", "Street 1")
    unnamed = address_of(companyName="Firm", addressLine1="Street 1")
    assert (unnamed.name, unnamed.line1) == ("Firm", "Street 1")
    repeated = address_of(name="Jo", companyName="Firm", addressLine1="Firm")
    assert (repeated.line1, repeated.line2) == ("Firm", "")


@given(
    st.fixed_dictionaries(
        {},
        optional={
            key: st.from_regex(r"[a-zé]{3,8}( [0-9]{1,3})?", fullmatch=True)
            for key in (
                *("name", "companyName", "addressLine1", "addressLine2"),
                *("addressLine3", "city", "districtOrCounty", "stateOrRegion"),
                *("municipality", "postalCode"),
            )
        },
    )
)
def test_no_token_of_an_address_is_lost(parts):
    address = address_of(**parts)
    shown = " ".join(
        (
            *(address.name, address.line1, address.line2, address.line3),
            *(address.city, address.region, address.postal_code),
        )
    )
    for text in parts.values():
        assert set(text.split()) <= set(shown.replace(",", " ").split())


def test_an_address_that_amazon_withholds_is_missing():
    order = read_one(changed(("recipient",), None))
    assert order.recipient.is_missing
    assert order.buyer_phone == ""


def test_a_country_alone_is_no_address():
    assert address_of(countryCode="NL", city="Utrecht").is_missing


# === ORDERS THAT ARE NOT TO BE SHIPPED === #


@pytest.mark.parametrize("status", ["SHIPPED", "CANCELLED", "PENDING", "UNFULFILLABLE"])
def test_an_order_that_is_not_open_is_told_by_its_status(status):
    page = read_page([changed(("fulfillment", "fulfillmentStatus"), status)])
    assert page.closed == {ORDER_REF: status}
    assert not page.orders and not page.problems


def test_an_order_that_amazon_ships_is_not_ours():
    page = read_page([changed(("fulfillment", "fulfilledBy"), "AMAZON")])
    assert page.closed == {ORDER_REF: BY_AMAZON}


def test_an_open_order_with_nothing_left_is_not_shipped_again():
    document = deepcopy(DOCUMENT)
    document["orderItems"] = document["orderItems"][1:]
    page = read_page([document])
    assert page.closed == {ORDER_REF: NOTHING_LEFT}


# === WHAT CANNOT BE READ === #


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("fulfillment",), None, "missing fulfillmentStatus"),
        (("orderItems",), None, "missing orderItems"),
        (("orderItems",), [], "missing orderItems"),
        (("orderItems", 0), "text", "missing orderItemId"),
        (("orderItems", 0, "orderItemId"), None, "missing orderItemId"),
        (("orderItems", 0, "product", "sellerSku"), None, "missing sellerSku"),
        (("orderItems", 0, "quantityOrdered"), None, "missing quantityOrdered"),
        (
            ("orderItems", 0, "fulfillment", "quantityUnfulfilled"),
            None,
            "missing quantityUnfulfilled",
        ),
        (("orderItems", 0, "quantityOrdered"), "3", "unreadable quantityOrdered"),
        (("orderItems", 0, "quantityOrdered"), -1, "unreadable quantityOrdered"),
        (("orderItems", 0, "quantityOrdered"), True, "unreadable quantityOrdered"),
        (("orderItems", 0, "quantityOrdered"), 10**7, "unreadable quantityOrdered"),
        (
            ("recipient", "deliveryAddress", "countryCode"),
            "Netherlands",
            "unreadable countryCode",
        ),
    ],
)
def test_a_bad_order_is_named_and_stops_no_others(path, value, code):
    good = changed(("orderId",), "402-0000002-0000002")
    page = read_page([changed(path, value), good])
    assert [order.order_ref for order in page.orders] == ["402-0000002-0000002"]
    (problem,) = page.problems
    assert (problem.order_ref, problem.order_kept) == (ORDER_REF, False)
    assert f"{problem.code} {problem.column}" == code


def test_an_order_without_an_id_is_a_problem_of_no_order():
    assert read_page([changed(("orderId",), None)]).problems == (
        Problem("missing", 0, "", "orderId"),
    )


def test_an_unreadable_moment_costs_only_itself():
    page = read_page([changed(("createdTime",), "yesterday")])
    (order,) = page.orders
    assert order.purchase_date is None
    assert page.problems == (
        Problem("unreadable", 0, ORDER_REF, "createdTime", "yesterday", True),
    )


def test_text_holds_nothing_that_a_database_refuses():
    document = changed(("buyer", "buyerName"), "A\x00b\ud800c\nd")
    assert read_one(document).buyer_name == "A b c d"


def test_an_order_that_comes_twice_counts_as_it_came_last():
    again = changed(("buyer", "buyerName"), "Other Name")
    page = read_page([DOCUMENT, again])
    assert [order.buyer_name for order in page.orders] == ["Other Name"]


def test_nothing_of_the_buyer_stands_in_a_repr():
    shown = repr(read_page([DOCUMENT]))
    for secret in ("Recipient Example", "Voorbeeldstraat", "a1b2", "mistake", "PO 12"):
        assert secret not in shown


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=5,
)
_PATHS = [
    *((key,) for key in DOCUMENT),
    *(("fulfillment", key) for key in DOCUMENT["fulfillment"]),
    *(("recipient", key) for key in DOCUMENT["recipient"]),
    *(("orderItems", 0, key) for key in DOCUMENT["orderItems"][0]),
    ("orderItems", 0, "product", "price"),
]


@given(path=st.sampled_from(_PATHS), value=_JSON)
def test_any_other_value_gives_an_order_a_status_or_a_problem(path, value):
    page = read_page([changed(path, value) if value is not None else DOCUMENT])
    assert len(page.orders) + len(page.closed) + len(page.problems) >= 1


@given(_JSON)
def test_anything_in_place_of_an_order_is_a_problem(document):
    page = read_page([document], until=document, next_token=document)
    assert not page.orders
    assert page.problems or page.closed
