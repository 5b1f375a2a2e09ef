"""What each carrier of MyParcel's does where, as the check before asking tells it."""

import dataclasses
import json
import os
from datetime import date
from pathlib import Path

import pytest
from carriers.myparcel_payload import AMOUNTS, FLAGS, check_request, shipment_payload
from carriers.myparcel_services import (
    DELIVERY_TYPES,
    DEPENDENCIES,
    PACKAGE_TYPES,
    SERVICES,
    next_delivery_day,
    option_carriers,
)
from carriers.shipments import ParcelRequest, Recipient
from jsonschema import Draft202012Validator, FormatChecker

POSTNL, BPOST, DPD, DHL_FOR_YOU, CONNECT, EUROPLUS = 1, 2, 4, 9, 10, 11
UPS, UPS_SAVER, GLS, TRUNKRS = 12, 13, 14, 16
ZONES = {"NL": "NL", "BE": "BE", "EU": "DE", "world": "CH"}


def parcel(carrier=POSTNL, package_type=1, country="NL", grams=500, **options):
    return ParcelRequest(
        reference="R-1",
        carrier_id=carrier,
        package_type=package_type,
        recipient=Recipient(
            name="Eva Voorbeeld",
            company="Voorbeeld",
            street="Voorbeeldstraat",
            number="12",
            number_suffix="",
            box_number="",
            street_additional="",
            postal_code="1234",
            city="Plaats",
            region="",
            country_code=country,
            phone="+31612345678",
            email="eva@example.com",
        ),
        weight_grams=grams,
        options=options,
    )


def faults(*arguments, **options):
    found = check_request(parcel(*arguments, **options))
    return {(p.field, p.code) for p in found if p.field != "customs"}


def all_services():
    return [
        pytest.param(carrier, package_type, zone, id=f"{carrier}-{package_type}-{zone}")
        for carrier, types in SERVICES.items()
        for package_type, services in types.items()
        for zone in services
    ]


@pytest.mark.parametrize(("carrier", "package_type", "zone"), all_services())
def test_every_line_of_the_table_is_one_that_passes_the_check_and_the_contract(
    carrier, package_type, zone
):
    country = ZONES[zone]
    service = SERVICES[carrier][package_type][zone]
    assert faults(carrier, package_type, country) == set()
    assert service.options | service.forced <= FLAGS
    assert set(service.delivery_types) <= DELIVERY_TYPES
    for name in service.options:
        code = {
            code
            for field, code in faults(carrier, package_type, country, **{name: True})
            if field == f"options.{name}"
        }
        assert not code, name
    for amount in service.insurance:
        found = faults(carrier, package_type, country, insurance=amount)
        assert ("options.insurance", "not_offered") not in found
    if folder := os.environ.get("CONTRACTS_DIR"):
        schema = Path(folder, "myparcel/post_shipments_v1.1.schema.json").read_text()
        body = shipment_payload(parcel(carrier, package_type, country))
        if zone == "world":
            body["customs_declaration"] = CUSTOMS
        Draft202012Validator(
            json.loads(schema), format_checker=FormatChecker()
        ).validate({"data": {"shipments": [body]}})


CUSTOMS = {
    "contents": 1,
    "invoice": "1",
    "weight": 500,
    "items": [
        {
            "description": "x",
            "amount": 1,
            "weight": 500,
            "item_value": {"amount": 1000, "currency": "EUR"},
            "classification": "61091000",
            "country": "NL",
        }
    ],
}


def test_dependencies_are_about_options_that_their_carrier_has():
    for carrier, rules in DEPENDENCIES.items():
        for name, rule in rules.items():
            for other in (name, *rule.needs, *rule.excludes):
                assert carrier in option_carriers(other), (carrier, other)


def test_only_known_parcel_types_and_options_stand_in_the_table():
    assert {kind for types in SERVICES.values() for kind in types} <= PACKAGE_TYPES
    assert not {"insurance"} & FLAGS and "insurance" in AMOUNTS


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        # Where a carrier does not go, or not with this type.
        ((DHL_FOR_YOU, 1, "DE"), {}, {("recipient.country_code", "not_allowed")}),
        ((CONNECT, 1, "NL"), {}, {("recipient.country_code", "not_allowed")}),
        ((TRUNKRS, 1, "FR"), {}, {("recipient.country_code", "not_allowed")}),
        ((POSTNL, 4, "BE"), {}, {("package_type", "not_allowed")}),
        ((POSTNL, 7, "NL"), {}, {("package_type", "not_allowed")}),
        ((DHL_FOR_YOU, 7, "NL"), {}, set()),
        ((POSTNL, 5, "NL"), {}, {("package_type", "not_allowed")}),
        ((UPS, 2, "NL"), {}, {("package_type", "not_allowed")}),
        # Options that are not there.
        (
            (POSTNL, 2, "NL"),
            {"signature": True},
            {("options.signature", "unavailable")},
        ),
        ((POSTNL, 2, "NL"), {"priority_delivery": True}, set()),
        ((POSTNL, 2, "BE"), {"tracked": True}, set()),
        (
            (POSTNL, 1, "DE"),
            {"only_recipient": True},
            {("options.only_recipient", "unavailable")},
        ),
        ((POSTNL, 1, "DE"), {"large_format": True}, set()),
        ((POSTNL, 1, "DE"), {"age_check": False}, set()),
        ((DPD, 1, "NL"), {"insurance": 50000}, {("options.insurance", "unavailable")}),
        ((DPD, 1, "NL"), {"saturday_delivery": True}, set()),
        (
            (GLS, 1, "DE"),
            {"saturday_delivery": True},
            {("options.saturday_delivery", "unavailable")},
        ),
        ((BPOST, 1, "BE"), {"saturday_delivery": True, "signature": True}, set()),
        (
            (DHL_FOR_YOU, 1, "BE"),
            {"same_day_delivery": True},
            {("options.same_day_delivery", "unavailable")},
        ),
        (
            (TRUNKRS, 1, "BE"),
            {"cooled_delivery": True},
            {("options.cooled_delivery", "unavailable")},
        ),
        (
            (EUROPLUS, 1, "DE"),
            {"hide_sender": True},
            {("options.hide_sender", "unavailable")},
        ),
        # Amounts.
        (
            (POSTNL, 1, "DE"),
            {"insurance": 10000},
            {("options.insurance", "not_offered")},
        ),
        (
            (DHL_FOR_YOU, 1, "NL"),
            {"insurance": 10000, "signature": True},
            {("options.insurance", "not_offered")},
        ),
        ((UPS, 1, "US"), {"insurance": 10000}, set()),
        ((POSTNL, 6, "DE"), {"insurance": 5000, "tracked": True}, set()),
        # What belongs together, and what does not.
        (
            (DHL_FOR_YOU, 1, "NL"),
            {"insurance": 50000, "hide_sender": True},
            {("options.signature", "required"), ("options.hide_sender", "excluded")},
        ),
        (
            (DHL_FOR_YOU, 1, "NL"),
            {"age_check": True, "only_recipient": True},
            {("options.only_recipient", "excluded")},
        ),
        (
            (UPS, 1, "NL"),
            {"age_check": True},
            {("options.signature", "required")},
        ),
        (
            (TRUNKRS, 1, "NL"),
            {"receipt_code": True, "signature": True},
            {("options.only_recipient", "required")},
        ),
        ((POSTNL, 1, "NL"), {"receipt_code": True, "insurance": 10000}, set()),
        (
            (POSTNL, 1, "NL"),
            {"receipt_code": True, "insurance": 10000, "signature": True},
            {("options.signature", "excluded")},
        ),
        # What cannot be switched off.
        ((EUROPLUS, 1, "NL"), {"signature": False}, {("options.signature", "forced")}),
        ((EUROPLUS, 1, "NL"), {"signature": True}, set()),
        ((GLS, 1, "BE"), {"signature": False}, {("options.signature", "forced")}),
        ((GLS, 1, "NL"), {"signature": False}, set()),
        # Delivery types.
        (
            (POSTNL, 1, "NL"),
            {"delivery_type": 3, "delivery_date": "2026-12-01 00:00:00"},
            {("options.only_recipient", "required")},
        ),
        (
            (DPD, 1, "NL"),
            {"delivery_type": 3, "delivery_date": "2026-12-01 00:00:00"},
            {("options.delivery_type", "unavailable")},
        ),
        (
            (UPS_SAVER, 1, "NL"),
            {"delivery_type": 2},
            {("options.delivery_type", "unavailable")},
        ),
    ],
)
def test_what_the_carrier_does_not_do_there_is_named(arguments, options, expected):
    assert faults(*arguments, **options) == expected


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        ((POSTNL, 2, "NL"), 2_000),
        ((POSTNL, 4, "NL"), 2_000),
        ((POSTNL, 6, "DE"), 23_000),
        ((DPD, 1, "DE"), 30_000),
    ],
)
def test_a_parcel_may_be_as_heavy_as_its_type_and_not_heavier(arguments, most):
    assert faults(*arguments, grams=most) == set()
    (problem,) = check_request(parcel(*arguments, grams=most + 1))
    assert (problem.code, problem.limit) == ("too_heavy", most)


def test_outside_the_eu_postnl_takes_twenty_kilograms():
    assert ("weight_grams", "too_heavy") in faults(POSTNL, 1, "CH", grams=20_001)
    assert faults(POSTNL, 1, "CH", grams=20_000) == set()


@pytest.mark.parametrize(
    ("request_", "large"),
    [
        (parcel(grams=23_000), None),
        (parcel(grams=23_001), 1),
        (parcel(grams=23_001, country="DE"), 1),
        (parcel(grams=23_001, large_format=False), 0),
        (parcel(DPD, grams=23_001), None),
    ],
)
def test_what_is_heavy_at_postnl_is_asked_for_as_large(request_, large):
    assert shipment_payload(request_)["options"].get("large_format") == large
    assert not [p for p in check_request(request_) if p.field != "customs"]


def test_an_amount_that_is_not_offered_is_answered_with_those_that_are():
    (problem,) = check_request(parcel(country="DE", insurance=10000))
    assert problem.proposal == "50, 500"


def test_carriers_without_a_table_are_left_to_myparcel():
    assert faults(15, 1, "IT", signature=True) == set()


def test_what_belongs_to_every_parcel_is_asked_for_without_being_chosen():
    options = shipment_payload(parcel(EUROPLUS))["options"]
    assert options == {"package_type": 1, "signature": 1}
    options = shipment_payload(parcel(GLS, country="DE"))["options"]
    assert options == {"package_type": 1, "signature": 1}
    options = shipment_payload(parcel(UPS_SAVER))["options"]
    assert options == {"package_type": 1, "delivery_type": 7}
    assert shipment_payload(parcel())["options"] == {"package_type": 1}


def test_where_an_option_can_be_had_anywhere():
    assert option_carriers("hide_sender") == {DHL_FOR_YOU, EUROPLUS}
    assert option_carriers("priority_delivery") == {POSTNL}
    assert option_carriers("insurance") == frozenset(SERVICES) - {DPD, TRUNKRS}
    assert DPD not in option_carriers("delivery_type")
    # Forced ones cannot be chosen.
    assert EUROPLUS not in option_carriers("signature")
    assert GLS in option_carriers("signature")


@pytest.mark.parametrize(
    ("today", "delivery_type", "expected"),
    [
        (date(2026, 11, 23), 1, date(2026, 11, 24)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 27), 3, date(2026, 11, 28)),
        (date(2026, 11, 28), 3, date(2026, 11, 30)),
    ],
)
def test_the_day_of_a_delivery_is_the_next_on_which_it_is_made(
    today, delivery_type, expected
):
    assert next_delivery_day(today, delivery_type) == expected


def test_a_country_in_small_letters_is_the_same_country():
    request = parcel(country="nl")
    assert check_request(request) == ()
    assert check_request(dataclasses.replace(request, package_type=4)) == ()
