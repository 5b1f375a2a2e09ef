"""Phone numbers for carriers: cleaned where that is safe, else as they were."""

import pytest
from carriers.phone import clean_phone, find_phone
from hypothesis import given
from hypothesis import strategies as st

PHONES = st.text("0123456789+() -./x", max_size=25) | st.text(max_size=25)
EXTENDED = st.sampled_from(["", " ext. 12345", " x123", "x7", ", Durchwahl 4"])


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("+31600000001", "+31600000001"),
        ("+31 6 0000 0001", "+31600000001"),
        ("+31 (0)6-00000001", "+31600000001"),
        ("0031600000001", "+31600000001"),
        ("06-00000001", "0600000001"),
        ("0151/00000001", "015100000001"),
        ("+33 6.00.00.00.01", "+33600000001"),
        ("(020) 000 0001", "0200000001"),
        ("+1 207-555-0100 ext. 12345", "+12075550100"),
        ("+1 207-555-0100 x12345", "+12075550100"),
        ("+1 207-555-0100x12345", "+12075550100"),
        ("030 0000001, Durchwahl 12", "0300000001"),
        ("  0600000001\t", "0600000001"),
    ],
)
def test_a_number_loses_what_carriers_do_not_take(written, cleaned):
    assert clean_phone(written) == cleaned


@pytest.mark.parametrize(
    "doubtful",
    [
        "",
        "112",
        "unknown",
        "0600000001 / 0600000002",
        "0600000001 (after six)",
        "06 0000 0001 Eva",
        "+31 +32 600000001",
        "٠٦٠٠٠٠٠٠٠١",
        "00123",
    ],
)
def test_what_does_not_read_as_one_number_stays_as_it_is(doubtful):
    assert clean_phone(doubtful) == doubtful


@given(phone=PHONES, extension=EXTENDED)
def test_nothing_is_invented_and_cleaning_again_changes_nothing(phone, extension):
    cleaned = clean_phone(phone + extension)
    assert clean_phone(cleaned) == cleaned
    if cleaned != (phone + extension).strip():
        left = iter(phone + extension)
        assert all(digit in left for digit in cleaned.lstrip("+"))
        assert cleaned.lstrip("+").isdigit()


@given(number=st.from_regex(r"\+[1-9][0-9]{8,13}", fullmatch=True), extension=EXTENDED)
def test_an_international_number_keeps_all_its_digits(number, extension):
    spread = " ".join(number) + extension
    assert clean_phone(spread) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+31 20 1234567 en na zes uur", "+31201234567"),
        ("bel 06-12345678 of 020 7654321", "0612345678"),
        ("(020) 765 43 21, huis 12", "0207654321"),
        ("huis 12, bel +31 (0)6 1234 5678", "+31612345678"),
        ("bel aan bij de achterdeur", ""),
        ("12", ""),
        ("", ""),
    ],
)
def test_in_a_text_the_first_number_is_found(text, found):
    assert find_phone(text) == found
