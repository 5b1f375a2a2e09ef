"""What stands in GLS's answers, in our shape.

The published definition leaves a unit empty; its fields are those that live answers and
GLS's own plugins show.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from .errors import LabelMismatch, Unclear
from .gls_shipments import (
    GlsCustomer,
    GlsDeliveryOption,
    GlsLabel,
    GlsParcelShop,
    TrackedParcel,
)
from .labels import ZPL_START, check_pdf, split_labels
from .texts import link_of, text_of, value_at

_PDF_START, _PDF_END = b"%PDF-", b"%%EOF"
_TRACKING_PAGE = "https://www.gls-info.nl/tracking"

_NO_DOCUMENT = b"", ""


def read_labels(
    body: Mapping, references: Mapping[str, str], postal_code: str
) -> tuple[GlsLabel, ...]:
    """The parcels of an answer of Label/Create, in the order of ``references``.

    ``references`` are ours by what GLS was told as ``unitId``. Left out are those that
    the answer does not give one number of their own; raises :class:`Unclear` when these
    are all. The others' labels come this once only, and must not be lost with them.
    """
    units = _units_by_id(body, list(references))
    if not units:
        raise Unclear("incomplete")
    combined = _combined(body, units.values())
    shipment_link = link_of(body.get("shipmentTrackingLink"))
    return tuple(
        _read_label(unit, references[unit_id], combined, shipment_link, postal_code)
        for unit_id, unit in units.items()
    )


def tracking_url(unit_no: str, postal_code: str) -> str:
    """The public page; GLS asks for the postal code of who gets it as well."""
    query = {"parcelNo": unit_no, "zipcode": "".join(postal_code.split())}
    query = {name: text for name, text in query.items() if text}
    return f"{_TRACKING_PAGE}?{urlencode(query)}"


def _units_by_id(body: Mapping, unit_ids: Sequence[str]) -> dict[str, Mapping]:
    units = [unit for unit in _entries(body, "units") if isinstance(unit, Mapping)]
    told = [text_of(unit.get("unitId")) for unit in units]
    if told == [""] and len(unit_ids) == 1:
        told = list(unit_ids)
    numbers = [text_of(unit.get("unitNo")) for unit in units]
    by_id = {
        unit_id: unit
        for unit_id, number, unit in zip(told, numbers, units, strict=True)
        if number and told.count(unit_id) == numbers.count(number) == 1
    }
    return {unit_id: by_id[unit_id] for unit_id in unit_ids if unit_id in by_id}


def _read_label(
    unit: Mapping,
    reference: str,
    combined: Mapping[str, tuple[bytes, str]],
    shipment_link: str,
    postal_code: str,
) -> GlsLabel:
    unit_no = text_of(unit.get("unitNo"))
    return_no = text_of(unit.get("unitNoShopReturn"))
    label, label_format = combined.get(unit_no) or _document(unit.get("label"))
    its_return = combined.get(return_no) or _document(unit.get("labelShopReturn"))
    back, back_format = its_return
    link = link_of(unit.get("unitTrackingLink")) or shipment_link
    return GlsLabel(
        reference=reference,
        unit_no=unit_no,
        unique_no=text_of(unit.get("uniqueNo")),
        tracking_url=link or tracking_url(unit_no, postal_code),
        label=label,
        label_format=label_format,
        return_unit_no=return_no,
        return_label=back,
        return_format=back_format,
    )


def _combined(body: Mapping, units) -> dict[str, tuple[bytes, str]]:
    """The pages of the one document for the whole shipment, by parcel number."""
    data, label_format = _document(body.get("labels"))
    numbers = [
        number
        for key in ("unitNo", "unitNoShopReturn")
        for unit in units
        if (number := text_of(unit.get(key)))
    ]
    if not data or len(numbers) == 1:
        return {numbers[0]: (data, label_format)} if data else {}
    try:
        pages = split_labels(data, numbers)
    except LabelMismatch:
        return {}
    return {
        number: (page, label_format)
        for number, page in zip(numbers, pages, strict=True)
    }


def _document(value: object) -> tuple[bytes, str]:
    """The label and its format; ZPL comes as it is or encoded, PDF encoded."""
    if not isinstance(value, str):
        return _NO_DOCUMENT
    if ZPL_START.decode() in value:
        return value.encode(), "zpl"
    try:
        data = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return _NO_DOCUMENT
    if ZPL_START in data and _PDF_START not in data:
        return data, "zpl"
    return _whole_pdf(data)


def _whole_pdf(data: bytes) -> tuple[bytes, str]:
    """Without what GLS adds behind the end mark, which spoils joining documents."""
    end = data.rfind(_PDF_END) + len(_PDF_END)
    pdf = data[max(data.find(_PDF_START), 0) : end] + b"\n"
    try:
        check_pdf(pdf)
    except LabelMismatch:
        return _NO_DOCUMENT
    return pdf, "pdf"


def read_customers(body: Mapping) -> tuple[GlsCustomer, ...]:
    """The customer numbers of a login, each once."""
    found: dict[str, str] = {}
    for customer in _entries(body, "customers"):
        if number := text_of(value_at(customer, "apiCustomerNo")):
            found.setdefault(number, "")
        for subject in _entries(customer, "subjects"):
            name = text_of(value_at(subject, "subjectName"))
            for number in filter(None, map(text_of, _entries(subject, "custNos"))):
                found[number] = found.get(number) or name
    return tuple(GlsCustomer(number, name) for number, name in found.items())


def read_parcel_shops(body: Mapping) -> tuple[GlsParcelShop, ...]:
    return tuple(_read_parcel_shops(body))


def _read_parcel_shops(body: Mapping) -> Iterator[GlsParcelShop]:
    for shop in _entries(body, "parcelShops"):
        if shop_id := text_of(value_at(shop, "parcelShopId")):
            metres = value_at(shop, "distanceMeters")
            is_number = isinstance(metres, (int, float)) and metres is not True
            yield GlsParcelShop(
                parcel_shop_id=shop_id,
                name=text_of(value_at(shop, "name")),
                street=text_of(value_at(shop, "street")),
                number=text_of(value_at(shop, "houseNo")),
                postal_code=text_of(value_at(shop, "zipcode")),
                city=text_of(value_at(shop, "city")),
                country_code=text_of(value_at(shop, "countryCode")),
                kind=text_of(value_at(shop, "type")),
                metres=metres if is_number else None,
            )


def read_delivery_options(body: Mapping) -> tuple[GlsDeliveryOption, ...]:
    """The options and those below them, in one list."""
    return tuple(
        GlsDeliveryOption(
            service=text_of(value_at(option, "service")),
            title=text_of(value_at(option, "title")),
            expected=text_of(value_at(option, "expectedDeliveryDate")),
        )
        for above in _entries(body, "deliveryOptions")
        for option in (above, *_entries(above, "subDeliveryOptions"))
        if text_of(value_at(option, "service"))
    )


def read_parcels(body: object) -> tuple[TrackedParcel, ...]:
    """What tracking tells; entries without a number are no parcels."""
    if not isinstance(value_at(body, "parcels"), list):
        raise Unclear("unreadable")
    return tuple(
        TrackedParcel(
            unit_no=unit_no,
            unique_no=text_of(value_at(parcel, "uniqueNo")),
            state=text_of(value_at(parcel, "state")),
            reference=text_of(value_at(parcel, "customerReference")),
            handed_in=text_of(value_at(parcel, "jobDate")),
            tracking_url=link_of(value_at(parcel, "uri")),
            events=tuple(
                text_of(value_at(event, "descriptionEN"))
                for event in _entries(parcel, "events")
            ),
            is_scanned=any(
                value_at(event, "isPhysical") is True
                for event in _entries(parcel, "events")
            ),
        )
        for parcel in _entries(body, "parcels")
        if (unit_no := text_of(value_at(parcel, "parcelNo")))
    )


def _entries(tree: object, key: str) -> list:
    entries = value_at(tree, key)
    return entries if isinstance(entries, list) else []
