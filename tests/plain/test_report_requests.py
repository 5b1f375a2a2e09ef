"""The report asked for at Amazon: over real HTTP, with a stand-in and a script."""

import logging
from datetime import datetime, timedelta, timezone

import pytest
from amazon import login, report_requests
from amazon.addresses import checked_document_address
from amazon.errors import (
    InsecureAddress,
    MissingRole,
    NotFound,
    Throttled,
    Unauthorized,
    Unavailable,
)
from amazon.report_requests import Report
from amazon.selling_partner import Credentials, SellingPartner
from amazon.unshipped_report import read_unshipped_report

from tests.plain.report_maker import order, report, row
from tests.plain.scripted_server import CUT, Reply, ScriptedServer, as_json
from tests.standins import Standins

NETHERLANDS, GERMANY = "A1805IZSGTT6HS", "A1PA6795UKMFR9"
DATA = report(row(), row(order_item_id="60000000000022"), order(2))


@pytest.fixture(autouse=True)
def no_tokens_kept(monkeypatch):
    monkeypatch.setattr(login, "_cache", login._TokenCache())


@pytest.fixture(scope="module")
def running_standins():
    with Standins() as running:
        yield running


@pytest.fixture
def standins(running_standins):
    running_standins.reset()
    running_standins.amazon.orders.load_report(DATA)
    return running_standins


@pytest.fixture
def amazon(standins):
    given = standins.connection()
    with SellingPartner(
        Credentials(given["client_id"], given["client_secret"], given["refresh_token"]),
        "eu",
        endpoint=given["amazon"],
        token_url=given["lwa_token"],
        timeout=(2, 5),
    ) as gateway:
        yield gateway


@pytest.fixture
def server():
    with ScriptedServer() as running:
        running.reply(as_json({"access_token": "Atza|1", "expires_in": 3600}))
        yield running


@pytest.fixture
def scripted(server):
    with SellingPartner(
        Credentials("client-id-1", "client-secret-1", "refresh-token-1"),
        "eu",
        endpoint=server.url,
        token_url=f"{server.url}/auth/o2/token",
        timeout=(2, 5),
    ) as gateway:
        yield gateway


def finish(amazon, marketplace_refs=(NETHERLANDS,)):
    """Ask for a report and poll until it is over."""
    report_ref = amazon.create_report(marketplace_refs)
    for _ in range(5):
        found = amazon.read_report(report_ref)
        if not found.is_waiting:
            return found
    raise AssertionError("the report is never over")


# With an Amazon that keeps state


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_the_report_holds_what_the_seller_has_to_ship(
    amazon, standins, compressed, encoding
):
    standins.amazon.report_compressed = compressed
    standins.amazon.report_encoding = encoding
    done = finish(amazon)
    read = read_unshipped_report(amazon.download_report(done.document_ref))
    assert [order.order_ref for order in read.orders] == [
        "402-0000001-0000001",
        "402-0000002-0000001",
    ]
    assert read.orders[0].recipient.name == "Testklant Één"
    assert {order.sales_channel for order in read.orders} == {"Amazon.nl"}
    assert not standins.violations


def test_a_report_says_how_far_it_is(amazon):
    report_ref = amazon.create_report([NETHERLANDS])
    found = [amazon.read_report(report_ref) for _ in range(3)]
    assert [report.state for report in found] == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert [report.is_waiting for report in found] == [True, True, False]
    assert [bool(report.document_ref) for report in found] == [False, False, True]


def test_a_report_without_rows_is_cancelled(amazon, standins):
    standins.amazon.orders.clear()
    assert finish(amazon) == Report("CANCELLED", "")


def test_a_report_that_amazon_could_not_make_is_fatal(amazon, standins):
    standins.amazon.report_outcome = "FATAL"
    assert finish(amazon) == Report("FATAL", "")


def test_the_marketplaces_are_those_that_were_asked_for(amazon, standins):
    finish(amazon, [NETHERLANDS, GERMANY])
    body = asked_of(standins, "createReport").data
    assert body["marketplaceIds"] == [NETHERLANDS, GERMANY]


def test_orders_of_the_last_year_are_asked_for(amazon, standins):
    amazon.create_report([NETHERLANDS])
    since = asked_of(standins, "createReport").data["dataStartTime"]
    since = datetime.strptime(since, "%Y-%m-%dT%H:%M:%SZ")
    age = datetime.now(timezone.utc) - since.replace(tzinfo=timezone.utc)
    assert timedelta(days=364) < age < timedelta(days=366)


def test_polling_asks_for_nothing_but_the_report(amazon, standins):
    report_ref = amazon.create_report([NETHERLANDS])
    amazon.read_report(report_ref)
    target = asked_of(standins, "getReport").target
    assert target.endswith(f"/reports/2021-06-30/reports/{report_ref}")


def test_the_document_is_read_with_a_token_for_it_alone(amazon, standins):
    done = finish(amazon)
    amazon.download_report(done.document_ref)
    asked = asked_of(standins, "createRestrictedDataToken").data
    path = f"/reports/2021-06-30/documents/{done.document_ref}"
    assert asked == {"restrictedResources": [{"method": "GET", "path": path}]}
    token = asked_of(standins, "getReportDocument").headers["X-Amz-Access-Token"]
    assert token.startswith("Atz.sprdt|")


def test_the_next_call_has_the_usual_token_again(amazon, standins):
    done = finish(amazon)
    amazon.download_report(done.document_ref)
    assert finish(amazon).state == "DONE"
    tokens = [
        call.headers["X-Amz-Access-Token"]
        for call in standins.amazon.calls
        if call.operation == "createReport"
    ]
    assert all(token.startswith("Atza|") for token in tokens)


def test_the_usual_token_is_back_after_a_failure(amazon, standins):
    done = finish(amazon)
    standins.amazon.faults.add("getReportDocument", "unavailable")
    with pytest.raises(Unavailable):
        amazon.download_report(done.document_ref)
    assert amazon.create_report([NETHERLANDS])


def test_the_store_of_documents_gets_no_token(amazon, standins):
    amazon.download_report(finish(amazon).document_ref)
    headers = asked_of(standins, "downloadDocument").headers
    assert "X-Amz-Access-Token" not in headers
    assert "Authorization" not in headers


def test_an_app_without_the_role_is_named(amazon, standins, monkeypatch):
    done = finish(amazon)
    monkeypatch.setattr(standins.seller, "restricted_role", False)
    with pytest.raises(MissingRole):
        amazon.download_report(done.document_ref)


def test_a_report_of_nobody_is_not_found(amazon):
    with pytest.raises(NotFound):
        amazon.read_report("ID-999")


@pytest.mark.parametrize(
    "operation, seconds",
    [("createReport", 59.9), ("getReportDocument", 59.9), ("getReport", 0.5)],
)
def test_a_throttled_call_names_the_published_rate(
    amazon, standins, operation, seconds
):
    done = finish(amazon)
    standins.amazon.faults.add(operation, "throttled")
    with pytest.raises(Throttled) as caught:
        if operation == "getReportDocument":
            amazon.download_report(done.document_ref)
        else:
            finish(amazon)
    assert caught.value.retry_after == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize(
    "operation", ["createReport", "createRestrictedDataToken", "getReportDocument"]
)
@pytest.mark.parametrize("kind", ["cut", "truncated", "unavailable", "content"])
def test_what_cannot_be_done_twice_is_none_of_it(amazon, standins, operation, kind):
    """Asking again does no harm, so that nothing is Unclear."""
    done = finish(amazon)
    standins.amazon.faults.add(operation, kind)
    with pytest.raises(Unavailable):
        if operation == "createReport":
            amazon.create_report([NETHERLANDS])
        else:
            amazon.download_report(done.document_ref)


@pytest.mark.parametrize("kind", ["cut", "cut_midway", "unavailable"])
def test_a_document_that_does_not_arrive_whole_is_no_document(amazon, standins, kind):
    done = finish(amazon)
    moment = "after" if kind == "cut_midway" else "before"
    standins.amazon.faults.add("downloadDocument", kind, moment=moment)
    with pytest.raises(Unavailable):
        amazon.download_report(done.document_ref)


def test_an_address_that_has_expired_is_a_reason_to_ask_again(amazon, standins):
    """The store's 403 is about the address; the seller's consent is good."""
    done = finish(amazon)
    standins.amazon.faults.add(
        "downloadDocument", "content", status=403, body="<Error/>"
    )
    with pytest.raises(Unavailable) as caught:
        amazon.download_report(done.document_ref)
    assert caught.value.reason == "http_403"
    assert amazon.download_report(done.document_ref)


def test_a_withdrawn_consent_is_named(amazon, standins, monkeypatch):
    monkeypatch.setattr(standins.seller, "connected", False)
    with pytest.raises(Unauthorized) as caught:
        amazon.create_report([NETHERLANDS])
    assert caught.value.reason == "invalid_grant"


def test_no_address_no_token_and_no_buyer_comes_into_the_log(amazon, standins, caplog):
    caplog.set_level(logging.DEBUG)
    done = finish(amazon)
    amazon.download_report(done.document_ref)
    written = "\n".join(record.getMessage() for record in caplog.records)
    assert "downloadDocument" not in written
    assert "/documents/" in written
    for secret in ("X-Amz-Expires", "Atz", "Testklant", "SKU-1"):
        assert secret not in written


def asked_of(standins, operation):
    """The last call of that kind."""
    calls = [call for call in standins.amazon.calls if call.operation == operation]
    return calls[-1]


# With an Amazon that answers anything


@pytest.mark.parametrize(
    "told", [{}, {"reportId": ""}, {"reportId": 7}, {"reportId": ["ID1"]}]
)
def test_a_report_without_a_number_was_not_asked_for(scripted, server, told):
    server.reply(as_json(told, 202))
    with pytest.raises(Unavailable) as caught:
        scripted.create_report([NETHERLANDS])
    assert caught.value.reason == "answer"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"processingStatus": "done"},
        {"processingStatus": None},
        {"processingStatus": "DONE"},
        {"processingStatus": "DONE", "reportDocumentId": ""},
        {"processingStatus": "DONE", "reportDocumentId": {}},
    ],
)
def test_a_state_that_is_none_is_no_answer(scripted, server, told):
    server.reply(as_json(told))
    with pytest.raises(Unavailable) as caught:
        scripted.read_report("ID1")
    assert caught.value.reason == "answer"


def test_only_what_is_done_has_a_document(scripted, server):
    server.reply(as_json({"processingStatus": "FATAL", "reportDocumentId": "doc-1"}))
    assert scripted.read_report("ID1") == Report("FATAL", "")


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/a", "ftp://127.0.0.1/a", "https://u:p@127.0.0.1/a"),
        *("https://amazonaws.com.example.com/a", "https://xamazonaws.com/a"),
        *("https://169.254.169.254/latest", "https://localhost/a", "http://[::1]/a"),
        *("https://example.com\\.amazonaws.com/a", "https://s3.amazonaws.com:x/a"),
        *("//s3.amazonaws.com/a", "file:///etc/passwd", "https:///a", ""),
    ],
)
def test_a_document_is_fetched_in_private_and_from_amazon_only(scripted, server, url):
    server.reply(as_json({"restrictedDataToken": "Atz.sprdt|1"}), as_json({"url": url}))
    with pytest.raises((InsecureAddress, Unavailable)):
        scripted.download_report("doc-1")
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "host",
    [
        "tortuga-prod-eu.s3-eu-west-1.amazonaws.com",
        "d34o8swod1owfl.cloudfront.net",
        "s3.cn-north-1.amazonaws.com.cn",
    ],
)
def test_amazons_stores_are_good_for_documents(host):
    url = f"https://{host}/Report_1?X-Amz-Signature=a%2Fb"
    assert checked_document_address(url, "https://sellingpartnerapi.com") == url


def test_a_document_does_not_lead_elsewhere(scripted, server):
    server.reply(
        as_json({"restrictedDataToken": "Atz.sprdt|1"}),
        as_json({"url": f"{server.url}/document"}),
        Reply(302, b"", {"Location": f"{server.url}/other"}),
    )
    with pytest.raises(Unavailable) as caught:
        scripted.download_report("doc-1")
    assert caught.value.reason == "http_302"


def test_a_document_without_end_is_given_up(scripted, server, monkeypatch):
    monkeypatch.setattr(report_requests, "MAX_DOCUMENT_BYTES", 10_000)
    server.reply(
        as_json({"restrictedDataToken": "Atz.sprdt|1"}),
        as_json({"url": f"{server.url}/document"}),
        Reply(200, b"x" * 400_000),
    )
    with pytest.raises(Unavailable):
        scripted.download_report("doc-1")


def test_a_large_document_arrives_whole(scripted, server):
    body = bytes(17 * 1024 * 1024)
    server.reply(
        as_json({"restrictedDataToken": "Atz.sprdt|1"}),
        as_json({"url": f"{server.url}/document"}),
        Reply(200, body),
    )
    assert scripted.download_report("doc-1") == body


def test_a_number_with_signs_stays_one_part_of_the_path(scripted, server):
    server.reply(as_json({"processingStatus": "FATAL"}))
    scripted.read_report("../documents/1?x=2")
    assert server.asked[-1].target.endswith("/reports/..%2Fdocuments%2F1%3Fx%3D2")


def test_a_cut_while_polling_is_asked_again_later(scripted, server):
    server.reply(CUT)
    with pytest.raises(Unavailable) as caught:
        scripted.read_report("ID1")
    assert caught.value.reason == "cut"
