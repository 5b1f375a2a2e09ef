"""Odoo dies again and again while it makes labels with two carriers.

CRASH_MOMENTS says how often; the orders are four times as many, and one. A quarter of
an hour takes 50 of them.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import datetime, timezone

import pytest

from tests.driver.main_job import MainJob
from tests.driver.shop import POSTNL, connect_gls, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report

from .test_gls_crashes import bought, decide, read_parcels

MOMENTS = int(os.environ.get("CRASH_MOMENTS", "5"))
# More than a label run does inside a request: that is not resumed.
ORDERS = 4 * MOMENTS + 1
LONGEST_LIFE = 1.5
CONCEPT = 1
# What was killed three times Odoo takes for a job that never ends.
TIMED_OUT = r"odoo\.addons\.base\.models\.ir_cron: Job '.*' .*timed out"


@pytest.mark.expected_odoo_log(TIMED_OUT)
def test_whenever_odoo_dies_nothing_is_bought_twice_lost_or_shipped_without_a_label(
    server, standins, admin, shop_id, clerk
):
    connect_gls(admin, standins.connection(), shop_id, gls_connections=4)
    put_in_stock(admin, PRODUCTS)
    standins.gls.faults.add("Label/Create", "latency", seconds=0.2, times=None)
    standins.myparcel.faults.add("*", "latency", seconds=0.2, times=None)
    job = MainJob(clerk, shop_id)
    chance = random.Random(ORDERS)
    killed, runs = 0, []
    while killed < MOMENTS:
        runs.append(begin_run(server, standins, admin, job, seed=len(runs)))
        killed += kill_at_random(server, clerk, runs[-1], chance, MOMENTS - killed)
    for run_id in runs:
        finish(server, standins, clerk, job, run_id)

    deliveries = clerk.search("stock.picking", [("amazon_shop_id", "=", shop_id)])
    states = clerk.read("stock.picking", deliveries, "state", "carrier_tracking_ref")
    labelled = [
        parcel for run in runs for parcel in read_parcels(clerk, run, "labelled")
    ]
    labels = bought_by_reference(standins)
    twice = [reference for reference, count in labels.items() if count > 1]
    lost = labels.keys() - {parcel["reference"] for parcel in labelled}
    shipped = {told["id"] for told in states if told["state"] == "done"}
    bare = shipped - {parcel["picking_id"] for parcel in labelled}
    print(
        f"Figures: Odoo killed at {killed} moments, {len(deliveries)} labels:"
        f" {len(twice)} bought twice, {len(lost)} lost, {len(bare)} deliveries shipped"
        " without a label"
    )
    assert (twice, lost, bare) == ([], set(), set())
    assert {told["state"] for told in states} == {"done"}
    assert all(told["carrier_tracking_ref"] for told in states)
    assert len(labelled) == len(deliveries) == ORDERS * len(runs)


def begin_run(server, standins, admin, job, seed) -> int:
    """Import orders, half for each carrier; their run, started."""
    report = make_report(ORDERS, datetime.now(timezone.utc), seed=2026 + seed)
    standins.amazon.orders.load_report(report)
    known = job.deliveries()
    import_id = job.check(report)
    job.start_import(import_id)
    server.work_until(lambda: job.has_imported(import_id), 120, "the import")
    new = [delivery for delivery in job.deliveries() if delivery not in known]
    admin.write("stock.picking", new[::2], carrier_id=admin.ref(POSTNL))
    run_id = job.create_labels(new)
    job.start_labels(run_id)
    return run_id


def kill_at_random(server, clerk, run_id, chance, most) -> int:
    """Kill and start Odoo until the run is finished; how often."""
    for killed in range(most):
        death = time.monotonic() + chance.uniform(0, LONGEST_LIFE)
        server.work_until(
            lambda death=death: time.monotonic() > death or is_over(clerk, run_id),
            60,
            "a moment",
        )
        if is_over(clerk, run_id):
            return killed
        os.killpg(server.pid, signal.SIGKILL)
        server.start()
    return most


def is_over(clerk, run_id) -> bool:
    return clerk.read("delivery.label.run", run_id, "state")["state"] in (
        "done",
        "stopped",
    )


def finish(server, standins, clerk, job, run_id) -> None:
    """Let the run end, decide what only a person can, and label the rest."""
    server.work_until(lambda: is_over(clerk, run_id), 300, "the labels")
    for parcel in read_parcels(clerk, run_id, "unclear"):
        decide(clerk, standins, parcel)
    job.start_labels(run_id)
    server.work_until(lambda: job.has_labelled(run_id), 300, "the rest")


def bought_by_reference(standins) -> Counter:
    """How many labels each reference has, at both carriers."""
    registered = (
        shipment.reference
        for shipment in standins.myparcel.shipments.values()
        if shipment.status != CONCEPT
    )
    return bought(standins) + Counter(registered)
