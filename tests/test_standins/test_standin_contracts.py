"""The contracts' own examples are accepted, and our answers fit the contracts."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
import requests

from tests.standins import Item, Order
from tests.standins.contracts import Contracts

FOLDER = Path(os.environ["CONTRACTS_DIR"])
CONTRACTS = Contracts(FOLDER)
GLS_EXAMPLES = FOLDER / "gls-nl" / "examples"
LOGIN = {"username": "user@example.com", "password": "not-a-password"}


def sandbox(model: str, path: str, status: str) -> list[dict]:
    """The request parameters of the static sandbox, by name."""
    paths = json.loads((FOLDER / "amazon" / model).read_text("utf-8"))["paths"]
    answer = paths[path]["post"]["responses"][status]
    return [
        {k: v["value"] for k, v in case["request"]["parameters"].items()}
        for case in answer["x-amzn-api-sandbox"]["static"]
    ]


def fits(name: str, body) -> bool:
    return CONTRACTS.check(name, body) == []


@pytest.mark.parametrize(("status", "answer"), [("204", 204), ("400", 400)])
def test_sandbox_confirmations_are_answered_as_in_the_model(
    amazon, standins, status, answer
):
    path = "/orders/v0/orders/{orderId}/shipmentConfirmation"
    cases = sandbox("ordersV0.json", path, status)
    assert cases
    for case in cases:
        items = [Item("79039765272157", "SKU")]
        order = Order(case["orderId"], items, marketplace_ref="ATVPDKIKX0DER")
        standins.amazon.orders.add(order)
        url = path.replace("{orderId}", case["orderId"])
        response = amazon.call("POST", url, json=case["body"])
        assert response.status_code == answer
        if response.content:
            assert fits("orders/ConfirmShipmentErrorResponse", response.json())


def test_sandbox_report_requests_are_accepted(amazon):
    cases = sandbox("reports_2021-06-30.json", "/reports/2021-06-30/reports", "202")
    assert cases
    for case in cases:
        path = "/reports/2021-06-30/reports"
        response = amazon.call("POST", path, json=case["body"])
        assert response.status_code == 202
        assert fits("reports/CreateReportResponse", response.json())


@pytest.mark.parametrize(("status", "answer"), [("200", 200), ("400", 400)])
def test_sandbox_token_requests_are_answered_as_in_the_model(amazon, status, answer):
    path = "/tokens/2021-03-01/restrictedDataToken"
    cases = sandbox("tokens_2021-03-01.json", path, status)
    assert cases
    for case in cases:
        response = amazon.call("POST", path, json=case["body"])
        assert response.status_code == answer


def test_answers_of_amazon_fit_its_models(amazon):
    amazon.confirm()
    everything = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"
    assert fits("orders-2026/GetOrderResponse", amazon.order().json())
    found = amazon.search(includedData=everything).json()
    assert found["orders"] and fits("orders-2026/SearchOrdersResponse", found)
    refused = amazon.search(createdAfter=None).json()
    assert fits("orders-2026/ErrorList", refused)
    markets = amazon.call("GET", "/sellers/v1/marketplaceParticipations").json()
    assert fits("sellers/GetMarketplaceParticipationsResponse", markets)


def test_answers_of_the_reports_fit_their_model(amazon):
    body = {
        "reportType": "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
        "marketplaceIds": ["A1805IZSGTT6HS"],
        "dataStartTime": f"{date.today() - timedelta(days=365)}T00:00:00Z",
    }
    created = amazon.call("POST", "/reports/2021-06-30/reports", json=body).json()
    path = f"/reports/2021-06-30/reports/{created['reportId']}"
    reports = [amazon.call("GET", path).json() for _ in range(3)]
    assert all(fits("reports/Report", report) for report in reports)
    path = f"/reports/2021-06-30/documents/{reports[-1]['reportDocumentId']}"
    resources = {"restrictedResources": [{"method": "GET", "path": path}]}
    token_path = "/tokens/2021-03-01/restrictedDataToken"
    token = amazon.call("POST", token_path, json=resources).json()
    assert fits("tokens/CreateRestrictedDataTokenResponse", token)
    document = amazon.call("GET", path, token["restrictedDataToken"]).json()
    assert fits("reports/ReportDocument", document)


def test_shipments_read_from_myparcel_fit_the_contract(myparcel, shipment):
    ids = myparcel.ids(shipment("a"), shipment("b", secondary_shipments=[{}]))
    concepts = myparcel.read(ids).json()
    myparcel.labels(ids)
    registered = myparcel.read(ids, "?link_consumer_portal=1").json()
    found = myparcel.call("GET", "/shipments?reference_identifier=a").json()
    for answer in (concepts, registered, found):
        assert answer["data"]["shipments"]
        assert fits("myparcel/get_shipments", answer)


@pytest.mark.parametrize("form", ["flat", "keyed", "rfc9457"])
def test_errors_of_myparcel_have_the_keys_of_the_examples(
    myparcel, shipment, standins, form
):
    standins.myparcel.error_form = form
    file = {"keyed": "keyed_by_code"}.get(form, form)
    path = FOLDER / "myparcel" / "errors" / f"{file}.json"
    example = json.loads(path.read_text("utf-8"))
    bad = shipment("a", recipient={"postal_code": "X"})
    refused = myparcel.create(bad).json()
    assert set(refused) == set(example)
    if form == "keyed":
        [[detail]] = [error.values() for error in refused["errors"]]
        assert set(detail) == {"fields", "human"}
    else:
        assert set(refused["errors"][0]) == set(example["errors"][0])


def test_body_that_only_the_contract_forbids_is_refused(myparcel, shipment, standins):
    refused = myparcel.create(shipment("a", options={"delivery_type": 5}))
    assert refused.status_code == 422
    [violation] = standins.violations
    assert violation.path == "data.shipments[0].options.delivery_type"
    assert violation.references == ("a",)


@pytest.mark.parametrize(
    ("recipient", "more", "code"),
    [
        ({"number": None}, {}, "3503"),
        ({"cc": "CH", "postal_code": "8000"}, {}, "3702"),
        ({"cc": "DE", "postal_code": "10115", "box_number": "1"}, {}, "3212"),
    ],
)
def test_refusals_by_the_contract_carry_a_code_of_the_manual(
    myparcel, shipment, recipient, more, code
):
    body = shipment("a", **more)
    body["recipient"].update(recipient)
    kept = {k: v for k, v in body["recipient"].items() if v is not None}
    body["recipient"] = kept
    refused = myparcel.create(body)
    assert refused.status_code == 422
    assert code in refused.json()["errors"][0]


GLS_REQUESTS = {
    "label_create_request.json": "Label/Create",
    "label_delete_request.json": "Label/Delete",
    "label_confirm_multiple_request.json": "Label/ConfirmMultiple",
}


def test_gls_examples_are_accepted_one_after_the_other(gls, standins, monkeypatch):
    monkeypatch.setattr(standins.gls, "username", LOGIN["username"])
    monkeypatch.setattr(standins.gls, "password", LOGIN["password"])
    order = ("label_create", "label_confirm_multiple", "label_delete")
    for name in order:
        file = f"{name}_request.json"
        body = json.loads((GLS_EXAMPLES / file).read_text("utf-8"))
        url = f"{standins.gls.url}/api/{GLS_REQUESTS[file]}"
        answer = requests.post(url, json=body, timeout=10)
        assert (answer.status_code, answer.json()["error"]) == (200, False)
    assert list(standins.gls.units) == body_numbers()
    assert not standins.violations


def body_numbers() -> list[str]:
    file = GLS_EXAMPLES / "label_confirm_multiple_request.json"
    return json.loads(file.read_text("utf-8"))["unitNos"]


@pytest.mark.parametrize(
    ("label_type", "links", "example"),
    [
        ("pdfA6U", "u", "unit_labels"),
        ("pdfA6S", "u", "combined_labels"),
        ("pdfA6U", None, "no_tracking_links"),
    ],
)
def test_gls_answers_hold_at_least_what_the_examples_hold(
    gls, label_type, links, example
):
    file = GLS_EXAMPLES / f"label_create_response_{example}.json"
    wanted = json.loads(file.read_text("utf-8"))
    answer = gls.create(2, label_type, trackingLinkType=links).json()
    missing = set(wanted["units"][0]) - set(answer["units"][0])
    assert not missing
    assert set(wanted) - {"shipmentTrackingLink"} <= set(answer)
    assert ("labels" in wanted) == ("labels" in answer)


def test_gls_refuses_a_key_that_the_contract_does_not_know(gls, standins):
    refused = gls.create(parcelQuantity=1)
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("V009")
    assert standins.violations


def test_without_contracts_the_essentials_are_still_checked(clients, shipment):
    from tests.standins import Standins

    with Standins(rates="fast", contracts=Contracts(None)) as standins:
        myparcel, gls = clients[1](standins.myparcel), clients[2](standins.gls)
        assert myparcel.create(shipment("a", options={"delivery_type": 5})).ok
        assert myparcel.create(shipment("a", carrier=99)).status_code == 422
        assert gls.create(address={"houseNo": "123456"}).status_code == 400
        amazon = clients[0](standins)
        standins.amazon.orders.add(Order("402-1111111-2222222", [Item("1", "S")]))
        assert amazon.confirm(packageReferenceId=1).status_code == 400
