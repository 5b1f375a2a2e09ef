"""The guards of all tests hold: each of these would pass without them."""

import asyncio
import http.client
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
import requests

from devtools.network_guard import OutsideRefused, is_loopback

ROOT = Path(__file__).parents[1]
# Addresses for documentation: nobody listens there.
ADDRESS, ADDRESS_6, NAME = "192.0.2.1", "2001:db8::1", "example.com"
REFUSED = r"network_guard: refused: a connection to {} would leave this machine"


@pytest.mark.parametrize("get", [requests.get, httpx.get])
@pytest.mark.parametrize("host", [ADDRESS, f"[{ADDRESS_6}]", NAME])
@pytest.mark.expected_log("network_guard: refused")
def test_http_library_cannot_leave_the_machine(get, host):
    with pytest.raises(OutsideRefused):
        get(f"http://{host}/", timeout=5)


@pytest.mark.expected_log("network_guard: refused")
def test_asynchronous_connection_cannot_leave_the_machine():
    # In a thread of its own: a browser of an earlier test has a loop running here.
    with ThreadPoolExecutor() as pool, pytest.raises(OutsideRefused):
        pool.submit(asyncio.run, asyncio.open_connection(ADDRESS, 80)).result()


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
@pytest.mark.parametrize(
    "family, host", [(socket.AF_INET, ADDRESS), (socket.AF_INET6, ADDRESS_6)]
)
@pytest.mark.expected_log("network_guard: refused")
def test_socket_cannot_connect_to_another_machine(method, family, host):
    with socket.socket(family) as plain, pytest.raises(OutsideRefused):
        getattr(plain, method)((host, 80))


@pytest.mark.expected_log("network_guard: refused")
def test_datagram_cannot_leave_the_machine():
    with socket.socket(type=socket.SOCK_DGRAM) as plain:
        with pytest.raises(OutsideRefused):
            plain.sendto(b"who is there?", (ADDRESS, 53))


@pytest.mark.expected_log(REFUSED.format(NAME))
def test_name_is_not_looked_up():
    with pytest.raises(OutsideRefused):
        socket.getaddrinfo(NAME, 443)


@pytest.mark.expected_log("network_guard: refused")
def test_refusal_is_no_error_that_clients_of_http_take_for_an_outage():
    with pytest.raises(OutsideRefused) as caught:
        http.client.HTTPConnection(ADDRESS, timeout=5).connect()
    assert not isinstance(caught.value, OSError)


def test_connections_on_this_machine_are_let_through():
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            port = server.getsockname()[1]
            with socket.create_connection((host, port), 5) as plain:
                assert plain.getpeername() == ("127.0.0.1", port)


@pytest.mark.parametrize(
    "host, expected",
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        (b"localhost", True),
        ("", True),
        (None, True),
        (ADDRESS, False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        (ADDRESS_6, False),
        ("::ffff:192.0.2.1", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback_is_told_from_other_hosts(host, expected):
    assert is_loopback(host) is expected


LEAVE = f"""
import sys
for name in ("requests", "httpx"):
    try:
        __import__(name).get("http://{ADDRESS}/", timeout=5)
    except Exception as error:
        print(name, type(error).__name__, sys.argv[1:])
"""


def test_odoo_that_tests_start_cannot_leave_the_machine(tmp_path):
    script = tmp_path / "odoo"
    script.write_text(LEAVE)
    done = subprocess.run(
        [sys.executable, "-m", "devtools.guarded_odoo", script, "-d", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "requests OutsideRefused ['-d', 'demo']",
        "httpx OutsideRefused ['-d', 'demo']",
    ]
    assert done.stderr.count(f"a connection to {ADDRESS} would leave") == 2


# What the guards do to tests is seen from outside, in a session of its own.

SESSION = f"""
import logging
import threading
import unittest

import pytest
import requests


def test_passes_with_a_log_line_at_info():
    logging.info("fine")


def test_fails_with_a_warning():
    logging.warning("odd")


def test_fails_with_an_error_of_a_named_logger():
    logging.getLogger("a.b").error("bad")


def test_fails_with_a_warning_of_another_thread():
    thread = threading.Thread(target=logging.warning, args=["odd"])
    thread.start()
    thread.join()


def test_fails_with_a_refused_connection_that_was_swallowed():
    try:
        requests.get("http://{ADDRESS}/")
    except Exception:
        pass


@pytest.fixture
def noisy_before():
    logging.warning("odd")


def test_fails_with_a_warning_of_its_fixture(noisy_before):
    pass


@pytest.fixture
def noisy_after():
    yield
    logging.warning("odd")


def test_fails_with_a_warning_when_its_fixture_ends(noisy_after):
    pass


@pytest.mark.expected_log("WARNING root: odd")
def test_passes_with_the_expected_warning():
    logging.warning("odd")


@pytest.mark.expected_log("odd")
@pytest.mark.expected_log("even")
def test_passes_with_two_expected_warnings():
    logging.warning("odd")
    logging.warning("even")


@pytest.mark.expected_log("odd")
def test_fails_with_another_warning_than_expected():
    logging.warning("odd")
    logging.warning("even")


@pytest.mark.expected_log("odd")
def test_fails_without_the_expected_warning():
    pass


@pytest.mark.expected_log("odd")
def test_fails_with_a_person_in_the_log():
    logging.warning("odd Siem Ooievaar")


def test_fails_with_a_secret_in_a_quiet_line():
    logger = logging.getLogger("a")
    logger.setLevel(logging.DEBUG)
    logger.debug("token %s", "Atzr|standin-A1")


class Test(unittest.TestCase):
    def test_passes_with_an_asserted_warning(self):
        with self.assertLogs("a", "WARNING"):
            logging.getLogger("a").warning("odd")

    def test_fails_with_a_warning_in_a_test_case(self):
        logging.getLogger("a").warning("odd")
"""
CASES = re.findall(r"def (test_\w+)", SESSION)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """ "passed" or "failed" by the name of each test of the session."""
    folder = tmp_path_factory.mktemp("session")
    (folder / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    (folder / "test_it.py").write_text(SESSION)
    report = folder / "report.xml"
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:odoo"),
            *(
                "-p",
                "no:cacheprovider",
                "--rootdir",
                folder,
                f"--junitxml={report}",
                folder,
            ),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = {case.get("name") for case in cases if len(case)}
    names = {case.get("name") for case in cases}
    return {name: "failed" if name in failed else "passed" for name in names}


@pytest.mark.parametrize("name", CASES)
def test_guards_decide_whether_a_test_passes(outcomes, name):
    assert outcomes[name] == ("passed" if "_passes_" in name else "failed")
