"""MyParcel's customs declaration: when it is asked for, its check and its shape.

Reference, section 2.3. Weight and value of an item are those of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .countries import EU
from .customs import HS_CODE_LENGTHS, Declaration, Line, hs_digits
from .customs_territories import needs_declaration
from .errors import Problem
from .myparcel_services import (
    BPOST,
    DHL_EUROPLUS,
    DHL_FOR_YOU,
    DHL_PARCEL_CONNECT,
    DPD,
)
from .shipments import ParcelRequest, Recipient
from .texts import clean

COMMERCIAL_GOODS = 1
INVOICE_LENGTH = 150
MAXIMUM_LINES = 100
MAXIMUM_PIECES = 99_999
MAXIMUM_LINE_WEIGHT = 20_000
MINIMUM_VALUE = 100

_CARRIER_HS_LENGTHS: Mapping[int, tuple[int, ...]] = {
    BPOST: (6, 8),
    DPD: (8,),
    **dict.fromkeys((DHL_FOR_YOU, DHL_PARCEL_CONNECT, DHL_EUROPLUS), (8, 10)),
}
_COUNTRY_HS_LENGTHS: Mapping[str, tuple[int, ...]] = {"US": (10,)}
# Which numbers of the sender a carrier asks for, by destination.
_REQUIRED_NUMBERS: Mapping[tuple[int, str], tuple[str, ...]] = {
    (DPD, "GB"): ("eori", "vat"),
}
_NUMBER_KEYS = {
    "eori": "eori_number",
    "vat": "vat_number",
    "uk_vat": "vat_number_uk",
    "voec": "voec_number",
}
# The tax registrations that one country alone asks for.
_NUMBER_COUNTRIES = {"uk_vat": "GB", "voec": "NO"}

_COUNTRY = re.compile(r"[A-Z]{2}")
_Fault = tuple[str, str, int | None, str]


def is_declared(country_code: str, postal_code: str) -> bool:
    """Whether MyParcel is given a declaration for a parcel to this place.

    Where the law asks for one, and for every country outside the EU: MyParcel tells no
    territories apart (section 5.6), and refuses Northern Ireland and Monaco without.
    Nothing is known of an address without a country, which is refused for that.
    """
    country_code = country_code.strip().upper()
    if not country_code:
        return False
    return country_code not in EU or needs_declaration(country_code, postal_code)


def customs_problems(request: ParcelRequest) -> Iterator[Problem]:
    """What MyParcel, or customs, would refuse in the declaration of ``request``."""
    for part, code, limit, subject in _faults(request):
        name = f"customs.{part}" if part else "customs"
        yield Problem(request.reference, name, code, limit=limit, subject=subject)


def customs_payload(request: ParcelRequest) -> dict[str, object]:
    """``customs_declaration`` of a shipment; nothing where there is none."""
    declaration = request.customs
    if not declaration:
        return {}
    numbers = {
        _NUMBER_KEYS[name]: text
        for name, text in _numbers(declaration, request.recipient).items()
    }
    return {
        "customs_declaration": {
            "contents": COMMERCIAL_GOODS,
            "invoice": declaration.invoice,
            "weight": declaration.weight_grams,
            "items": [_item_payload(line, request) for line in declaration.lines],
            **numbers,
        }
    }


def _item_payload(line: Line, request: ParcelRequest) -> dict[str, object]:
    return {
        "description": line.description,
        "amount": line.quantity,
        "weight": line.weight_grams,
        "item_value": {"amount": line.value_cents, "currency": "EUR"},
        "classification": _classification(line.hs_code, request),
        "country": clean(line.origin).upper(),
    }


def _classification(hs_code: str, request: ParcelRequest) -> str:
    """As many digits as the carrier takes; "" when the code has too few.

    The digits beyond the sixth only refine: without them the code is still right.
    """
    digits = hs_digits(hs_code)
    by_carrier = _CARRIER_HS_LENGTHS.get(request.carrier_id, HS_CODE_LENGTHS)
    country = _country(request.recipient)
    by_country = _COUNTRY_HS_LENGTHS.get(country, HS_CODE_LENGTHS)
    fitting = [n for n in by_carrier if n in by_country and n <= len(digits)]
    return digits[: max(fitting)] if fitting else ""


def _numbers(declaration: Declaration, recipient: Recipient) -> dict[str, str]:
    country = _country(recipient)
    by_law = needs_declaration(country, recipient.postal_code)
    numbers = {}
    for name in _NUMBER_KEYS:
        text = "".join(getattr(declaration.numbers, name).split())
        only = _NUMBER_COUNTRIES.get(name)
        if text and (not only or (by_law and only == country)):
            numbers[name] = text
    return numbers


def _faults(request: ParcelRequest) -> Iterator[_Fault]:
    recipient, declaration = request.recipient, request.customs
    country = _country(recipient)
    if not declaration:
        if is_declared(country, recipient.postal_code):
            yield "", "required", None, ""
        return
    if not declaration.lines:
        yield "items", "required", None, ""
    if len(declaration.lines) > MAXIMUM_LINES:
        yield "items", "too_many", MAXIMUM_LINES, ""
    if not declaration.invoice:
        yield "invoice", "required", None, ""
    if len(declaration.invoice) > INVOICE_LENGTH:
        yield "invoice", "too_long", INVOICE_LENGTH, ""
    given = _numbers(declaration, recipient)
    for name in _REQUIRED_NUMBERS.get((request.carrier_id, country), ()):
        if name not in given:
            yield name, "required", None, ""
    priceless = False
    for line in declaration.lines:
        yield from _line_faults(line, request)
        priceless |= not line.value_cents
    if not priceless and declaration.value_cents < MINIMUM_VALUE:
        yield "total", "too_small", MINIMUM_VALUE // 100, ""


def _line_faults(line: Line, request: ParcelRequest) -> Iterator[_Fault]:
    if not line.description:
        yield "description", "required", None, line.product
    if not line.hs_code:
        yield "hs_code", "required", None, line.product
    elif not _classification(line.hs_code, request):
        yield "hs_code", "invalid", None, line.product
    if not line.origin:
        yield "origin", "required", None, line.product
    elif not _COUNTRY.fullmatch(clean(line.origin).upper()):
        yield "origin", "invalid", None, line.product
    if line.unconverted:
        yield "rate", "required", None, line.unconverted
    elif not line.value_cents:
        yield "value", "required", None, line.product
    if line.weight_grams > MAXIMUM_LINE_WEIGHT:
        yield "weight", "too_heavy", MAXIMUM_LINE_WEIGHT, line.product
    if line.quantity > MAXIMUM_PIECES:
        yield "quantity", "too_many", MAXIMUM_PIECES, line.product


def _country(recipient: Recipient) -> str:
    return clean(recipient.country_code).upper()
