"""Customs declarations: cents, grams, pieces, and texts that fit."""

import dataclasses
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from carriers.customs import (
    DESCRIPTION_LENGTH,
    Content,
    Numbers,
    declare,
    hs_digits,
    line_values,
    line_weights,
    shortened,
    spread,
)
from hypothesis import given
from hypothesis import strategies as st

MUG = Content("[MUG] Mug", "Mug", 1, 9.95, 400, "69120023", "CN")

CENTS = st.integers(1, 500_000).map(lambda cents: cents / 100)
CONTENTS = st.lists(
    st.builds(
        Content,
        product=st.text("ab", min_size=1, max_size=4),
        description=st.text(max_size=80),
        quantity=st.integers(1, 500),
        unit_price=CENTS,
        unit_grams=st.one_of(st.just(0), st.integers(1, 5_000)),
        hs_code=st.just("69120023"),
        origin=st.just("CN"),
    ),
    min_size=1,
    max_size=12,
)


def content(**values):
    return dataclasses.replace(MUG, **values)


def declared(*contents, grams=10_000):
    return declare(contents, parcel_grams=grams, invoice="402-1")


# Values


@given(contents=CONTENTS)
def test_a_price_in_cents_times_pieces_is_declared_to_the_cent(contents):
    expected = [
        int(Decimal(str(item.unit_price)) * 100 * item.quantity) for item in contents
    ]
    assert line_values(contents) == expected


@given(
    parts=st.lists(
        st.tuples(st.integers(1, 20), st.floats(0.0001, 500, allow_nan=False)),
        min_size=1,
        max_size=8,
    )
)
def test_lines_of_broken_prices_are_together_the_value_of_the_parcel(parts):
    contents = [
        content(product=str(number), quantity=quantity, unit_price=price)
        for number, (quantity, price) in enumerate(parts)
    ]
    exact = [Decimal(str(price)) * quantity * 100 for quantity, price in parts]
    values = line_values(contents)
    assert sum(values) == int(sum(exact).quantize(Decimal(1), ROUND_HALF_UP))
    for value, share in zip(values, exact, strict=True):
        # The rest of a cent of all lines is given to some of them.
        assert abs(value - share) <= 1


def test_the_parts_of_a_kit_cost_what_the_kit_costs():
    thirds = [content(product=name, unit_price=10 / 3) for name in "abc"]
    assert sorted(line_values(thirds)) == [333, 333, 334]


@pytest.mark.parametrize(
    ("price", "quantity", "cents"),
    [(0.1, 3, 30), (1.005, 1, 101), (0.004, 1, 0), (19.99, 3, 5997), (2.5, 0.5, 125)],
)
def test_amounts_are_counted_as_they_are_written(price, quantity, cents):
    assert line_values([content(unit_price=price, quantity=quantity)]) == [cents]


def test_the_declared_total_is_the_sum_of_its_lines():
    declaration = declared(content(quantity=2), content(product="Bowl", unit_price=5))
    assert declaration.value_cents == 1990 + 500
    assert declaration.value_cents == sum(x.value_cents for x in declaration.lines)
    assert declaration.weight_grams == sum(x.weight_grams for x in declaration.lines)


# Weights


@given(contents=CONTENTS, grams=st.integers(1, 30_000))
def test_no_line_is_weightless_and_none_together_heavier_than_the_parcel(
    contents, grams
):
    weights = line_weights(contents, grams)
    assert all(isinstance(weight, int) and weight >= 1 for weight in weights)
    assert sum(weights) <= max(grams, len(contents))


def test_known_weights_are_declared_as_they_are():
    contents = [content(quantity=3), content(product="Plate", unit_grams=1_200)]
    assert line_weights(contents, 10_000) == [1_200, 1_200]


def test_products_without_weight_share_what_the_others_leave_by_pieces():
    contents = [
        content(quantity=2),
        content(product="a", unit_grams=0, quantity=3),
        content(product="b", unit_grams=0, quantity=1),
    ]
    assert line_weights(contents, 1_200) == [800, 300, 100]


def test_a_parcel_of_products_without_weight_is_shared_among_them():
    contents = [content(product=name, unit_grams=0) for name in "abc"]
    weights = line_weights(contents, 1_000)
    assert sum(weights) == 1_000
    assert max(weights) - min(weights) <= 1


def test_what_was_weighed_goes_before_what_products_are_said_to_weigh():
    contents = [content(quantity=3), content(product="Plate", unit_grams=1_200)]
    assert line_weights(contents, 1_600) == [800, 800]


def test_a_product_without_weight_gets_an_average_when_the_others_leave_nothing():
    contents = [content(unit_grams=400), content(product="a", unit_grams=0)]
    assert line_weights(contents, 400) == [200, 200]


@given(
    shares=st.lists(st.fractions(0, 1000), min_size=1, max_size=20),
    least=st.integers(0, 1),
    more=st.integers(0, 10_000),
)
def test_shares_are_whole_and_together_the_total(shares, least, more):
    total = least * len(shares) + more
    parts = spread(total, shares, least)
    assert sum(parts) == total
    assert min(parts) >= least
    if not least and any(shares):
        for part, share in zip(parts, shares, strict=True):
            assert abs(part - total * Fraction(share) / sum(shares)) < 1


# Lines


def test_the_same_product_at_the_same_price_is_one_line():
    (line,) = declared(content(quantity=1), content(quantity=2)).lines
    assert (line.quantity, line.value_cents, line.weight_grams) == (3, 2985, 1200)


def test_the_same_product_at_another_price_is_a_line_of_its_own():
    assert len(declared(content(), content(unit_price=8.0)).lines) == 2


@pytest.mark.parametrize(("quantity", "pieces"), [(0.25, 1), (1.5, 2), (2.0, 2)])
def test_part_of_a_piece_is_declared_as_a_piece(quantity, pieces):
    (line,) = declared(content(quantity=quantity)).lines
    assert line.quantity == pieces


def test_what_concerns_the_line_is_taken_over():
    declaration = declared(content(unconverted="GBP", unit_price=0))
    (line,) = declaration.lines
    assert (line.product, line.hs_code, line.origin) == ("[MUG] Mug", "69120023", "CN")
    assert line.unconverted == "GBP"
    assert declaration.invoice == "402-1"


def test_nothing_in_a_parcel_is_an_empty_declaration():
    assert declared().lines == ()


def test_the_senders_numbers_show_in_no_repr():
    numbers = Numbers("NL123456789", "NL123456789B01", "GB123456789", "2021000")
    shown = repr(declare([MUG], parcel_grams=1, invoice="402-1", numbers=numbers))
    assert "123456789" not in shown
    assert "2021000" not in shown


# Texts


@given(text=st.text(max_size=300))
def test_a_description_fits_and_is_printable(text):
    short = shortened(text)
    assert len(short) <= DESCRIPTION_LENGTH
    assert short == " ".join(short.split())
    assert "\n" not in short and "\x00" not in short


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Blue mug", "Blue mug"),
        ("Blue\n mug\x00", "Blue mug"),
        ("x" * 60, "x" * 50),
        ("word " * 20, ("word " * 10).strip()),
        (
            "Handmade ceramic coffee mug with a large handle, dishwasher safe",
            "Handmade ceramic coffee mug with a large handle",
        ),
    ],
)
def test_a_long_description_ends_with_a_word(text, short):
    assert shortened(text) == short


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("691200", "691200"),
        ("6912.00.23", "69120023"),
        ("0901 21 00 00", "0901210000"),
        ("0901-21", "090121"),
        ("6912", ""),
        ("6912002", ""),
        ("69120023001", ""),
        ("69120A", ""),
        ("٦٩١٢٠٠", ""),
        ("", ""),
    ],
)
def test_an_hs_code_is_read_as_digits(code, digits):
    assert hs_digits(code) == digits


# Numbers that are for small values only

BOTH = Numbers(uk_vat="GB1", voec="2011111")
RATES = {"GBP": 1.2, "NOK": 0.1}


@pytest.mark.parametrize(
    ("prices", "uk_vat", "voec"),
    [
        ([162.00], "GB1", "2011111"),
        ([162.01], "", "2011111"),
        ([90.00, 90.00], "", "2011111"),
        ([300.00], "", "2011111"),
        ([300.01], "", ""),
        ([1.00, 300.01], "", ""),
    ],
)
def test_a_number_for_small_values_is_not_on_a_parcel_beyond_its_limit(
    prices, uk_vat, voec
):
    contents = [
        content(product=str(n), unit_price=price) for n, price in enumerate(prices)
    ]
    numbers = declare(
        contents, parcel_grams=900, invoice="402-1", numbers=BOTH, rates=RATES
    ).numbers
    assert (numbers.uk_vat, numbers.voec) == (uk_vat, voec)


def test_the_norwegian_limit_is_that_of_a_piece_and_not_of_its_line():
    numbers = declare(
        [content(unit_price=299, quantity=5)],
        parcel_grams=900,
        invoice="402-1",
        numbers=BOTH,
        rates=RATES,
    ).numbers
    assert (numbers.uk_vat, numbers.voec) == ("", "2011111")


def test_without_a_rate_the_numbers_are_given():
    contents = [content(unit_price=5000)]
    declaration = declare(contents, parcel_grams=900, invoice="402-1", numbers=BOTH)
    assert declaration.numbers == BOTH
