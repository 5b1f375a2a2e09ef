"""The reports that the demo and the whole-system tests are made of."""

import re
from collections import Counter
from datetime import datetime, timezone

import pytest

from tests.driver.unshipped_report import (
    COLUMNS,
    PRODUCTS,
    UNKNOWN,
    change_report,
    make_report,
    read_report,
)
from tests.standins.orders import read_rows

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=timezone.utc)
KNOWN_SKUS = {product.sku for product in PRODUCTS}


@pytest.fixture(scope="module")
def report():
    return make_report(500, NOW)


@pytest.fixture(scope="module")
def rows(report):
    return read_rows(report)


@pytest.fixture(scope="module")
def orders(rows):
    """The rows of each order."""
    found = {}
    for row in rows:
        found.setdefault(row["order-id"], []).append(row)
    return found


def test_same_seed_gives_the_same_bytes(report):
    assert make_report(500, NOW) == report
    assert make_report(500, NOW, seed=1) != report


def test_report_has_as_many_orders_as_asked_for(orders):
    assert len(orders) == 500


def test_every_row_has_a_cell_per_column(report):
    lines = report.decode().split("\r\n")
    assert lines.pop() == ""
    assert {line.count("\t") for line in lines} == {len(COLUMNS) - 1}


def test_ids_have_the_shape_of_amazon_and_are_unique(rows, orders):
    assert all(re.fullmatch(r"\d{3}-\d{7}-\d{7}", order) for order in orders)
    items = [row["order-item-id"] for row in rows]
    assert all(re.fullmatch(r"\d{14}", item) for item in items)
    assert len(set(items)) == len(items)


def test_addresses_are_dutch_german_and_french(orders):
    shares = Counter(of_order[0]["ship-country"] for of_order in orders.values())
    assert set(shares) == {"NL", "DE", "FR"}
    assert shares["NL"] > shares["DE"] > shares["FR"] > 10


def test_sales_channel_follows_the_country(rows):
    channels = {(row["ship-country"], row["sales-channel"]) for row in rows}
    assert channels == {("NL", "Amazon.nl"), ("DE", "Amazon.de"), ("FR", "Amazon.fr")}


def test_rows_of_an_order_have_one_address(orders):
    for of_order in orders.values():
        addresses = {
            tuple(row[c] for c in COLUMNS if c.startswith(("ship-", "recipient")))
            for row in of_order
        }
        assert len(addresses) == 1


def test_orders_are_of_all_kinds(orders):
    several = [of_order for of_order in orders.values() if len(of_order) > 1]
    quantities = [int(r["quantity-to-ship"]) for rs in orders.values() for r in rs]
    partly = [r for rs in orders.values() for r in rs if r["quantity-shipped"] != "0"]
    assert len(several) > 50
    assert max(quantities) == 3 and min(quantities) == 1
    assert len(partly) > 10


def test_quantities_add_up(rows):
    for row in rows:
        total = int(row["quantity-shipped"]) + int(row["quantity-to-ship"])
        assert int(row["quantity-purchased"]) == total


def test_one_order_has_two_items_of_one_sku(orders):
    twice = [
        of_order
        for of_order in orders.values()
        if len({row["sku"] for row in of_order}) < len(of_order)
    ]
    assert len(twice) == 1
    assert len({row["order-item-id"] for row in twice[0]}) == 2


def test_some_skus_are_unknown_to_odoo(rows):
    unknown = {row["sku"] for row in rows} - KNOWN_SKUS
    assert unknown == {product.sku for product in UNKNOWN}


def test_every_buyer_has_a_phone(rows):
    assert all(re.search(r"\d{6}", row["buyer-phone-number"]) for row in rows)


def test_small_report_has_the_order_with_two_items_of_one_sku_too():
    small = read_rows(make_report(2, NOW))
    assert Counter(row["sku"] for row in small if row["order-id"].endswith("1")) == {
        PRODUCTS[0].sku: 2
    }


def test_what_is_to_be_shipped_is_read_from_the_report(report, orders):
    expected = read_report(report)
    assert expected.keys() == orders.keys()
    for order_ref, of_order in orders.items():
        assert expected[order_ref].quantities == {
            row["order-item-id"]: int(row["quantity-to-ship"]) for row in of_order
        }
        assert expected[order_ref].sales_channel == of_order[0]["sales-channel"]


def test_quotes_in_a_cell_are_plain_characters():
    columns = ("order-id", "order-item-id", "quantity-to-ship", "product-name")
    cells = ("402-0000001-0000001", "00000000000017", "2", '"27 inch')
    data = "\r\n".join(["\t".join(columns), "\t".join(cells), ""]).encode()
    assert read_report(data)[cells[0]].quantities == {cells[1]: 2}


def test_a_changed_report_has_the_columns_and_cells_that_are_left(report, rows):
    def change(row):
        del row["buyer-email"]
        row["sku"] = row["sku"].lower()

    changed = read_rows(change_report(report, change))
    assert [row["sku"] for row in changed] == [row["sku"].lower() for row in rows]
    assert "buyer-email" not in changed[0]
    assert len(changed[0]) == len(rows[0]) - 1


def test_a_report_that_nothing_changed_has_the_same_bytes(report):
    assert change_report(report, lambda row: None) == report
