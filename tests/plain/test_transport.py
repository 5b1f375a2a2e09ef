"""The one door to a carrier: what it lets through, what it makes of each failure."""

import gzip
import ipaddress
import logging
import socket
import ssl
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import requests
from amazon.errors import Unavailable as AmazonUnavailable
from amazon.transport import StrictTransport
from carriers.errors import Throttled, Unauthorized, Unavailable, Unclear
from carriers.transport import (
    Answer,
    Limits,
    Transport,
    check_status,
    check_url,
    is_loopback,
    retry_after,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.plain.scripted_server import CUT, HANG, Reply, ScriptedServer, as_json

SECRET = "c2VjcmV0LWtleQ=="


@pytest.fixture
def server():
    with ScriptedServer() as running:
        yield running


def transport(url, **options):
    options.setdefault("timeout", (2, 5))
    headers = {"User-Agent": "Test/1.0"}
    authorization = f"bearer {SECRET}"
    return Transport(url, authorization=authorization, headers=headers, **options)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.myparcel.nl",
        "https://api.myparcel.nl:8443/base",
        "http://127.0.0.1:8080",
        "http://127.8.9.10",
        "http://localhost:1",
        "http://[::1]:8080",
    ],
)
def test_an_encrypted_or_loopback_address_is_accepted(url):
    assert check_url(url + "/") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.myparcel.nl",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "http://192.168.1.4",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "//api.myparcel.nl",
        "api.myparcel.nl",
        "https://user:word@api.myparcel.nl",
        "https://api.myparcel.nl/?x=1",
        "https://api.myparcel.nl/#x",
        "https://api.myparcel.nl:99999",
        "https://api.myparcel.nl:0",
        "https://[bad",
        "",
    ],
)
def test_any_other_address_is_refused_before_anything_is_sent(url):
    with pytest.raises(Unavailable) as caught:
        transport(url)
    assert caught.value.reason == "url"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("", False)]
    + [("example.com", False), ("10.0.0.1", False), ("localhost.", False)],
)
def test_loopback_is_told_by_name_or_number(host, loopback):
    assert is_loopback(host) is loopback


def test_an_answer_carries_status_headers_and_body(server):
    server.reply(Reply(418, b"short", {"X-Kind": "teapot"}))
    answer = transport(server.url).request("GET", "/a?b=c;d")
    assert (answer.status, answer.body) == (418, b"short")
    assert answer.headers["x-kind"] == "teapot"


def test_the_target_goes_over_the_wire_as_it_was_written(server):
    server.reply(Reply())
    target = "/shipment_labels/1;2;3?format=A4&positions=1;2&q=a%3Ab%20c"
    transport(server.url).request("GET", target)
    assert server.asked[0].target == target


def test_the_key_of_a_netrc_file_does_not_replace_ours(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.reply(Reply())
    transport(server.url).request("GET", "/")
    assert server.asked[0].headers["Authorization"] == f"bearer {SECRET}"


def test_a_proxy_of_the_environment_is_not_used_for_loopback(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server.reply(Reply())
    assert transport(server.url).request("GET", "/").status == 200


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_refused_connection_is_unavailable():
    with pytest.raises(Unavailable) as caught:
        transport(f"http://127.0.0.1:{free_port()}").request("POST", "/", body=b"x")
    assert caught.value.reason == "connect"


def test_an_unknown_host_is_unavailable(monkeypatch):
    def no_such_name(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(Unavailable) as caught:
        transport("https://no-such-host.invalid").request("POST", "/", body=b"x")
    assert caught.value.reason == "connect"


def test_a_server_that_speaks_no_tls_never_gets_the_request(server):
    secure = server.url.replace("http:", "https:")
    with pytest.raises((Unavailable, Unclear)):
        transport(secure).request("POST", "/", body=b"x")
    assert server.asked == []


def make_certificate(path):
    """One for this machine that vouches for itself, with its key, in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    written = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(written + certificate.public_bytes(pem))
    return path


def test_a_server_that_nobody_vouches_for_never_gets_the_request(tmp_path):
    certificate = make_certificate(tmp_path / "server.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with ScriptedServer(context) as server:
        with pytest.raises(Unavailable):
            transport(server.url).request("POST", "/", body=b"x")
        with pytest.raises(AmazonUnavailable) as caught:
            StrictTransport((2, 5)).exchange("GET", server.url, None, None, {})
        assert caught.value.reason == "tls"
        assert server.asked == []
        # Who trusts it is answered.
        server.reply(Reply(204))
        answer = requests.get(server.url, verify=str(certificate), timeout=5)
        assert answer.status_code == 204


def test_no_answer_in_time_is_unclear(server):
    server.reply(HANG)
    with pytest.raises(Unclear) as caught:
        transport(server.url, timeout=(2, 0.2)).request("POST", "/", body=b"x")
    assert caught.value.reason == "timeout"
    assert len(server.asked) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_cut_connection_is_unclear_and_asked_once(server, method):
    server.reply(CUT)
    with pytest.raises(Unclear) as caught:
        transport(server.url).request(method, "/")
    assert caught.value.reason == "cut"
    assert len(server.asked) == 1


def test_half_a_body_is_unclear(server):
    server.reply(Reply(200, b"%PDF-1.4 half", announce=1000))
    with pytest.raises(Unclear) as caught:
        transport(server.url).request("GET", "/")
    assert caught.value.reason == "cut"


def test_a_compressed_body_is_decoded(server):
    packed = gzip.compress(b'{"data": 1}')
    server.reply(Reply(200, packed, {"Content-Encoding": "gzip"}))
    assert transport(server.url).request("GET", "/").json() == {"data": 1}


def test_a_body_that_only_claims_to_be_compressed_is_unclear(server):
    server.reply(Reply(200, b"plain", {"Content-Encoding": "gzip"}))
    with pytest.raises(Unclear) as caught:
        transport(server.url).request("GET", "/")
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize("packed", [True, False])
def test_a_body_larger_than_the_limit_is_not_read_to_its_end(server, packed):
    body = b"0" * 1_000_000
    headers = {"Content-Encoding": "gzip"} if packed else {}
    server.reply(Reply(200, gzip.compress(body) if packed else body, headers))
    with pytest.raises(Unclear) as caught:
        transport(server.url, limits=Limits(bytes=10_000)).request("GET", "/")
    assert caught.value.reason == "too_large"


def test_a_body_that_takes_too_long_is_unclear(server):
    server.reply(Reply(200, b"0" * 100_000))
    with pytest.raises(Unclear) as caught:
        transport(server.url, limits=Limits(seconds=-1)).request("GET", "/")
    assert caught.value.reason == "timeout"


def test_a_body_of_amazons_that_takes_too_long_is_not_whole(server, monkeypatch):
    server.reply(*[Reply(200, b"0" * 100_000)] * 2)
    amazon = StrictTransport((2, 5))
    assert amazon.exchange("GET", server.url, None, None, {}).whole
    monkeypatch.setattr("amazon.transport.MAX_ANSWER_SECONDS", -1)
    answer = amazon.exchange("GET", server.url, None, None, {})
    assert not answer.whole
    assert len(answer.content) < 100_000


def test_a_redirect_on_the_same_host_is_followed_for_a_get(server):
    server.reply(Reply(302, b"", {"Location": "/there"}), Reply(200, b"here"))
    assert transport(server.url).request("GET", "/").body == b"here"
    assert [asked.target for asked in server.asked] == ["/", "/there"]


def test_a_redirect_to_another_host_is_not_followed(server):
    with ScriptedServer() as other:
        server.reply(Reply(302, b"", {"Location": other.url}))
        with pytest.raises(Unclear) as caught:
            transport(server.url).request("GET", "/")
        assert caught.value.reason == "redirect"
        assert other.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_post_is_not_followed(server, status):
    server.reply(Reply(status, b"", {"Location": "/there"}))
    with pytest.raises(Unclear) as caught:
        transport(server.url).request("POST", "/", body=b"x")
    assert caught.value.reason == "redirect"
    assert len(server.asked) == 1


@pytest.mark.parametrize("location", ["http://[bad", "https://x:bad/", "//other.test"])
def test_a_redirect_to_nowhere_is_unclear(server, location):
    server.reply(Reply(302, b"", {"Location": location}))
    with pytest.raises(Unclear):
        transport(server.url).request("GET", "/")


def test_a_redirect_in_a_circle_ends(server):
    server.reply(*[Reply(302, b"", {"Location": "/"})] * 10)
    with pytest.raises(Unclear) as caught:
        transport(server.url).request("GET", "/")
    assert caught.value.reason == "redirect"
    assert len(server.asked) < 6


def test_neither_key_nor_body_nor_query_reaches_the_log_or_the_error(server, caplog):
    caplog.set_level(logging.DEBUG)
    server.reply(as_json({"who": "Eva Geheim"}), CUT)
    door = transport(server.url)
    answer = door.request("POST", "/shipments?q=hidden", body=b"Eva Geheim")
    with pytest.raises(Unclear) as caught:
        door.request("POST", "/shipments?q=hidden", body=b"Eva Geheim")
    ours = [record for record in caplog.records if record.name.startswith("carriers")]
    assert len(ours) == 2
    assert "POST 127.0.0.1/shipments: 200" in ours[0].getMessage()
    assert "cut" in ours[1].getMessage()
    assert "hidden" not in "".join(record.getMessage() for record in ours)
    shown = caplog.text + repr(answer) + repr(caught.value) + str(caught.value)
    assert "Geheim" not in shown
    assert SECRET not in shown
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (401, Unauthorized, "key"),
        (403, Unauthorized, "permission"),
        (429, Throttled, "throttled"),
        (408, Unclear, "server_error"),
        (500, Unclear, "server_error"),
        (502, Unclear, "server_error"),
        (599, Unclear, "server_error"),
    ],
)
def test_a_status_of_general_meaning_becomes_its_error(status, error, reason):
    with pytest.raises(error) as caught:
        check_status(Answer(status, {}, b""))
    assert caught.value.reason == reason


@pytest.mark.parametrize("status", [200, 204, 302, 400, 402, 404, 422])
def test_other_statuses_are_left_to_the_client(status):
    assert check_status(Answer(status, {}, b"")) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 17 ", 17.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
        ("soon", None),
        ("-3", None),
        ("²", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value, seconds):
    assert retry_after({"Retry-After": value}) == seconds


def test_retry_after_in_the_future_counts_from_now():
    soon = datetime.now(timezone.utc) + timedelta(seconds=60)
    assert 50 < retry_after({"Retry-After": format_datetime(soon, usegmt=True)}) <= 60


@pytest.mark.parametrize(
    "value",
    ["Fri, 31 Dec 9999 23:59:59 GMT", "31536000", "9" * 400],
    ids=["date", "year", "endless"],
)
def test_a_retry_after_that_is_never_lets_nobody_wait_for_ever(value):
    assert retry_after({"Retry-After": value}) == 3600


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 200_000])
def test_an_answer_that_is_no_json_is_unclear(body):
    with pytest.raises(Unclear) as caught:
        Answer(200, {}, body).json()
    assert caught.value.reason == "unreadable"
