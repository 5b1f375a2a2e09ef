"""The options of a label, from what people choose to what carriers are asked."""

import pytest
from carriers.gls_options import OPTIONS as GLS_OPTIONS
from carriers.label_options import OPTIONS, carrier_options
from carriers.myparcel_payload import AMOUNTS, FLAGS


def keys_of(provider):
    return {option.keys[provider] for option in OPTIONS if provider in option.keys}


def test_every_name_is_one_that_the_carrier_knows():
    assert keys_of("myparcel_nl") <= FLAGS | AMOUNTS | {"delivery_type"}
    assert keys_of("gls_nl") <= set(GLS_OPTIONS)


def test_no_name_stands_for_two_options():
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    for provider in ("myparcel_nl", "gls_nl"):
        with_it = [option for option in OPTIONS if provider in option.keys]
        assert len(keys_of(provider)) == len(with_it)


@pytest.mark.parametrize(
    ("provider", "chosen", "asked"),
    [
        ("myparcel_nl", {}, {}),
        ("myparcel_nl", {"signature": ""}, {}),
        ("myparcel_nl", {"signature": "yes"}, {"signature": True}),
        ("myparcel_nl", {"signature": "no"}, {"signature": False}),
        ("myparcel_nl", {"return_undelivered": "yes"}, {"return": True}),
        ("myparcel_nl", {"insurance": "500"}, {"insurance": 50000}),
        ("myparcel_nl", {"insurance": "0"}, {"insurance": 0}),
        ("myparcel_nl", {"express": "t12"}, {}),
        ("myparcel_nl", {"delivery_type": "evening"}, {"delivery_type": 3}),
        ("gls_nl", {"delivery_type": "evening"}, {}),
        ("gls_nl", {"express": "t12"}, {"expressService": "t12"}),
        ("gls_nl", {"express": "none"}, {"expressService": "none"}),
        ("gls_nl", {"parcel_shop": "yes"}, {"shopDeliveryService": True}),
        ("gls_nl", {"only_recipient": "yes"}, {"addresseeOnlyService": True}),
        ("gls_nl", {"signature": "yes"}, {}),
        ("fixed", {"signature": "yes"}, {}),
        (False, {"signature": "yes"}, {}),
    ],
)
def test_a_provider_is_asked_for_what_it_understands(provider, chosen, asked):
    assert carrier_options(provider, chosen) == asked
