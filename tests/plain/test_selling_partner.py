"""The gateway against a real HTTP server that answers what no one would want."""

import json
import logging
import socket
import ssl
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import requests
from amazon import login, transport
from amazon.errors import (
    AmazonError,
    InsecureAddress,
    MissingRole,
    NotFound,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unclear,
)
from amazon.selling_partner import (
    ConfirmedItem,
    Credentials,
    Receipt,
    SellingPartner,
    ShipmentConfirmation,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.exceptions import MaxRetryError, SSLError

from tests.plain.scripted_server import CUT, HANG, Reply, ScriptedServer, as_json

CREDENTIALS = Credentials("client-id-1", "client-secret-1", "refresh-token-1")
CONFIRMATION = ShipmentConfirmation(
    order_ref="402-0000001-0000001",
    marketplace_ref="A1805IZSGTT6HS",
    package_ref="17",
    carrier_code="PostNL",
    carrier_name="",
    shipping_method="",
    tracking_number="3SABCD1234567",
    ship_date=datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=1))),
    items=(ConfirmedItem("00000000000017", 2), ConfirmedItem("60000000000022", 1)),
)
PATH = "/orders/v0/orders/402-0000001-0000001/shipmentConfirmation"
HTML = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
TAKEN = Reply(204)


def token(value="Atza|token-1", **told):
    return as_json({"access_token": value, "expires_in": 3600, **told})


def refusal(status, code="InvalidInput", message="", details="", **headers):
    errors = [{"code": code, "message": message, "details": details}]
    return as_json({"errors": errors}, status, **headers)


@pytest.fixture(autouse=True)
def no_tokens_kept(monkeypatch):
    monkeypatch.setattr(login, "_cache", login._TokenCache())


@pytest.fixture(autouse=True)
def no_httpx(monkeypatch):
    """The library's own way out is never taken."""

    def refuse(*args, **kwargs):
        raise AssertionError("httpx was used")

    monkeypatch.setattr(httpx.Client, "send", refuse)


@pytest.fixture(scope="module")
def running_server():
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def server(running_server):
    running_server.script.clear()
    running_server.asked.clear()
    return running_server


@pytest.fixture
def connections(monkeypatch):
    """The addresses connected to, one for each connection."""
    made, connect = [], socket.socket.connect

    def counted(self, address):
        made.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", counted)
    return made


def connect(server, credentials=CREDENTIALS, **options):
    options.setdefault("timeout", (2, 5))
    return SellingPartner(
        credentials,
        "eu",
        endpoint=server.url,
        token_url=f"{server.url}/auth/o2/token",
        **options,
    )


def confirm(server, *replies, confirmation=CONFIRMATION, **options):
    """One confirmation, the token being given."""
    server.reply(token(), *replies)
    with connect(server, **options) as amazon:
        return amazon.confirm_shipment(confirmation)


def failure(server, *replies, **options):
    with pytest.raises(AmazonError) as caught:
        confirm(server, *replies, **options)
    return caught.value


# What is sent


def test_a_confirmation_is_sent_as_amazon_documents_it(server):
    confirm(server, TAKEN)
    asked = server.asked[1]
    assert (asked.method, asked.target) == ("POST", PATH)
    assert asked.headers["x-amz-access-token"] == "Atza|token-1"
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {
        "marketplaceId": "A1805IZSGTT6HS",
        "packageDetail": {
            "packageReferenceId": "17",
            "carrierCode": "PostNL",
            "trackingNumber": "3SABCD1234567",
            "shipDate": "2026-11-20T08:30:00Z",
            "orderItems": [
                {"orderItemId": "00000000000017", "quantity": 2},
                {"orderItemId": "60000000000022", "quantity": 1},
            ],
        },
    }


def test_name_and_method_of_the_carrier_are_sent_when_there_are_any(server):
    named = replace(
        CONFIRMATION,
        carrier_code="Other",
        carrier_name="Fietskoerier Utrecht",
        shipping_method="Zelfde dag",
    )
    confirm(server, TAKEN, confirmation=named)
    package = server.asked[1].json["packageDetail"]
    assert package["carrierCode"] == "Other"
    assert package["carrierName"] == "Fietskoerier Utrecht"
    assert package["shippingMethod"] == "Zelfde dag"


def test_the_token_is_asked_for_with_the_sellers_consent(server):
    confirm(server, TAKEN)
    asked = server.asked[0]
    assert (asked.method, asked.target) == ("POST", "/auth/o2/token")
    assert asked.body == (
        b"grant_type=refresh_token&client_id=client-id-1"
        b"&client_secret=client-secret-1&refresh_token=refresh-token-1"
    )


def test_both_services_hear_our_user_agent_and_their_own_host(server):
    confirm(server, TAKEN, user_agent="AmazonCarrierConnector/9.9 (Language=Python)")
    for asked in server.asked:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        assert headers["user-agent"] == "AmazonCarrierConnector/9.9 (Language=Python)"
        assert headers["host"] == server.url.removeprefix("http://")


def test_a_character_beyond_ascii_arrives_whole(server):
    named = replace(CONFIRMATION, carrier_code="Other", carrier_name="Kurier Łódź 急便")
    confirm(server, TAKEN, confirmation=named)
    assert server.asked[1].json["packageDetail"]["carrierName"] == "Kurier Łódź 急便"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order_ref", ""),
        ("order_ref", ".."),
        ("order_ref", "402-0000001-0000001/../x"),
        ("marketplace_ref", ""),
        ("package_ref", "PKG-1"),
        ("package_ref", "0"),
        ("package_ref", "-1"),
        ("package_ref", "٣"),
        ("carrier_code", ""),
        ("carrier_name", ""),
        ("tracking_number", ""),
        ("ship_date", datetime(2026, 11, 20, 9, 30)),
        ("items", ()),
        ("items", (ConfirmedItem("00000000000017", 0),)),
        ("items", (ConfirmedItem("", 1),)),
    ],
)
def test_what_amazon_cannot_accept_is_refused_without_asking(server, field, value):
    other = replace(CONFIRMATION, carrier_code="Other", carrier_name="Koerier")
    error = failure(server, confirmation=replace(other, **{field: value}))
    assert isinstance(error, Rejected)
    assert (error.code, error.field) == ("invalid_confirmation", field)
    assert server.asked == []


# What comes back: only 204 without a body is success


def test_a_204_gives_the_request_id_and_the_rate(server):
    told = {"x-amzn-RequestId": "req-1", "x-amzn-RateLimit-Limit": "2.5"}
    assert confirm(server, Reply(204, headers=told)) == Receipt("req-1", 2.5)


@pytest.mark.parametrize("rate", ["", "soon", "0", "-1", "nan", "inf"])
def test_a_rate_that_is_no_rate_is_not_told(server, rate):
    taken = Reply(204, headers={"x-amzn-RateLimit-Limit": rate})
    assert confirm(server, taken) == Receipt("", None)


def test_a_204_with_a_body_is_not_taken_for_success(server):
    error = failure(server, Reply(204, b"<html>"))
    assert isinstance(error, Unclear)
    assert error.reason == "http_204"


def test_a_body_smuggled_behind_a_204_is_not_read_as_the_next_answer(server):
    """A false success hidden there must not confirm the next parcel."""
    server.reply(token(), Reply(204, b"HTTP/1.1 204 No Content\r\n\r\n"), Reply(503))
    with connect(server) as amazon:
        with pytest.raises(Unclear):
            amazon.confirm_shipment(CONFIRMATION)
        with pytest.raises(Unavailable):
            amazon.confirm_shipment(CONFIRMATION)


@pytest.mark.parametrize("status", [200, 201, 202, 206])
@pytest.mark.parametrize("body", [b"", b"{}", HTML, b'{"payload": {}}'])
def test_another_2xx_is_unclear_and_not_success(server, status, body):
    error = failure(server, Reply(status, body))
    assert isinstance(error, Unclear)
    assert error.status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    with ScriptedServer() as elsewhere:
        moved = Reply(status, headers={"Location": f"{elsewhere.url}/taken"})
        error = failure(server, moved)
        assert elsewhere.asked == []
    assert isinstance(error, Unclear)
    assert len(server.asked) == 2


@pytest.mark.parametrize("body", [b"", HTML, b'{"errors": [{"code": "Int', b"[]"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Unavailable),
        (408, Unavailable),
        (409, Rejected),
        (413, Rejected),
        (415, Rejected),
        (418, Rejected),
        (429, Throttled),
        (500, Unclear),
        (502, Unclear),
        (503, Unavailable),
        (504, Unclear),
        (599, Unclear),
    ],
)
def test_a_failure_is_raised_whatever_its_body_is(server, status, body, kind):
    error = failure(server, Reply(status, body))
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_a_failure_whose_body_is_cut_off_is_still_that_failure(server, status):
    server.reply(token(), Reply(status, HTML))
    server.reply(Reply(status, HTML, announce=len(HTML) + 100))
    with connect(server) as amazon:
        with pytest.raises(AmazonError) as whole:
            amazon.confirm_shipment(CONFIRMATION)
        with pytest.raises(AmazonError) as cut:
            amazon.confirm_shipment(CONFIRMATION)
    assert (cut.type, cut.value.status) == (whole.type, status)


@given(
    status=st.integers(200, 599).filter(lambda status: status != 204),
    body=st.one_of(
        st.binary(max_size=50),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["errors", "code"]), inner, max_size=2
                )
            ),
            max_leaves=8,
        ).map(lambda data: json.dumps(data).encode()),
    ),
)
@settings(max_examples=150, deadline=None)
def test_no_other_answer_is_taken_for_success(running_server, status, body):
    running_server.script[:] = [Reply(status, body)]
    way = transport.StrictTransport((2, 5))
    way.operation = transport.Operation(204, 2.0)
    with pytest.raises(AmazonError):
        way.request("POST", running_server.url + PATH, content="{}")
    way.close()


# What the failures say


def test_a_refusal_carries_amazons_code_and_words(server):
    error = failure(
        server,
        refusal(
            400,
            "InvalidInput",
            "PackageToUpdateNotFound for order",
            "already fulfilled",
            **{"x-amzn-RequestId": "req-9"},
        ),
    )
    assert isinstance(error, Rejected)
    assert error.code == "InvalidInput"
    assert error.message == "PackageToUpdateNotFound for order already fulfilled"
    assert (error.status, error.request_id) == (400, "req-9")


def test_a_refusal_without_words_is_known_by_its_status(server):
    error = failure(server, Reply(400, HTML))
    assert (error.code, error.message) == ("http_400", "")


def test_control_characters_in_amazons_words_are_blanked(server):
    error = failure(server, refusal(400, "Invalid\nInput", "a\r\nWARNING b\x1b[0m"))
    assert (error.code, error.message) == ("Invalid Input", "a  WARNING b [0m")


def test_a_long_explanation_is_cut(server):
    assert len(failure(server, refusal(400, message="x" * 9000)).message) == 500


def test_amazons_words_are_not_in_the_text_of_the_error(server):
    error = failure(server, refusal(400, message="Buyer Jansen, Voorbeeldstraat 1"))
    assert "Jansen" not in f"{error} {error!r}"


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            "PackageToUpdateNotFound: the package to update was not found",
            "already_shipped",
        ),
        ("The order is already fulfilled.", "already_shipped"),
        ("NonexistentOrderItem: 00000000000017", "no_such_item"),
        ("InvalidPackageVersion: maximum number of updates", "edited_too_often"),
        ("Shipment confirmation is not allowed for Ship+ orders", "ship_plus"),
        ("OrderItemId is invalid", ""),
    ],
)
def test_a_refusal_that_is_known_says_its_cause(server, message, cause):
    assert failure(server, refusal(400, message=message)).cause == cause
    server.script.clear()
    login._cache = login._TokenCache()
    assert failure(server, refusal(400, message="", details=message)).cause == cause


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, 0.0), ({"Retry-After": "90"}, 90.0)]
)
def test_an_outage_says_how_long_to_wait_if_amazon_does(server, headers, seconds):
    error = failure(server, Reply(503, HTML, headers))
    assert isinstance(error, Unavailable)
    assert error.retry_after == seconds


def test_an_unknown_order_is_not_found(server):
    assert isinstance(failure(server, refusal(404, "NotFound")), NotFound)


def test_a_403_about_nothing_else_is_a_missing_role(server):
    message = "Access to requested resource is denied."
    error = failure(server, refusal(403, "Unauthorized", message))
    assert isinstance(error, MissingRole)


def test_a_403_that_is_not_amazons_application_is_forbidden(server):
    error = failure(server, as_json({"message": "Forbidden"}, 403))
    assert isinstance(error, Unauthorized)
    assert error.reason == "forbidden"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.5),
        ({"x-amzn-RateLimit-Limit": "0.0167"}, 1 / 0.0167),
        ({"x-amzn-RateLimit-Limit": "lots"}, 0.5),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "7", "x-amzn-RateLimit-Limit": "2"}, 7.0),
        ({"Retry-After": "1e99"}, 86400.0),
        ({"Retry-After": "later"}, 0.5),
        ({"Retry-After": "-3"}, 0.5),
        ({"x-amzn-RateLimit-Limit": "1e-99"}, 86400.0),
    ],
)
def test_throttling_says_how_long_to_wait(server, headers, seconds):
    error = failure(server, Reply(429, headers=headers))
    assert isinstance(error, Throttled)
    assert error.retry_after == pytest.approx(seconds)


def test_throttling_until_a_date_says_how_long_that_is(server):
    then = datetime.now(timezone.utc) + timedelta(seconds=60)
    error = failure(server, Reply(429, headers={"Retry-After": format_datetime(then)}))
    assert 50 < error.retry_after <= 60


# No answer


def test_a_refused_connection_means_that_nothing_was_done(server):
    server.reply(token())
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    amazon = SellingPartner(
        CREDENTIALS, "eu", endpoint=closed, token_url=f"{server.url}/auth/o2/token"
    )
    with amazon, pytest.raises(Unavailable) as caught:
        amazon.confirm_shipment(CONFIRMATION)
    assert caught.value.reason == "connect"


def test_a_connection_cut_before_the_answer_is_unclear(server):
    error = failure(server, CUT)
    assert isinstance(error, Unclear)
    assert (error.reason, error.status) == ("cut", None)


def test_no_answer_in_time_is_unclear(server):
    error = failure(server, HANG, timeout=(2, 0.2))
    assert isinstance(error, Unclear)
    assert error.reason == "timeout"


def test_a_request_is_never_repeated_by_itself(server):
    failure(server, CUT, TAKEN)
    assert len(server.asked) == 2
    assert server.script == [TAKEN]


@pytest.fixture
def raw_server():
    """Plays raw bytes to every connection, after having read the request."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers, stopped = [], threading.Event()

    def serve():
        while True:
            connection, _address = listener.accept()
            with connection:
                if stopped.is_set():
                    return
                connection.recv(65536)
                connection.sendall(answers.pop(0))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    host, port = listener.getsockname()
    yield f"http://{host}:{port}", answers
    stopped.set()
    socket.create_connection((host, port)).close()
    thread.join()
    listener.close()


def sent_raw(raw_server, answer):
    url, answers = raw_server
    answers.append(answer)
    way = transport.StrictTransport((2, 5))
    way.operation = transport.Operation(204, 2.0)
    with pytest.raises(AmazonError) as caught:
        way.request("POST", url + PATH, content="{}")
    way.close()
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 two-hundred\r\n\r\n",
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    ],
)
def test_an_answer_that_is_not_http_is_unclear(raw_server, answer):
    assert isinstance(sent_raw(raw_server, answer), Unclear)


# The access token


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "invalid_grant"),
        (401, "invalid_client"),
        (400, "unauthorized_client"),
        (400, "invalid_request"),
    ],
)
def test_refused_credentials_are_named_by_logins_own_word(server, status, reason):
    server.reply(as_json({"error": reason, "error_description": "secret text"}, status))
    with connect(server) as amazon, pytest.raises(Unauthorized) as caught:
        amazon.confirm_shipment(CONFIRMATION)
    assert caught.value.reason == reason
    assert "secret text" not in repr(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, HTML),
        Reply(200, b""),
        Reply(200, b'{"access_token": "Atza|x"', announce=99),
        Reply(200, b'{"access_token": "Atza|x", "expires_in'),
        as_json([]),
        as_json({}),
        as_json({"access_token": None}),
        as_json({"access_token": ""}),
        as_json({"access_token": "two\r\nlines: x"}),
        as_json({"access_token": "é" * 20}),
        as_json({"access_token": "x" * 9000}),
        as_json({"access_token": "Atza|x"}, 202),
        Reply(302, headers={"Location": "http://127.0.0.1:9/"}),
        Reply(400, HTML),
        as_json({"error": "Not a slug!"}, 400),
        as_json({"error": ["invalid_grant"]}, 400),
        Reply(500, HTML),
        Reply(503),
        CUT,
    ],
)
def test_without_a_token_nothing_was_done(server, reply):
    server.reply(reply)
    with connect(server) as amazon, pytest.raises(Unavailable):
        amazon.confirm_shipment(CONFIRMATION)
    assert len(server.asked) == 1


def test_a_token_service_that_hangs_is_given_up(server):
    server.reply(HANG)
    amazon = connect(server, timeout=(2, 0.2))
    with amazon, pytest.raises(Unavailable) as caught:
        amazon.confirm_shipment(CONFIRMATION)
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, 30.0), ({"Retry-After": "90"}, 90.0)]
)
def test_a_throttled_token_says_how_long_to_wait(server, headers, seconds):
    server.reply(as_json({"error": "slow_down"}, 429, **headers))
    with connect(server) as amazon, pytest.raises(Throttled) as caught:
        amazon.confirm_shipment(CONFIRMATION)
    assert caught.value.retry_after == seconds


def test_a_token_serves_until_it_expires(server, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(login.time, "monotonic", lambda: clock[0])
    server.reply(token("Atza|first"), TAKEN, TAKEN, token("Atza|second"), TAKEN)
    with connect(server) as amazon:
        amazon.confirm_shipment(CONFIRMATION)
        clock[0] += 3500
        amazon.confirm_shipment(CONFIRMATION)
        clock[0] += 50
        amazon.confirm_shipment(CONFIRMATION)
    used = [asked.headers.get("x-amz-access-token") for asked in server.asked]
    assert used == [None, "Atza|first", "Atza|first", None, "Atza|second"]


def test_a_token_is_shared_by_gateways_with_the_same_credentials(server):
    server.reply(token(), TAKEN, TAKEN)
    for _gateway in range(2):
        with connect(server) as amazon:
            amazon.confirm_shipment(CONFIRMATION)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "changed",
    [
        Credentials("client-id-1", "client-secret-2", "refresh-token-1"),
        Credentials("client-id-2", "client-secret-1", "refresh-token-1"),
        Credentials("client-id-1", "client-secret-1", "refresh-token-2"),
    ],
)
def test_a_token_does_not_outlive_a_change_of_the_credentials(server, changed):
    confirm(server, TAKEN)
    confirm(server, TAKEN, credentials=changed)
    assert [asked.target for asked in server.asked].count("/auth/o2/token") == 2


@pytest.mark.parametrize("lifetime", [None, 0, -5, "3600", 10, float("nan")])
def test_a_token_without_a_good_lifetime_is_used_once(server, lifetime):
    server.reply(token(expires_in=lifetime), TAKEN, token(), TAKEN)
    with connect(server) as amazon:
        amazon.confirm_shipment(CONFIRMATION)
        amazon.confirm_shipment(CONFIRMATION)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "refused",
    [
        Reply(401),
        refusal(401, "Unauthorized"),
        refusal(403, "Unauthorized", details="The access token has expired."),
        refusal(403, "Unauthorized", "The token is revoked, malformed or invalid."),
    ],
)
def test_an_old_token_that_is_refused_is_renewed_once(server, refused):
    confirm(server, TAKEN)
    server.reply(refused, token("Atza|token-2"), TAKEN)
    with connect(server) as amazon:
        amazon.confirm_shipment(CONFIRMATION)
    assert server.asked[-1].headers["x-amz-access-token"] == "Atza|token-2"


def test_a_missing_role_is_asked_for_once_more_with_a_new_token(server):
    """A withdrawn consent reads as a missing role while its last token lives."""
    confirm(server, TAKEN)
    server.reply(refusal(403, "Unauthorized"), token("Atza|token-2"), TAKEN)
    with connect(server) as amazon:
        amazon.confirm_shipment(CONFIRMATION)
    assert server.asked[-1].headers["x-amz-access-token"] == "Atza|token-2"


def test_a_missing_role_is_one_with_a_new_token_as_well(server):
    confirm(server, TAKEN)
    server.reply(
        refusal(403, "Unauthorized"),
        token("Atza|token-2"),
        refusal(403, "Unauthorized"),
    )
    with connect(server) as amazon, pytest.raises(MissingRole):
        amazon.confirm_shipment(CONFIRMATION)
    assert server.script == []


def test_a_withdrawn_consent_shows_when_the_token_is_renewed(server):
    confirm(server, TAKEN)
    server.reply(refusal(403, "Unauthorized"), as_json({"error": "invalid_grant"}, 400))
    with connect(server) as amazon, pytest.raises(Unauthorized) as caught:
        amazon.confirm_shipment(CONFIRMATION)
    assert caught.value.reason == "invalid_grant"


def test_a_403_of_no_application_of_amazons_renews_nothing(server):
    confirm(server, TAKEN)
    server.reply(as_json({"message": "Forbidden"}, 403))
    with connect(server) as amazon, pytest.raises(Unauthorized):
        amazon.confirm_shipment(CONFIRMATION)


def test_a_new_token_that_is_refused_is_not_asked_for_again(server):
    error = failure(server, Reply(401))
    assert isinstance(error, Unauthorized)
    assert error.reason == "access_token"
    assert len(server.asked) == 2


def test_a_renewed_token_that_is_refused_ends_the_matter(server):
    confirm(server, TAKEN)
    server.reply(Reply(401), token("Atza|token-2"), Reply(401))
    with connect(server) as amazon, pytest.raises(Unauthorized):
        amazon.confirm_shipment(CONFIRMATION)
    assert server.script == []


def test_the_cache_of_tokens_stays_small():
    cache = login._TokenCache()
    for number in range(login.MAX_TOKENS * 3):
        cache.put(str(number), "token", 3600)
    assert len(cache._tokens) <= login.MAX_TOKENS
    assert cache.get(str(number)) == "token"


# Where it goes, and with whose credentials


@pytest.mark.parametrize(
    "address",
    [
        "http://sellingpartnerapi-eu.amazon.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "https://user:word@example.com",
        "ftp://127.0.0.1",
        "sellingpartnerapi-eu.amazon.com",
        "https://",
        "https://[::1",
        "http://127.0.0.1:99999",
    ],
)
@pytest.mark.parametrize("which", ["endpoint", "token_url"])
def test_an_address_that_is_neither_safe_nor_local_is_refused(address, which):
    with pytest.raises(InsecureAddress):
        SellingPartner(CREDENTIALS, "eu", **{which: address})


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/",
        "http://localhost:8069",
        "http://[::1]:1",
        "http://127.8.8.8",
    ],
)
def test_an_address_that_is_safe_or_local_is_good(address):
    SellingPartner(CREDENTIALS, "eu", endpoint=address, token_url=address).close()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu", "https://sellingpartnerapi-eu.amazon.com"),
        ("na", "https://sellingpartnerapi-na.amazon.com"),
        ("fe", "https://sellingpartnerapi-fe.amazon.com"),
    ],
)
def test_each_region_has_its_endpoint(region, host, monkeypatch):
    asked = []

    def keep(session, method, url, **kwargs):
        asked.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "request", keep)
    login._cache.put(login.Login(CREDENTIALS, login.TOKEN_URL, "", None)._key, "t", 99)
    with SellingPartner(CREDENTIALS, region) as amazon, pytest.raises(Unclear):
        amazon.confirm_shipment(CONFIRMATION)
    assert asked == [host + PATH]


@pytest.mark.parametrize(
    "credentials",
    [Credentials("", "b", "c"), Credentials("a", "", "c")]
    + [Credentials("a", "b", "")],
)
def test_incomplete_credentials_are_never_completed(credentials, monkeypatch, tmp_path):
    monkeypatch.setenv("LWA_APP_ID", "from-environment")
    monkeypatch.setenv("LWA_CLIENT_SECRET", "from-environment")
    monkeypatch.setenv("SP_API_REFRESH_TOKEN", "from-environment")
    # Where the library looks for a file of its own.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "python-sp-api").mkdir()
    (tmp_path / "python-sp-api" / "credentials.yml").write_text(
        "version: '1.0'\ndefault:\n  refresh_token: file\n  lwa_app_id: file\n"
        "  lwa_client_secret: file\n"
    )
    with pytest.raises(Unauthorized) as caught:
        SellingPartner(credentials, "eu")
    assert caught.value.reason == "missing_credentials"


def test_the_environment_changes_nothing(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    for name, value in {
        "LWA_APP_ID": "from-environment",
        "LWA_CLIENT_SECRET": "from-environment",
        "SP_API_REFRESH_TOKEN": "from-environment",
        "SP_API_DEFAULT_MARKETPLACE": "JP",
        "AWS_ENV": "SANDBOX",
        "NETRC": str(netrc),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "socks5://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    confirm(server, TAKEN)
    assert b"from-environment" not in server.asked[0].body
    assert server.asked[1].target == PATH
    assert all("Authorization" not in asked.headers for asked in server.asked)


def test_a_netrc_is_not_read_for_amazons_own_hosts(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine example.com login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session = transport._new_session(use_proxies=True)
    prepared = session.prepare_request(requests.Request("POST", "https://example.com"))
    assert "Authorization" not in prepared.headers


def test_a_proxy_that_cannot_be_used_means_that_nothing_was_done(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    way = transport.StrictTransport((2, 5))
    with pytest.raises(Unavailable) as caught:
        way.request("POST", "https://example.com" + PATH)
    assert caught.value.reason == "connect"


def test_a_proxy_that_is_away_means_that_nothing_was_done(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    way = transport.StrictTransport((2, 5))
    with pytest.raises(Unavailable) as caught:
        way.request("POST", "https://example.com" + PATH)
    assert caught.value.reason == "connect"


def test_cookies_are_not_kept(server):
    server.reply(token(), Reply(503, headers={"Set-Cookie": "a=b"}), TAKEN)
    with connect(server) as amazon:
        with pytest.raises(Unavailable):
            amazon.confirm_shipment(CONFIRMATION)
        amazon.confirm_shipment(CONFIRMATION)
    assert "Cookie" not in server.asked[-1].headers


# What is left behind


def test_500_confirmations_use_one_connection(server, connections):
    server.reply(token(), *[TAKEN] * 500)
    with connect(server) as amazon:
        for number in range(1, 501):
            amazon.confirm_shipment(replace(CONFIRMATION, package_ref=str(number)))
    assert len(server.asked) == 501
    assert len(connections) == 1


def test_nothing_but_method_path_status_and_request_id_is_logged(server, caplog):
    """Even with every logger at its loudest."""
    secrets = ("client-secret-1", "refresh-token-1", "client-id-1", "Atza|token-1")
    bodies = ("3SABCD1234567", "00000000000017", "Jansen")
    caplog.set_level(1)
    for name in ("sp_api.base.client", "sp_api.auth.access_token_client", "httpx"):
        caplog.set_level(1, logger=name)
    refused = refusal(400, message="Jansen", **{"x-amzn-RequestId": "req-9"})
    server.reply(token(), refused, CUT)
    with connect(server) as amazon:
        for kind in (Rejected, Unclear):
            with pytest.raises(kind):
                amazon.confirm_shipment(CONFIRMATION)
    for text in (*secrets, *bodies):
        assert text not in caplog.text
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("amazon")]
    assert ours == [
        "POST /auth/o2/token: 200 ",
        f"POST {PATH}: 400 req-9",
        f"POST {PATH}: Unclear('cut')",
    ]


def test_the_librarys_own_debug_lines_are_shut(caplog):
    for name in ("sp_api.base.client", "sp_api.auth.access_token_client"):
        caplog.set_level(logging.DEBUG, logger=name)
        logging.getLogger(name).debug("Request Headers: %s", "token")
    assert caplog.records == []


def test_errors_and_credentials_show_no_secret(server):
    error = failure(server, CUT)
    seen = error
    while seen is not None:
        assert "Atza" not in repr(vars(seen))
        seen = seen.__cause__
    assert error.__suppress_context__
    assert "client-secret-1" not in repr(CREDENTIALS) + str(CREDENTIALS)


# Reading parcels back


def page(*orders, next_token=None):
    told = {"orders": list(orders)}
    return as_json(
        told | ({"pagination": {"nextToken": next_token}} if next_token else {})
    )


def packed(order_ref, **package):
    package = {
        "packageReferenceId": "17",
        "carrier": "PostNL",
        "trackingNumber": "3SABCD1234567",
        "packageItems": [{"orderItemId": "00000000000017", "quantity": 2}],
    } | package
    return {"orderId": order_ref, "packages": [package]}


def read_back(server, *replies):
    login._cache = login._TokenCache()
    server.reply(token(), *replies)
    since = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    with connect(server) as amazon:
        found = amazon.read_packages(["A1805IZSGTT6HS", "AMEN7PMS3EDWL"], since)
        return tuple(found)


def test_parcels_are_read_back_page_by_page(server):
    first = page(packed("402-0000001-0000001"), next_token="to/ken+2=")
    second = page(packed("402-0000002-0000002", packageReferenceId="18"))
    found = read_back(server, first, second)
    assert [(p.order_ref, p.package_ref, p.quantities) for p in found] == [
        ("402-0000001-0000001", "17", {"00000000000017": 2}),
        ("402-0000002-0000002", "18", {"00000000000017": 2}),
    ]
    queries = [parse_qs(urlsplit(a.target).query) for a in server.asked[1:]]
    assert "paginationToken" not in queries[0]
    assert queries[1]["paginationToken"] == ["to/ken+2="]


def test_each_page_of_parcels_is_claimed_before_it_is_asked_for(server):
    login._cache = login._TokenCache()
    server.reply(token(), page(packed("402-0000001-0000001"), next_token="two"))
    claims = []

    def claim():
        if claims:
            raise Throttled(60)
        claims.append(len(server.asked))

    found = []
    with connect(server) as amazon, pytest.raises(Throttled):
        found.extend(amazon.read_packages(["A1"], CONFIRMATION.ship_date, claim))
    assert len(found) == 1
    assert claims == [0]


def test_markets_are_asked_for_under_one_name_only(server):
    """Left to itself, the library adds the marketplace in four spellings."""
    read_back(server, page())
    query = parse_qs(urlsplit(server.asked[1].target).query)
    assert query["marketplaceIds"] == ["A1805IZSGTT6HS,AMEN7PMS3EDWL"]
    assert [name for name in query if "arketplace" in name] == ["marketplaceIds"]
    assert query["lastUpdatedAfter"] == ["2026-11-20T08:30:00Z"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503, HTML), Unavailable),
        (Reply(429), Throttled),
        (as_json({"message": "Forbidden"}, 403), Unauthorized),
        (refusal(403, "Unauthorized"), MissingRole),
        (Reply(200, HTML), Unclear),
        (Reply(200), Unclear),
        (Reply(200, b'{"orders": ['), Unclear),
        (Reply(200, b'{"orders": []}', announce=99), Unclear),
        (Reply(200, b"\xff\xfe"), Unclear),
        (as_json([]), Unclear),
        (as_json("orders"), Unclear),
        (as_json({}), Unclear),
        (as_json({"orders": [], "errors": [{"code": "x"}]}), Unclear),
        (Reply(204), Unclear),
    ],
)
def test_a_failed_search_is_never_taken_for_no_orders(server, reply, kind):
    with pytest.raises(AmazonError) as caught:
        read_back(server, reply)
    assert type(caught.value) is kind


def test_what_was_read_before_a_failure_is_kept(server):
    login._cache = login._TokenCache()
    first = page(packed("402-0000001-0000001"), next_token="two")
    server.reply(token(), first, Reply(429))
    found = []
    with connect(server) as amazon, pytest.raises(Throttled):
        found.extend(amazon.read_packages(["A1"], CONFIRMATION.ship_date))
    # extend() keeps what came before the error.
    assert [package.order_ref for package in found] == ["402-0000001-0000001"]


def read_one(server, *replies):
    login._cache = login._TokenCache()
    server.reply(token(), *replies)
    with connect(server) as amazon:
        return amazon.read_order_packages("402-0000001-0000001")


def test_the_parcels_of_one_order_are_read(server):
    (package,) = read_one(server, as_json({"order": packed("402-0000001-0000001")}))
    assert (package.package_ref, package.tracking_number) == ("17", "3SABCD1234567")
    asked = urlsplit(server.asked[-1].target)
    assert asked.path == "/orders/2026-01-01/orders/402-0000001-0000001"
    assert parse_qs(asked.query) == {"includedData": ["PACKAGES"]}


def test_an_order_without_parcels_has_none(server):
    assert (
        read_one(server, as_json({"order": {"orderId": "402-0000001-0000001"}})) == ()
    )


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503, HTML), Unavailable),
        (Reply(200, HTML), Unclear),
        (as_json({}), Unclear),
        (refusal(404, "NotFound"), NotFound),
    ],
)
def test_a_failed_look_at_an_order_is_never_taken_for_no_parcels(server, reply, kind):
    with pytest.raises(AmazonError) as caught:
        read_one(server, reply)
    assert type(caught.value) is kind


def test_an_endless_answer_is_given_up(server, monkeypatch):
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 100_000)
    assert read_back(server, Reply(200, b'{"orders": []' + b" " * 50_000 + b"}")) == ()
    with pytest.raises(Unclear):
        read_back(server, Reply(200, b'{"orders": []' + b" " * 200_000 + b"}"))


def test_the_query_of_a_search_is_logged_by_nobody(server, caplog):
    caplog.set_level(1)
    read_back(server, page(next_token="page-two"), page())
    assert "page-two" not in caplog.text
    assert "2026-11-20" not in caplog.text
    seen = [
        r.name for r in caplog.records if "/orders/2026-01-01/orders" in r.getMessage()
    ]
    assert {"amazon.transport", "urllib3.connectionpool"} <= set(seen)


def test_the_queries_of_others_are_left_alone(caplog):
    caplog.set_level(1)
    line = '%s://%s:%s "%s %s %s" %s %s'
    args = ("https", "example.org", 443, "GET", "/a?b=c", "HTTP/1.1", 200, 5)
    logging.getLogger("urllib3.connectionpool").debug(line, *args)
    assert "/a?b=c" in caplog.text


def test_a_certificate_that_is_not_trusted_means_that_nothing_was_sent():
    refused = ssl.SSLCertVerificationError("self-signed certificate")
    wrapped = MaxRetryError(None, "/", SSLError(refused))
    error = transport._failure(requests.exceptions.SSLError(wrapped))
    assert isinstance(error, Unavailable)
    assert error.reason == "tls"
