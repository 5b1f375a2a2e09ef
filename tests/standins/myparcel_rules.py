"""What MyParcel refuses though the body has the right shape, and what a return is."""

from __future__ import annotations

import re

from . import customs, parcels

POSTNL, BPOST, PALLETS, DPD, FOR_YOU, CONNECT, EUROPLUS = 1, 2, 3, 4, 9, 10, 11
GLS, TRUNKRS = 14, 16
POSTAL_CODES = {
    "NL": r"\d{4} ?[A-Z]{2}",
    "BE": r"\d{4}",
    "DE": r"\d{5}",
    "FR": r"\d{5}",
    "ES": r"\d{5}",
    "IT": r"\d{5}",
    "AT": r"\d{4}",
    "LU": r"\d{4}",
}
PHONE = r"\+?[0-9][0-9 ()./-]{6,23}"
MAXIMUM_GRAMS = {1: 30_000, 2: 2_000, 3: 2_000, 4: 2_000}
NEAR = ("NL", "BE")
# Where nobody else goes, and where a carrier does not.
ONLY_TO = {FOR_YOU: NEAR, TRUNKRS: NEAR}
NEVER_TO = {CONNECT: ("NL",)}
PACKAGE, MAILBOX, LETTER, STAMP, PALLET, SMALL, ENVELOPE = range(1, 8)
ONLY_BY = {STAMP: (POSTNL,), PALLET: (PALLETS,), ENVELOPE: (FOR_YOU,)}
# Beside these, options are for packages.
OTHER_OPTIONS = {MAILBOX: ("priority_delivery", "tracked"), SMALL: ("tracked",)}
# By whom an option can be had, and where; None is everywhere.
OFFERED = {
    "hide_sender": {FOR_YOU: NEAR, EUROPLUS: NEAR},
    "same_day_delivery": {FOR_YOU: ("NL",), TRUNKRS: None},
    "saturday_delivery": {
        **{DPD: None, BPOST: None, GLS: ("NL",), FOR_YOU: None, EUROPLUS: None}
    },
    "extra_assurance": {FOR_YOU: None},
    "cooled_delivery": {TRUNKRS: ("NL",)},
    "receipt_code": {POSTNL: None, TRUNKRS: None},
    "large_format": {POSTNL: None},
    "priority_delivery": {POSTNL: ("NL",)},
}
# The most parcels of one shipment, where that was seen; elsewhere one is assumed.
MAXIMUM_COLLI = {POSTNL: 20, 12: 20, 13: 20}
AT_THE_DOOR = ("age_check", "only_recipient", "return", "signature")
MAXIMUM_INSURED = 500_000

RETURN_TYPE = "application/vnd.return_shipment+json"
RETURN_CARRIERS = (1, 2, 4, 9, 10, 11, 14, 15, 17, 18)
RETURN_ESSENTIALS = {
    "type": "object",
    "required": ["data"],
    "additionalProperties": False,
    "properties": {
        "data": {
            "type": "object",
            "required": ["return_shipments"],
            "additionalProperties": False,
            "properties": {
                "return_shipments": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 100,
                    "items": {
                        "type": "object",
                        "required": ["parent", "carrier", "email", "name"],
                        "additionalProperties": False,
                        "properties": {
                            "parent": {"type": "integer"},
                            "carrier": {"enum": list(RETURN_CARRIERS)},
                            "email": {"type": "string", "format": "email"},
                            "name": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": 50,
                            },
                            "reference_identifier": {
                                "type": "string",
                                "maxLength": 255,
                            },
                            "options": {
                                "type": "object",
                                "required": ["package_type"],
                                "properties": {"package_type": {"const": 1}},
                            },
                        },
                    },
                }
            },
        }
    },
}


def objections(shipment: dict):
    """Field, code and message of each reason to refuse a shipment."""
    for objection in OBJECTIONS:
        yield from objection(shipment)


def return_objection(parent) -> tuple[str, int, str] | None:
    """Why there is no return of this shipment, if so."""
    if parent is None:
        return "parent", 3001, "Parent shipment not found"
    if parent.status == 1:
        return "parent", 3705, "Parent shipment cannot be a concept"
    if parent.country_code not in parcels.EU:
        return "parent", 3715, "Returns are possible within the EU only"
    return None


def _postal_code(shipment):
    recipient = shipment["recipient"]
    pattern = POSTAL_CODES.get(recipient["cc"])
    code = recipient.get("postal_code", "")
    if pattern and not re.fullmatch(pattern, code):
        message = f"'{code}' is not a postal code of {recipient['cc']}"
        yield "recipient.postal_code", 3505, message


def _phone(shipment):
    phone = shipment["recipient"].get("phone", "")
    if phone and not re.fullmatch(PHONE, phone):
        yield "recipient.phone", 3512, f"Phone number '{phone}' is not valid"


def _weight(shipment):
    most = MAXIMUM_GRAMS.get(shipment["options"]["package_type"])
    grams = shipment.get("physical_properties", {}).get("weight", 0)
    if most and grams > most:
        yield "physical_properties.weight", 3730, f"at most {most} grams"


def _insured_parcels_are_signed_for(shipment):
    options = shipment["options"]
    together = options.get("signature") == options.get("only_recipient") == 1
    if shipment["carrier"] != POSTNL or shipment["recipient"]["cc"] not in NEAR:
        return
    for name in ("insurance", "age_check"):
        # A receipt code takes the place of the signature.
        if options.get(name) and not together and not options.get("receipt_code"):
            yield f"options.{name}", 3705, "needs signature and only_recipient"


def _destination(shipment):
    carrier, country = shipment["carrier"], shipment["recipient"]["cc"]
    reached = country in ONLY_TO.get(carrier, (country,))
    if not reached or country in NEVER_TO.get(carrier, ()):
        yield "recipient.cc", 3516, "Country is not served by the carrier"


def _package_type(shipment):
    kind, carrier = shipment["options"]["package_type"], shipment["carrier"]
    abroad = shipment["recipient"]["cc"] != "NL"
    if carrier not in ONLY_BY.get(kind, (carrier,)) or (kind == STAMP and abroad):
        yield "options.package_type", 3733, "Package type is not available"


def _options(shipment):
    carrier, country = shipment["carrier"], shipment["recipient"]["cc"]
    options = shipment["options"]
    kind = options["package_type"]
    for name in (name for name, value in options.items() if value):
        offered = OFFERED.get(name, {carrier: None})
        there = carrier in offered and country in (offered[carrier] or (country,))
        abroad = carrier == POSTNL and country not in NEAR and name in AT_THE_DOOR
        known = name in OFFERED or name in (*AT_THE_DOOR, "tracked")
        if known and (not there or abroad):
            yield f"options.{name}", 3705, "is not available for this shipment"
        elif known and kind != PACKAGE and name not in OTHER_OPTIONS.get(kind, ()):
            yield f"options.{name}", 3705, "is for packages only"


def _insurance(shipment):
    amount = shipment["options"].get("insurance", {}).get("amount", 0)
    carrier, country = shipment["carrier"], shipment["recipient"]["cc"]
    most = 50_000 if carrier == POSTNL and country not in NEAR else MAXIMUM_INSURED
    if amount > most or (carrier == DPD and amount not in (0, 52_000)):
        yield "options.insurance", 3743, "Insurance amount is invalid"


def _colli(shipment):
    others = shipment.get("secondary_shipments")
    if others is None:
        return
    field = "secondary_shipments"
    if not 1 <= len(others) < MAXIMUM_COLLI.get(shipment["carrier"], 1):
        yield field, 3739, "Number of colli is not allowed for this carrier"
    if shipment["recipient"]["cc"] not in NEAR:
        yield field, 3739, "Colli are possible to NL and BE only"
    if shipment["options"]["package_type"] != PACKAGE:
        yield field, 3739, "Colli are packages"
    if any("options" in other for other in others):
        yield field, 3705, "Options belong to the main shipment"


OBJECTIONS = (
    *(_postal_code, _phone, _weight, _insured_parcels_are_signed_for),
    *(_destination, _package_type, _options, _insurance, _colli, customs.objections),
)
