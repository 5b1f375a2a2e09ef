"""The columns of Amazon's order reports and how their cells are read.

A reader takes a cell without outer blanks and returns its value, or None when it
cannot be read. None of them depends on the machine's locale.

Sources: https://developer-docs.amazon.com/sp-api/docs/order-reports-attributes and
Seller Central help G201648780; the optional columns as seen in files.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from .orders import Detail

Reader = Callable[[str], Detail | None]

# Up to six digits; a fraction of noughts comes from re-saved files.
_QUANTITY = re.compile(r"([0-9]{1,6})(?:[.,]0{1,2})?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_POINT = re.compile(
    r"-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3})+(?=\.))(?:\.[0-9]{1,6})?"
)
_COMMA = re.compile(r"-?(?:[0-9]{1,12}|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]{1,2}")
_CLOCK = (
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>[A-Z]{1,4}|[+-]\d{2}:?\d{2})?)?"
)
# Day and month in any other order than these two could be taken for each other.
_DATES = (
    re.compile(
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})" + _CLOCK, re.A
    ),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})" + _CLOCK, re.A),
)
_ISO_LENGTH = len("2026-01-31T00:00:00+00:00")
# Hours from UTC. Older reports write names; without any the time is UTC.
_ZONES = {
    **dict.fromkeys(("", "Z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("BST", "CET", "MET", "MEZ"), 1),
    **dict.fromkeys(("CEST", "MEST", "MESZ"), 2),
    "JST": 9,
    "AEST": 10,
    "AEDT": 11,
    "EDT": -4,
    "EST": -5,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
}
_FLAGS = {"": False, "true": True, "false": False}


def read_text(cell: str) -> str:
    return cell


def read_flag(cell: str) -> bool | None:
    """Amazon writes the words "true" and "false"; nothing is False as well."""
    value = _FLAGS.get(cell)
    return _FLAGS.get(cell.lower()) if value is None else value


@lru_cache(maxsize=1024)
def read_quantity(cell: str) -> int | None:
    """Units: a whole number of up to six digits, not negative."""
    found = _QUANTITY.fullmatch(cell)
    return int(found[1]) if found else None


@lru_cache(maxsize=1024)
def read_number(cell: str) -> int | None:
    """A whole number that may be negative."""
    return int(cell) if _NUMBER.fullmatch(cell) else None


def read_amount(cell: str) -> Decimal | None:
    """An amount with a decimal point, or with a comma before one or two digits."""
    if _POINT.fullmatch(cell):
        return Decimal(cell.replace(",", ""))
    if _COMMA.fullmatch(cell):
        return Decimal(cell.replace(".", "").replace(",", "."))
    return None


@lru_cache(maxsize=4096)
def read_moment(cell: str) -> datetime | None:
    """A point in time, in UTC.

    ISO 8601 with any offset is what Amazon writes today. Understood as well: no
    offset (UTC), the names of the zones it once wrote, a blank for the T, a date
    alone (midnight), slashes, and day.month.year.
    """
    try:
        if len(cell) == _ISO_LENGTH and cell[10] == "T":
            moment = datetime.fromisoformat(cell)
            return moment if cell[-6:] == "+00:00" else moment.astimezone(timezone.utc)
        for form in _DATES:
            if found := form.fullmatch(cell):
                return _moment_of(found)
    except (ValueError, OverflowError):
        return None
    return None


def _moment_of(found: re.Match) -> datetime | None:
    zone = _zone_of((found["zone"] or "").upper())
    if zone is None:
        return None
    names = ("year", "month", "day", "hour", "minute", "second")
    numbers = (int(found[name] or 0) for name in names)
    return datetime(*numbers, tzinfo=zone).astimezone(timezone.utc)


def _zone_of(text: str) -> timezone | None:
    if text[:1] in ("+", "-"):
        offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
        return timezone(-offset if text[0] == "-" else offset)
    hours = _ZONES.get(text)
    return None if hours is None else timezone(timedelta(hours=hours))


# Columns that Order and OrderItem have no field for, in the order of their details.
ORDER_DETAILS: dict[str, Reader] = {
    **dict.fromkeys(
        (
            "scheduled-delivery-start-date",
            "delivery-start-date",
        ),
        read_moment,
    ),
    "points-granted": read_number,
    **dict.fromkeys(
        ("cod-collectible-amount", "already-paid", "payment-method-fee"), read_amount
    ),
    **dict.fromkeys(
        (
            "is-global-express",
            "is-premium-order",
            "signature-confirmation-recommended",
            "is-shipping-settings-automation-enabled",
            "is-ispu-order",
            "is-pickup-point-order",
            "is-replacement-order",
            "is-exchange-order",
            "is-iba",
            "verge-of-cancellation",
            "verge-of-lateshipment",
        ),
        read_flag,
    ),
    **dict.fromkeys(
        (
            "payment-method",
            "payment-method-details",
            "cpf",
            "ship-service-name",
            "delivery-preferred-time",
            "delivery-time-zone",
            "delivery-instructions",
            "drop-off-location",
            "pallet-delivery",
            "amazon-programs",
            "shipment-status",
            "ssa-carrier",
            "ssa-ship-method",
            "address-type",
            "default-ship-from-address-name",
            "default-ship-from-address-field-1",
            "default-ship-from-address-field-2",
            "default-ship-from-address-field-3",
            "default-ship-from-city",
            "default-ship-from-state",
            "default-ship-from-country",
            "default-ship-from-postal-code",
            "actual-ship-from-address-name",
            "actual-ship-from-address-field-1",
            "actual-ship-from-address-field-2",
            "actual-ship-from-address-field-3",
            "actual-ship-from-city",
            "actual-ship-from-state",
            "actual-ship-from-country",
            "actual-ship-from-postal-code",
            "store-chain-store-id",
            "pickup-point-type",
            "buyer-company-name",
            "licensee-name",
            "license-number",
            "license-state",
            "license-expiration-date",
            "buyer-citizen-name",
            "buyer-citizen-id",
            "buyer-identification-number",
            "buyer-identification-type",
            "order-invoice-type",
            "invoice-business-legal-name",
            "invoice-business-address",
            "invoice-business-tax-id",
            "invoice-business-tax-office",
            "original-order-id",
            "fulfilled-by",
            "handling-time",
            "effective-handling-time",
            "handling-time-source",
            "transit-time",
            "transit-time-source",
            "transit-time-ship-from-city",
            "transit-time-ship-from-state",
            "transit-time-ship-from-country",
        ),
        read_text,
    ),
}
ITEM_DETAILS: dict[str, Reader] = {
    "number-of-items": read_quantity,
    "is-transparency": read_flag,
    **dict.fromkeys(
        (
            "item-price",
            "item-tax",
            "shipping-price",
            "shipping-tax",
            "item-promotion-discount",
            "ship-promotion-discount",
        ),
        read_amount,
    ),
    **dict.fromkeys(
        (
            "currency",
            "item-promotion-id",
            "ship-promotion-id",
            "gift-wrap-type",
            "gift-message-text",
            "customized-url",
            "customized-page",
            "item-extensions-data",
            "ioss-number",
            "tax-collection-model",
            "tax-collection-responsible-party",
        ),
        read_text,
    ),
}
