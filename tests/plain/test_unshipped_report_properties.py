"""What holds for every report, and for everything that is none."""

import random

import pytest
from amazon.orders import Order
from amazon.unshipped_report import (
    PROBLEM_CODES,
    REFUSAL_CODES,
    ReportRefused,
    UnshippedReport,
    read_unshipped_report,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.plain.report_maker import CORE, STANDARD, order, report, row, text_of

# What each encoding can hold, so that the same orders can be written in all of them.
ALPHABETS = {
    "utf-8": "aZ 9'\"{},;.-/éßŁ山カ🚲",
    "utf-8-sig": "aZ 9'\"éßŁ山カ🚲",
    "utf-16": "aZ 9'\"éßŁ山カ🚲",
    "cp1252": "aZ 9'\"{},;.-/éßÜñ€",
}
ENDS = st.sampled_from(["\r\n", "\n", "\r"])
OPTIONAL = (
    "sales-channel",
    "Something-New",
    "is-iba",
    "number-of-items",
    "ioss-number",
)


@st.composite
def written_orders(draw, alphabet):
    """Rows of one to four orders of one to three items, all readable."""
    words = st.text(st.sampled_from(alphabet), max_size=8).map(str.strip)
    names = words.map(lambda text: text or "x")
    numbers = draw(
        st.lists(st.integers(1, 9_999_999), min_size=1, max_size=4, unique=True)
    )
    rows = []
    for number in numbers:
        shared = {
            "order_id": f"402-{number:07d}-0000001",
            "recipient_name": draw(words),
            "ship_address_1": draw(words),
            "ship_city": draw(words),
            "ship_country": draw(st.sampled_from(["NL", "DE", "BE", ""])),
            "ship_postal_code": draw(st.sampled_from(["01067", "3500 AA", ""])),
        }
        for item in range(draw(st.integers(1, 3))):
            rows.append(
                row(
                    **shared,
                    order_item_id=f"{number:07d}{item:07d}",
                    sku=draw(names),
                    product_name=draw(words),
                    quantity_to_ship=str(draw(st.integers(0, 120))),
                    quantity_shipped=draw(st.sampled_from(["", "0", "2"])),
                    is_iba=draw(st.sampled_from(["", "true", "false"])),
                    sales_channel="Amazon.nl",
                )
            )
    return rows


def expected(rows):
    """The orders by their references, each with what its rows say."""
    orders = {}
    for cells in rows:
        items = orders.setdefault(cells["order-id"], [])
        if cells["quantity-to-ship"] != "0":
            items.append(
                (cells["order-item-id"], cells["sku"], cells["quantity-to-ship"])
            )
    return {ref: items for ref, items in orders.items() if items}


def told(result):
    return {
        found.order_ref: [
            (item.item_ref, item.sku, str(item.quantity_to_ship))
            for item in found.items
        ]
        for found in result.orders
    }


@st.composite
def files(draw):
    encoding = draw(st.sampled_from(sorted(ALPHABETS)))
    rows = draw(written_orders(ALPHABETS[encoding]))
    extras = draw(st.lists(st.sampled_from(STANDARD + OPTIONAL), max_size=12))
    columns = draw(st.permutations(sorted({*CORE, *extras})))
    data = report(*rows, columns=columns, end=draw(ENDS), encoding=encoding)
    return encoding, rows, columns, data


@given(files())
@settings(max_examples=300, deadline=None)
def test_the_same_orders_come_out_however_they_are_written(file):
    encoding, rows, columns, data = file
    result = read_unshipped_report(data)
    assert result.problems == ()
    assert told(result) == expected(rows)
    assert result.row_count == len(rows)
    assert result.columns == tuple(name.lower() for name in columns)
    # Plain ASCII is UTF-8 in any encoding that extends it.
    assert result.encoding in (encoding, "utf-8")
    for found in result.orders:
        cells = rows[found.rows[0] - 2]
        assert found.recipient.name == cells["recipient-name"]
        assert found.recipient.city == cells["ship-city"]
        assert found.recipient.postal_code == cells["ship-postal-code"]


@given(written_orders(ALPHABETS["utf-8"]), st.permutations(STANDARD), ENDS)
@settings(max_examples=100, deadline=None)
def test_a_written_order_is_read_back_the_same(rows, columns, end):
    """Written again from what was read, it is read as the same orders."""
    first = read_unshipped_report(report(*rows))
    again = [cells for found in first.orders for cells in rows_of(found)]
    if again:
        second = read_unshipped_report(report(*again, columns=columns, end=end))
        assert [strip_rows(o) for o in second.orders] == [
            strip_rows(o) for o in first.orders
        ]


def rows_of(found: Order):
    to = found.recipient
    for item in found.items:
        yield row(
            order_id=found.order_ref,
            order_item_id=item.item_ref,
            sku=item.sku,
            product_name=item.title,
            quantity_purchased=str(item.quantity_ordered),
            quantity_shipped=str(item.quantity_shipped),
            quantity_to_ship=str(item.quantity_to_ship),
            recipient_name=to.name,
            ship_address_1=to.line1,
            ship_address_2=to.line2,
            ship_address_3=to.line3,
            ship_city=to.city,
            ship_state=to.region,
            ship_postal_code=to.postal_code,
            ship_country=to.country_code,
            purchase_date=found.purchase_date.isoformat(),
            promise_date=found.ship_by.isoformat(),
        )


def strip_rows(found: Order):
    values = {name: getattr(found, name) for name in Order.__slots__}
    return {**values, "rows": None}


def read_or_refuse(data, **options):
    """What comes of any bytes: a report whose rows are all accounted for, or None."""
    try:
        result = read_unshipped_report(data, **options)
    except ReportRefused as refused:
        assert refused.code in REFUSAL_CODES
        return None
    assert isinstance(result, UnshippedReport)
    check_rows(result)
    return result


def check_rows(result):
    """No row is lost, and none is told twice."""
    assert {problem.code for problem in result.problems} <= set(PROBLEM_CODES)
    in_orders = [number for found in result.orders for number in found.rows]
    bad = [problem.row for problem in result.problems if not problem.order_kept]
    assert len(in_orders) == len(set(in_orders))
    assert not set(in_orders) & set(bad)
    refs = [found.order_ref for found in result.orders]
    assert len(refs) == len(set(refs))
    left_out = {p.order_ref for p in result.problems if not p.order_kept}
    assert not left_out & {*refs, *result.nothing_to_ship}
    for found in result.orders:
        assert found.items
        assert all(item.quantity_to_ship > 0 for item in found.items)
    if not result.nothing_to_ship:
        assert len(in_orders) + len(bad) == result.row_count


@given(st.binary(max_size=400), st.sampled_from([None, "JP"]))
@example(b"\x1f\x8b", None)
@example(b"PK\x03\x04" + bytes(60), None)
@example(b"\xff\xfe\x00", None)
@settings(max_examples=500, deadline=None)
def test_any_bytes_give_a_report_or_one_refusal(data, marketplace):
    read_or_refuse(data, marketplace=marketplace)


@given(st.lists(st.binary(max_size=40), max_size=40), st.sampled_from([b"\t", b"\n"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_below_a_header_give_a_report_or_one_refusal(parts, separator):
    read_or_refuse(report() + separator.join(parts), accept_new_orders=True)


SEEDS = [
    report(*(order(n, order_item_id=f"{n:014d}") for n in range(1, 6)), row(), row()),
    report(row(), order(2), end="\n"),
    report(row(recipient_name="山田 太郎"), encoding="cp932"),
    report(row(recipient_name="Müller"), order(2), encoding="cp1252"),
    report(row(recipient_name="Müller"), order(2), encoding="utf-16"),
    report(
        row(sales_channel="x", is_iba="true", number_of_items="2"),
        columns=(*STANDARD, *OPTIONAL),
    ),
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to five slips of the kinds that happen to files."""
    changed = bytearray(data)
    for _slip in range(chance.randint(1, 5)):
        at = chance.randrange(len(changed) + 1)
        length = chance.choice((1, 1, 2, 10, 100))
        piece = bytes(changed[at : at + length])
        changed[at : at + length] = chance.choice(
            (
                b"",
                piece * 2,
                piece[::-1],
                piece.upper(),
                chance.randbytes(length),
                chance.choice(
                    (b"\t", b"\r", b"\n", b"\0", b'"', b"\xff", b"\xc3", b"0")
                ),
                piece + bytes(changed[: chance.randrange(400)]),
            )
        )
    if chance.random() < 0.1:
        del changed[chance.randrange(len(changed) + 1) :]
    return bytes(changed)


@pytest.mark.parametrize("seed", range(20))
def test_slips_in_a_file_never_raise_anything_unexpected(seed):
    chance = random.Random(seed)
    for _file in range(100):
        data = mutated(chance.choice(SEEDS), chance)
        read_or_refuse(data, accept_new_orders=True)


@given(
    st.integers(0, 5),
    st.sampled_from([name for name in STANDARD if name != "order-id"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n"), max_size=12),
)
@settings(max_examples=300, deadline=None)
def test_a_changed_cell_touches_no_other_order(position, column, value):
    rows = [order(number) for number in range(1, 7)]
    whole = read_unshipped_report(report(*rows))
    rows[position][column] = value
    result = read_or_refuse(report(*rows))
    if result is not None:
        ref = rows[position]["order-id"]
        others = [found for found in result.orders if found.order_ref != ref]
        assert others == [found for found in whole.orders if found.order_ref != ref]


def test_the_same_file_gives_the_same_report():
    data = text_of(*(order(n) for n in range(1, 50)), row(sku="")).encode()
    assert read_unshipped_report(data) == read_unshipped_report(data)
