"""The services of GLS, under GLS's own names, and where they can be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

EXPRESS = ("t9", "t10", "t12", "t17", "s9", "s10", "s12", "s17")
FLAGS = frozenset(
    (
        *("addresseeOnlyService", "economyParcel", "letterBoxParcel"),
        *("saturdayService", "shopDeliveryService", "shopReturnService"),
    )
)
# No service but a part of its own of the request: with the mail to the recipient comes
# FlexDelivery.
MAIL = "notificationEmail"
SHOP, SHOP_ID = "shopDeliveryService", "shopDeliveryParcelShopId"
OPTIONS = FLAGS | {MAIL, SHOP_ID, "expressService"}
# Express is a product of the Netherlands, and GLS's own plugins offer the label for the
# way back there only.
_INLAND_ONLY = ("expressService", "shopReturnService")


def services_payload(options: Mapping[str, object]) -> dict[str, object]:
    """The body's ``services``; empty is an ordinary parcel."""
    payload: dict[str, object] = {name: True for name in FLAGS if options.get(name)}
    if express := _express(options):
        payload["expressService"] = express
    if goes_to_shop(options):
        payload[SHOP_ID] = options[SHOP_ID]
    return payload


def goes_to_shop(options: Mapping[str, object]) -> bool:
    """Whether the recipient gets it at a parcel shop and not at the door."""
    return bool(options.get(SHOP))


def wants_mail(options: Mapping[str, object]) -> bool:
    """False only where the mail was switched off."""
    return options.get(MAIL) in (None, True)


def option_faults(
    options: Mapping[str, object], country: str
) -> Iterator[tuple[str, str]]:
    """Name and code of each option that GLS would refuse."""
    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        if code := _fault(name, value):
            yield name, code
    for name in _INLAND_ONLY:
        inland_only = _express(given) if name == "expressService" else given.get(name)
        if inland_only and country and country != "NL":
            yield name, "not_allowed"
    if goes_to_shop(given) and not given.get(SHOP_ID):
        yield SHOP_ID, "no_parcel_shop"
    # A weekday's express parcel is not delivered on a Saturday.
    if given.get("saturdayService") and _express(given).startswith("t"):
        yield "saturdayService", "not_allowed"


def _express(options: Mapping[str, object]) -> str:
    value = options.get("expressService")
    return value if value in EXPRESS else ""


def _fault(name: str, value: object) -> str:
    if name not in OPTIONS:
        return "not_allowed"
    if name == "expressService":
        valid = value in (*EXPRESS, "none", False, "")
    elif name == SHOP_ID:
        valid = isinstance(value, str)
    else:
        valid = isinstance(value, bool)
    return "" if valid else "invalid"
