"""What holds for every report, and for everything that is none."""

import gzip
import io
import zipfile

from amazon.orders import Order
from amazon.unshipped_report import ReportRefused, read_unshipped_report
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.plain.report_checks import check_orders, check_rows, read_or_refuse
from tests.plain.report_maker import CORE, STANDARD, order, report, row, text_of

# What each encoding can hold, so that the same orders can be written in all of them.
ALPHABETS = {
    "utf-8": "aZ 9'\"{},;.-/éßŁ山カ🚲",
    "utf-8-sig": "aZ 9'\"éßŁ山カ🚲",
    "utf-16": "aZ 9'\"éßŁ山カ🚲",
    "cp1252": "aZ 9'\"{},;.-/éßÜñ€",
    "cp932": "aZ 9'\"{},;.-/山田太郎カナ",
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


def packed_as_zip(data):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.txt", data)
    return packed.getvalue()


PACKINGS = st.sampled_from([bytes, gzip.compress, packed_as_zip])


@st.composite
def files(draw):
    encoding = draw(st.sampled_from(sorted(ALPHABETS)))
    rows = draw(written_orders(ALPHABETS[encoding]))
    extras = draw(st.lists(st.sampled_from(STANDARD + OPTIONAL), max_size=12))
    columns = draw(st.permutations(sorted({*CORE, *extras})))
    written = [draw(st.sampled_from([n, n.upper(), n.title()])) for n in columns]
    data = report(*rows, columns=columns, end=draw(ENDS))
    header = "\t".join(columns).encode()
    data = data.replace(header, "\t".join(written).encode(), 1)
    data = draw(PACKINGS)(data.decode().encode(encoding))
    return encoding, rows, columns, data


@given(files())
@settings(max_examples=300, deadline=None)
def test_the_same_orders_come_out_however_they_are_written(file):
    encoding, rows, columns, data = file
    marketplace = "JP" if encoding == "cp932" else None
    result = read_unshipped_report(data, marketplace=marketplace)
    assert result.problems == ()
    check_rows(result)
    check_orders(result)
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
    if found.has_shipped_items:
        sent = {"quantity_shipped": "1", "quantity_to_ship": "0"}
        yield row(order_id=found.order_ref, **sent)
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
    if not isinstance(result, ReportRefused):
        ref = rows[position]["order-id"]
        others = [found for found in result.orders if found.order_ref != ref]
        assert others == [found for found in whole.orders if found.order_ref != ref]


def test_the_same_file_gives_the_same_report():
    data = text_of(*(order(n) for n in range(1, 50)), row(sku="")).encode()
    assert read_unshipped_report(data) == read_unshipped_report(data)


# What makes a row a problem, whatever the others are.
SPOILED = {
    "order-id": ["", "402-1-1"],
    "order-item-id": ["", "6000000000002X"],
    "sku": [""],
    "quantity-to-ship": ["", "two", "-1"],
    "ship-country": ["Nederland"],
}


@st.composite
def rows_of_which_some_are_bad(draw):
    """Rows of orders of one to three items, and which of the rows are bad."""
    rows, bad = [], []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        for item in range(draw(st.integers(1, 3))):
            cells = order(number, order_item_id=f"{number:07d}{item:07d}")
            if draw(st.integers(0, 5)) == 0:
                column = draw(st.sampled_from(sorted(SPOILED)))
                cells[column] = draw(st.sampled_from(SPOILED[column]))
                bad.append(len(rows))
            elif draw(st.integers(0, 3)) == 0:
                cells["quantity-to-ship"] = "0"
            rows.append(cells)
    places = draw(st.permutations(range(len(rows))))
    return [rows[at] for at in places], {
        new for new, at in enumerate(places) if at in bad
    }


@given(rows_of_which_some_are_bad(), ENDS)
@settings(max_examples=300, deadline=None)
def test_every_row_is_an_item_or_shipped_or_a_problem(made, end):
    rows, bad = made
    result = read_unshipped_report(report(*rows, end=end))
    check_rows(result)
    check_orders(result)
    # No row stands twice in these files and none is a continuation.
    items = sum(len(found.items) for found in result.orders)
    spoiled = {rows[at]["order-id"] for at in bad}
    beside = {
        at
        for at, cells in enumerate(rows)
        if at not in bad and cells["order-id"] in spoiled
    }
    shipped = [
        cells
        for at, cells in enumerate(rows)
        if cells["quantity-to-ship"] == "0" and at not in beside | bad
    ]
    assert [problem.row - 2 for problem in result.problems] == sorted(bad | beside)
    assert len(rows) == items + len(shipped) + len(result.problems)
    assert {p.row - 2 for p in result.problems if p.code == "other_row"} == beside


@given(written_orders(ALPHABETS["utf-8"]), st.data())
@settings(max_examples=100, deadline=None)
def test_columns_nobody_knows_change_nothing(rows, data):
    names = data.draw(
        st.lists(st.sampled_from(["x", "Neu-Spalte", "items", "ship"]), unique=True)
    )
    columns = data.draw(st.permutations([*STANDARD, *names]))
    filled = [{**cells, **dict.fromkeys(names, "true")} for cells in rows]
    plain = read_unshipped_report(report(*rows))
    result = read_unshipped_report(report(*filled, columns=columns))
    assert (result.orders, result.problems) == (plain.orders, plain.problems)
    assert set(result.columns) == {name.lower() for name in columns}


@given(written_orders(ALPHABETS["utf-8"]), st.data())
@settings(max_examples=100, deadline=None)
def test_the_orders_do_not_depend_on_the_sequence_of_the_rows(rows, data):
    mixed = data.draw(st.permutations(rows))
    first, second = (read_unshipped_report(report(*r)) for r in (rows, mixed))
    assert {o.order_ref: sorted_items(o) for o in first.orders} == {
        o.order_ref: sorted_items(o) for o in second.orders
    }
    assert set(first.nothing_to_ship) == set(second.nothing_to_ship)


def sorted_items(found):
    items = tuple(sorted(found.items, key=lambda item: item.item_ref))
    return {**strip_rows(found), "items": items}
