"""The confirmation file: Amazon's columns, a row per item, safe to open anywhere."""

import csv
import io
from dataclasses import replace
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from amazon.confirmation_file import COLUMNS, write_confirmation_file
from amazon.selling_partner import ConfirmedItem, ShipmentConfirmation
from hypothesis import given
from hypothesis import strategies as st

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ONE = ShipmentConfirmation(
    order_ref="402-0000001-0000001",
    marketplace_ref="A1805IZSGTT6HS",
    package_ref="7",
    carrier_code="PostNL",
    carrier_name="",
    shipping_method="",
    tracking_number="3SMYPA000000001",
    ship_date=datetime(2026, 11, 17, 12, tzinfo=timezone.utc),
    items=(ConfirmedItem("00000000000001", 2),),
)


def read(data):
    """The rows as any reader of tab separated text sees them."""
    text = data.decode()
    assert text.endswith("\r\n")
    return [line.split("\t") for line in text.removesuffix("\r\n").split("\r\n")]


def test_the_file_has_amazons_columns_and_a_row_per_item():
    items = (ConfirmedItem("00000000000001", 2), ConfirmedItem("00000000000002", 1))
    data = write_confirmation_file([replace(ONE, items=items)], AMSTERDAM)
    start = ["402-0000001-0000001"]
    end = ["2026-11-17", "PostNL", "", "3SMYPA000000001", ""]
    assert read(data) == [
        "order-id order-item-id quantity ship-date carrier-code carrier-name"
        " tracking-number ship-method".split(),
        [*start, "00000000000001", "2", *end],
        [*start, "00000000000002", "1", *end],
    ]


def test_other_carriers_have_their_name_and_method():
    other = replace(
        ONE, carrier_code="Other", carrier_name="Fiets & Co", shipping_method="Bike"
    )
    row = dict(
        zip(COLUMNS, read(write_confirmation_file([other], AMSTERDAM))[1], strict=False)
    )
    assert row["carrier-code"] == "Other"
    assert row["carrier-name"] == "Fiets & Co"
    assert row["ship-method"] == "Bike"


def test_the_ship_date_is_the_day_where_the_parcel_left():
    late = replace(ONE, ship_date=datetime(2026, 11, 17, 23, 30, tzinfo=timezone.utc))
    for zone, day in ((AMSTERDAM, "2026-11-18"), (timezone.utc, "2026-11-17")):
        assert read(write_confirmation_file([late], zone))[1][3] == day


def test_no_parcels_give_the_header_alone():
    assert read(write_confirmation_file([], AMSTERDAM)) == [list(COLUMNS)]


@pytest.mark.parametrize("number", ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", " =1"])
def test_no_cell_begins_as_a_formula(number):
    data = write_confirmation_file([replace(ONE, tracking_number=number)], AMSTERDAM)
    assert read(data)[1][6][0] not in "=+-@\t "


@given(st.text(), st.text(), st.text())
def test_any_text_stays_in_its_cell(name, number, method):
    odd = replace(
        ONE, carrier_name=name, tracking_number=number, shipping_method=method
    )
    data = write_confirmation_file([odd, ONE], AMSTERDAM)
    rows = read(data)
    assert [len(row) for row in rows] == [len(COLUMNS)] * 3
    assert rows[2][6] == ONE.tracking_number
    assert len(data.decode().splitlines()) == 3
    for cell in rows[1]:
        assert not cell.startswith(("=", "+", "-", "@"))


@given(st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1))
def test_letters_and_digits_of_any_language_arrive_unchanged(name):
    data = write_confirmation_file([replace(ONE, carrier_name=name)], AMSTERDAM)
    rows = list(
        csv.DictReader(
            io.StringIO(data.decode()), delimiter="\t", quoting=csv.QUOTE_NONE
        )
    )
    assert rows[0]["carrier-name"] == name
