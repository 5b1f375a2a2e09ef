"""What MyParcel may be asked: the limits as tables, the check, the request body.

Names, lengths and rules are those of ``POST /shipments``, version 1.1; where the manual
and the generated client disagree the stricter one holds (a name of 40 characters, a
weight of at least one gram). Nothing is ever cut to fit: what is too long is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .countries import EU
from .errors import Problem
from .myparcel_customs import customs_payload, customs_problems
from .myparcel_services import (
    CARRIERS,
    DATED_DELIVERY_TYPES,
    DELIVERY_TYPES,
    DHL_EUROPLUS,
    DPD,
    GLS,
    LARGE_FROM_GRAMS,
    PACKAGE_TYPES,
    STANDARD,
    TRUNKRS,
    UPS_EXPRESS_SAVER,
    UPS_STANDARD,
    find_service,
    service_problems,
)
from .shipments import ParcelRequest, Recipient
from .texts import clean, is_email, is_printable

_RECIPIENT_KEYS = {
    "country_code": "cc",
    "region": "region",
    "postal_code": "postal_code",
    "city": "city",
    "street": "street",
    "street_additional": "street_additional_info",
    "number": "number",
    "number_suffix": "number_suffix",
    "box_number": "box_number",
    "name": "person",
    "company": "company",
    "email": "email",
    "phone": "phone",
}
_OUR_NAMES = {
    "carrier": "carrier_id",
    "reference_identifier": "reference",
    "physical_properties.weight": "weight_grams",
    "options.package_type": "package_type",
    "options.label_description": "label_description",
    **{
        f"recipient.{theirs}": f"recipient.{ours}"
        for ours, theirs in _RECIPIENT_KEYS.items()
    },
}

# Characters per field, and what one carrier narrows.
LENGTHS: Mapping[str, int] = {
    "reference": 255,
    "label_description": 45,
    "recipient.name": 40,
    "recipient.company": 50,
    "recipient.street": 40,
    "recipient.number": 8,
    "recipient.number_suffix": 6,
    "recipient.box_number": 8,
    "recipient.street_additional": 50,
    "recipient.postal_code": 10,
    "recipient.city": 35,
    "recipient.region": 35,
    "recipient.phone": 25,
}
CARRIER_LENGTHS: Mapping[int, Mapping[str, int]] = {
    GLS: {
        "recipient.name": 30,
        "recipient.company": 30,
        "recipient.city": 30,
        "recipient.postal_code": 8,
    },
}

# Grams.
MINIMUM_WEIGHT = 1
CARRIER_MINIMUM_WEIGHT: Mapping[int, int] = {GLS: 100}

ALWAYS_REQUIRED = (
    "reference",
    "recipient.name",
    "recipient.street",
    "recipient.city",
    "recipient.country_code",
)
REQUIRED_BY_CARRIER: Mapping[int, tuple[str, ...]] = {
    DPD: ("recipient.email",),
    DHL_EUROPLUS: ("recipient.company",),
    UPS_STANDARD: ("recipient.email", "recipient.phone"),
    UPS_EXPRESS_SAVER: ("recipient.email", "recipient.phone"),
    TRUNKRS: ("recipient.email",),
}
REQUIRED_BY_COUNTRY: Mapping[str, tuple[str, ...]] = {
    **{country: ("recipient.postal_code",) for country in EU - {"IE"}},
    "BE": ("recipient.postal_code", "recipient.number"),
    "NL": ("recipient.postal_code", "recipient.number"),
    "NO": ("recipient.email",),
}

FLAGS = frozenset(
    (
        *("age_check", "collect", "cooled_delivery", "drop_off_at_postal_point"),
        *("extra_assurance", "fresh_food", "frozen", "hide_sender", "large_format"),
        *("only_recipient", "priority_delivery", "receipt_code", "return"),
        *("same_day_delivery", "saturday_delivery", "signature", "tracked"),
    )
)
AMOUNTS = frozenset(("insurance", "cash_on_delivery"))

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")


def our_name(their_name: str) -> str:
    """The name in :class:`ParcelRequest` of a path in MyParcel's request body."""
    name = _OUR_NAMES.get(their_name, their_name)
    return re.sub(r"^customs_declaration\b", "customs", name)


def check_request(request: ParcelRequest) -> tuple[Problem, ...]:
    """All that MyParcel is known to refuse in ``request``; empty when nothing is."""
    own = tuple(
        Problem(request.reference, field, code, limit=limit)
        for field, code, limit in _faults(request)
    )
    badly_written = {problem.field for problem in own}
    options = {
        name: value
        for name, value in _given(request).items()
        if f"options.{name}" not in badly_written
    }
    services = (
        problem
        for problem in service_problems(
            request.reference,
            request.carrier_id,
            request.package_type,
            _country(request.recipient),
            request.weight_grams,
            options,
        )
        if problem.field not in badly_written
    )
    return (*own, *services, *customs_problems(request))


def shipment_payload(request: ParcelRequest) -> dict[str, object]:
    """One entry of ``data.shipments``; ``request`` must have passed the check."""
    recipient = {
        key: text
        for name, key in _RECIPIENT_KEYS.items()
        if (text := clean(getattr(request.recipient, name)))
    }
    recipient["cc"] = _country(request.recipient)
    recipient.setdefault("postal_code", "")  # the one key that may not be left out
    return {
        "reference_identifier": request.reference,
        "carrier": request.carrier_id,
        "recipient": recipient,
        "options": options_payload(request),
        "physical_properties": {"weight": request.weight_grams},
        # A buyer of Amazon's does not belong into the merchant's address book.
        "general_settings": {"save_recipient_address": 0},
        **customs_payload(request),
    }


def options_payload(request: ParcelRequest) -> dict[str, object]:
    payload: dict[str, object] = {
        "package_type": request.package_type,
        **_service_payload(request),
    }
    if description := clean(request.label_description):
        payload["label_description"] = description
    for name, value in _given(request).items():
        if name in FLAGS:
            payload[name] = int(bool(value))
        elif name in AMOUNTS:
            payload[name] = {"amount": value, "currency": "EUR"}
        else:
            payload[name] = value
    return payload


def _service_payload(request: ParcelRequest) -> dict[str, object]:
    """What the carrier does there whether or not anybody asks for it."""
    country = _country(request.recipient)
    service = find_service(request.carrier_id, request.package_type, country)
    if service is None:
        return {}
    payload: dict[str, object] = dict.fromkeys(sorted(service.forced), 1)
    large_from = LARGE_FROM_GRAMS.get(request.carrier_id, request.weight_grams)
    if request.weight_grams > large_from and "large_format" in service.options:
        payload["large_format"] = 1
    if service.delivery_types[0] != STANDARD:
        payload["delivery_type"] = service.delivery_types[0]
    return payload


_Fault = tuple[str, str, int | None]


def _faults(request: ParcelRequest) -> Iterator[_Fault]:
    texts = _texts(request)
    country = _country(request.recipient)
    yield from _missing(request, texts, country)
    yield from _badly_written(request, texts, country)
    yield from _weight_faults(request)
    yield from _option_faults(request)


def _missing(
    request: ParcelRequest, texts: Mapping[str, str], country: str
) -> Iterator[_Fault]:
    required = {
        *ALWAYS_REQUIRED,
        *REQUIRED_BY_CARRIER.get(request.carrier_id, ()),
        *REQUIRED_BY_COUNTRY.get(country, ()),
    }
    if request.options.get("receipt_code"):
        required.add("recipient.email")
    for field in texts:
        if field in required and not texts[field]:
            yield field, "required", None
    # Elsewhere street and number are printed side by side: a wrong guess loses nothing.
    guessed = texts["recipient.number"] and not request.recipient.certain
    if guessed and "recipient.number" in required:
        yield "recipient.number", "uncertain", None


def _badly_written(
    request: ParcelRequest, texts: Mapping[str, str], country: str
) -> Iterator[_Fault]:
    limits = {**LENGTHS, **CARRIER_LENGTHS.get(request.carrier_id, {})}
    for field, text in texts.items():
        if len(text) > limits.get(field, len(text)):
            yield field, "too_long", limits[field]
        if not is_printable(text):
            yield field, "bad_character", None
    if country and not _COUNTRY.fullmatch(country):
        yield "recipient.country_code", "invalid", None
    street, email = texts["recipient.street"], texts["recipient.email"]
    if street and re.fullmatch("[0-9]+", street):
        yield "recipient.street", "invalid", None
    if email and not is_email(email):
        yield "recipient.email", "invalid", None
    if texts["recipient.box_number"] and country != "BE":
        yield "recipient.box_number", "not_allowed", None
    # The look-up takes several references with ";" between, and answers by this text.
    if ";" in request.reference or request.reference != texts["reference"]:
        yield "reference", "invalid", None


def _weight_faults(request: ParcelRequest) -> Iterator[_Fault]:
    least = CARRIER_MINIMUM_WEIGHT.get(request.carrier_id, MINIMUM_WEIGHT)
    if request.weight_grams < least:
        yield "weight_grams", "too_small", least


def _option_faults(request: ParcelRequest) -> Iterator[_Fault]:
    if request.carrier_id not in CARRIERS:
        yield "carrier_id", "invalid", None
    if request.package_type not in PACKAGE_TYPES:
        yield "package_type", "invalid", None
    options = _given(request)
    for name, value in options.items():
        if code := _option_fault(name, value):
            yield f"options.{name}", code, None
    dated = options.get("delivery_type") in DATED_DELIVERY_TYPES
    if dated and "delivery_date" not in options:
        yield "options.delivery_date", "required", None
    if "delivery_date" in options and "delivery_type" not in options:
        yield "options.delivery_type", "required", None


def _option_fault(name: str, value: object) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name in FLAGS:
        valid = isinstance(value, int) and value in (0, 1)
    elif name in AMOUNTS:
        valid = whole and value >= 0
    elif name == "delivery_type":
        valid = whole and value in DELIVERY_TYPES
    elif name == "delivery_date":
        valid = isinstance(value, str) and bool(_DATE.fullmatch(value))
    else:
        return "not_allowed"
    return "" if valid else "invalid"


def _given(request: ParcelRequest) -> dict[str, object]:
    """The options that say something: not None, and not an insurance of nothing."""
    return {
        name: value
        for name, value in request.options.items()
        if value is not None and not (name in AMOUNTS and value == 0)
    }


def _texts(request: ParcelRequest) -> dict[str, str]:
    recipient = request.recipient
    return {
        "reference": clean(request.reference),
        "label_description": clean(request.label_description),
        **{
            f"recipient.{name}": clean(getattr(recipient, name))
            for name in _RECIPIENT_KEYS
        },
        "recipient.country_code": _country(recipient),
    }


def _country(recipient: Recipient) -> str:
    return clean(recipient.country_code).upper()
