"""Why a rule fits an order, as data."""

import json

import pytest
from amazon.shipping_rules import Conditions, ShippingFacts

FACTS = ShippingFacts(
    company_id=1,
    shop_id=2,
    market_id=3,
    country_id=4,
    postal_code="1012AB",
    weight=0.4,
    quantity=2,
    skus=frozenset(("MUG", "PLATE")),
    tag_ids=frozenset((5, 6)),
    service_level="STANDARD",
    is_prime=True,
    is_business=False,
)


def test_a_rule_without_conditions_fits_and_needs_no_reason():
    assert Conditions(company_id=1).fits(FACTS)
    assert Conditions(company_id=1).explain(FACTS) == []


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ({"country_ids": frozenset((4, 9))}, ("country", 4)),
        ({"postal_prefixes": ("35", "10")}, ("postal_code", ["10"])),
        ({"weight_min": 0.1}, ("weight", [0.1, 0])),
        ({"weight_max": 2}, ("weight", [0, 2])),
        ({"quantity_min": 1, "quantity_max": 2}, ("quantity", [1, 2])),
        ({"skus": frozenset(("PLATE", "BOWL"))}, ("sku", ["PLATE"])),
        ({"tag_ids": frozenset((6, 5, 7))}, ("tag", [5, 6])),
        ({"shop_ids": frozenset((2,))}, ("shop", True)),
        ({"market_ids": frozenset((3,))}, ("market", True)),
        ({"service_levels": frozenset(("STANDARD",))}, ("service_level", True)),
        ({"is_prime": True}, ("prime", [True])),
        ({"is_business": False}, ("business", [False])),
    ],
)
def test_each_condition_gives_its_reason(conditions, reason):
    wanted = Conditions(company_id=1, **conditions)
    assert wanted.fits(FACTS)
    assert wanted.explain(FACTS) == [reason]


def test_reasons_are_json_and_hold_no_more_of_the_buyer_than_the_rule_says():
    wanted = Conditions(company_id=1, postal_prefixes=("10",), weight_max=2)
    written = json.dumps(wanted.explain(FACTS))
    assert "1012" not in written
    assert json.loads(written) == [["postal_code", ["10"]], ["weight", [0, 2]]]
