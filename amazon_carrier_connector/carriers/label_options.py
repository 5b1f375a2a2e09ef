"""The options that a label can have, and how each provider's interface calls them.

People choose a text per option: "yes" or "no", an amount in whole euros, or one of the
carrier's own values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .myparcel_services import (
    EARLY_MORNING,
    EVENING,
    EXPRESS,
    MORNING,
    SAME_DAY,
    STANDARD,
)

DELIVERY_TYPES = {
    "standard": STANDARD,
    "morning": MORNING,
    "evening": EVENING,
    "same_day": SAME_DAY,
    "express": EXPRESS,
    "early_morning": EARLY_MORNING,
}


def _flag(text: str) -> bool:
    return text == "yes"


def _cents(text: str) -> int:
    return int(text) * 100


@dataclass(frozen=True, slots=True)
class LabelOption:
    """``keys`` are the names by provider; ``read`` turns a text into its value.

    ``absent`` is what an absent one comes to, "" where the carrier decides.
    """

    name: str
    keys: Mapping[str, str]
    read: Callable[[str], object] = _flag
    absent: str = ""


def _of_myparcel(name: str, key: str = "", **rest) -> LabelOption:
    return LabelOption(name, {"myparcel_nl": key or name}, **rest)


def _of_gls(name: str, key: str, absent: str = "no", **rest) -> LabelOption:
    return LabelOption(name, {"gls_nl": key}, absent=absent, **rest)


def _of_both(name: str, key: str) -> LabelOption:
    return LabelOption(name, {"myparcel_nl": name, "gls_nl": key})


# MyParcel's are those of ``options`` in its request, GLS's those of ``services``;
# ``notificationEmail`` stands beside them: with it GLS offers its FlexDelivery.
OPTIONS = (
    _of_myparcel("delivery_type", read=DELIVERY_TYPES.__getitem__),
    _of_myparcel("signature"),
    _of_both("only_recipient", "addresseeOnlyService"),
    _of_myparcel("insurance", read=_cents),
    _of_myparcel("age_check"),
    _of_myparcel("receipt_code"),
    _of_myparcel("return_undelivered", "return"),
    _of_myparcel("large_format"),
    _of_myparcel("priority_delivery"),
    _of_myparcel("same_day_delivery"),
    _of_both("saturday_delivery", "saturdayService"),
    _of_myparcel("tracked"),
    _of_myparcel("hide_sender"),
    _of_myparcel("extra_assurance"),
    _of_gls("express", "expressService", absent="none", read=str),
    _of_gls("notification", "notificationEmail", absent="yes"),
    _of_gls("parcel_shop", "shopDeliveryService"),
    _of_gls("return_label", "shopReturnService"),
    _of_gls("letter_box", "letterBoxParcel"),
    _of_gls("economy", "economyParcel"),
)


def carrier_options(provider: str, chosen: Mapping[str, str]) -> dict[str, object]:
    """What of the ``chosen`` texts, by option name, a provider understands.

    :return: values by the provider's own names
    """
    return {
        option.keys[provider]: option.read(chosen[option.name])
        for option in OPTIONS
        if provider in option.keys and chosen.get(option.name)
    }
