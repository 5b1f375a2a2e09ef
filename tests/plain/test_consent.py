"""What comes of a seller's consent: a refresh token, marketplaces, recipients."""

from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from amazon import login
from amazon.errors import (
    AmazonError,
    InsecureAddress,
    MissingRole,
    Throttled,
    Unauthorized,
    Unavailable,
    Unclear,
)
from amazon.login import exchange_code
from amazon.seller_access import Participation
from amazon.selling_partner import Credentials, SellingPartner
from amazon.transport import USER_AGENT

from tests.plain.report_maker import report, row
from tests.plain.scripted_server import CUT, HANG, Reply, ScriptedServer, as_json

NETHERLANDS = "A1805IZSGTT6HS"
REDIRECT_URI = "https://odoo.example/amazon/consent"
HTML = b"<html><body><h1>503 Service Unavailable</h1></body></html>"


@pytest.fixture(autouse=True)
def no_tokens_kept(monkeypatch):
    monkeypatch.setattr(login, "_cache", login._TokenCache())


@pytest.fixture(scope="module")
def running_server():
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def server(running_server):
    running_server.script.clear()
    running_server.asked.clear()
    return running_server


def exchange(server, *replies, code="SPAPI-code", timeout=(2.0, 5.0)):
    server.reply(*replies)
    return exchange_code(
        code,
        REDIRECT_URI,
        client_id="client-id-1",
        client_secret="client-secret-1",
        token_url=f"{server.url}/auth/o2/token",
        timeout=timeout,
    )


def exchange_failure(server, *replies, **options):
    with pytest.raises(AmazonError) as caught:
        exchange(server, *replies, **options)
    assert len(server.asked) == 1
    return caught.value


# The exchange of the code


def test_a_code_is_exchanged_as_amazon_documents_it(server):
    told = {"access_token": "Atza|x", "refresh_token": "Atzr|y", "expires_in": 3600}
    assert exchange(server, as_json(told)) == "Atzr|y"
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", "/auth/o2/token")
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.headers["User-Agent"] == USER_AGENT
    # The library's own exchange leaves the redirect URI out.
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["SPAPI-code"],
        "redirect_uri": [REDIRECT_URI],
        "client_id": ["client-id-1"],
        "client_secret": ["client-secret-1"],
    }


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "invalid_grant"),
        (401, "invalid_client"),
        (400, "unauthorized_client"),
    ],
)
def test_a_refused_code_is_named_by_logins_own_word(server, status, reason):
    told = {"error": reason, "error_description": "words of Amazon's"}
    error = exchange_failure(server, as_json(told, status))
    assert (type(error), error.reason) == (Unauthorized, reason)
    assert "words" not in repr(error)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, HTML),
        Reply(200),
        as_json([]),
        as_json({"access_token": "Atza|only"}),
        as_json({"refresh_token": None}),
        as_json({"refresh_token": ""}),
        as_json({"refresh_token": "two\r\nlines"}),
        as_json({"refresh_token": "x" * 9000}),
        as_json({"refresh_token": "Atzr|y"}, 202),
        Reply(200, b'{"refresh_token": "Atzr|y"}', announce=99),
        Reply(302, headers={"Location": "http://127.0.0.1:9/"}),
        Reply(400, HTML),
        Reply(503, HTML),
    ],
)
def test_nothing_else_is_taken_for_a_token(server, reply):
    assert type(exchange_failure(server, reply)) is Unavailable


def test_throttled_exchange_says_how_long_to_wait(server):
    error = exchange_failure(server, Reply(429, headers={"Retry-After": "90"}))
    assert (type(error), error.retry_after) == (Throttled, 90.0)


@pytest.mark.parametrize(
    ("reply", "timeout", "reason"),
    [(CUT, (2.0, 5.0), "cut"), (HANG, (2.0, 0.2), "timeout")],
)
def test_a_lost_answer_is_unclear_because_a_code_is_good_once(
    server, reply, timeout, reason
):
    error = exchange_failure(server, reply, timeout=timeout)
    assert (type(error), error.reason) == (Unclear, reason)


def test_a_code_is_not_sent_over_an_open_line():
    with pytest.raises(InsecureAddress):
        exchange_code(
            "code",
            REDIRECT_URI,
            client_id="i",
            client_secret="s",
            token_url="http://api.amazon.example/auth/o2/token",
        )


def test_neither_code_nor_token_is_logged(server, caplog):
    caplog.set_level("DEBUG")
    exchange(server, as_json({"refresh_token": "Atzr|hidden"}), code="SPAPI-hidden")
    assert "POST /auth/o2/token: 200" in caplog.text
    assert "hidden" not in caplog.text
    assert "client-secret-1" not in caplog.text


# Marketplaces and recipients


def connect(server):
    return SellingPartner(
        Credentials("client-id-1", "client-secret-1", "refresh-token-1"),
        "eu",
        endpoint=server.url,
        token_url=f"{server.url}/auth/o2/token",
        timeout=(2, 5),
    )


def ask(server, call, *replies):
    server.reply(as_json({"access_token": "Atza|x", "expires_in": 3600}), *replies)
    with connect(server) as amazon:
        return call(amazon)


def read_participations(server, *replies):
    return ask(server, SellingPartner.read_participations, *replies)


def shows_recipients(server, *replies):
    return ask(server, lambda a: a.shows_recipients(NETHERLANDS), *replies)


def test_participations_are_read_as_amazon_documents_them(server):
    entries = [
        {
            "marketplace": {"id": ref, "countryCode": "NL"},
            "participation": {"isParticipating": sells, "hasSuspendedListings": False},
            "storeName": "Store",
        }
        for ref, sells in ((NETHERLANDS, True), ("AMEN7PMS3EDWL", False))
    ]
    assert read_participations(server, as_json({"payload": entries})) == (
        Participation(NETHERLANDS, True, "Store"),
        Participation("AMEN7PMS3EDWL", False, "Store"),
    )
    asked = server.asked[-1]
    assert asked.method == "GET"
    # Left to itself, the library adds a marketplace of its own.
    assert asked.target == "/sellers/v1/marketplaceParticipations"


def refusal(status):
    error = {"code": "Unauthorized", "message": "Access is denied."}
    return as_json({"errors": [error]}, status)


FAILURES = [
    (Reply(503, HTML), Unavailable),
    (Reply(429), Throttled),
    (as_json({"message": "Forbidden"}, 403), Unauthorized),
    (Reply(200, HTML), Unclear),
    (Reply(200), Unclear),
    (as_json([]), Unclear),
    (as_json({}), Unclear),
    (Reply(204), Unclear),
]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        *FAILURES,
        (as_json({"payload": {}}), Unclear),
        (as_json({"payload": [1]}), Unclear),
        (as_json({"payload": [{"marketplace": {}}]}), Unclear),
        (as_json({"payload": [{"marketplace": {"id": "x"}}]}), Unclear),
    ],
)
def test_no_failure_is_taken_for_a_list_of_markets(server, reply, kind):
    with pytest.raises(AmazonError) as caught:
        read_participations(server, reply)
    assert type(caught.value) is kind


def test_recipients_are_looked_for_in_a_few_open_orders(server):
    orders = [{"orderId": "1"}, {"recipient": {"deliveryAddress": {"city": "Ede"}}}]
    assert shows_recipients(server, as_json({"orders": orders})) is True
    query = parse_qs(urlsplit(server.asked[-1].target).query)
    since = datetime.fromisoformat(query.pop("lastUpdatedAfter")[0].rstrip("Z"))
    age = datetime.now(timezone.utc) - since.replace(tzinfo=timezone.utc)
    assert timedelta(days=29) < age < timedelta(days=31)
    assert query == {
        "marketplaceIds": [NETHERLANDS],
        "fulfillmentStatuses": ["UNSHIPPED,PARTIALLY_SHIPPED"],
        "fulfilledBy": ["MERCHANT"],
        "includedData": ["RECIPIENT"],
        "maxResultsPerPage": ["10"],
    }


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        ([], None),
        ([{"orderId": "1"}], False),
        ([{"recipient": None}], False),
        ([{"recipient": {}}, {"recipient": {"deliveryAddress": {}}}], False),
    ],
)
def test_orders_without_an_address_tell_that_it_is_left_out(server, orders, told):
    assert shows_recipients(server, as_json({"orders": orders})) is told


@pytest.mark.parametrize(
    ("reply", "kind"), [*FAILURES, (as_json({"orders": [1]}), Unclear)]
)
def test_no_failure_is_taken_for_missing_recipients(server, reply, kind):
    with pytest.raises(AmazonError) as caught:
        shows_recipients(server, reply)
    assert type(caught.value) is kind


@pytest.mark.parametrize("call", [read_participations, shows_recipients])
def test_a_refusal_with_a_new_token_is_a_missing_role(server, call):
    with pytest.raises(MissingRole):
        call(server, refusal(403))


# An Amazon that keeps state


@pytest.fixture
def amazon(standins):
    standins.reset()
    sellers = standins.lwa.sellers
    token = exchange_code(
        standins.lwa.issue_code(standins.seller.selling_partner_id),
        REDIRECT_URI,
        client_id=sellers.client_id,
        client_secret=sellers.client_secret,
        token_url=standins.lwa.token_url,
    )
    gateway = SellingPartner(
        Credentials(sellers.client_id, sellers.client_secret, token),
        "eu",
        endpoint=standins.amazon.url,
        token_url=standins.lwa.token_url,
    )
    with gateway:
        yield gateway
    assert not standins.violations


def test_the_exchanged_token_opens_the_sellers_markets(amazon, standins):
    found = amazon.read_participations()
    refs = {p.marketplace_ref for p in found if p.is_participating}
    assert refs >= set(standins.seller.marketplace_refs)


def test_recipients_are_told_to_an_app_with_the_restricted_role(
    amazon, standins, monkeypatch
):
    assert amazon.shows_recipients(NETHERLANDS) is None
    standins.amazon.orders.load_report(report(row()))
    standins.clock.advance(600)
    assert amazon.shows_recipients(NETHERLANDS) is True
    monkeypatch.setattr(standins.seller, "restricted_role", False)
    assert amazon.shows_recipients(NETHERLANDS) is False


def test_a_code_is_good_once_and_for_five_minutes(standins):
    standins.reset()

    def trade(code):
        return exchange_code(
            code,
            REDIRECT_URI,
            client_id=standins.lwa.sellers.client_id,
            client_secret=standins.lwa.sellers.client_secret,
            token_url=standins.lwa.token_url,
        )

    used = standins.lwa.issue_code("A1STANDINSELLER")
    assert trade(used) == standins.seller.refresh_token
    late = standins.lwa.issue_code("A1STANDINSELLER")
    standins.clock.advance(301)
    for code in (used, late):
        with pytest.raises(Unauthorized, match="invalid_grant"):
            trade(code)
