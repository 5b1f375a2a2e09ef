"""What GLS may be asked: the check before anything is sent, and the request bodies.

Names and lengths are those of the label interface, version 1. Empty fields are left
out; GLS refuses nulls in some of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .customs_territories import is_customs_free
from .errors import Problem
from .gls_address import arrange, country_of
from .gls_options import goes_to_shop, option_faults, services_payload, wants_mail
from .gls_shipments import GlsNotification, GlsPickup, GlsShipment, GlsUnit
from .shipments import Recipient
from .texts import clean, is_email, is_printable

USERNAME_LENGTH, PASSWORD_LENGTH = 70, 20
REFERENCE_LENGTH, UNIT_REFERENCE_LENGTH = 20, 35
PARCEL = "p"
LABEL_TYPES = frozenset(("pdfA6U", "pdf", "zpl", "zplUtf8", "zpl300", "zpl300Utf8"))
# Grams. A lighter parcel is told to weigh this: the group's other interface refuses
# less, and the GLS plugins never send less either.
MINIMUM_WEIGHT = 100
MAXIMUM_WEIGHT = 32_000
SHOP_MAXIMUM_WEIGHT = 20_000

_REQUIRED = ("name", "street", "postal_code", "city", "country_code")
# Here the number is looked up; elsewhere it may just as well stand in the street.
_NUMBER_COUNTRIES = frozenset(("NL",))
_COUNTRY = re.compile(r"[A-Z]{2}")
_NO_TOKEN = re.compile(r"[^A-Za-z0-9-]+")
_PRINTED = (
    *("name", "company", "street", "number", "number_suffix", "box_number"),
    *("street_additional", "postal_code", "city"),
)


def clean_reference(text: str, length: int = REFERENCE_LENGTH) -> str:
    """Letters, digits and hyphens only: GLS was seen to refuse others.

    Of a longer one the end is kept, which tells references apart. An order id of
    Amazon's stays as it is.
    """
    return _NO_TOKEN.sub("-", clean(text)).strip("-")[-length:].lstrip("-")


def unit_reference(unit: GlsUnit) -> str:
    """What GLS calls the parcel, in its answer and in its tracking."""
    return clean_reference(unit.reference, UNIT_REFERENCE_LENGTH)


def check_login(username: str, password: str) -> tuple[Problem, ...]:
    """What keeps a login from being one; GLS answers a long password by a refusal."""
    limits = {
        "username": (username, USERNAME_LENGTH),
        "password": (password, PASSWORD_LENGTH),
    }
    return tuple(
        Problem(None, name, "too_long" if text else "required", limit=limit)
        for name, (text, limit) in limits.items()
        if not 1 <= len(text) <= limit
    )


def check_shipment(shipment: GlsShipment) -> tuple[Problem, ...]:
    """All that GLS is known to refuse in ``shipment``; empty when nothing is."""
    return tuple(_problems(shipment))


def check_pickup(pickup: GlsPickup) -> tuple[Problem, ...]:
    """The same for a pickup, which needs to know where to fetch the parcel."""
    shipment = pickup.shipment
    reference = shipment.reference
    problems = [
        *check_shipment(shipment),
        *_address_problems(reference, "requester", pickup.requester),
    ]
    if not shipment.sender:
        problems.append(Problem(reference, "sender", "required"))
    return tuple(problems)


def shipment_payload(shipment: GlsShipment) -> dict[str, object]:
    """The body of Label/Create; ``shipment`` must have passed the check."""
    payload = {
        **_shared_payload(shipment),
        "labelType": shipment.label_type,
        "services": services_payload(shipment.options),
    }
    if shipment.shipping_date:
        payload["shippingDate"] = shipment.shipping_date.isoformat()
    has_mail = shipment.recipient.email and wants_mail(shipment.options)
    if shipment.notification and has_mail:
        payload["notificationEmail"] = _notification_payload(shipment.notification)
    return payload


def pickup_payload(pickup: GlsPickup) -> dict[str, object]:
    """The body of Pickup/Create; ``pickup`` must have passed the check."""
    payload = _shared_payload(pickup.shipment)
    requester = dict(arrange(pickup.requester).fields)
    payload["addresses"]["requesterAddress"] = requester
    return {**payload, "pickupDate": pickup.pickup_date.isoformat()}


def _shared_payload(shipment: GlsShipment) -> dict:
    recipient = shipment.recipient
    kind = "b" if clean(recipient.company) else "p"
    address = {"addresseeType": kind, **arrange(recipient).fields}
    addresses = {"deliveryAddress": address}
    if shipment.sender:
        addresses["pickupAddress"] = dict(arrange(shipment.sender).fields)
    payload = {
        "shiptype": PARCEL,
        # Without it an answer was seen that held no link at all.
        "trackingLinkType": "u",
        "units": [_unit_payload(unit) for unit in shipment.units],
        "addresses": addresses,
    }
    if reference := clean_reference(shipment.order_ref):
        payload["reference"] = reference
    return payload


def _unit_payload(unit: GlsUnit) -> dict[str, object]:
    reference = unit_reference(unit)
    return {
        "unitId": reference,
        "unitType": "co",
        "customerUnitReference": reference,
        "weight": max(unit.weight_grams, MINIMUM_WEIGHT) / 1000,
    }


def _notification_payload(notification: GlsNotification) -> dict[str, object]:
    texts = {
        "senderName": notification.sender_name,
        "senderReplyAddress": notification.reply_address,
        "emailSubject": notification.subject,
    }
    return {
        "sendMail": True,
        **{name: text for name, value in texts.items() if (text := clean(value))},
    }


def _problems(shipment: GlsShipment) -> Iterator[Problem]:
    reference = shipment.reference
    yield from _address_problems(reference, "recipient", shipment.recipient)
    yield from _destination_problems(reference, shipment.recipient)
    if shipment.sender:
        yield from _address_problems(reference, "sender", shipment.sender)
    yield from _unit_problems(shipment)
    country = country_of(shipment.recipient)
    for name, code in option_faults(shipment.options, country):
        yield Problem(reference, f"options.{name}", code)
    if shipment.notification:
        yield from _notification_problems(reference, shipment.notification)
    if shipment.label_type not in LABEL_TYPES:
        yield Problem(reference, "label_type", "invalid")


def _address_problems(
    reference: str, owner: str, address: Recipient
) -> Iterator[Problem]:
    country = country_of(address)
    for name in _REQUIRED:
        # A company needs nobody's name.
        texts = (address.name, address.company) if name == "name" else ()
        if not any(map(clean, texts or (getattr(address, name),))):
            yield Problem(reference, f"{owner}.{name}", "required")
    if country and not _COUNTRY.fullmatch(country):
        yield Problem(reference, f"{owner}.country_code", "invalid")
    email = clean(address.email)
    if email and not is_email(email):
        yield Problem(reference, f"{owner}.email", "invalid")
    for name in _PRINTED:
        if not is_printable(clean(getattr(address, name))):
            yield Problem(reference, f"{owner}.{name}", "bad_character")
    for misfit in arrange(address).misfits:
        yield Problem(
            reference,
            f"{owner}.{misfit.field}",
            "too_long",
            limit=misfit.limit,
            proposal=misfit.proposal,
        )


def _destination_problems(reference: str, recipient: Recipient) -> Iterator[Problem]:
    country = country_of(recipient)
    postal_code = clean(recipient.postal_code)
    if _COUNTRY.fullmatch(country) and not is_customs_free(country, postal_code):
        yield Problem(reference, "recipient.country_code", "outside_eu")
    if country not in _NUMBER_COUNTRIES:
        return
    if not clean(recipient.number):
        yield Problem(reference, "recipient.number", "required")
    elif not recipient.certain:
        yield Problem(reference, "recipient.number", "uncertain")


def _unit_problems(shipment: GlsShipment) -> Iterator[Problem]:
    to_shop = goes_to_shop(shipment.options)
    most = SHOP_MAXIMUM_WEIGHT if to_shop else MAXIMUM_WEIGHT
    for unit in shipment.units:
        if not unit_reference(unit):
            yield Problem(unit.reference, "reference", "required")
        if unit.weight_grams <= 0:
            yield Problem(unit.reference, "weight_grams", "too_small", limit=1)
        if unit.weight_grams > most:
            yield Problem(unit.reference, "weight_grams", "too_heavy", limit=most)


def _notification_problems(
    reference: str, notification: GlsNotification
) -> Iterator[Problem]:
    limits = {"sender_name": 30, "reply_address": 320, "subject": 50}
    for name, limit in limits.items():
        if len(clean(getattr(notification, name))) > limit:
            yield Problem(reference, f"notification.{name}", "too_long", limit=limit)
