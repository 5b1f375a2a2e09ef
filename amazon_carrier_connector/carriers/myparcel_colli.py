"""Several parcels as one shipment of MyParcel's (multi-collo).

Reference, section 2.5. The first parcel is the shipment, the others stand inside it and
get numbers of their own. Their ids are told only when the first one is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .errors import Unclear
from .myparcel_payload import options_payload, shipment_payload
from .myparcel_services import (
    BE,
    NL,
    PACKAGE,
    POSTNL,
    UPS_EXPRESS_SAVER,
    UPS_STANDARD,
)
from .shipments import ParcelRequest, Shipment, shipment_of

# Parcels of one shipment, in the one answer about it that is known; with the others
# each parcel is a shipment of its own.
MAX_COLLI: Mapping[int, int] = dict.fromkeys(
    (POSTNL, UPS_STANDARD, UPS_EXPRESS_SAVER), 20
)
COUNTRIES = frozenset((NL, BE))


def join_colli(requests: Sequence[ParcelRequest]) -> list[ParcelRequest]:
    """The parcels of one delivery, with their ``shipment`` where they make one.

    The options are those of the shipment, its label text among them: parcels that
    differ in these stay apart.
    """
    if len(requests) < 2 or not all(_fits(item, requests[0]) for item in requests):
        return list(requests)
    most = MAX_COLLI[requests[0].carrier_id]
    return [
        replace(request, shipment=requests[number - number % most].reference)
        for number, request in enumerate(requests)
    ]


def _fits(request: ParcelRequest, first: ParcelRequest) -> bool:
    return (
        request.carrier_id in MAX_COLLI
        and request.package_type == PACKAGE
        and request.recipient.country_code.strip().upper() in COUNTRIES
        and request.customs is None
        and (request.carrier_id, request.recipient)
        == (first.carrier_id, first.recipient)
        and options_payload(request) == options_payload(first)
    )


def by_shipment(requests: Sequence[ParcelRequest]) -> dict[str, list[ParcelRequest]]:
    """Requests by the reference of their shipment, its first parcel first."""
    shipments: dict[str, list[ParcelRequest]] = {}
    for request in requests:
        shipments.setdefault(shipment_of(request), []).append(request)
    return shipments


def multi_collo_payload(requests: Sequence[ParcelRequest]) -> dict[str, object]:
    """One entry of ``data.shipments``; the first request is the shipment."""
    main, *others = requests
    payload = shipment_payload(main)
    if others:
        payload["secondary_shipments"] = [
            {
                "reference_identifier": other.reference,
                "physical_properties": {"weight": other.weight_grams},
            }
            for other in others
        ]
    return payload


def parcels_of(shipment: Shipment) -> Iterator[Shipment]:
    """All parcels of a shipment that was read, in the order in which they were made.

    The portal shows each parcel under its own number; the address is told for the
    first one only.
    """
    yield replace(shipment, colli=())
    for other in sorted(shipment.colli, key=lambda other: int(other.remote_ref)):
        url = other.tracking_url
        if not url and shipment.barcode and other.barcode:
            url = shipment.tracking_url.replace(shipment.barcode, other.barcode)
        yield replace(other, tracking_url=url)


def colli_by_reference(
    remote_refs: Mapping[str, str], shipments: Mapping[str, Shipment]
) -> dict[str, Shipment]:
    """Which parcel at MyParcel belongs to each of our references.

    ``remote_refs`` are the ids of the shipments by reference. Where MyParcel does not
    repeat the references of the others, any of them may be any: they are the same
    shipment. Raises ``Unclear`` when some are missing.
    """
    owned: dict[str, Shipment] = {}
    for remote_ref, shipment in shipments.items():
        references = [ref for ref in remote_refs if remote_refs[ref] == remote_ref]
        parcels = list(parcels_of(shipment))
        borne = Counter(parcel.reference for parcel in parcels)
        # A name that several bear tells none of them from the others.
        named = {
            parcel.reference: parcel
            for parcel in parcels
            if parcel.reference in references and borne[parcel.reference] == 1
        }
        if len(named) < len(references):
            if len(parcels) != len(references):
                raise Unclear("incomplete")
            # The shipment itself is the parcel that bears its reference.
            references.sort(key=lambda reference: reference != shipment.reference)
            named = dict(zip(references, parcels, strict=True))
        owned |= named
    return owned
