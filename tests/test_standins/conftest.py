"""Clients as plain as can be: the stand-ins are tested from outside, over HTTP."""

from __future__ import annotations

import base64
import io
import json
import os

import pypdf
import pytest
import requests

from tests.standins import Item, Order, Standins

# The contracts are not part of the project; without them these tests are not there.
collect_ignore = []
if "CONTRACTS_DIR" not in os.environ:
    collect_ignore.append("test_standin_contracts.py")

TIMEOUT = 10
ORDER_ID = "402-1111111-2222222"
ITEM_1, ITEM_2 = "00000000000017", "60000000000021"
NETHERLANDS = "A1805IZSGTT6HS"
GERMANY = "A1PA6795UKMFR9"
MYPARCEL_TYPE = "application/vnd.shipment+json;charset=utf-8;version=1.1"
USER_AGENT = "MyParcel-Tests/1.0 Odoo/19.0 Python/3.12"


class AmazonClient:
    def __init__(self, standins):
        self.standins, self.amazon = standins, standins.amazon
        self.token = self.log_in(standins.seller.refresh_token).json()["access_token"]

    def log_in(self, refresh_token, **changes):
        sellers = self.standins.lwa.sellers
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": sellers.client_id,
            "client_secret": sellers.client_secret,
            **changes,
        }
        url = self.standins.lwa.token_url
        return requests.post(url, data=form, timeout=TIMEOUT)

    def call(self, method, path, token=None, **options):
        headers = {"x-amz-access-token": token or self.token}
        url = self.amazon.url + path
        return requests.request(
            method, url, headers=headers, timeout=TIMEOUT, **options
        )

    def confirm(self, order_id=ORDER_ID, items=None, marketplace=NETHERLANDS, **detail):
        package = {
            "packageReferenceId": "1",
            "carrierCode": "PostNL",
            "trackingNumber": "3SMYPA000000001",
            "shipDate": "2026-11-20T10:00:00Z",
            "orderItems": [
                {"orderItemId": item, "quantity": quantity}
                for item, quantity in (items or {ITEM_1: 1}).items()
            ],
            **detail,
        }
        package = {key: value for key, value in package.items() if value is not None}
        body = {"marketplaceId": marketplace, "packageDetail": package}
        path = f"/orders/v0/orders/{order_id}/shipmentConfirmation"
        return self.call("POST", path, json=body)

    def search(self, **query):
        query = {"createdAfter": "2020-01-01", **query}
        query = {key: value for key, value in query.items() if value is not None}
        return self.call("GET", "/orders/2026-01-01/orders", params=query)

    def order(self, order_id=ORDER_ID, included="PACKAGES,FULFILLMENT"):
        path = f"/orders/2026-01-01/orders/{order_id}"
        query = {"includedData": included} if included else {}
        return self.call("GET", path, params=query)


class MyParcelClient:
    def __init__(self, myparcel):
        self.myparcel = myparcel
        key = base64.b64encode(myparcel.api_key.encode()).decode()
        self.headers = {"Authorization": f"bearer {key}", "User-Agent": USER_AGENT}

    def call(self, method, path, headers=None, **options):
        headers = {**self.headers, **(headers or {})}
        url = self.myparcel.url + path
        return requests.request(
            method, url, headers=headers, timeout=TIMEOUT, **options
        )

    def create(self, *shipments, accept=None, content_type=MYPARCEL_TYPE):
        headers = {"Content-Type": content_type}
        if accept:
            headers["Accept"] = accept
        body = json.dumps({"data": {"shipments": shipments}})
        return self.call("POST", "/shipments", headers, data=body)

    def ids(self, *shipments):
        answer = self.create(*shipments).json()
        return [row["id"] for row in answer["data"]["ids"]]

    def labels(self, ids, accept=None, query="format=A6"):
        path = f"/shipment_labels/{';'.join(map(str, ids))}?{query}"
        return self.call("GET", path, {"Accept": accept} if accept else None)

    def read(self, ids, query=""):
        path = f"/shipments/{';'.join(map(str, ids))}{query}"
        return self.call("GET", path)

    def shipments(self, ids):
        return self.read(ids).json()["data"]["shipments"]


class GlsClient:
    def __init__(self, gls):
        self.gls = gls

    def post(self, name, base=None, **fields):
        login = {"username": self.gls.username, "password": self.gls.password}
        url = f"{base or self.gls.url}/api/{name}"
        return requests.post(url, json={**login, **fields}, timeout=TIMEOUT)

    def track(self, name, **fields):
        login = {"userName": self.gls.username, "password": self.gls.password}
        url = f"{self.gls.tracking_url}/api/{name}"
        return requests.post(url, json={**login, **fields}, timeout=TIMEOUT)

    def create(self, units=1, label_type="pdfA6U", address=None, **fields):
        if isinstance(units, int):
            numbers = range(1, units + 1)
            units = [{"unitId": f"OUT1-{n}", "weight": 1.5} for n in numbers]
        body = {
            "shiptype": "p",
            "reference": "402-0000001-0000001",
            "labelType": label_type,
            "trackingLinkType": "u",
            "units": units,
            "addresses": {"deliveryAddress": {**GLS_ADDRESS, **(address or {})}},
            **fields,
        }
        body = {key: value for key, value in body.items() if value is not None}
        return self.post("Label/Create", **body)


GLS_ADDRESS = {
    "name1": "Voorbeeld Ontvanger",
    "street": "Voorbeeldstraat",
    "houseNo": "12",
    "zipCode": "1234AB",
    "city": "Utrecht",
    "countryCode": "NL",
}


def a_shipment(reference, carrier=1, options=None, recipient=None, **more):
    return {
        "reference_identifier": reference,
        "carrier": carrier,
        "recipient": {
            "cc": "NL",
            "person": "Testklant Eén",
            "street": "Voorbeeldstraat",
            "number": "12",
            "number_suffix": "a",
            "postal_code": "3500AA",
            "city": "Utrecht",
            **(recipient or {}),
        },
        "options": {"package_type": 1, **(options or {})},
        "physical_properties": {"weight": 500},
        **more,
    }


def an_order(order_id=ORDER_ID, quantities=(2, 1), **more):
    items = zip((ITEM_1, ITEM_2), quantities, strict=False)
    return Order(
        order_id,
        [
            Item(ref, f"SKU-{n}", "Product", quantity)
            for n, (ref, quantity) in enumerate(items, 1)
        ],
        recipient={"name": "Testklant", "addressLine1": "Straat 1", "city": "Utrecht"},
        buyer={"buyerName": "Koper", "buyerEmail": "k@marketplace.amazon.nl"},
        **more,
    )


@pytest.fixture(scope="session")
def running():
    with Standins(rates="fast") as standins:
        yield standins


@pytest.fixture
def standins(running):
    running.reset()
    return running


@pytest.fixture
def published():
    """Stand-ins of their own: the published rates, sellers that may be changed."""
    with Standins() as standins:
        yield standins


@pytest.fixture
def amazon(standins):
    standins.amazon.orders.add(an_order())
    return AmazonClient(standins)


@pytest.fixture
def myparcel(standins):
    return MyParcelClient(standins.myparcel)


@pytest.fixture
def gls(standins):
    return GlsClient(standins.gls)


@pytest.fixture
def shipment():
    return a_shipment


@pytest.fixture
def order():
    return an_order


@pytest.fixture
def read_pdf():
    """The text of each page, and the pages' sizes."""

    def read(data: bytes):
        pages = pypdf.PdfReader(io.BytesIO(data)).pages
        sizes = {(round(p.mediabox.width), round(p.mediabox.height)) for p in pages}
        return [page.extract_text() for page in pages], sizes

    return read


@pytest.fixture
def clients():
    """The client classes, for stand-ins that a test starts itself."""
    return AmazonClient, MyParcelClient, GlsClient
