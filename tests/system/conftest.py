"""The frame of the whole-system tests: a real Odoo, a real Chromium, the stand-ins.

Each test has a database of its own, copied from the template, and an Odoo process with
cron threads and real commits. The stand-ins live in the test's process, so that a test
can look into them, and have them kill Odoo at a chosen moment.
"""

from __future__ import annotations

import contextlib
import os
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from devtools import database
from devtools.environment import use
from devtools.paths import DEV, LOGS
from devtools.processes import OdooServer
from tests.driver.browsing import Browsing
from tests.driver.client import OdooClient
from tests.driver.shop import USER, create_user, set_up
from tests.standins import Standins

LAST_LINES = 60
# A machine may be slow; nothing waits longer than it has to.
PATIENCE_MS = 60_000

expect.set_options(timeout=PATIENCE_MS)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "expected_odoo_log(pattern): such lines of Odoo's log are no failure"
    )


# Two requests of Discuss meet in core, which repeats one; every page in Chromium asks.
CORE = r'odoo\.sql_db: bad query: UPDATE "?discuss_channel_member'


@pytest.fixture(scope="session")
def environment():
    with use() as ready:
        yield ready


@contextlib.contextmanager
def own_database(environment, name):
    """A database with the addon; gives its full name."""
    with database.temporary(environment, name) as copied:
        # Due two hours after the template was made, whatever is being tested then.
        environment.server.query(
            "UPDATE digest_digest SET state = 'deactivated'", copied
        )
        yield copied


@pytest.fixture
def odoo_database(environment):
    """The full name of a database with the addon, for this test alone."""
    with own_database(environment, "system") as name:
        yield name


@pytest.fixture
def server(environment, odoo_database, request):
    with serving(environment, odoo_database, request.node) as running:
        yield running


@contextlib.contextmanager
def serving(environment, database, node, suffix="", arguments=()):
    """A running Odoo; it fails when its log has a line at WARNING or above.

    ``node`` is the test, or the module of tests, that it is for; ``suffix`` tells apart
    the servers of one test.
    """
    name = re.sub(r"\W+", "_", node.name) + suffix
    log = LOGS / "system" / f"{name}.{os.getpid()}.log"
    log.unlink(missing_ok=True)
    running = OdooServer(environment, database, log, arguments=arguments)
    node.odoo_log, node.failed = log, False
    running.start()
    try:
        yield running
        # Looked at before the end: that interrupts whatever core is doing meanwhile.
        marks = node.iter_markers("expected_odoo_log")
        complaints = running.complaints([CORE, *(mark.args[0] for mark in marks)])
    finally:
        running.stop()
    assert not complaints, f"Odoo complained, read {log}"
    if not node.failed:
        log.unlink()


@pytest.fixture
def standins():
    """Amazon, MyParcel and GLS; the test fails when one was asked wrongly."""
    with Standins(rates="fast") as running:
        yield running
        assert running.violations == []


@pytest.fixture
def admin(server):
    return OdooClient(server.url, server.database, "admin", "admin")


@pytest.fixture
def shop_id(admin, standins):
    """A shop connected to the stand-ins, its keys entered."""
    return set_up(admin, standins.connection())


@pytest.fixture
def clerk(server, admin):
    """A user of the group Amazon User and no other; the password is the login."""
    create_user(admin, "clerk", USER, name="Wil Magazijn")
    return OdooClient(server.url, server.database, "clerk", "clerk")


@pytest.fixture(scope="session")
def chromium(environment):
    """The environment's Chromium; it finds no host but this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=environment.variables()["CHROMIUM"],
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def browsing(chromium, server, request):
    """Pages of users who log in: ``browsing.log_in("clerk", "clerk")``.

    The test fails when a page has an error in its script or on its console.
    """
    opened = Browsing(chromium, server.url, DEV / "screenshots")
    request.node.browsing = opened
    yield opened
    opened.close()
    assert opened.errors == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        served = item if hasattr(item, "odoo_log") else item.getparent(pytest.Module)
        served.failed = True
        if browsing := getattr(item, "browsing", None):
            browsing.take_pictures(f"failed-{item.name}")
        log = getattr(served, "odoo_log", None)
        # What fails after Odoo has ended well finds its log gone.
        if log and log.is_file():
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            report.sections.append(("Odoo's log", "\n".join(lines[-LAST_LINES:])))
    return report
