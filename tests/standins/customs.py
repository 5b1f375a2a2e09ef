"""What MyParcel refuses in a customs declaration though the body has the right shape.

Written from the reference (sections 2.1, 2.3 and 4.2), not from the addon: a
declaration outside the EU, an invoice number, a value of at least a euro, HS codes of
the length that the carrier or the country asks for, the numbers that DPD needs.
"""

from __future__ import annotations

from . import parcels

MISSING, INVOICE, AMOUNT = 3702, 3703, 3765
WITH_INVOICE = (1, 2, 5)
DPD, BPOST = 4, 2
DHL = (9, 10, 11)


def objections(shipment: dict):
    """Field, code and message of each reason to refuse one shipment of a request."""
    declaration = shipment.get("customs_declaration")
    country = shipment["recipient"]["cc"]
    if not declaration:
        if country not in parcels.EU:
            yield "customs_declaration", MISSING, f"is required for {country}"
        return
    if not shipment.get("physical_properties", {}).get("weight"):
        yield "physical_properties.weight", 3704, "is required with customs"
    if declaration.get("contents") in WITH_INVOICE and not declaration.get("invoice"):
        yield "customs_declaration.invoice", INVOICE, "is required"
    items = declaration.get("items") or []
    if not items:
        yield "customs_declaration.items", MISSING, "is required"
    elif sum(item["item_value"]["amount"] for item in items) < 100:
        yield "customs_declaration.items", AMOUNT, "are worth less than one euro"
    yield from _item_objections(shipment["carrier"], country, items)
    if shipment["carrier"] == DPD and country == "GB":
        for name in ("eori_number", "vat_number"):
            if not declaration.get(name):
                yield f"customs_declaration.{name}", MISSING, "is required by DPD"


def _item_objections(carrier, country, items):
    lengths = code_lengths(carrier, country)
    for number, item in enumerate(items):
        path = f"customs_declaration.items.{number}"
        code = item.get("classification", "")
        if not code.isdigit() or len(code) not in lengths:
            yield f"{path}.classification", MISSING, f"'{code}' is no HS code here"
        if not item.get("weight"):
            yield f"{path}.weight", 3704, "must be more than 0"
        if not item.get("country"):
            yield f"{path}.country", MISSING, "is required"


def code_lengths(carrier: int, country: str) -> tuple[int, ...]:
    if country == "US":
        return (10,)
    if carrier == DPD:
        return (8,)
    if carrier in DHL:
        return (8, 10)
    return (6, 8) if carrier == BPOST else (6, 8, 10)
