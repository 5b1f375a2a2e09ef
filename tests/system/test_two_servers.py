"""Two Odoo servers, each a process of its own, on one database."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from devtools.waiting import wait_until
from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report

from .conftest import serving

# A run of more than twenty, and an import of more than 500, go to the background.
PUSHED_FIRST, LABELLED, LABELLED_LAST, IMPORTED = 20, 60, 40, 501
IMPORT, LABEL, PUSH = "import orders", "create labels", "push tracking"
PUSH_CRON = "amazon_carrier_connector.cron_push_confirmations"
JOB = re.compile(
    r"^(\S+ \S+) .*Job 'Amazon: ([^']+)' \(\d+\) (starting|.*duration)", re.M
)


@pytest.fixture
def servers(environment, odoo_database, request):
    with ExitStack() as stack:
        frames = [
            serving(environment, odoo_database, request.node, suffix)
            for suffix in ("_first", "_second")
        ]
        with ThreadPoolExecutor() as pool:
            running = list(pool.map(stack.enter_context, frames))
        yield running


@pytest.fixture
def server(servers):
    return servers[0]


# Both wake up for the same scheduled action, and one of them is first.
@pytest.mark.expected_odoo_log(r"odoo\.sql_db: bad query")
def test_two_servers_import_label_and_push_at_once_and_do_nothing_twice(
    servers, standins, admin, shop_id
):
    put_in_stock(admin, [replace(one, quantity=10_000) for one in PRODUCTS])
    admin.write("ir.cron", admin.ref(PUSH_CRON), active=False)
    admin.write("amazon.shop", shop_id, push_moment="label")
    jobs = [
        MainJob(OdooClient(one.url, one.database, "admin", "admin"), shop_id)
        for one in servers
    ]
    count = LABELLED + LABELLED_LAST
    deliveries = import_orders(servers[0], standins, jobs[0], 1, count)
    first = label(jobs[0], deliveries[:PUSHED_FIRST])
    assert jobs[0].has_labelled(first)
    assert jobs[0].confirmations("to_push") == PUSHED_FIRST

    # All three at once; the carrier and Amazon take their time.
    for operation in ("POST /shipments", "GET /shipment_labels"):
        standins.myparcel.faults.add(operation, "latency", seconds=1, times=None)
    standins.amazon.faults.add("confirmShipment", "latency", seconds=0.2, times=None)
    import_id = check(standins, jobs[1], 2, IMPORTED)
    jobs[1].start_import(import_id)
    run_id = label(jobs[0], deliveries[PUSHED_FIRST:LABELLED])
    admin.write("ir.cron", admin.ref(PUSH_CRON), active=True)
    servers[0].work_until(
        lambda: (
            jobs[1].has_imported(import_id)
            and jobs[0].has_labelled(run_id)
            and jobs[0].confirmations("pushed", "confirmed") == LABELLED
        ),
        120,
        "the work of both",
    )
    times = read_times(servers)
    for one, other in ((IMPORT, LABEL), (LABEL, PUSH)):
        assert any(meet(mine, its) for mine in times[one] for its in times[other])
    for kind in (IMPORT, LABEL, PUSH):
        assert not [pair for pair in pairs(times[kind]) if meet(*pair)], kind

    # One dies while it labels; the other goes on.
    run_id = label(jobs[0], deliveries[LABELLED:])
    asked = standins.myparcel.count("GET /shipment_labels")
    wait_until(
        lambda: standins.myparcel.count("GET /shipment_labels") > asked,
        60,
        "the first purchase",
        meanwhile=servers[0].wake_cron,
    )
    (dying,) = [one for one in servers if is_at_work(one, LABEL)]
    (living,) = [one for one in servers if one is not dying]
    dying.kill()
    job = jobs[servers.index(living)]
    living.work_until(
        lambda: (
            job.has_labelled(run_id)
            and job.confirmations("pushed", "confirmed") == len(deliveries)
        ),
        120,
        "the rest by the other server",
    )
    assert job.count_all()["amazon.order"] == len(deliveries) + IMPORTED
    bought = [
        one.barcode for one in standins.myparcel.shipments.values() if one.barcode
    ]
    told = [one.order_id for one in standins.amazon.confirmations]
    assert len(bought) == len(deliveries)
    assert set(Counter(told).values()) == {1}
    assert len(told) == len(deliveries)


def check(standins, job, seed, count) -> int:
    report = make_report(count, datetime.now(timezone.utc), seed=seed)
    standins.amazon.orders.load_report(report)
    return job.check(report)


def import_orders(server, standins, job, seed, count) -> list[int]:
    import_id = check(standins, job, seed, count)
    job.start_import(import_id)
    server.work_until(lambda: job.has_imported(import_id), 120, "the import")
    return job.deliveries()


def label(job, deliveries) -> int:
    run_id = job.create_labels(deliveries)
    job.client.write("delivery.label.run", run_id, validate_after=False)
    job.start_labels(run_id)
    return run_id


def read_times(servers) -> dict[str, list[tuple[str, str]]]:
    """When each kind of scheduled action began and ended, on any of the servers."""
    times = {}
    for server in servers:
        begun = {}
        for moment, kind, what in JOB.findall(server.log):
            if what == "starting":
                begun[kind] = moment
            else:
                times.setdefault(kind, []).append((begun.pop(kind), moment))
    return times


def is_at_work(server, kind) -> bool:
    last = [what for __, its, what in JOB.findall(server.log) if its == kind][-1:]
    return last == ["starting"]


def meet(one, other) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def pairs(times):
    ordered = sorted(times)
    return zip(ordered, ordered[1:], strict=False)
