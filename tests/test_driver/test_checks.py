"""Each comparison of the outcome with the report finds what it is there for."""

import copy
import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.driver.checks import compare_confirmations, compare_labels, page_texts
from tests.driver.unshipped_report import Expected

FIRST, SECOND = "402-0000001-0000001", "303-0000002-0000002"
EXPECTED = {
    FIRST: Expected(FIRST, "Amazon.nl", {"00000000000017": 2}),
    SECOND: Expected(SECOND, "Amazon.de", {"00000000000021": 1, "00000000000022": 3}),
}
BARCODES = {FIRST: "3SMYPA000000001", SECOND: "3SMYPA000000002"}
MARKETS = {FIRST: "A1805IZSGTT6HS", SECOND: "A1PA6795UKMFR9"}
OTHER = "3SMYPA000000009"


def pdf(*texts):
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for text in texts:
        canvas.drawString(72, 72, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def shipment(reference, barcode):
    return {"request": {"reference_identifier": reference}, "barcode": barcode}


@pytest.fixture
def myparcel():
    return {"shipments": [shipment(f"{ref}-7", code) for ref, code in BARCODES.items()]}


@pytest.fixture
def labels():
    return pdf(*(f"PostNL {barcode} Utrecht" for barcode in BARCODES.values()))


@pytest.fixture
def amazon():
    orders = {
        ref: {
            "packages": {
                "1": {
                    "items": dict(order.quantities),
                    "carrier_code": "PostNL",
                    "tracking_number": BARCODES[ref],
                }
            },
            "marketplace_ref": MARKETS[ref],
            "fulfillment_status": "SHIPPED",
        }
        for ref, order in EXPECTED.items()
    }
    return {"orders": copy.deepcopy(orders)}


def differences_of_labels(myparcel, labels):
    return "\n".join(compare_labels(EXPECTED, myparcel, labels))


def test_right_labels_have_no_difference(myparcel, labels):
    assert differences_of_labels(myparcel, labels) == ""


def test_order_without_a_label_is_found(myparcel, labels):
    del myparcel["shipments"][0]
    assert f"{FIRST}: 0 labels" in differences_of_labels(myparcel, labels)


def test_concept_is_no_label(myparcel, labels):
    myparcel["shipments"][0]["barcode"] = ""
    assert f"{FIRST}: 0 labels" in differences_of_labels(myparcel, labels)


def test_label_bought_twice_is_found(myparcel, labels):
    myparcel["shipments"].append(shipment(f"{FIRST}-8", OTHER))
    assert f"{FIRST}: 2 labels" in differences_of_labels(myparcel, labels)


def test_label_of_an_unknown_order_is_found(myparcel, labels):
    myparcel["shipments"].append(shipment("999-0000009-0000009-1", OTHER))
    assert "for no order" in differences_of_labels(myparcel, labels)


def test_missing_page_is_found(myparcel):
    told = differences_of_labels(myparcel, pdf(BARCODES[FIRST]))
    assert "1 pages for 2 parcels" in told
    assert f"no page holds {BARCODES[SECOND]}" in told


def test_page_without_a_barcode_is_found(myparcel):
    told = differences_of_labels(myparcel, pdf(BARCODES[FIRST], OTHER))
    assert "page 2 holds 0 barcodes" in told


def test_page_with_two_barcodes_is_found(myparcel):
    told = differences_of_labels(myparcel, pdf(" ".join(BARCODES.values()), ""))
    assert "page 1 holds 2 barcodes" in told


def test_texts_are_those_of_the_pages():
    assert [text.strip() for text in page_texts(pdf("one", "two"))] == ["one", "two"]


def differences_at_amazon(amazon, myparcel):
    return "\n".join(compare_confirmations(EXPECTED, amazon, myparcel))


def package(amazon, order_ref):
    return amazon["orders"][order_ref]["packages"]["1"]


def test_right_confirmations_have_no_difference(amazon, myparcel):
    assert differences_at_amazon(amazon, myparcel) == ""


@pytest.mark.parametrize(
    "name, value",
    [
        ("items", {"00000000000017": 1}),
        ("items", {"00000000000017": 2, "00000000000018": 1}),
        ("carrier_code", "Other"),
        ("tracking_number", OTHER),
        ("tracking_number", BARCODES[SECOND]),
    ],
)
def test_wrong_confirmation_is_found(amazon, myparcel, name, value):
    package(amazon, FIRST)[name] = value
    told = differences_at_amazon(amazon, myparcel)
    assert told.startswith(f"{FIRST}: {name} is {value!r}")


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("packages", {}, "Amazon holds 0 packages"),
        ("marketplace_ref", MARKETS[SECOND], "confirmed in the wrong marketplace"),
        ("fulfillment_status", "PARTIALLY_SHIPPED", "Amazon shows PARTIALLY_SHIPPED"),
    ],
)
def test_wrong_order_is_found(amazon, myparcel, name, value, sentence):
    amazon["orders"][FIRST][name] = value
    assert differences_at_amazon(amazon, myparcel) == f"{FIRST}: {sentence}"


def test_second_package_of_an_order_is_found(amazon, myparcel):
    amazon["orders"][FIRST]["packages"]["2"] = package(amazon, FIRST)
    told = differences_at_amazon(amazon, myparcel)
    assert told == f"{FIRST}: Amazon holds 2 packages"


def test_order_that_amazon_does_not_know_is_found(amazon, myparcel):
    del amazon["orders"][SECOND]
    told = differences_at_amazon(amazon, myparcel)
    assert told == f"{SECOND}: Amazon does not know this order"
