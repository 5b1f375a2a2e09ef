"""Which places need a customs declaration of a parcel from the EU."""

import pytest
from carriers.countries import EU
from carriers.customs_territories import (
    TERRITORIES,
    is_customs_free,
    needs_declaration,
    territory_of,
)


# A real address of each, and of its neighbours. First and last code of a range.
@pytest.mark.parametrize(
    ("country", "postal_code", "name"),
    [
        ("ES", "35001", "Canary Islands"),
        ("ES", "38999", "Canary Islands"),
        ("ES", "51001", "Ceuta"),
        ("ES", "52006", "Melilla"),
        ("FI", "22100", "Åland"),
        ("AX", "22100", "Åland"),
        ("IT", "23041", "Livigno"),
        ("IT", "22061", "Campione d'Italia"),
        ("IT", "47890", "San Marino"),
        ("SM", "47899", "San Marino"),
        ("IT", "00120", "Vatican City"),
        ("DE", "78266", "Büsingen"),
        ("DE", "27498", "Helgoland"),
        ("GR", "63086", "Mount Athos"),
        ("GR", "63087", "Mount Athos"),
        ("FR", "97100", "Guadeloupe"),
        ("FR", "97200", "Martinique"),
        ("FR", "97300", "French Guiana"),
        ("FR", "97400", "Réunion"),
        ("FR", "97600", "Mayotte"),
        ("FR", "97800", "Saint Martin"),
        ("FR", "97500", "Saint Pierre and Miquelon"),
        ("FR", "97700", "Saint Barthélemy"),
        ("FR", "98800", "French lands of the south and the Pacific"),
    ],
)
def test_a_territory_with_rules_of_its_own_needs_a_declaration(
    country, postal_code, name
):
    assert territory_of(country, postal_code).name == name
    assert needs_declaration(country, postal_code)
    assert not is_customs_free(country, postal_code)


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [
        ("ES", "28013"),  # Madrid
        ("ES", "07001"),  # Balearic Islands
        ("FI", "00100"),
        ("IT", "23030"),  # what Livigno had once, and its neighbours have
        ("IT", "47921"),  # Rimini, beside San Marino
        ("IT", "00121"),
        ("DE", "78224"),  # Singen, beside Büsingen
        ("DE", "27499"),  # Neuwerk
        ("GR", "63088"),
        ("FR", "75001"),
        ("FR", "20000"),  # Corsica
        ("FR", "98000"),  # Monaco as a French address
        ("PT", "9000-001"),  # Madeira
        ("PT", "9500-001"),  # Azores
        ("CY", "1010"),
        ("NL", "3500 AA"),
        ("BE", "1000"),
    ],
)
def test_the_rest_of_the_member_states_needs_none(country, postal_code):
    assert territory_of(country, postal_code) is None
    assert is_customs_free(country, postal_code)


@pytest.mark.parametrize("country", sorted(EU))
def test_no_member_state_needs_one_as_a_whole(country):
    assert not needs_declaration(country, "")


@pytest.mark.parametrize(
    "country",
    [
        *("GB", "CH", "NO", "US", "LI", "IS", "TR", "JP"),
        *("JE", "GG", "IM", "GI", "FO", "GL", "AD", "VA", "SM", "SJ", "XK"),
        # Overseas parts of member states with a code of their own.
        *("GP", "MQ", "GF", "RE", "YT", "MF", "BL", "PM", "NC", "PF", "WF", "AW", "CW"),
    ],
)
def test_every_other_country_needs_one(country):
    assert needs_declaration(country, "12345")
    assert not is_customs_free(country, "12345")


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [("GB", "BT1 5GS"), ("GB", "bt48 6hl"), ("XI", "BT1 5GS"), ("MC", "98000")],
)
def test_goods_go_to_northern_ireland_and_monaco_without_one(country, postal_code):
    assert not needs_declaration(country, postal_code)
    # They are no member states: a carrier of the EU alone does not go there.
    assert not is_customs_free(country, postal_code)


@pytest.mark.parametrize("postal_code", ["B1 1BB", "BA1 1AA", "AB10 1AB", ""])
def test_the_rest_of_the_united_kingdom_needs_one(postal_code):
    assert needs_declaration("GB", postal_code)


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [
        ("es", " 35001 "),
        ("ES", "E-35001"),
        ("ES", "ES 35 001"),
        ("FI", "AX-22100"),
        ("fi", "FI-22100"),
        ("DE", "D-78266"),
    ],
)
def test_the_way_a_postal_code_is_written_does_not_matter(country, postal_code):
    assert needs_declaration(country, postal_code)


def test_each_territory_tells_its_source_and_stands_for_itself():
    for territory in TERRITORIES:
        assert territory.source
        assert territory.prefixes
        for prefix in territory.prefixes:
            code = prefix or "1"
            assert territory_of(territory.country_code, code) == territory
