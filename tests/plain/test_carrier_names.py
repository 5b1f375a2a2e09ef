"""Carriers are recognised in the names of delivery methods, and only whole names."""

import pytest
from amazon.carrier_names import find_carrier
from hypothesis import given
from hypothesis import strategies as st

NAMES = (
    "DHL",
    "DHL Express",
    "PostNL",
    "bpost",
    "DPD",
    "GO!",
    "Österreichische Post",
    "Correos",
    "Correos Express",
    "Colis Privé",
)
CARRIERS = [(name, name) for name in NAMES]
WORDS = st.text(st.sampled_from("abcxyzé1 -!()"), max_size=20)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PostNL (MyParcel)", "PostNL"),
        ("Post NL", "PostNL"),
        ("POST-NL pakket", "PostNL"),
        ("DHL Express international", "DHL Express"),
        ("Express by DHL", "DHL"),
        ("B-Post", "bpost"),
        ("Osterreichische post", "Österreichische Post"),
        ("Colis prive", "Colis Privé"),
        ("correos express 24", "Correos Express"),
    ],
)
def test_the_longest_name_is_found_however_it_is_written(text, name):
    assert find_carrier(text, CARRIERS) == name


@pytest.mark.parametrize("text", ["", "Bike courier", "Gone", "DHLX", "Standard", "NL"])
def test_a_name_inside_another_word_is_no_carrier(text):
    assert find_carrier(text, CARRIERS) is None


def test_the_first_of_two_equal_names_wins():
    assert find_carrier("Hermes", [("Hermes", "uk"), ("HERMES", "de")]) == "uk"


@pytest.mark.parametrize("name", ["", " ", "!", ","])
def test_a_name_without_letters_is_never_found(name):
    assert find_carrier("DHL", [(name, "nobody")]) is None


@given(WORDS, st.sampled_from(NAMES), WORDS)
def test_a_name_among_other_words_is_found(before, name, after):
    assert find_carrier(f"{before} {name} {after}", [(name, name)]) == name


@given(st.text())
def test_any_text_gets_an_answer(text):
    assert find_carrier(text, CARRIERS) in (None, *NAMES)
