"""Orders are read from an Amazon that keeps state and minds its contract."""

from datetime import timedelta

import pytest
from amazon import login
from amazon.errors import (
    MissingRole,
    NotFound,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from amazon.order_search import PAGE_SIZE
from amazon.selling_partner import Credentials, SellingPartner
from amazon.unshipped_report import read_unshipped_report

from tests.plain.report_maker import order, report, row
from tests.plain.scripted_server import HANG, Reply, ScriptedServer, as_json
from tests.standins import Standins

SELLER = "A1STANDINSELLER"
NETHERLANDS, GERMANY = "A1805IZSGTT6HS", "A1PA6795UKMFR9"
FIRST, SECOND = "402-0000001-0000001", "402-0000002-0000001"
UNAUTHORIZED = {
    "errors": [{"code": "Unauthorized", "message": "Access is denied.", "details": ""}]
}


@pytest.fixture(scope="module")
def standins():
    with Standins() as running:
        yield running


@pytest.fixture
def amazon(standins, monkeypatch):
    monkeypatch.setattr(login, "_cache", login._TokenCache())
    standins.reset()
    with gateway(standins, standins.amazon.url) as opened:
        yield opened
    assert not standins.violations


def gateway(standins, endpoint, **options):
    sellers = standins.amazon.sellers
    credentials = Credentials(
        sellers.client_id,
        sellers.client_secret,
        sellers.sellers[SELLER].refresh_token,
    )
    return SellingPartner(
        credentials,
        "eu",
        endpoint=endpoint,
        token_url=standins.lwa.token_url,
        **options,
    )


def load(standins, *rows):
    return standins.amazon.orders.load_report(report(*rows))


def long_ago(standins):
    return standins.amazon.clock.now() - timedelta(days=300)


def search(amazon, standins, markets=(NETHERLANDS,), since=None, **options):
    return amazon.search_orders(markets, since or long_ago(standins), **options)


def test_the_orders_of_a_search_are_those_of_the_report(amazon, standins):
    data = report(row(), row(order_item_id="60000000000022"), order(2))
    standins.amazon.orders.load_report(data)
    page = search(amazon, standins)
    reported = read_unshipped_report(data).orders
    assert [found.order_ref for found in page.orders] == [FIRST, SECOND]
    for found, other in zip(page.orders, reported, strict=True):
        for name in (
            *("recipient", "purchase_date", "ship_by", "service_level"),
            *("buyer_name", "buyer_email", "buyer_phone", "is_prime", "is_business"),
        ):
            assert getattr(found, name) == getattr(other, name), name
        for item, listed in zip(found.items, other.items, strict=True):
            assert (item.item_ref, item.sku, item.title) == (
                listed.item_ref,
                listed.sku,
                listed.title,
            )
            assert item.quantity_to_ship == listed.quantity_to_ship


def test_pages_follow_each_other_by_token(amazon, standins):
    load(standins, *(order(number) for number in range(1, PAGE_SIZE + 2)))
    since = long_ago(standins)
    first = search(amazon, standins, since=since)
    assert len(first.orders) == PAGE_SIZE
    assert first.until
    second = search(amazon, standins, since=since, token=first.next_token)
    assert len(second.orders) == 1
    assert not second.next_token
    assert standins.amazon.count("searchOrders") == 2


def test_a_token_for_another_search_is_rejected(amazon, standins):
    load(standins, *(order(number) for number in range(1, PAGE_SIZE + 2)))
    since = long_ago(standins)
    token = search(amazon, standins, since=since).next_token
    with pytest.raises(Rejected):
        search(amazon, standins, since=since, token=token + "x")


def test_what_changed_before_is_not_given_again(amazon, standins):
    (first, __) = load(standins, order(1), order(2))
    first.updated = standins.amazon.clock.now() - timedelta(days=30)
    page = amazon.search_orders(
        [NETHERLANDS], standins.amazon.clock.now() - timedelta(days=29)
    )
    assert FIRST not in [found.order_ref for found in page.orders]


def test_closed_orders_are_given_when_they_are_asked_for(amazon, standins):
    (cancelled, __) = load(standins, order(1), order(2))
    cancelled.status = "CANCELLED"
    assert not search(amazon, standins).closed
    page = search(amazon, standins, statuses=("PARTIALLY_SHIPPED", "CANCELLED"))
    assert page.closed == {FIRST: "CANCELLED"}
    assert [found.order_ref for found in page.orders] == [SECOND]


def test_an_app_without_the_role_gets_orders_without_addresses(
    amazon, standins, monkeypatch
):
    load(standins, row())
    seller = standins.amazon.sellers.sellers[SELLER]
    monkeypatch.setattr(seller, "restricted_role", False)
    (found,) = search(amazon, standins).orders
    assert found.recipient.is_missing
    assert found.items


def test_a_market_where_the_seller_is_not_active_spoils_the_call(
    amazon, standins, monkeypatch
):
    load(standins, order(1))
    seller = standins.amazon.sellers.sellers[SELLER]
    monkeypatch.setattr(seller, "refused_marketplace_refs", (GERMANY,))
    with pytest.raises(MissingRole):
        search(amazon, standins, markets=(NETHERLANDS, GERMANY))
    assert search(amazon, standins).orders


def test_one_order_is_read_by_its_id(amazon, standins):
    load(standins, row(), order(2))
    (found,) = amazon.read_order(FIRST).orders
    assert found.order_ref == FIRST
    assert not found.recipient.is_missing


@pytest.mark.parametrize("order_ref", ["402-9999999-9999999", "../x", "", "402 1"])
def test_an_order_of_nobody_is_not_found(amazon, order_ref):
    with pytest.raises(NotFound):
        amazon.read_order(order_ref)


def test_a_search_too_many_is_throttled(amazon, standins):
    for __ in range(20):
        search(amazon, standins)
    with pytest.raises(Throttled) as caught:
        search(amazon, standins)
    assert caught.value.retry_after == pytest.approx(1 / 0.0056)


@pytest.mark.parametrize("operation", ["searchOrders", "getOrder"])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, b""), Unavailable),
        (Reply(200, b'{"orders": [', announce=900), Unavailable),
        (as_json({}), Unavailable),
        (as_json({"orders": "many", "order": 7}), Unavailable),
        (as_json({"errors": [{"code": "x"}]}), Unavailable),
        (Reply(200, b"<html>busy</html>"), Unavailable),
        (Reply(503, b"<html>busy</html>"), Unavailable),
        (Reply(500, b"{}"), Unavailable),
        (HANG, Unavailable),
        (as_json(UNAUTHORIZED, 403), MissingRole),
        (Reply(403, b'{"message":"Forbidden"}'), Unauthorized),
        (Reply(429, b""), Throttled),
        (as_json({"errors": [{"code": "InvalidInput"}]}, 400), Rejected),
    ],
)
def test_no_answer_but_a_good_one_is_taken_for_orders(
    standins, monkeypatch, operation, reply, error
):
    monkeypatch.setattr(login, "_cache", login._TokenCache())
    with ScriptedServer() as server:
        server.script = [reply, reply]
        with gateway(standins, server.url, timeout=(1.0, 0.3)) as opened:
            with pytest.raises(error):
                if operation == "getOrder":
                    opened.read_order(FIRST)
                else:
                    search(opened, standins)
