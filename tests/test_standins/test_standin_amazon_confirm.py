"""orders v0 shipmentConfirmation, as reference section 3 of Amazon's side has it."""

from __future__ import annotations

import threading

import pytest

ORDER_ID = "402-1111111-2222222"
ITEM_1, ITEM_2 = "00000000000017", "60000000000021"


def message(response) -> str:
    [error] = response.json()["errors"]
    assert error["code"] == "InvalidInput"
    return error["message"]


def test_confirmation_is_answered_204_without_a_body(amazon, standins):
    response = amazon.confirm()
    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response.headers
    assert response.headers["x-amzn-RequestId"]
    assert response.headers["x-amzn-RateLimit-Limit"]
    assert not standins.violations


def test_confirmation_is_kept_with_everything_that_was_told(amazon, standins):
    amazon.confirm(
        items={ITEM_1: 2}, carrierCode="Other", carrierName="Fietskoerier", **METHOD
    )
    [kept] = standins.amazon.confirmations
    assert (kept.order_id, kept.package_reference) == (ORDER_ID, "1")
    assert (kept.carrier_code, kept.carrier_name) == ("Other", "Fietskoerier")
    assert (kept.tracking_number, kept.items) == ("3SMYPA000000001", {ITEM_1: 2})
    assert kept.shipping_method == "Standard"
    assert kept.ship_date == "2026-11-20T10:00:00Z"


METHOD = {"shippingMethod": "Standard"}


def test_order_goes_from_unshipped_over_partially_shipped_to_shipped(amazon):
    def status():
        return amazon.order().json()["order"]["fulfillment"]["fulfillmentStatus"]

    assert status() == "UNSHIPPED"
    amazon.confirm(items={ITEM_1: 2})
    assert status() == "PARTIALLY_SHIPPED"
    amazon.confirm(items={ITEM_2: 1}, packageReferenceId="2")
    assert status() == "SHIPPED"


def test_one_item_can_be_spread_over_parcels(amazon):
    amazon.confirm(items={ITEM_1: 1})
    assert amazon.confirm(items={ITEM_1: 1}, packageReferenceId="2").ok
    items = amazon.order().json()["order"]["orderItems"]
    assert items[0]["fulfillment"]["quantityUnfulfilled"] == 0
    assert items[1]["fulfillment"]["quantityUnfulfilled"] == 1


def test_packages_can_be_read_back(amazon):
    amazon.confirm(items={ITEM_1: 2})
    [package] = amazon.order().json()["order"]["packages"]
    assert package["packageReferenceId"] == "1"
    assert package["carrier"] == "PostNL"
    assert package["trackingNumber"] == "3SMYPA000000001"
    assert package["packageItems"] == [{"orderItemId": ITEM_1, "quantity": 2}]


def test_same_reference_again_edits_the_package(amazon, standins):
    amazon.confirm(items={ITEM_1: 2, ITEM_2: 1})
    again = amazon.confirm(items={ITEM_1: 2, ITEM_2: 1}, trackingNumber="3SNEW")
    assert again.status_code == 204
    [package] = amazon.order().json()["order"]["packages"]
    assert package["trackingNumber"] == "3SNEW"
    assert [c.version for c in standins.amazon.confirmations] == [1, 2]


def test_too_many_edits_are_refused(amazon, standins):
    standins.amazon.max_package_versions = 2
    assert [amazon.confirm().status_code for _ in range(3)] == [204, 204, 400]
    assert "InvalidPackageVersion" in message(amazon.confirm())


def test_another_reference_on_a_shipped_order_is_refused(amazon):
    amazon.confirm(items={ITEM_1: 2, ITEM_2: 1})
    refused = amazon.confirm(items={ITEM_1: 2, ITEM_2: 1}, packageReferenceId="2")
    assert refused.status_code == 400
    assert "PackageToUpdateNotFound" in message(refused)
    assert "order already fulfilled" in message(refused)


@pytest.mark.parametrize(
    ("detail", "fragment"),
    [
        ({"packageReferenceId": 1}, "invalid type [packageDetail.packageReferenceId]"),
        ({"packageReferenceId": "PKG-1"}, "must be a positive numeric value"),
        ({"packageReferenceId": "0"}, "must be a positive numeric value"),
        ({"packageReferenceId": "-1"}, "must be a positive numeric value"),
        ({"shipDate": "02/21/2022"}, "packageDetail.shipDate"),
        ({"shipDate": None}, "packageDetail.shipDate"),
        ({"trackingNumber": None}, "packageDetail.trackingNumber"),
        ({"trackingNumber": "x" * 51}, "packageDetail.trackingNumber"),
        ({"trackingNumber": "包裹"}, "packageDetail.trackingNumber"),
        ({"carrierCode": None}, "packageDetail.carrierCode"),
        ({"carrierCode": "Other"}, "CarrierName is required"),
        ({"orderItems": []}, "packageDetail.orderItems"),
        ({"orderItems": {}}, "OrderItemId is invalid"),
        ({"orderItems": ["1"]}, "OrderItemId is invalid"),
        ({"items": {"17": 1}}, "OrderItemId is invalid"),
        ({"items": {ITEM_1: 0}}, "quantity"),
        ({"items": {ITEM_1: "1"}}, "OrderItemId is invalid"),
        ({"marketplace": "A1PA6795UKMFR9"}, "MarketplaceId"),
    ],
)
def test_flawed_request_is_refused_and_remembered(amazon, standins, detail, fragment):
    refused = amazon.confirm(**detail)
    assert refused.status_code == 400
    assert fragment in message(refused)
    assert standins.violations
    assert not standins.amazon.confirmations


@pytest.mark.parametrize(
    ("items", "fragment"),
    [
        ({"99999999999999": 1}, "NonexistentOrderItem"),
        ({ITEM_1: 3}, "more than is left"),
    ],
)
def test_wrong_items_are_refused(amazon, standins, items, fragment):
    refused = amazon.confirm(items=items)
    assert refused.status_code == 400
    assert fragment in message(refused)
    assert not standins.amazon.orders[ORDER_ID].packages


def test_quantities_of_an_item_named_twice_are_added_up(amazon):
    twice = [{"orderItemId": ITEM_1, "quantity": 2}] * 2
    assert "more than is left" in message(amazon.confirm(orderItems=twice))


def test_cancelled_order_has_no_items_any_more(amazon, standins):
    standins.amazon.orders[ORDER_ID].status = "CANCELLED"
    assert "NonexistentOrderItem" in message(amazon.confirm())


def test_pending_order_cannot_be_confirmed(amazon, standins):
    standins.amazon.orders[ORDER_ID].status = "PENDING"
    assert "PENDING" in message(amazon.confirm())


def test_ship_plus_order_cannot_be_confirmed(amazon, standins):
    standins.amazon.orders[ORDER_ID].programs.append("FBM_SHIP_PLUS")
    assert "Ship+" in message(amazon.confirm())


@pytest.mark.parametrize(
    ("order_id", "status"), [("402-9999999-9999999", 404), ("402", 400)]
)
def test_unknown_order_is_refused(amazon, order_id, status):
    assert amazon.confirm(order_id).status_code == status


def test_body_that_is_not_json_is_refused(amazon):
    path = f"/orders/v0/orders/{ORDER_ID}/shipmentConfirmation"
    assert amazon.call("POST", path, data=b"{").status_code == 400


@pytest.mark.parametrize("token", ["nonsense", "Atza|standin-999999"])
def test_unknown_access_token_is_refused(amazon, token):
    refused = amazon.call("GET", "/sellers/v1/marketplaceParticipations", token)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "Unauthorized"


def test_two_threads_are_counted_and_confirmed_each_once(amazon, standins, order):
    ids = [f"402-1111111-{n:07d}" for n in range(40)]
    for order_id in ids:
        standins.amazon.orders.add(order(order_id, (1,)))
    statuses = []

    def confirm(part):
        statuses.extend(amazon.confirm(order_id).status_code for order_id in part)

    threads = [threading.Thread(target=confirm, args=(ids[n::2],)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [204] * 40
    assert standins.amazon.count("confirmShipment") == 40
    assert standins.amazon.references("confirmShipment") == dict.fromkeys(ids, 1)
    assert sorted(c.order_id for c in standins.amazon.confirmations) == ids


def test_two_threads_that_confirm_the_last_unit_leave_one_package(amazon, standins):
    answers = []

    def confirm(reference):
        package = amazon.confirm(items={ITEM_2: 1}, packageReferenceId=reference)
        answers.append(package.status_code)

    threads = [threading.Thread(target=confirm, args=(ref,)) for ref in ("1", "2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [204, 400]
    assert len(standins.amazon.orders[ORDER_ID].packages) == 1


# Rates


def test_published_bucket_lets_ten_through_then_says_quota_exceeded(published, clients):
    client = clients[0](published)
    statuses = [client.confirm().status_code for _ in range(11)]
    assert statuses == [404] * 10 + [429]
    throttled = client.confirm()
    assert throttled.json()["errors"][0]["code"] == "QuotaExceeded"
    assert "x-amzn-RateLimit-Limit" not in throttled.headers


def test_bucket_refills_with_time(published, clients):
    client = clients[0](published)
    while client.confirm().status_code != 429:
        pass
    published.clock.advance(0.5)
    assert client.confirm().status_code == 404


def test_every_seller_has_a_bucket_of_its_own(published, clients):
    client = clients[0](published)
    while client.confirm().status_code != 429:
        pass
    other = published.lwa.sellers.add("A2OTHERSELLER")
    client.token = client.log_in(other.refresh_token).json()["access_token"]
    assert client.confirm().status_code == 404


def test_rates_can_be_replaced_one_by_one(standins):
    from tests.standins import Standins

    replaced = Standins(rates={"confirmShipment": (200, 300)}).amazon.rates
    assert replaced["confirmShipment"] == (200, 300)
    assert replaced["searchOrders"] == (0.0056, 20)
