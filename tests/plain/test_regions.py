"""Regions are found by code and name, however they are written."""

import unicodedata

import pytest
from amazon.regions import index_regions, region_key
from hypothesis import given
from hypothesis import strategies as st

SPANISH = [
    (1, "C", "A Coruña (La Coruña)"),
    (2, "VI", "Araba/Álava"),
    (3, "AV", "Ávila"),
    (4, "M", "Madrid"),
]
NAMES = st.text("abcdeéöñ -'/()", min_size=1, max_size=12)
REGIONS = st.lists(
    st.tuples(st.text("ABC1", min_size=1, max_size=3), NAMES), unique_by=lambda r: r[0]
).map(lambda rows: [(ref, *row) for ref, row in enumerate(rows)])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("C", 1),
        ("La Coruña", 1),
        ("A CORUÑA", 1),
        ("A Coruna (La Coruna)", 1),
        ("álava", 2),
        ("ARABA", 2),
        ("Araba / Álava", 2),
        ("Avila", 3),
        ("madrid", 4),
        ("m", 4),
        ("Comunidad de Madrid", None),
        ("", None),
        ("()", None),
    ],
)
def test_a_region_is_found_by_code_and_by_each_of_its_names(written, found):
    assert index_regions(SPANISH).get(region_key(written)) == found


def test_a_name_that_two_regions_bear_finds_neither():
    index = index_regions([(1, "A", "Valle/Monte"), (2, "B", "Monte"), (3, "C", "Rio")])
    assert "monte" not in index
    assert index["valle"] == 1 and index["rio"] == 3


def test_a_code_goes_before_a_name():
    index = index_regions([(1, "LI", "Limburg"), (2, "X", "Li")])
    assert index["li"] == 1


@given(regions=REGIONS)
def test_every_code_finds_its_region(regions):
    index = index_regions(regions)
    for ref, code, _name in regions:
        assert index[region_key(code)] == ref


def test_a_sign_that_stands_for_capitals_is_those_letters():
    assert region_key("\u2121") == region_key("Tel") == "tel"


@given(text=st.text(max_size=20))
def test_case_accents_and_signs_do_not_matter(text):
    key = region_key(text)
    assert region_key(key) == key
    assert region_key(f" {unicodedata.normalize('NFD', text)}. ") == key
