"""What becomes of the rows of an Unshipped orders report."""

import dataclasses
import gc
import tracemalloc
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from amazon.orders import Order, OrderItem, PostalAddress
from amazon.report_columns import (
    ITEM_DETAILS,
    ORDER_DETAILS,
    read_amount,
    read_flag,
    read_moment,
    read_number,
    read_quantity,
    read_text,
)
from amazon.unshipped_report import (
    PROBLEM_CODES,
    REFUSAL_CODES,
    Problem,
    ReportRefused,
    read_unshipped_report,
)

from tests.plain.report_maker import CORE, STANDARD, order, report, row, text_of


def utc(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


def read(*rows, columns=STANDARD, **options):
    return read_unshipped_report(report(*rows, columns=columns), **options)


def only(result):
    """The one order of a report without problems."""
    assert result.problems == ()
    (found,) = result.orders
    return found


def problem(*rows, **options):
    """The one problem of a report, and that no order came of it."""
    result = read(*rows, **options)
    assert result.orders == ()
    (found,) = result.problems
    return found


# One row


def test_every_standard_column_is_read():
    assert only(read(row())) == Order(
        order_ref="402-0000001-0000001",
        items=(
            OrderItem("00000000000017", "SKU-1", "Voorbeeldproduct blauw", 3, 1, 2),
        ),
        recipient=PostalAddress(
            name="Testklant Één",
            line1="Voorbeeldstraat 12 a",
            city="Utrecht",
            postal_code="3500 AA",
            country_code="NL",
        ),
        purchase_date=utc(2026, 11, 16, 8, 34, 47),
        ship_by=utc(2026, 11, 19, 22, 59, 59),
        service_level="Standard",
        buyer_name="Testklant Een",
        buyer_email="a1b2c3d4@marketplace.amazon.nl",
        buyer_phone="+31600000001",
        rows=(2,),
        payments_date=utc(2026, 11, 16, 8, 35),
        days_past_promise=-3,
    )


def test_what_the_report_says_of_itself_is_kept():
    columns = (*STANDARD, "Brand-New-Column")
    result = read(row(), order(2), columns=columns)
    assert result.kind == "unshipped"
    assert result.encoding == "utf-8"
    assert result.row_count == 2
    assert result.columns == (*STANDARD, "brand-new-column")
    assert result.reported_at == utc(2026, 11, 16, 9, 5, 12)


def test_the_newest_reporting_date_is_the_reports():
    days = ("2026-11-16", "2026-11-18", "2026-11-17")
    rows = [order(n, reporting_date=day) for n, day in enumerate(days, 1)]
    assert read(*rows).reported_at == utc(2026, 11, 18)


def test_the_core_columns_are_enough():
    found = only(read(row(), columns=CORE))
    assert found.items == (OrderItem("00000000000017", "SKU-1", "", 2, 0, 2),)
    assert found.recipient.city == "Utrecht"
    assert (found.purchase_date, found.ship_by, found.is_prime) == (None, None, False)


@pytest.mark.parametrize("column", CORE)
def test_a_missing_core_column_is_named(column):
    columns = [name for name in CORE if name != column]
    with pytest.raises(ReportRefused) as refused:
        read(row(), columns=columns)
    if column == "order-id":
        assert refused.value.code == "not_a_report"
    else:
        assert (refused.value.code, refused.value.detail) == ("missing_columns", column)


def test_all_missing_columns_are_named():
    with pytest.raises(ReportRefused) as refused:
        read(row(), columns=["order-id", "sku"])
    assert refused.value.detail == ", ".join(sorted(set(CORE) - {"order-id", "sku"}))


def test_names_of_columns_are_compared_without_case():
    columns = [name.upper() for name in STANDARD]
    upper = {name.upper(): value for name, value in row().items()}
    assert only(read(upper, columns=columns)) == only(read(row()))


def test_the_order_of_the_columns_means_nothing():
    assert only(read(row(), columns=STANDARD[::-1])) == only(read(row()))


def test_the_first_of_two_columns_with_one_name_is_read():
    text = text_of(row()).replace("is-prime", "sku").replace("\tfalse\r", "\tOTHER\r")
    assert only(read_unshipped_report(text.encode())).items[0].sku == "SKU-1"


def test_outer_blanks_of_a_cell_are_dropped_and_inner_ones_kept():
    found = only(
        read(row(sku="  A  B ", order_id=" 402-0000001-0000001 ", is_prime=" "))
    )
    assert found.items[0].sku == "A  B"
    assert found.order_ref == "402-0000001-0000001"


def test_zeros_in_front_are_kept():
    found = only(read(row(sku="0012", ship_postal_code="01067", ship_address_1="007")))
    assert found.items[0].item_ref == "00000000000017"
    assert found.items[0].sku == "0012"
    assert found.recipient.postal_code == "01067"
    assert found.recipient.line1 == "007"


@pytest.mark.parametrize(
    "text",
    [
        '"27 Zoll Monitor',
        'Bildschirm 27"',
        '""',
        '{"deliveryTime": {"from": "08:00", "days": ["MON"]}}',
        "O'Neill \\t \\n",
        "=HYPERLINK(1)",
        "日本語 🚲",
    ],
)
def test_quotes_and_all_else_in_a_cell_are_plain_text(text):
    result = read(row(product_name=text), order(2))
    assert len(result.orders) == 2
    assert result.orders[0].items[0].title == text


@pytest.mark.parametrize(("written", "code"), [("uk", "GB"), ("de", "DE"), ("", "")])
def test_countries_are_iso_codes(written, code):
    assert only(read(row(ship_country=written))).recipient.country_code == code


def test_an_order_without_an_address_is_kept():
    """Amazon leaves it out when the app lacks the role; it can be filled in."""
    blank = dict.fromkeys(
        ("recipient_name", "ship_address_1", "ship_city", "ship_postal_code"), ""
    )
    assert only(read(row(ship_country="", **blank))).recipient == PostalAddress()


@pytest.mark.parametrize(
    ("column", "field"),
    [("is-prime", "is_prime"), ("is-business-order", "is_business")],
)
@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("TRUE", True), ("false", False), ("", False)],
)
def test_flags_are_words(column, field, written, value):
    assert getattr(only(read(row() | {column: written})), field) is value


def test_the_sales_channel_is_read_where_the_file_has_it():
    columns = (*STANDARD, "sales-channel")
    assert only(
        read(row(sales_channel="Amazon.nl"), columns=columns)
    ).sales_channel == ("Amazon.nl")


def test_a_cancel_request_is_read_with_its_reason():
    columns = (*STANDARD, "is-buyer-requested-cancellation")
    columns += ("buyer-requested-cancel-reason",)
    asked = {"is-buyer-requested-cancellation": "true"}
    asked["buyer-requested-cancel-reason"] = "Ordered by mistake"
    found = only(read(row() | asked, columns=columns))
    assert (found.cancel_requested, found.cancel_reason) == (True, "Ordered by mistake")


def test_optional_columns_are_typed_and_blank_or_false_ones_left_out():
    values = {
        "verge-of-lateShipment": "true",
        "is-iba": "false",
        "address-type": "Residential",
        "cod-collectible-amount": "12,50",
        "scheduled-delivery-start-date": "2026-11-20T08:00:00+09:00",
        "scheduled-delivery-end-date": "2026-11-20T12:00:00+09:00",
        "drop-off-location": "",
        "delivery-preferred-time": '{"a": "b"}',
        "number-of-items": "2",
        "ioss-number": "IM1234567890",
        "is-transparency": "true",
        "gift-message-text": "",
    }
    found = only(read(row() | values, columns=(*STANDARD, *values)))
    assert dict(found.details) == {
        "verge-of-lateshipment": True,
        "address-type": "Residential",
        "cod-collectible-amount": Decimal("12.50"),
        "scheduled-delivery-start-date": utc(2026, 11, 19, 23),
        "delivery-preferred-time": '{"a": "b"}',
    }
    assert found.deliver_by == utc(2026, 11, 20, 3)
    assert dict(found.items[0].details) == {
        "number-of-items": 2,
        "ioss-number": "IM1234567890",
        "is-transparency": True,
    }


CELL_OF = {
    read_text: ("some text", "some text"),
    read_flag: ("true", True),
    read_number: ("-3", -3),
    read_quantity: ("2", 2),
    read_amount: ("12.50", Decimal("12.50")),
    read_moment: ("2026-11-20T08:00:00+09:00", utc(2026, 11, 19, 23)),
}


def test_an_account_with_every_column_switched_on_is_read():
    readers = {**ORDER_DETAILS, **ITEM_DETAILS}
    cells = {name: CELL_OF[reader][0] for name, reader in readers.items()}
    found = only(read(row() | cells, columns=(*readers, *STANDARD[::-1])))
    details = dict(found.details) | dict(found.items[0].details)
    assert details == {name: CELL_OF[reader][1] for name, reader in readers.items()}


def test_the_optional_columns_of_the_reference_are_known():
    """Those that stand for several in Amazon's help, written out."""
    known = {*ORDER_DETAILS, *ITEM_DETAILS}
    for prefix in ("default-ship-from", "actual-ship-from"):
        parts = ("address-name", "city", "state", "country", "postal-code")
        fields = (f"address-field-{number}" for number in (1, 2, 3))
        assert {f"{prefix}-{part}" for part in (*parts, *fields)} <= known
    places = ("city", "state", "country")
    assert {f"transit-time-ship-from-{place}" for place in places} <= known


# Many rows


def test_one_order_on_many_rows_is_one_order():
    second = row(order_item_id="60000000000022", sku="SKU-2")
    result = read(row(), order(2), second)
    first, other = result.orders
    assert [item.sku for item in first.items] == ["SKU-1", "SKU-2"]
    assert (first.rows, other.rows) == ((2, 4), (3,))
    assert result.problems == ()


def test_orders_keep_the_sequence_of_the_file():
    refs = [found.order_ref[4:11] for found in read(*map(order, (3, 1, 2))).orders]
    assert refs == ["0000003", "0000001", "0000002"]


def test_the_earliest_promise_of_the_rows_is_the_orders():
    later = row(order_item_id="60000000000022", promise_date="2026-11-25")
    sooner = row(order_item_id="60000000000023", promise_date="2026-11-18")
    assert only(read(row(), later, sooner)).ship_by == utc(2026, 11, 18)


def test_a_promise_on_a_later_row_is_the_orders():
    second = row(order_item_id="60000000000022")
    assert only(read(row(promise_date=""), second)).ship_by is not None


def test_a_cancel_request_for_one_item_is_the_orders():
    columns = (*STANDARD, "is-buyer-requested-cancellation")
    columns += ("buyer-requested-cancel-reason",)
    asked = {"is-buyer-requested-cancellation": "true"}
    asked["buyer-requested-cancel-reason"] = "No longer needed"
    rows = (row(), row(order_item_id="60000000000022") | asked)
    found = only(read(*rows, columns=columns))
    assert (found.cancel_requested, found.cancel_reason) == (True, "No longer needed")


def test_the_same_row_twice_is_one_item():
    found = only(read(row(), row()))
    assert len(found.items) == 1
    assert found.rows == (2, 3)


def test_blank_rows_are_nothing():
    text = text_of(row(), {}, order(2)) + "\r\n \r\n\t\t\r\n"
    result = read_unshipped_report(text.encode())
    assert [found.rows for found in result.orders] == [(2,), (4,)]
    assert (result.problems, result.row_count) == ((), 2)


# Quantities


def test_what_is_left_to_ship_counts_and_not_what_was_bought():
    partly = row(quantity_purchased="5", quantity_shipped="2", quantity_to_ship="3")
    (item,) = only(read(partly)).items
    amounts = (item.quantity_ordered, item.quantity_shipped, item.quantity_to_ship)
    assert amounts == (5, 2, 3)


@pytest.mark.parametrize(
    ("written", "number"), [("1", 1), ("250", 250), ("2.0", 2), ("2,00", 2), ("007", 7)]
)
def test_quantities_are_whole_numbers(written, number):
    found = only(read(row(quantity_to_ship=written, quantity_purchased="")))
    assert found.items[0].quantity_to_ship == number


def test_items_with_nothing_to_ship_are_left_out_without_a_problem():
    sent = row(order_item_id="60000000000022", quantity_to_ship="0")
    found = only(read(sent, row()))
    assert [item.item_ref for item in found.items] == ["00000000000017"]
    assert found.rows == (2, 3)


def test_an_order_of_which_a_whole_item_was_shipped_says_so():
    sent = order(2, order_item_id="60000000000022", quantity_to_ship="0")
    rows = (sent | {"quantity-shipped": "1"}, order(2))
    cancelled = order(3, order_item_id="60000000000033", quantity_to_ship="0")
    cancelled |= {"quantity-shipped": "0"}
    for listed in (rows, rows[::-1]):
        found = read(row(), *listed, cancelled, order(3)).orders
        assert [each.has_shipped_items for each in found] == [False, True, False]


def test_orders_with_nothing_to_ship_are_told_apart():
    result = read(row(quantity_to_ship="0"), order(2))
    assert [found.order_ref for found in result.orders] == ["402-0000002-0000001"]
    assert result.nothing_to_ship == ("402-0000001-0000001",)
    assert result.problems == ()


def test_a_request_to_cancel_what_is_not_to_be_sent_any_more_is_settled():
    columns = (*STANDARD, "is-buyer-requested-cancellation")
    settled = row(order_item_id="60000000000022", quantity_to_ship="0")
    settled["is-buyer-requested-cancellation"] = "true"
    assert not only(read(settled, row(), columns=columns)).cancel_requested


@pytest.mark.parametrize("sent_first", [True, False])
def test_what_rows_with_nothing_to_ship_say_means_nothing_any_more(sent_first):
    sent = row(
        order_item_id="60000000000022",
        quantity_to_ship="0",
        promise_date="2026-11-01",
        recipient_name="Elders",
        ship_country="Nederland",
    )
    rows = (sent, row()) if sent_first else (row(), sent)
    found = only(read(*rows))
    assert found.ship_by == utc(2026, 11, 19, 22, 59, 59)
    assert found.recipient.name == "Testklant Één"
    assert found.rows == (2, 3)


def test_the_reporting_date_of_rows_with_nothing_to_ship_counts():
    sent = order(2, quantity_to_ship="0", reporting_date="2026-11-30")
    assert read(row(), sent).reported_at == utc(2026, 11, 30)


def test_an_order_with_nothing_to_ship_and_a_bad_row_is_left_out_whole():
    sent = row(quantity_to_ship="0")
    bad = row(order_item_id="60000000000022", sku="")
    result = read(sent, bad, sent)
    assert (result.orders, result.nothing_to_ship) == ((), ())
    assert [(p.code, p.row) for p in result.problems] == [
        ("other_row", 2),
        ("missing", 3),
        ("other_row", 4),
    ]


# Problems


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("order-id", "", "missing"),
        ("order-id", "402-0000001", "unreadable"),
        ("order-id", "402-0000001-000000１", "unreadable"),
        ("order-item-id", "", "missing"),
        ("order-item-id", "6000000000002X", "unreadable"),
        ("order-item-id", "６０００００００００００２２", "unreadable"),
        ("sku", "", "missing"),
        ("quantity-to-ship", "", "missing"),
        ("quantity-to-ship", "two", "unreadable"),
        ("quantity-to-ship", "-1", "unreadable"),
        ("quantity-to-ship", "1.5", "unreadable"),
        ("quantity-to-ship", "1.000", "unreadable"),
        ("quantity-to-ship", "1e3", "unreadable"),
        ("quantity-to-ship", "²", "unreadable"),
        ("quantity-to-ship", "9999999", "unreadable"),
        ("quantity-purchased", "many", "unreadable"),
        ("quantity-shipped", "some", "unreadable"),
        ("ship-country", "Nederland", "unreadable"),
        ("ship-country", "N1", "unreadable"),
    ],
)
def test_a_bad_row_is_named_and_stops_no_other(column, value, code):
    result = read(order(2), row() | {column: value}, order(3))
    assert [found.rows for found in result.orders] == [(2,), (4,)]
    (found,) = result.problems
    ref = "" if column == "order-id" else "402-0000001-0000001"
    assert found == Problem(code, 3, ref, column, value)


@pytest.mark.parametrize("row_number", [0, 1, 2])
def test_an_order_of_which_one_row_is_bad_is_left_out_whole(row_number):
    rows = [row(order_item_id=f"6000000000002{n}") for n in range(3)]
    rows[row_number]["quantity-to-ship"] = "?"
    result = read(order(9), *rows)
    assert [found.order_ref for found in result.orders] == ["402-0000009-0000001"]
    codes = ["other_row"] * 3
    codes[row_number] = "unreadable"
    assert [found.code for found in result.problems] == codes
    assert [found.row for found in result.problems] == [3, 4, 5]
    assert {found.order_ref for found in result.problems} == {"402-0000001-0000001"}


def test_a_bad_row_spoils_its_order_even_when_it_comes_with_nothing_to_ship():
    sent = row(order_item_id="60000000000022", quantity_to_ship="0", sku="")
    assert read(row(), sent).orders == ()


@pytest.mark.parametrize(
    "column",
    ["recipient-name", "ship-address-2", "ship-city", "ship-state", "ship-postal-code"],
)
def test_two_addresses_for_one_order_are_a_conflict(column):
    other = row(order_item_id="60000000000022") | {column: "Elders"}
    result = read(row(), other)
    assert result.orders == ()
    assert result.problems == (
        Problem("other_row", 2, "402-0000001-0000001"),
        Problem("conflict", 3, "402-0000001-0000001", column),
    )


def test_two_quantities_for_one_item_are_a_conflict():
    result = read(row(), row(quantity_to_ship="1"))
    assert result.orders == ()
    conflict = result.problems[1]
    assert (conflict.code, conflict.column) == ("conflict", "order-item-id")


def test_a_tab_inside_a_cell_is_noticed():
    found = problem(row(product_name="Rood\tblauw"))
    assert (found.code, found.value) == ("cell_count", "29/28")
    assert found.order_ref == "402-0000001-0000001"


def test_blank_cells_beyond_the_header_are_harmless():
    text = text_of(row()).replace("false\r\n", "false\t\t \r\n")
    assert len(read_unshipped_report(text.encode()).orders) == 1


def test_a_header_that_ends_in_tabs_is_harmless():
    text = text_of(row()).replace("is-prime\r\n", "is-prime\t\t\r\n")
    assert len(read_unshipped_report(text.encode()).orders) == 1


@pytest.mark.parametrize("kept", range(10, 300, 17))
def test_a_file_that_is_cut_in_its_last_row_never_gives_half_an_address(kept):
    whole = report(row(), order(2))
    start = len(report(row()))
    result = read_unshipped_report(whole[: start + kept])
    assert len(result.orders) + len(result.problems) == 2
    assert all(found in read(row(), order(2)).orders for found in result.orders)


@pytest.mark.parametrize(
    "column", ["purchase-date", "payments-date", "promise-date", "reporting-date"]
)
def test_an_unreadable_date_is_noted_and_the_order_kept(column):
    result = read(row() | {column: "16/11/2026"})
    assert len(result.orders) == 1
    assert result.problems == (
        Problem(
            "unreadable",
            2,
            "402-0000001-0000001",
            column,
            "16/11/2026",
            order_kept=True,
        ),
    )


@pytest.mark.parametrize("column", ["is-prime", "is-business-order"])
def test_an_unreadable_flag_is_noted_and_the_order_kept(column):
    result = read(row() | {column: "WAAR"})
    assert len(result.orders) == 1
    (found,) = result.problems
    assert (found.column, found.value, found.order_kept) == (column, "WAAR", True)


def test_an_unreadable_cancel_request_is_no_trifle():
    columns = (*STANDARD, "is-buyer-requested-cancellation")
    found = problem(row(is_buyer_requested_cancellation="WAHR"), columns=columns)
    assert (found.code, found.value) == ("unreadable", "WAHR")


def test_an_unreadable_optional_cell_is_noted_and_the_order_kept():
    columns = (*STANDARD, "number-of-items")
    result = read(row(number_of_items="x"), columns=columns)
    assert result.problems[0].column == "number-of-items"
    assert result.orders[0].items[0].details == ()


def test_trifles_of_an_order_that_is_left_out_are_not_told():
    result = read(row(purchase_date="?"), row(sku="", purchase_date="?"))
    codes = [(found.code, found.row) for found in result.problems]
    assert codes == [("other_row", 2), ("missing", 3)]


def test_a_problem_never_shows_an_address_nor_more_than_a_line():
    assert problem(row(ship_city="Utre\ufffdcht")).value == ""
    long = problem(row(order_id="x" * 500))
    assert long.value == "x" * 80
    assert "xxx" not in repr(long)


@pytest.mark.parametrize(
    "column", ["recipient-name", "ship-address-1", "ship-city", "sku"]
)
def test_a_lost_letter_where_it_matters_is_a_problem(column):
    found = problem(row() | {column: "Jans\ufffdn"})
    assert (found.code, found.column) == ("undecodable", column)


@pytest.mark.parametrize("column", ["recipient-name", "ship-address-1", "ship-city"])
@pytest.mark.parametrize("written", ["?ód?", "Wroc?aw", "Gda?", "ul. ?wi?tej"])
def test_a_letter_that_amazon_has_lost_is_told_and_the_order_kept(column, written):
    second = row(order_item_id="60000000000022") | {column: written}
    result = read(row() | {column: written}, second)
    assert len(result.orders[0].items) == 2
    assert result.problems == (
        Problem("undecodable", 2, "402-0000001-0000001", column, order_kept=True),
    )


def test_a_question_mark_that_touches_no_letter_is_just_one():
    assert only(read(row(ship_address_2="nr. 5?", ship_address_3="? ??")))


def test_a_lost_letter_in_a_title_is_no_problem():
    assert only(read(row(product_name="Caf\ufffd"))).items[0].title == "Caf\ufffd"


def test_a_nul_in_an_address_is_a_lost_letter():
    assert problem(row(ship_city="Utre\0cht")).code == "undecodable"


def test_other_control_characters_are_blanks():
    found = only(read(row(ship_address_1="Straat\x0b12\x1f", sku="A\x07B")))
    assert found.recipient.line1 == "Straat 12"
    assert found.items[0].sku == "A B"


# Files that a spreadsheet has damaged


@pytest.mark.parametrize("item_ref", ["6,00E+13", "6.00E+13", "6E+13", "6.00e13"])
def test_item_ids_in_scientific_notation_refuse_the_file(item_ref):
    with pytest.raises(ReportRefused) as refused:
        read(*map(order, range(1, 500)), row(order_item_id=item_ref))
    assert refused.value.code == "spreadsheet_damaged"


@pytest.mark.parametrize("good_rows", [0, 5, 98])
def test_item_ids_without_their_zeros_refuse_the_file(good_rows):
    with pytest.raises(ReportRefused) as refused:
        read(*map(order, range(2, good_rows + 2)), row(order_item_id="17"))
    assert refused.value.code == "spreadsheet_damaged"


def test_one_short_id_among_a_hundred_is_a_slip():
    result = read(*map(order, range(2, 101)), row(order_item_id="17"))
    assert len(result.orders) == 99
    assert result.problems[0].code == "lost_zeros"


def test_longer_item_ids_are_good():
    assert only(read(row(order_item_id="112345678901234"))).items[0].item_ref == (
        "112345678901234"
    )


# Other files


REFUSED = {
    "empty": [b"", b"\r\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe"],
    "header_only": [report(), report(end="\n"), report() + b"\r\n\t\r\n"],
    "all_orders": [b"amazon-order-id\tmerchant-order-id\tquantity\r\n1\t2\t3\r\n"],
    "xml": [
        b'<?xml version="1.0"?><AmazonEnvelope></AmazonEnvelope>',
        b"\xef\xbb\xbf \n<AmazonEnvelope>",
    ],
    "html": [
        b"<!DOCTYPE html><title>Sign in</title>",
        b"\n  <HTML><body>503</body></HTML>",
        b'<?xml version="1.0"?><!DOCTYPE html><html/>',
        b"<title>Sign in</title>",
        b'<meta http-equiv="refresh" content="0">',
    ],
    "inventory": [
        b"sku\tasin\tprice\tquantity\r\nA\tB\t1\t2\r\n",
        b"item-name\tseller-sku\tlisting-id\r\n",
        b"seller-sku\tquantity-available\r\n",
    ],
    "csv": [
        report(row()).replace(b"\t", b";"),
        report(row()).replace(b"\t", b","),
        report(row()).replace(b"\t", b'";"'),
        report(row()).replace(b"\t", b'"\t"').replace(b"order-id", b'"order-id"', 1),
        b"amazon-order-id,sku\r\n",
    ],
    "spreadsheet": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)],
    "not_a_report": [
        b"hello",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b'{"errors": []}',
        bytes(1000),
        "ορδερ-ιδ\tσκυ".encode(),
    ],
}


@pytest.mark.parametrize(
    ("code", "data"), [(code, data) for code in REFUSED for data in REFUSED[code]]
)
def test_other_files_are_refused_by_name(code, data):
    with pytest.raises(ReportRefused) as refused:
        read_unshipped_report(data)
    assert refused.value.code == code
    assert code in REFUSAL_CODES


NEW_ORDERS = tuple(
    name
    for name in STANDARD
    if name not in ("quantity-to-ship", "quantity-shipped", "promise-date", "is-prime")
) + (
    "currency",
    "item-price",
    "ship-phone-number",
    "delivery-end-date",
    "item-promotion-id",
)


def test_a_column_known_from_inventories_does_not_make_one():
    columns = (*STANDARD, "asin", "listing-id")
    assert only(read(row(), columns=columns)) == only(read(row()))


def test_new_orders_are_refused_by_name():
    with pytest.raises(ReportRefused) as refused:
        read(row(), columns=NEW_ORDERS)
    assert refused.value.code == "new_orders"


def test_new_orders_are_read_when_the_user_insists():
    priced = row(
        item_price="12.50",
        currency="EUR",
        ship_phone_number="+31611111111",
        delivery_end_date="2026-11-22",
    )
    result = read(priced, columns=NEW_ORDERS, accept_new_orders=True)
    assert result.kind == "new_orders"
    found = only(result)
    assert found.items[0].quantity_to_ship == 3
    assert found.buyer_phone == "+31611111111"
    assert found.deliver_by == utc(2026, 11, 22)
    assert dict(found.items[0].details) == {
        "item-price": Decimal("12.50"),
        "currency": "EUR",
    }
    assert found.items[0].unit_price == Decimal("12.50") / 3


def test_a_further_promotion_of_an_item_is_a_continuation():
    blank = dict.fromkeys(row(), "")
    again = blank | {
        "order-id": "402-0000001-0000001",
        "order-item-id": "00000000000017",
        "item-promotion-id": "PROMO-2",
    }
    result = read(row(), again, columns=NEW_ORDERS, accept_new_orders=True)
    assert only(result).rows == (2, 3)


def test_a_further_promotion_of_an_item_with_nothing_to_ship_is_a_continuation():
    again = dict.fromkeys(row(), "") | {
        "order-id": "402-0000001-0000001",
        "order-item-id": "00000000000017",
    }
    cancelled = row(quantity_purchased="0")
    result = read(cancelled, again, columns=NEW_ORDERS, accept_new_orders=True)
    assert result.nothing_to_ship == ("402-0000001-0000001",)
    assert result.problems == ()


def test_a_blank_quantity_of_an_unknown_item_is_no_continuation():
    stray = row(order_item_id="60000000000022", quantity_purchased="")
    result = read(row(), stray, columns=NEW_ORDERS, accept_new_orders=True)
    assert [found.code for found in result.problems] == ["other_row", "missing"]


def test_only_new_orders_have_continuations():
    result = read(row(), row(quantity_to_ship=""))
    assert [found.code for found in result.problems] == ["other_row", "missing"]


def test_all_orders_are_not_taken_for_new_orders():
    columns = ("amazon-order-id", *NEW_ORDERS)
    with pytest.raises(ReportRefused) as refused:
        read(row(), columns=columns, accept_new_orders=True)
    assert refused.value.code == "all_orders"


def test_a_file_past_the_limit_is_refused():
    data = report(row())
    assert len(read_unshipped_report(data, max_bytes=len(data)).orders) == 1
    with pytest.raises(ReportRefused) as refused:
        read_unshipped_report(data, max_bytes=len(data) - 1)
    assert refused.value.code == "too_large"


# How much a file may take


def lines_of(count, text):
    """A report of so many rows; ``{0}`` in the text is the number of the row."""
    head, body = text_of(text).splitlines(keepends=True)
    return (head + "".join(body.format(n) for n in range(count))).encode()


def memory_of_reading(data):
    """Bytes at the peak, the file's own left out."""
    tracemalloc.start()
    try:
        read_unshipped_report(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        # Nothing to ship: the order's id and the row.
        ({"order-id": "402-{0:07d}-0000001", "quantity-to-ship": "0"}, 350),
        # The same row again and again: its number.
        ({}, 100),
        ({"quantity-to-ship": "0"}, 100),
    ],
)
def test_memory_grows_with_the_orders_and_not_with_the_text(changes, most):
    few, many = 2_000, 8_000
    text = row() | changes
    start = memory_of_reading(lines_of(few, text))
    assert memory_of_reading(lines_of(many, text)) < start + most * (many - few)
    assert len(lines_of(1, text)) > most


def test_a_file_of_endless_lines_is_refused(monkeypatch):
    monkeypatch.setattr("amazon.report_text.MAX_LINES", 5)
    assert len(read(*map(order, range(1, 5))).orders) == 4
    with pytest.raises(ReportRefused) as refused:
        read(*map(order, range(1, 6)))
    assert refused.value.code == "too_large"


def test_blank_lines_count_as_lines(monkeypatch):
    monkeypatch.setattr("amazon.report_text.MAX_LINES", 50)
    with pytest.raises(ReportRefused) as refused:
        read_unshipped_report(report(row()) + b"\r\n" * 50)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_line_without_an_end_is_refused(monkeypatch, end):
    monkeypatch.setattr("amazon.report_text.MAX_LINE_CHARS", 5_000)
    fits = row(product_name="x" * 4_000)
    assert len(read_unshipped_report(report(fits, end=end)).orders) == 1
    with pytest.raises(ReportRefused) as refused:
        read_unshipped_report(report(fits, row(product_name="\t" * 5_000), end=end))
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("filling", [b"\t", b"x", b"order-id\t"])
def test_a_header_without_an_end_is_no_report(filling):
    with pytest.raises(ReportRefused) as refused:
        read_unshipped_report(report().rstrip() + filling * 1_100_000)
    assert refused.value.code == "not_a_report"


def test_a_file_of_nothing_but_problems_is_no_report(monkeypatch):
    monkeypatch.setattr("amazon.report_orders.MAX_PROBLEMS", 5)
    bad = [order(number, sku="") for number in range(1, 7)]
    assert len(read(order(9), *bad[:5]).problems) == 5
    with pytest.raises(ReportRefused) as refused:
        read(order(9), *bad)
    assert refused.value.code == "not_a_report"


# What is handed on


def test_what_is_read_cannot_be_changed():
    result = read(row())
    things = (result, result.orders[0], result.orders[0].items[0])
    for thing in (*things, result.orders[0].recipient, problem(row(sku=""))):
        field = dataclasses.fields(thing)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, field, None)
        assert hash(thing) == hash(dataclasses.replace(thing))


def test_what_is_read_shows_no_buyer():
    seen = repr(read(row(purchase_order_number="PO 77")))
    for private in (
        "Testklant",
        "Voorbeeldstraat",
        "Utrecht",
        "3500",
        "+316",
        "@",
        "PO",
    ):
        assert private not in seen


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("data", [report(row()), b"hello"])
def test_garbage_collection_is_left_as_it_was(enabled, data):
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        try:
            read_unshipped_report(data)
        except ReportRefused:
            pass
        assert gc.isenabled() is enabled
        assert gc.get_freeze_count() == 0
    finally:
        (gc.enable if was_enabled else gc.disable)()


def test_objects_that_someone_froze_stay_frozen():
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        read_unshipped_report(report(row()))
        assert 0 < gc.get_freeze_count() <= frozen
    finally:
        gc.unfreeze()


def test_codes_are_told_once():
    assert len(set(PROBLEM_CODES)) == len(PROBLEM_CODES)
    assert len(set(REFUSAL_CODES)) == len(REFUSAL_CODES)
