"""What GLS is asked: every field, the check before, and the contract."""

import dataclasses
import os
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from carriers.countries import EU
from carriers.gls_address import arrange, shortened
from carriers.gls_options import OPTIONS
from carriers.gls_payload import (
    check_login,
    check_pickup,
    check_shipment,
    clean_reference,
    pickup_payload,
    shipment_payload,
)
from carriers.gls_shipments import GlsNotification, GlsPickup, GlsUnit
from carriers.texts import clean
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from tests.plain.gls_shipments import ADDRESSES, ORDER, recipient, shipment

MAIL = GlsNotification("Voorbeeld Webshop", "shop@example.com", "Onderweg")


def faults(asked):
    return [(problem.field, problem.code) for problem in check_shipment(asked)]


def address(asked):
    return shipment_payload(asked)["addresses"]["deliveryAddress"]


# The body


def test_the_body_holds_every_field_under_its_documented_key():
    asked = shipment(
        "402-1/x",
        country="BE",
        name="Eva Voorbeeld",
        company="Proefbedrijf BV",
        street_additional="2e verdieping",
        phone="+3230000000",
        email="a1b2@marketplace.amazon.com.be",
        options={"addresseeOnlyService": True, "economyParcel": False},
        sender=recipient("NL", name="", company="Magazijn BV", email="m@example.com"),
        shipping_date=date(2026, 11, 23),
        notification=MAIL,
    )
    assert check_shipment(asked) == ()
    assert shipment_payload(asked) == {
        "shiptype": "p",
        "trackingLinkType": "u",
        "labelType": "pdfA6U",
        "reference": ORDER,
        "shippingDate": "2026-11-23",
        "services": {"addresseeOnlyService": True},
        "units": [
            {
                "unitId": "402-1-x",
                "unitType": "co",
                "customerUnitReference": "402-1-x",
                "weight": 0.75,
            }
        ],
        "notificationEmail": {
            "sendMail": True,
            "senderName": "Voorbeeld Webshop",
            "senderReplyAddress": "shop@example.com",
            "emailSubject": "Onderweg",
        },
        "addresses": {
            "deliveryAddress": {
                "addresseeType": "b",
                "name1": "Proefbedrijf BV",
                "name2": "Eva Voorbeeld",
                "name3": "2e verdieping",
                "street": "Testlaan",
                "houseNo": "100",
                "houseNoExt": "bus 3",
                "zipCode": "2000",
                "city": "Antwerpen",
                "countryCode": "BE",
                "phone": "+3230000000",
                "email": "a1b2@marketplace.amazon.com.be",
            },
            "pickupAddress": {
                "name1": "Magazijn BV",
                "street": "Voorbeeldstraat",
                "houseNo": "12",
                "houseNoExt": "a",
                "zipCode": "3500AA",
                "city": "Utrecht",
                "countryCode": "NL",
                "email": "m@example.com",
            },
        },
    }


def test_what_is_empty_is_left_out():
    asked = shipment(number_suffix="", order_ref="")
    payload = shipment_payload(asked)
    assert sorted(payload) == [
        *("addresses", "labelType", "services", "shiptype"),
        *("trackingLinkType", "units"),
    ]
    assert sorted(payload["addresses"]) == ["deliveryAddress"]
    assert sorted(address(asked)) == [
        *("addresseeType", "city", "countryCode", "houseNo"),
        *("name1", "street", "zipCode"),
    ]


def test_a_person_is_private_and_a_company_is_business():
    assert address(shipment())["addresseeType"] == "p"
    assert address(shipment(company="BV"))["addresseeType"] == "b"


@pytest.mark.parametrize(
    ("grams", "kilograms"),
    [(1, 0.1), (99, 0.1), (100, 0.1), (1234, 1.234), (32000, 32)],
)
def test_a_light_parcel_is_told_to_weigh_the_least_there_is(grams, kilograms):
    asked = shipment(weight_grams=grams)
    assert check_shipment(asked) == ()
    assert shipment_payload(asked)["units"][0]["weight"] == kilograms


def test_there_is_no_mail_without_an_address_or_when_switched_off():
    def has_mail(**changes):
        asked = shipment(notification=MAIL, **changes)
        return "notificationEmail" in shipment_payload(asked)

    assert has_mail(email="a@example.com")
    assert has_mail(email="a@example.com", options={"notificationEmail": True})
    assert not has_mail(email="a@example.com", options={"notificationEmail": False})
    assert not has_mail()
    assert "notificationEmail" not in shipment_payload(shipment(email="a@example.com"))


# References


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (ORDER, ORDER),
        ("WH/OUT/00001", "WH-OUT-00001"),
        ("S00012, S00013", "S00012-S00013"),
        ("#1001", "1001"),
        ("Bestelling é 7", "Bestelling-7"),
        ("A" * 10 + "/" + "B" * 15, "AAAA-" + "B" * 15),
        ("A" * 10 + "/" + "B" * 19, "B" * 19),
        ("", ""),
        ("///", ""),
    ],
)
def test_a_reference_is_letters_digits_and_hyphens(text, reference):
    assert clean_reference(text) == reference


def test_a_parcel_without_a_usable_reference_is_refused():
    assert faults(shipment("///")) == [("reference", "required")]


@given(st.text())
def test_any_text_becomes_a_reference_that_gls_takes(text):
    assert re.fullmatch("[A-Za-z0-9-]{0,20}", clean_reference(text))
    assert clean_reference(clean_reference(text)) == clean_reference(text)


@given(st.integers(0, 10**10 - 1), st.integers(0, 2**32 - 1))
def test_the_reference_of_an_attempt_stays_as_it_is(order, token):
    reference = f"402-{order // 1000:07d}-{order % 1000:07d}-{token:08x}"
    asked = shipment(reference)
    assert shipment_payload(asked)["units"][0]["unitId"] == reference


# Addresses: everything is on the label, or somebody is asked

LONG = "Bouwbedrijf Van den Hoogenband en Zonen"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        (
            {"name": "Maria Johanna Wilhelmina van den Broek"},
            {"name1": "Maria Johanna Wilhelmina van", "name2": "den Broek"},
        ),
        (
            {"name": "Jan Jansen", "company": LONG},
            {
                "name1": "Bouwbedrijf Van den Hoogenband",
                "name2": "en Zonen",
                "name3": "Jan Jansen",
            },
        ),
        # Too many lines for each to stand alone.
        (
            {"name": "Jan Jansen", "company": LONG, "street_additional": "3e etage"},
            {
                "name1": "Bouwbedrijf Van den Hoogenband",
                "name2": "en Zonen, Jan Jansen, 3e etage",
            },
        ),
        (
            {"name": "Anna-Wilhelmina-Theodora-Margaretha Vos"},
            {"name1": "Anna-Wilhelmina-Theodora-", "name2": "Margaretha Vos"},
        ),
        ({"name": "Eva", "company": "EVA"}, {"name1": "EVA"}),
        # People are called as places are.
        ({"name": "Utrecht"}, {"name1": "Utrecht"}),
        ({"street_additional": "Utrecht"}, {"name1": "Eva Voorbeeld"}),
        ({"number": "12345"}, {"houseNo": "12345", "houseNoExt": "a"}),
        ({"number": "12-14"}, {"houseNo": "12-14", "houseNoExt": "a"}),
        ({"number": "123-125"}, {"street": "Voorbeeldstraat 123-125 a"}),
        (
            {"number": "123-125", "number_suffix": ""},
            {"houseNo": "123", "houseNoExt": "-125"},
        ),
        (
            {"number": "12", "number_suffix": "achter"},
            {"street": "Voorbeeldstraat 12 achter"},
        ),
        ({"number": "1234567"}, {"street": "Voorbeeldstraat 1234567 a"}),
        (
            {"box_number": "3"},
            {"houseNo": "12", "houseNoExt": "a", "name2": "bus 3"},
        ),
        (
            {"box_number": "12", "number_suffix": ""},
            {"houseNo": "12", "name2": "bus 12"},
        ),
        ({"postal_code": "3500 aa"}, {"zipCode": "3500AA"}),
        ({"country": "IE"}, {"zipCode": "D02 X285"}),
        ({"country": "IE", "region": "Co. Dublin"}, {"name2": "Co. Dublin"}),
        ({"country": "IE", "region": "Dublin"}, {"name1": "Eva Voorbeeld"}),
        ({"region": "Utrecht (provincie)"}, {"name1": "Eva Voorbeeld"}),
        ({"name": "  Eva\n Voorbeeld "}, {"name1": "Eva Voorbeeld"}),
        ({"name": "e\u0301" * 30}, {"name1": "é" * 30}),
    ],
)
def test_what_is_too_long_for_its_field_stands_elsewhere(changes, fields):
    asked = shipment(**changes)
    places = {"name1": "Eva Voorbeeld", **fields}
    written = address(asked)
    names = {key: text for key, text in written.items() if key.startswith("name")}
    assert names == {key: text for key, text in places.items() if "name" in key}
    assert {key: written[key] for key in fields} == fields
    assert check_shipment(asked) == ()


@pytest.mark.parametrize(
    ("changes", "field", "limit", "proposal"),
    [
        (
            {"street": "Laan van de Verenigde Naties en de Burgemeester"},
            "street",
            40,
            "Laan van de Verenigde Naties en de",
        ),
        ({"street": "S" * 41}, "street", 40, "S" * 40),
        ({"city": "C" * 31}, "city", 30, "C" * 30),
        ({"postal_code": "123456789"}, "postal_code", 8, "12345678"),
        (
            {"phone": "+31 20 1234567 en na zes uur"},
            "phone",
            25,
            "+31201234567",
        ),
        (
            {"phone": "bel aan bij de achterdeur aub"},
            "phone",
            25,
            "bel aan bij de achterdeur",
        ),
        (
            {"street": "Van der Voorbeeldlaanstraat", "number": "1234567890123456"},
            "number",
            5,
            "12345",
        ),
        (
            {
                "street": "Van der Voorbeeldlaanstraat",
                "number": "12",
                "number_suffix": "achterhuis links",
            },
            "number_suffix",
            5,
            "achte",
        ),
        ({"name": "N" * 31}, "name", 30, "N" * 30),
        (
            {"name": "Eva Voorbeeld " + "N" * 31},
            "name",
            len("Eva Voorbeeld"),
            "Eva Voorbeeld",
        ),
        (
            {"company": " ".join(["Groothandel"] * 7), "name": "Eva Voorbeeld"},
            "company",
            len("Groothandel Groothandel Groothandel Groothandel Groothandel"),
            "Groothandel Groothandel Groothandel Groothandel Groothandel",
        ),
    ],
)
def test_what_fits_nowhere_is_told_with_what_would_fit(changes, field, limit, proposal):
    (problem,) = check_shipment(shipment("R-1", **changes))
    assert (problem.reference, problem.code) == ("R-1", "too_long")
    assert (problem.field, problem.limit) == (f"recipient.{field}", limit)
    assert problem.proposal == proposal
    assert proposal not in repr(problem)
    assert check_shipment(shipment("R-1", **{**changes, field: proposal})) == ()


def test_a_text_is_shortened_at_a_word_where_there_is_one():
    assert shortened("Laan van Nieuw", 10) == "Laan van"
    assert shortened("Laan", 10) == "Laan"
    assert shortened("Langestraat", 5) == "Lange"


WORDS = st.text(
    st.characters(categories=("L", "N"), include_characters="-.'/"),
    min_size=1,
    max_size=18,
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
SHORT = st.text("0123456789abc-", max_size=9)


@given(
    name=TEXTS,
    company=TEXTS,
    street=TEXTS,
    number=SHORT,
    number_suffix=SHORT,
    box_number=SHORT,
    street_additional=TEXTS,
    city=TEXTS,
    country=st.sampled_from([*ADDRESSES, "PT"]),
)
@settings(max_examples=150, deadline=None)
def test_an_address_is_on_the_label_whole_or_somebody_is_asked(country, **changes):
    to = recipient(country, **changes)
    arrangement = arrange(to)
    limits = {**dict.fromkeys(("name1", "name2", "name3", "city"), 30), "street": 40}
    limits |= {"houseNo": 5, "houseNoExt": 5, "zipCode": 8}
    if arrangement.misfits:
        assert all(len(item.proposal) <= item.limit for item in arrangement.misfits)
        return
    for name, limit in limits.items():
        assert len(arrangement.fields.get(name, "")) <= limit
    printed = "".join("".join(arrangement.fields.values()).split()).casefold()
    for name in changes:
        for word in clean(getattr(to, name)).split():
            assert word.casefold() in printed


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, [("recipient.name", "required")]),
        ({"name": "", "company": "BV"}, []),
        ({"street": " "}, [("recipient.street", "required")]),
        ({"postal_code": ""}, [("recipient.postal_code", "required")]),
        ({"city": ""}, [("recipient.city", "required")]),
        ({"country_code": ""}, [("recipient.country_code", "required")]),
        ({"country_code": "NLD"}, [("recipient.country_code", "invalid")]),
        ({"number": ""}, [("recipient.number", "required")]),
        ({"certain": False}, [("recipient.number", "uncertain")]),
        ({"country": "BE", "number": ""}, []),
        ({"country": "DE", "certain": False}, []),
        ({"email": "nobody"}, [("recipient.email", "invalid")]),
        ({"name": "Eva \ue000"}, [("recipient.name", "bad_character")]),
        ({"weight_grams": 0}, [("weight_grams", "too_small")]),
        ({"weight_grams": 32_001}, [("weight_grams", "too_heavy")]),
        ({"label_type": "pdf4A4"}, [("label_type", "invalid")]),
        ({"sender": recipient(city="")}, [("sender.city", "required")]),
        ({"sender": recipient(country_code="GB")}, []),
        (
            {"notification": GlsNotification("N" * 31)},
            [("notification.sender_name", "too_long")],
        ),
        (
            {"notification": GlsNotification("N", subject="S" * 51)},
            [("notification.subject", "too_long")],
        ),
    ],
)
def test_what_gls_would_refuse_is_told_before(changes, expected):
    assert faults(shipment(**changes)) == expected


@pytest.mark.parametrize("country", sorted(EU))
def test_the_union_is_reached(country):
    assert faults(shipment(country=country)) == []


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [
        *((country, "1000") for country in ("GB", "CH", "NO", "LI", "US", "IM", "AX")),
        ("ES", "35001"),
        ("ES", "38001"),
        ("ES", "51001"),
        ("ES", "52001"),
        ("DE", "78266"),
        ("DE", "27498"),
        ("IT", "23041"),
        ("IT", "22061"),
        ("FI", "22100"),
        ("FR", "97400"),
        # Free of customs, yet no place of the EU.
        ("GB", "BT1 5GS"),
        ("MC", "98000"),
    ],
)
def test_where_customs_wait_is_refused(country, postal_code):
    asked = shipment(country=country, postal_code=postal_code)
    assert faults(asked) == [("recipient.country_code", "outside_eu")]


def test_every_parcel_of_a_shipment_is_checked_for_itself():
    asked = shipment("R-1", "R-2", "R-3")
    units = (asked.units[0], GlsUnit("R-2", 40_000), asked.units[2])
    (problem,) = check_shipment(dataclasses.replace(asked, units=units))
    assert (problem.reference, problem.code) == ("R-2", "too_heavy")


# Services


@pytest.mark.parametrize(
    ("options", "services"),
    [
        ({}, {}),
        *(
            ({name: True}, {name: True})
            for name in (
                *("addresseeOnlyService", "economyParcel", "letterBoxParcel"),
                *("saturdayService", "shopReturnService"),
            )
        ),
        *(
            ({"expressService": value}, {"expressService": value})
            for value in ("t9", "t12", "t17", "s9", "s12", "s17")
        ),
        ({"expressService": "none", "saturdayService": False}, {}),
        ({"expressService": None, "economyParcel": None}, {}),
        ({"notificationEmail": True}, {}),
        (
            {"shopDeliveryService": True, "shopDeliveryParcelShopId": "5280000001"},
            {"shopDeliveryService": True, "shopDeliveryParcelShopId": "5280000001"},
        ),
        (
            {"shopDeliveryService": False, "shopDeliveryParcelShopId": "5280000001"},
            {},
        ),
        (
            {"expressService": "s9", "saturdayService": True},
            {"expressService": "s9", "saturdayService": True},
        ),
    ],
)
def test_services_are_asked_under_the_names_of_gls(options, services):
    asked = shipment(options=options)
    assert check_shipment(asked) == ()
    assert shipment_payload(asked)["services"] == services


@pytest.mark.parametrize(
    ("country", "options", "expected"),
    [
        ("NL", {"signature": True}, [("options.signature", "not_allowed")]),
        ("NL", {"expressService": "t8"}, [("options.expressService", "invalid")]),
        ("NL", {"economyParcel": "yes"}, [("options.economyParcel", "invalid")]),
        (
            "NL",
            {"expressService": "t9", "saturdayService": True},
            [("options.saturdayService", "not_allowed")],
        ),
        ("BE", {"expressService": "t9"}, [("options.expressService", "not_allowed")]),
        ("BE", {"expressService": "none"}, []),
        (
            "NL",
            {"shopDeliveryService": True},
            [("options.shopDeliveryParcelShopId", "no_parcel_shop")],
        ),
        (
            "DE",
            {"shopReturnService": True},
            [("options.shopReturnService", "not_allowed")],
        ),
        ("DE", {"shopReturnService": False}, []),
        ("DE", {"addresseeOnlyService": True}, []),
    ],
)
def test_a_service_that_cannot_be_had_is_told_before(country, options, expected):
    assert faults(shipment(country=country, options=options)) == expected


def test_a_shop_takes_no_heavy_parcel():
    options = {"shopDeliveryService": True, "shopDeliveryParcelShopId": "5280000001"}
    (problem,) = check_shipment(shipment(options=options, weight_grams=20_001))
    assert (problem.code, problem.limit) == ("too_heavy", 20_000)


# Login, pickup


@pytest.mark.parametrize(
    ("username", "password", "expected"),
    [
        ("u", "p", []),
        ("u" * 70, "p" * 20, []),
        ("", "p", [("username", "required")]),
        ("u", "", [("password", "required")]),
        ("u" * 71, "p" * 21, [("username", "too_long"), ("password", "too_long")]),
    ],
)
def test_a_login_has_its_lengths(username, password, expected):
    problems = check_login(username, password)
    assert [(problem.field, problem.code) for problem in problems] == expected


def pickup(**changes):
    fetched = dataclasses.replace(shipment(), sender=recipient("DE"))
    return GlsPickup(
        **{
            "shipment": fetched,
            "requester": recipient("NL", name="Magazijn"),
            "pickup_date": date(2026, 11, 24),
            **changes,
        }
    )


def test_a_pickup_names_where_whereto_and_who_asks():
    payload = pickup_payload(pickup())
    names = {role: to["city"] for role, to in payload["addresses"].items()}
    assert names == {
        "deliveryAddress": "Utrecht",
        "pickupAddress": "Dresden",
        "requesterAddress": "Utrecht",
    }
    assert payload["pickupDate"] == "2026-11-24"
    assert not {"labelType", "services", "notificationEmail"} & set(payload)


def test_a_pickup_checks_all_three_addresses():
    bad = pickup(requester=recipient(city=""), shipment=shipment(street=""))
    assert [(problem.field, problem.code) for problem in check_pickup(bad)] == [
        ("recipient.street", "required"),
        ("requester.city", "required"),
        ("sender", "required"),
    ]
    assert check_pickup(pickup()) == ()


# The contract

CONTRACTS = os.environ.get("CONTRACTS_DIR")


def contract(name):
    path = Path(CONTRACTS) / "gls-nl" / "label_api.openapi.yaml"
    components = yaml.safe_load(path.read_text("utf-8"))["components"]
    return Draft4Validator(
        {"$ref": f"#/components/schemas/{name}", "components": components}
    )


if CONTRACTS:
    LOGIN = {"username": "u", "password": "p"}
    CREATE = contract("InboundCreateDeliveryRequest")
    PICKUP = contract("InboundCreatePickupRequest")
    VALUES = {"expressService": "t12", "shopDeliveryParcelShopId": "5280000001"}

    @given(
        name=TEXTS,
        company=TEXTS,
        street=TEXTS,
        number=SHORT,
        number_suffix=SHORT,
        street_additional=TEXTS,
        email=st.sampled_from(["", "a@example.com"]),
        country=st.sampled_from([*ADDRESSES]),
        options=st.dictionaries(
            st.sampled_from(sorted(OPTIONS)), st.sampled_from([None, True, False])
        ),
        weight_grams=st.integers(1, 32_000),
        shipping_date=st.none() | st.dates(),
        order_ref=st.text(max_size=40),
        notification=st.none() | st.just(MAIL),
        sender=st.none() | st.just(recipient("DE")),
    )
    @settings(max_examples=150, deadline=None)
    def test_what_passes_the_check_keeps_the_contract(options, **changes):
        given_options = {
            name: VALUES.get(name, value) for name, value in options.items() if value
        }
        asked = shipment(options=given_options, **changes)
        if check_shipment(asked):
            return
        payload = {**LOGIN, **shipment_payload(asked)}
        assert [error.message for error in CREATE.iter_errors(payload)] == []

    def test_a_pickup_keeps_the_contract():
        payload = {**LOGIN, **pickup_payload(pickup())}
        assert [error.message for error in PICKUP.iter_errors(payload)] == []
