"""Log-in, orders, reports, tokens and marketplaces of the Amazon stand-in."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.standins.clock import parse_iso

ORDER_ID = "402-1111111-2222222"
ITEM_1 = "00000000000017"
NETHERLANDS, GERMANY = "A1805IZSGTT6HS", "A1PA6795UKMFR9"
REPORT = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
REPORTS = "/reports/2021-06-30"


def error(response) -> dict:
    [found] = response.json()["errors"]
    return found


def order_ids(response) -> list[str]:
    return [order["orderId"] for order in response.json()["orders"]]


# Login with Amazon


def test_refresh_token_gives_an_access_token_for_an_hour(amazon, standins):
    answer = amazon.log_in(standins.seller.refresh_token)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 3600
    assert answer.json()["refresh_token"] == standins.seller.refresh_token


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"refresh_token": "Atzr|other"}, 400, "invalid_grant"),
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
    ],
)
def test_log_in_is_refused_in_lwas_own_shape(amazon, standins, changes, status, code):
    form = {"refresh_token": standins.seller.refresh_token, **changes}
    refused = amazon.log_in(**form)
    assert refused.status_code == status
    assert refused.json()["error"] == code
    assert refused.json()["error_description"]


def test_log_in_in_json_is_refused(standins):
    url = standins.lwa.token_url
    refused = requests.post(url, json={"grant_type": "refresh_token"}, timeout=10)
    assert refused.json()["error"] == "invalid_request"
    assert standins.violations


def test_authorisation_code_works_once(amazon, standins):
    code = standins.lwa.issue_code("A1STANDINSELLER")
    form = {"grant_type": "authorization_code", "code": code}
    assert amazon.log_in("", **form).status_code == 200
    assert amazon.log_in("", **form).json()["error"] == "invalid_grant"


def test_authorisation_code_lives_five_minutes(published, clients):
    client = clients[0](published)
    code = published.lwa.issue_code("A1STANDINSELLER")
    published.clock.advance(301)
    form = {"grant_type": "authorization_code", "code": code}
    assert client.log_in("", **form).json()["error"] == "invalid_grant"


def test_consent_page_leads_back_with_state_seller_and_code(amazon, standins):
    query = {
        "application_id": standins.lwa.sellers.application_id,
        "state": "s-1",
        "redirect_uri": "http://127.0.0.1:1/callback",
    }
    url = f"{standins.lwa.url}/apps/authorize/consent"
    page = requests.get(url, params=query, timeout=10)
    assert "A1STANDINSELLER" in page.text
    query["seller"] = "A1STANDINSELLER"
    back = requests.get(url, params=query, timeout=10, allow_redirects=False)
    assert back.status_code == 302
    target = back.headers["Location"]
    assert target.startswith("http://127.0.0.1:1/callback?state=s-1&")
    code = target.rpartition("spapi_oauth_code=")[2]
    form = {"grant_type": "authorization_code", "code": code}
    assert amazon.log_in("", **form).status_code == 200


def test_consent_page_of_a_draft_is_for_those_who_ask_for_it(standins):
    sellers = standins.lwa.sellers
    url = f"{standins.lwa.url}/apps/authorize/consent"
    query = {
        "application_id": sellers.application_id,
        "state": "s",
        "redirect_uri": "https://odoo.example/consent",
    }
    sellers.is_draft = True
    try:
        refused = requests.get(url, params=query, timeout=10)
        shown = requests.get(url, params={**query, "version": "beta"}, timeout=10)
    finally:
        sellers.is_draft = False
    assert (refused.status_code, "MD1000" in refused.text) == (400, True)
    assert shown.status_code == 200


def test_consent_begun_at_amazon_goes_through_the_login_uri_once(standins):
    sellers = standins.lwa.sellers
    sellers.login_uri = "https://odoo.example/login"
    seller = standins.seller.selling_partner_id
    begun = requests.get(
        f"{standins.lwa.url}/apps/authorize/begin/{seller}",
        allow_redirects=False,
        timeout=10,
    ).headers["Location"]
    told = dict(parse_qsl(urlsplit(begun).query))
    assert begun.startswith("https://odoo.example/login?")
    assert told["selling_partner_id"] == seller
    query = {
        "amazon_state": told["amazon_state"],
        "state": "ours",
        "redirect_uri": "https://odoo.example/consent",
    }
    answers = [
        requests.get(
            told["amazon_callback_uri"],
            params=query,
            allow_redirects=False,
            timeout=10,
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [302, 400]
    back = dict(parse_qsl(urlsplit(answers[0].headers["Location"]).query))
    assert (back["state"], back["selling_partner_id"]) == ("ours", seller)
    assert back["spapi_oauth_code"]


def test_withdrawn_consent_ends_both_kinds_of_token(published, clients):
    client = clients[0](published)
    published.seller.connected = False
    assert client.search().status_code == 403
    refused = client.log_in(published.seller.refresh_token)
    assert refused.json()["error"] == "invalid_grant"


def test_access_token_ends_after_an_hour(published, clients):
    client = clients[0](published)
    published.clock.advance(3601)
    assert error(client.search())["code"] == "Unauthorized"


# Orders 2026-01-01


def test_search_gives_only_the_data_sets_asked_for(amazon):
    [plain] = amazon.search().json()["orders"]
    assert not {"buyer", "recipient", "fulfillment", "packages"} & set(plain)
    [full] = amazon.search(includedData="BUYER,RECIPIENT,FULFILLMENT").json()["orders"]
    assert full["recipient"]["deliveryAddress"]["addressLine1"] == "Straat 1"
    assert full["buyer"]["buyerName"] == "Koper"
    assert full["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"fulfillmentStatuses": "UNSHIPPED,PARTIALLY_SHIPPED"}, True),
        ({"fulfillmentStatuses": "SHIPPED"}, False),
        ({"marketplaceIds": NETHERLANDS}, True),
        ({"marketplaceIds": GERMANY}, False),
        ({"fulfilledBy": "MERCHANT"}, True),
        ({"fulfilledBy": "AMAZON"}, False),
        ({"createdAfter": "2099-01-01"}, False),
        ({"createdBefore": "2021-01-01T00:00:00Z"}, False),
        ({"createdAfter": None, "lastUpdatedAfter": "2020-01-01T00:00:00Z"}, True),
    ],
)
def test_search_filters(amazon, query, found):
    assert order_ids(amazon.search(**query)) == [ORDER_ID] * found


@pytest.mark.parametrize(
    "query",
    [
        {"createdAfter": None},
        {"lastUpdatedAfter": "2020-01-01"},
        {"createdAfter": "01/02/2020"},
        {"fulfillmentStatuses": "Unshipped"},
        {"includedData": "ADDRESS"},
        {"maxResultsPerPage": "101"},
        {"createdBefore": "2019-01-01"},
        {"createdBefore": "2099-01-01"},
        {"paginationToken": "made-up"},
    ],
)
def test_search_refuses_what_the_model_forbids(amazon, query):
    refused = amazon.search(**query)
    assert refused.status_code == 400
    assert error(refused)["code"] == "InvalidInput"


def test_pages_give_every_order_once_and_the_last_has_no_token(amazon, standins, order):
    for number in range(7):
        standins.amazon.orders.add(order(f"402-1111111-{number:07d}"))
    seen, token = [], None
    while True:
        page = amazon.search(maxResultsPerPage=3, paginationToken=token)
        seen += order_ids(page)
        token = page.json().get("pagination", {}).get("nextToken")
        if token is None:
            break
    assert sorted(seen) == sorted(standins.amazon.orders)
    assert len(seen) == 8
    assert standins.amazon.count("searchOrders") == 3


def test_pagination_token_needs_the_same_parameters(amazon, standins, order):
    standins.amazon.orders.add(order("402-1111111-0000000"))
    first = amazon.search(maxResultsPerPage=1, includedData="BUYER")
    token = first.json()["pagination"]["nextToken"]
    other = amazon.search(paginationToken=token, fulfilledBy="MERCHANT")
    assert other.status_code == 400
    assert amazon.search(paginationToken=token, maxResultsPerPage=50).ok


def test_pagination_token_lives_a_day(published, clients, order):
    client = clients[0](published)
    for number in (1, 2):
        published.amazon.orders.add(order(f"402-1111111-000000{number}"))
    token = client.search(maxResultsPerPage=1).json()["pagination"]["nextToken"]
    published.clock.advance(24 * 3600 + 1)
    fresh = client.log_in(published.seller.refresh_token)
    client.token = fresh.json()["access_token"]
    assert "expired" in error(client.search(paginationToken=token))["details"]


def test_change_shows_two_minutes_later_and_the_answer_says_until_when(
    published, clients, order
):
    client = clients[0](published)
    published.amazon.orders.add(order())
    since = (datetime.now(timezone.utc) - timedelta(minutes=5)).isoformat()
    client.confirm()
    query = {"createdAfter": None, "lastUpdatedAfter": since}
    early = client.search(**query)
    assert order_ids(early) == []
    assert early.json()["lastUpdatedBefore"]
    published.clock.advance(121)
    assert order_ids(client.search(**query)) == [ORDER_ID]


def test_missing_role_leaves_recipient_and_buyer_out(published, clients, order):
    client = clients[0](published)
    published.amazon.orders.add(order())
    published.seller.restricted_role = False
    found = client.order(included="RECIPIENT,BUYER,FULFILLMENT").json()["order"]
    assert "recipient" not in found and "buyer" not in found
    assert "fulfillment" in found


def test_market_where_the_seller_is_not_active_answers_403(published, clients):
    client = clients[0](published)
    published.seller.refused_marketplace_refs = (GERMANY,)
    both = f"{NETHERLANDS},{GERMANY}"
    assert client.search(marketplaceIds=both).status_code == 403
    assert client.search(marketplaceIds=NETHERLANDS).status_code == 200


def test_orders_of_another_seller_are_not_seen(standins, amazon, order):
    other = "402-3333333-3333333"
    standins.amazon.orders.add(order(other, selling_partner_id="A2OTHERSELLER"))
    assert order_ids(amazon.search()) == [ORDER_ID]
    assert amazon.order(other).status_code == 404


def test_cancel_request_and_amounts_come_when_asked_for(amazon, standins):
    item = standins.amazon.orders[ORDER_ID].items[0]
    item.cancel_requested, item.unit_price = True, "12.50"
    found = amazon.order(included="CANCELLATION,PROCEEDS").json()["order"]
    request = found["orderItems"][0]["cancellation"]["cancellationRequest"]
    assert request["requester"] == "BUYER"
    assert found["proceeds"]["grandTotal"]["amount"] == "25.00"


# Reports


def report_of(amazon, **body):
    body = {
        "reportType": REPORT,
        "marketplaceIds": [NETHERLANDS],
        "dataStartTime": "2026-01-01T00:00:00Z",
        **body,
    }
    return amazon.call("POST", f"{REPORTS}/reports", json=body)


def poll(amazon, report_id, times=3):
    path = f"{REPORTS}/reports/{report_id}"
    return [amazon.call("GET", path).json() for _ in range(times)]


def restricted(amazon, path):
    body = {"restrictedResources": [{"method": "GET", "path": path}]}
    answer = amazon.call("POST", "/tokens/2021-03-01/restrictedDataToken", json=body)
    return answer.json()["restrictedDataToken"]


def document_of(amazon):
    report_id = report_of(amazon).json()["reportId"]
    document_ref = poll(amazon, report_id)[-1]["reportDocumentId"]
    path = f"{REPORTS}/documents/{document_ref}"
    return path, amazon.call("GET", path, restricted(amazon, path))


def test_report_is_queued_worked_on_and_done(amazon):
    created = report_of(amazon)
    assert created.status_code == 202
    states = [r["processingStatus"] for r in poll(amazon, created.json()["reportId"])]
    assert states == ["IN_QUEUE", "IN_PROGRESS", "DONE"]


def test_report_without_rows_is_cancelled(amazon, standins):
    standins.amazon.orders.clear()
    report_id = report_of(amazon).json()["reportId"]
    last = poll(amazon, report_id)[-1]
    assert last["processingStatus"] == "CANCELLED"
    assert "reportDocumentId" not in last


@pytest.mark.parametrize(
    ("start", "released", "state"),
    [
        ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "DONE"),
        ("2026-10-01T00:00:00Z", "2026-09-30T00:00:00Z", "CANCELLED"),
        ("2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "CANCELLED"),
    ],
)
def test_report_has_the_orders_that_left_pending_since_its_start(
    amazon, standins, start, released, state
):
    order = standins.amazon.orders[ORDER_ID]
    order.released = parse_iso(released)
    report_id = report_of(amazon, dataStartTime=start).json()["reportId"]
    assert poll(amazon, report_id)[-1]["processingStatus"] == state


@pytest.mark.parametrize("start", ["yesterday", "2999-01-01T00:00:00Z"])
def test_report_needs_a_start_that_is_a_past_moment(amazon, standins, start):
    assert report_of(amazon, dataStartTime=start).status_code == 400
    standins.amazon.violations.clear()


def test_report_can_be_made_to_fail(amazon, standins):
    standins.amazon.report_outcome = "FATAL"
    report_id = report_of(amazon).json()["reportId"]
    assert poll(amazon, report_id)[-1]["processingStatus"] == "FATAL"


def test_document_needs_a_restricted_token_for_its_own_path(amazon):
    path, allowed = document_of(amazon)
    assert allowed.status_code == 200
    assert amazon.call("GET", path).status_code == 403
    other = restricted(amazon, "/orders/v0/orders")
    assert amazon.call("GET", path, other).status_code == 403


def test_document_is_gzip_in_the_charset_it_names(amazon, standins):
    standins.amazon.orders[ORDER_ID].recipient["name"] = "Jürgen"
    _, answer = document_of(amazon)
    assert answer.json()["compressionAlgorithm"] == "GZIP"
    download = requests.get(answer.json()["url"], timeout=10)
    assert download.headers["Content-Type"] == "text/plain; charset=Cp1252"
    text = gzip.decompress(download.content).decode("cp1252")
    header, *rows = text.splitlines()
    assert header.startswith("order-id\torder-item-id\tpurchase-date")
    assert len(rows) == 2 and "Jürgen" in rows[0]


def test_document_lists_what_is_left_to_ship(amazon, standins):
    standins.amazon.report_compressed = False
    amazon.confirm(items={ITEM_1: 1})
    _, answer = document_of(amazon)
    assert "compressionAlgorithm" not in answer.json()
    text = requests.get(answer.json()["url"], timeout=10).text
    first = dict(
        zip(*(line.split("\t") for line in text.splitlines()[:2]), strict=True)
    )
    shipped = [first[f"quantity-{name}"] for name in ("purchased", "shipped")]
    assert [*shipped, first["quantity-to-ship"]] == ["2", "1", "1"]


def test_document_url_ends_after_five_minutes(published, clients, order):
    client = clients[0](published)
    published.amazon.orders.add(order())
    url = document_of(client)[1].json()["url"]
    published.clock.advance(301)
    assert requests.get(url, timeout=10).status_code == 403


def test_download_with_the_access_token_is_refused_and_remembered(amazon, standins):
    url = document_of(amazon)[1].json()["url"]
    headers = {"x-amz-access-token": amazon.token}
    assert requests.get(url, headers=headers, timeout=10).status_code == 400
    assert standins.violations


def test_sales_channel_column_comes_with_its_option(amazon, standins):
    standins.amazon.report_compressed = False
    options = {"ShowSalesChannel": "true"}
    report_id = report_of(amazon, reportOptions=options).json()["reportId"]
    document_ref = poll(amazon, report_id)[-1]["reportDocumentId"]
    path = f"{REPORTS}/documents/{document_ref}"
    url = amazon.call("GET", path, restricted(amazon, path)).json()["url"]
    lines = requests.get(url, timeout=10).text.splitlines()
    assert lines[0].endswith("\tsales-channel")
    assert lines[1].endswith("\tAmazon.nl")


@pytest.mark.parametrize("body", [{"marketplaceIds": []}, {"reportType": None}, {}])
def test_flawed_report_request_is_refused(amazon, standins, body):
    full = {"reportType": REPORT, **body} if body else {}
    refused = amazon.call("POST", f"{REPORTS}/reports", json=full)
    assert refused.status_code == 400
    assert standins.violations


def test_marketplaces_come_with_a_pseudo_marketplace(amazon):
    answer = amazon.call("GET", "/sellers/v1/marketplaceParticipations")
    payload = answer.json()["payload"]
    ids = [entry["marketplace"]["id"] for entry in payload]
    assert {NETHERLANDS, GERMANY} <= set(ids)
    assert "Non-Amazon NL" in [entry["marketplace"]["name"] for entry in payload]


def test_unknown_path_is_404_and_remembered(amazon, standins):
    assert amazon.call("GET", "/orders/v0/orders").status_code == 404
    assert standins.violations


# Loading a report


def test_report_becomes_orders(standins):
    lines = [
        "order-id\torder-item-id\tpurchase-date\tpromise-date\tsku\tproduct-name"
        "\tquantity-purchased\tquantity-shipped\tquantity-to-ship\trecipient-name"
        "\tship-country\tsales-channel",
        "402-0000001-0000001\t00000000000017\t2026-11-16T08:34:47+00:00"
        '\t2026-11-19T22:59:59+00:00\tSKU-1\t"27 Zoll\t3\t1\t2\tJürgen\tDE\tAmazon.de',
        "402-0000001-0000001\t00000000000018\t2026-11-16T08:34:47+00:00"
        "\t2026-11-19T22:59:59+00:00\tSKU-1\tZwei\t1\t0\t1\tJürgen\tDE\tAmazon.de",
    ]
    data = "\r\n".join(lines).encode("cp1252")
    [order] = standins.amazon.orders.load_report(data)
    assert order.marketplace_ref == GERMANY
    assert order.recipient == {"name": "Jürgen", "countryCode": "DE"}
    assert [item.title for item in order.items] == ['"27 Zoll', "Zwei"]
    assert order.fulfillment_status == "PARTIALLY_SHIPPED"
    assert order.remaining(order.items[0]) == 2
