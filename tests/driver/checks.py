"""Compares what came out with the report that went in; Odoo is not asked.

States are those of the stand-ins' ``state()``, also to be had from another process at
``/__standin__/state``. Each check gives sentences, one per difference.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pypdf

from tests.standins.markets import BY_SALES_CHANNEL, NETHERLANDS

from .unshipped_report import Expected

CARRIER_CODE = "PostNL"


def barcodes_by_order(
    expected: Mapping[str, Expected], myparcel: dict
) -> dict[str, list[str]]:
    """The barcodes of registered shipments, by the order id in their reference."""
    found = defaultdict(list)
    for shipment in myparcel["shipments"]:
        reference = shipment["request"]["reference_identifier"]
        order_ref = next((ref for ref in expected if reference.startswith(ref)), "")
        if shipment["barcode"]:
            found[order_ref].append(shipment["barcode"])
    return dict(found)


def compare_labels(
    expected: Mapping[str, Expected], myparcel: dict, pdf: bytes
) -> Iterator[str]:
    """One parcel per order was bought, once, and its label is one page of the PDF."""
    bought = barcodes_by_order(expected, myparcel)
    for order_ref in expected:
        count = len(bought.get(order_ref, ()))
        if count != 1:
            yield f"{order_ref}: {count} labels were bought"
    for order_ref in bought.keys() - expected.keys():
        yield f"a label was bought for {order_ref or 'no order'}"
    yield from _compare_pages({b for found in bought.values() for b in found}, pdf)


def _compare_pages(barcodes: set[str], pdf: bytes) -> Iterator[str]:
    pages = page_texts(pdf)
    if len(pages) != len(barcodes):
        yield f"{len(pages)} pages for {len(barcodes)} parcels"
    unseen = set(barcodes)
    for number, text in enumerate(pages, start=1):
        on_page = {barcode for barcode in barcodes if barcode in text}
        if len(on_page) != 1:
            yield f"page {number} holds {len(on_page)} barcodes"
        unseen -= on_page
    yield from (f"no page holds {barcode}" for barcode in sorted(unseen))


def compare_sheets(myparcel: dict, pdf: bytes) -> Iterator[str]:
    """Every label stands once on the A4 sheets, which are full but for the last."""
    barcodes = [told["barcode"] for told in myparcel["shipments"] if told["barcode"]]
    pages = page_texts(pdf)
    if len(pages) != -(-len(barcodes) // 4):
        yield f"{len(pages)} sheets for {len(barcodes)} labels"
    text = "\n".join(pages)
    for barcode in barcodes:
        if text.count(barcode) != 1:
            yield f"{barcode} stands there {text.count(barcode)} times"


def page_texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def compare_confirmations(
    expected: Mapping[str, Expected], amazon: dict, myparcel: dict
) -> Iterator[str]:
    """Amazon holds one package per order: its items, quantities, carrier and number."""
    bought = barcodes_by_order(expected, myparcel)
    for order_ref, order in expected.items():
        held = amazon["orders"].get(order_ref)
        if held is None:
            yield f"{order_ref}: Amazon does not know this order"
            continue
        packages = list(held["packages"].values())
        if len(packages) != 1:
            yield f"{order_ref}: Amazon holds {len(packages)} packages"
            continue
        wanted = {
            "items": order.quantities,
            "carrier_code": CARRIER_CODE,
            "tracking_number": bought.get(order_ref, [""])[0],
        }
        for name, value in wanted.items():
            if packages[0][name] != value:
                yield f"{order_ref}: {name} is {packages[0][name]!r}, not {value!r}"
        if held["marketplace_ref"] != _marketplace(order):
            yield f"{order_ref}: confirmed in the wrong marketplace"
        if held["fulfillment_status"] != "SHIPPED":
            yield f"{order_ref}: Amazon shows {held['fulfillment_status']}"


def _marketplace(order: Expected) -> str:
    market = BY_SALES_CHANNEL.get(order.sales_channel.lower())
    return market.marketplace_ref if market else NETHERLANDS
