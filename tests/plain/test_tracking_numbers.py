"""Doubts about tracking numbers: what is known is checked, nothing else is doubted."""

import string

import pytest
from amazon.tracking_numbers import (
    LONGEST_NUMBER,
    Doubt,
    find_doubt,
    gls_check_digit,
    s10_check_digit,
    ups_check_digit,
)
from hypothesis import given
from hypothesis import strategies as st

POSTS = ("PostNL", "BPOST", "Deutsche Post", "Royal Mail", "Correos", "Poste Italiane")
UNKNOWN_FORMS = ("DHL", "DPD", "Seur", "BRT", "Other", "")
DIGITS = st.sampled_from(string.digits)
LETTERS = st.sampled_from(string.ascii_uppercase)


def digits(count):
    return st.text(DIGITS, min_size=count, max_size=count)


def letters(count):
    return st.text(LETTERS, min_size=count, max_size=count)


@st.composite
def postal_numbers(draw):
    serial = draw(digits(8))
    return f"{draw(letters(2))}{serial}{s10_check_digit(serial)}{draw(letters(2))}"


@st.composite
def gls_numbers(draw):
    start = draw(digits(draw(st.sampled_from((11, 13)))))
    return f"{start}{gls_check_digit(start)}"


@st.composite
def ups_numbers(draw):
    start = draw(st.text(DIGITS | LETTERS, min_size=15, max_size=15))
    return f"1Z{start}{ups_check_digit(start)}"


def change_digit(number, place, by):
    digit = (int(number[place]) + by) % 10
    return f"{number[:place]}{digit}{number[place + 1 :]}"


# Public examples: of the Universal Postal Union, of GLS, of UPS.
@pytest.mark.parametrize(
    ("carrier_code", "number"),
    [
        ("PostNL", "RB123456785GB"),
        ("Royal Mail", "RR473124829GB"),
        ("GLS", "604831862623"),
        ("GLS", "601079500843"),
        ("GLS", "11850080202728"),
        ("UPS", "1Z5R89390357567127"),
        ("UPS", "1Z879E930346834440"),
    ],
)
def test_numbers_that_were_really_given_are_not_doubted(carrier_code, number):
    assert find_doubt(carrier_code, number) is None


@given(postal_numbers(), st.sampled_from(POSTS))
def test_a_postal_number_with_its_check_digit_is_not_doubted(number, carrier_code):
    assert find_doubt(carrier_code, number) is None


@given(postal_numbers(), st.integers(2, 9), st.integers(1, 9), st.sampled_from(POSTS))
def test_a_mistyped_digit_of_a_postal_number_is_mostly_noticed(
    number, place, by, carrier_code
):
    mistyped = change_digit(number, place, by)
    serial, check = mistyped[2:10], int(mistyped[10])
    # Remainders 10 and 0 share their digit with others: those pass, as they must.
    noticed = s10_check_digit(serial) != check
    assert find_doubt(carrier_code, mistyped) == (
        Doubt.CHECK_DIGIT if noticed else None
    )
    assert noticed or s10_check_digit(number[2:10]) in (0, 5)


@given(postal_numbers(), st.integers(1, 9))
def test_a_mistyped_check_digit_is_always_noticed(number, by):
    assert find_doubt("PostNL", change_digit(number, 10, by)) is Doubt.CHECK_DIGIT


@given(gls_numbers())
def test_a_number_of_gls_with_its_check_digit_is_not_doubted(number):
    assert find_doubt("GLS", number) is None


@given(gls_numbers(), st.data(), st.integers(1, 9))
def test_any_mistyped_digit_of_gls_is_noticed(number, data, by):
    place = data.draw(st.integers(0, len(number) - 1))
    assert find_doubt("GLS", change_digit(number, place, by)) is Doubt.CHECK_DIGIT


@given(digits(11) | st.text(DIGITS | LETTERS, min_size=8, max_size=8))
def test_gls_numbers_without_check_digit_and_track_ids_are_not_doubted(number):
    assert find_doubt("GLS", number) is None


@given(ups_numbers())
def test_a_1z_number_with_its_check_digit_is_not_doubted(number):
    assert find_doubt("UPS", number) is None


@given(ups_numbers(), st.integers(1, 9))
def test_a_mistyped_check_digit_of_ups_is_noticed(number, by):
    assert find_doubt("UPS", change_digit(number, 17, by)) is Doubt.CHECK_DIGIT


@pytest.mark.parametrize("number", ["3SMYPA000000001", "1Z123", "JVGL06123456789"])
def test_a_number_of_another_carrier_does_not_look_like_ups_or_gls(number):
    assert find_doubt("UPS", number) is Doubt.FORM
    assert find_doubt("GLS", number) is Doubt.FORM


@given(
    st.text(DIGITS | LETTERS, min_size=1, max_size=LONGEST_NUMBER),
    st.sampled_from(UNKNOWN_FORMS),
)
def test_a_carrier_without_a_known_form_is_never_doubted_for_it(number, carrier_code):
    assert find_doubt(carrier_code, number) is None


@given(st.text(DIGITS | LETTERS, min_size=1, max_size=30).filter(str.isalnum))
def test_a_post_is_doubted_only_for_international_numbers(number):
    is_international = (
        len(number) == 13
        and number[:2].isalpha()
        and number[11:].isalpha()
        and number[2:11].isdigit()
    )
    assert find_doubt("PostNL", number) is None or is_international


@pytest.mark.parametrize(
    "number", ["号12345", "=1+1", "123\t456", "12€", "<b>1</b>", ""]
)
@pytest.mark.parametrize("carrier_code", ["PostNL", "GLS", "DHL", "Other"])
def test_characters_that_no_number_has_are_doubted_for_every_carrier(
    carrier_code, number
):
    assert find_doubt(carrier_code, number) is Doubt.CHARACTERS


@pytest.mark.parametrize("carrier_code", ["PostNL", "GLS", "DHL", "Other"])
def test_what_is_longer_than_amazon_takes_is_doubted(carrier_code):
    assert find_doubt(carrier_code, "1" * 51) is Doubt.TOO_LONG


@given(st.text(), st.text())
def test_any_text_gets_an_answer(carrier_code, number):
    assert find_doubt(carrier_code, number) in (None, *Doubt)
    assert find_doubt("UPS", number) in (None, *Doubt)
    assert find_doubt("GLS", number) in (None, *Doubt)
    assert find_doubt("PostNL", number) in (None, *Doubt)


def test_case_and_spaces_make_no_difference():
    assert find_doubt("UPS", "1z 5r8 939 03 5756 7127") is None
    assert find_doubt("PostNL", "rb 12345678 5 gb") is None
