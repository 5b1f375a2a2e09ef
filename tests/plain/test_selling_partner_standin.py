"""The gateway against an Amazon that keeps state and minds its contract."""

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from amazon import login
from amazon.errors import MissingRole, NotFound, Rejected, Throttled, Unauthorized
from amazon.selling_partner import (
    ConfirmedItem,
    Credentials,
    SellingPartner,
    ShipmentConfirmation,
)
from amazon.unshipped_report import read_unshipped_report

from tests.plain.report_maker import order, report, row
from tests.standins import Standins

SELLER = "A1STANDINSELLER"
NETHERLANDS = "A1805IZSGTT6HS"


@pytest.fixture(scope="module")
def standins():
    with Standins() as running:
        yield running


@pytest.fixture
def amazon(standins, monkeypatch):
    monkeypatch.setattr(login, "_cache", login._TokenCache())
    standins.reset()
    sellers = standins.amazon.sellers
    standins.amazon.orders.load_report(
        report(row(), row(order_item_id="60000000000022"), order(2))
    )
    credentials = Credentials(
        sellers.client_id,
        sellers.client_secret,
        sellers.sellers[SELLER].refresh_token,
    )
    gateway = SellingPartner(
        credentials,
        "eu",
        endpoint=standins.amazon.url,
        token_url=standins.lwa.token_url,
    )
    with gateway:
        yield gateway


CONFIRMATION = ShipmentConfirmation(
    order_ref="402-0000001-0000001",
    marketplace_ref=NETHERLANDS,
    package_ref="1",
    carrier_code="PostNL",
    carrier_name="",
    shipping_method="",
    tracking_number="3SABCD1234567",
    ship_date=datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc),
    items=(ConfirmedItem("00000000000017", 2),),
)


def test_what_the_reader_read_is_what_amazon_lets_us_confirm(amazon, standins):
    read = read_unshipped_report(report(row(), row(order_item_id="60000000000022")))
    (found,) = read.orders
    items = tuple(ConfirmedItem(i.item_ref, i.quantity_to_ship) for i in found.items)
    receipt = amazon.confirm_shipment(
        replace(CONFIRMATION, order_ref=found.order_ref, items=items)
    )
    assert receipt.request_id
    assert receipt.rate_limit == 2.0
    held = standins.amazon.orders[found.order_ref]
    assert held.fulfillment_status == "SHIPPED"
    assert held.packages["1"].items == {"00000000000017": 2, "60000000000022": 2}
    assert not standins.violations


def test_the_same_parcel_again_is_an_edit(amazon, standins):
    amazon.confirm_shipment(CONFIRMATION)
    amazon.confirm_shipment(replace(CONFIRMATION, tracking_number="3SEDITED00001"))
    package = standins.amazon.orders[CONFIRMATION.order_ref].packages["1"]
    assert (package.tracking_number, package.version) == ("3SEDITED00001", 2)
    assert not standins.violations


def test_more_than_is_left_is_rejected_in_amazons_words(amazon, standins):
    too_many = replace(CONFIRMATION, items=(ConfirmedItem("00000000000017", 9),))
    with pytest.raises(Rejected) as caught:
        amazon.confirm_shipment(too_many)
    assert caught.value.status == 400
    assert "more than is left" in caught.value.message
    assert caught.value.request_id


def test_an_order_of_nobody_is_not_found(amazon):
    with pytest.raises(NotFound):
        amazon.confirm_shipment(replace(CONFIRMATION, order_ref="402-9999999-0000001"))


def test_a_withdrawn_consent_is_named(amazon, standins, monkeypatch):
    monkeypatch.setattr(standins.amazon.sellers.sellers[SELLER], "connected", False)
    with pytest.raises(Unauthorized) as caught:
        amazon.confirm_shipment(CONFIRMATION)
    assert caught.value.reason == "invalid_grant"


def test_a_changed_client_secret_is_named(amazon, standins, monkeypatch):
    monkeypatch.setattr(standins.amazon.sellers, "client_secret", "rotated")
    with pytest.raises(Unauthorized) as caught:
        amazon.confirm_shipment(CONFIRMATION)
    assert caught.value.reason == "invalid_client"


def test_the_eleventh_call_in_a_moment_is_throttled(amazon, standins):
    with pytest.raises(Throttled) as caught:
        for number in range(1, 15):
            parcel = replace(
                CONFIRMATION, package_ref="1", tracking_number=f"3S{number}"
            )
            amazon.confirm_shipment(parcel)
    assert 0 < caught.value.retry_after <= 1


def test_a_refusal_without_a_reason_is_a_missing_role(amazon, standins):
    standins.amazon.faults.add("confirmShipment", "refused", status=403, body=None)
    with pytest.raises(MissingRole):
        amazon.confirm_shipment(CONFIRMATION)
