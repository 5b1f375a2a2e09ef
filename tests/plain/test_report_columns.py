"""How the cells of a report become values."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from amazon.report_columns import (
    ITEM_DETAILS,
    ORDER_DETAILS,
    read_amount,
    read_flag,
    read_moment,
    read_number,
    read_quantity,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.plain.report_maker import STANDARD

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
MOMENTS = st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1), timezones=ZONES).map(
    lambda moment: moment.replace(microsecond=0)
)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-07-30T08:34:47+00:00", (2025, 7, 30, 8, 34, 47)),
        ("2025-07-30T08:34:47-07:00", (2025, 7, 30, 15, 34, 47)),
        ("2025-07-30T08:34:47+05:30", (2025, 7, 30, 3, 4, 47)),
        ("2025-12-31T23:30:00-01:00", (2026, 1, 1, 0, 30, 0)),
        ("2025-07-30T08:34:47Z", (2025, 7, 30, 8, 34, 47)),
        ("2025-07-30T08:34:47.123Z", (2025, 7, 30, 8, 34, 47)),
        ("2025-07-30T08:34:47,5+0200", (2025, 7, 30, 6, 34, 47)),
        ("2025-07-30T08:34Z", (2025, 7, 30, 8, 34, 0)),
        ("2025-07-30T08:34:47", (2025, 7, 30, 8, 34, 47)),
        ("2025-07-30 08:34:47 UTC", (2025, 7, 30, 8, 34, 47)),
        ("2025-07-30 08:34:47 GMT", (2025, 7, 30, 8, 34, 47)),
        ("2025-07-30 08:34:47 PDT", (2025, 7, 30, 15, 34, 47)),
        ("2025-01-30 08:34:47 PST", (2025, 1, 30, 16, 34, 47)),
        ("2025-07-30 08:34:47 MESZ", (2025, 7, 30, 6, 34, 47)),
        ("2025/07/30 8:34:47 JST", (2025, 7, 29, 23, 34, 47)),
        ("30.07.2025 08:34:47 UTC", (2025, 7, 30, 8, 34, 47)),
        ("30.7.2025", (2025, 7, 30, 0, 0, 0)),
        ("2025-07-30", (2025, 7, 30, 0, 0, 0)),
        ("2024-02-29", (2024, 2, 29, 0, 0, 0)),
    ],
)
def test_moments_are_read_from_every_form_amazon_has_used(written, moment):
    assert read_moment(written) == datetime(*moment, tzinfo=timezone.utc)
    assert read_moment(written).tzinfo is timezone.utc


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "07/30/2025",
        "30/07/2025 08:34",
        "30-07-2025",
        "2025-13-01",
        "2025-02-30T08:34:47+00:00",
        "2025-07-30T25:00:00+00:00",
        "2025-07-30T08:34:47+99:00",
        "2025-07-30 08:34:47 XYZ",
        "2025-07-30T08:34:47+00:00 and more",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "２０２５-07-30",
        "1,76E+09",
        "45868",
    ],
)
def test_what_is_no_moment_for_certain_is_none(written):
    assert read_moment(written) is None


@given(MOMENTS)
def test_every_iso_moment_is_read_back(moment):
    read = read_moment(moment.isoformat())
    assert read == moment
    assert read.utcoffset() == timedelta(0)


@given(MOMENTS)
def test_a_moment_without_an_offset_is_utc(moment):
    naive = moment.replace(tzinfo=None)
    assert read_moment(naive.isoformat(" ")) == naive.replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("12,5", "12.5"),
        ("-3.10", "-3.10"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1.234.567,8", "1234567.8"),
        ("0", "0"),
        ("12.3456", "12.3456"),
    ],
)
def test_amounts_have_a_decimal_point_or_comma(written, amount):
    assert read_amount(written) == Decimal(amount)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1,234",
        "12,345",
        "EUR 5",
        "1.2.3",
        "NaN",
        "Infinity",
        "1e3",
        "٣",
        "1_0",
        "--1",
    ],
)
def test_what_is_no_amount_for_certain_is_none(written):
    assert read_amount(written) is None


@given(st.decimals(-999999, 999999, places=2))
def test_every_amount_is_read_back(amount):
    text = str(amount)
    assert read_amount(text) == amount
    assert read_amount(text.replace(".", ",")) == amount


@given(st.integers(0, 999_999))
def test_every_quantity_is_read_back(number):
    assert read_quantity(str(number)) == number


@pytest.mark.parametrize("written", ["", "-1", "+1", "1.5", "1000000", "1 000", "٣"])
def test_what_is_no_quantity_is_none(written):
    assert read_quantity(written) is None


@pytest.mark.parametrize(
    ("written", "number"), [("-3", -3), ("+3", 3), ("0", 0), ("3.0", None), ("", None)]
)
def test_numbers_may_be_negative(written, number):
    assert read_number(written) == number


@pytest.mark.parametrize(
    ("written", "flag"),
    [("true", True), ("True", True), ("false", False), ("", False), ("yes", None)]
    + [("1", None), ("WAAR", None)],
)
def test_flags_are_the_words_true_and_false(written, flag):
    assert read_flag(written) is flag


@given(st.text(max_size=30))
def test_any_text_is_read_or_is_none(text):
    for reader in {*ORDER_DETAILS.values(), *ITEM_DETAILS.values(), read_number}:
        reader(text)


def test_no_column_has_two_places():
    assert not set(ORDER_DETAILS) & set(ITEM_DETAILS)
    assert not (set(ORDER_DETAILS) | set(ITEM_DETAILS)) & set(STANDARD)
    names = (*ORDER_DETAILS, *ITEM_DETAILS)
    assert all(name == name.lower() for name in names)
