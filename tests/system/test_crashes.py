"""Odoo's process dies in the middle of a label run: nothing is bought twice or lost.

The stand-in kills the process group at a chosen moment of the n-th of some requests:
before it acts, when it has acted, or when its answer is with Odoo's machine.
"""

from __future__ import annotations

from datetime import datetime, timezone

from devtools.waiting import wait_until
from tests.driver import checks
from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report, read_report

# Two chunks, and more than a label run does inside a request.
ORDERS = 21
STEPS = ("POST /shipments", "GET /shipment_labels", "GET /shipments/{ids}")
MOMENTS = ("before", "after", "answered")


def test_label_run_finishes_after_a_crash_at_any_moment_and_buys_each_label_once(
    server, standins, admin, shop_id, clerk
):
    crashes = [(step, moment) for step in STEPS for moment in MOMENTS]
    report = make_report(ORDERS * len(crashes), datetime.now(timezone.utc))
    expected = read_report(report)
    standins.amazon.orders.load_report(report)
    put_in_stock(admin, PRODUCTS)
    job = MainJob(clerk, shop_id)
    job.start_import(job.check(report))
    deliveries = job.deliveries()
    for number, (step, moment) in enumerate(crashes):
        selected, deliveries = deliveries[:ORDERS], deliveries[ORDERS:]
        run_id = job.create_labels(selected)
        # Of the first chunk, or of the second one.
        fault = standins.myparcel.faults.add(
            step, "kill", moment=moment, nth=1 + number % 2, pid=server.pid
        )
        job.start_labels(run_id)
        what = f"the crash at {step} {moment}"
        wait_until(lambda: not server.is_running(), 60, what)
        assert fault.played == 1, what

        server.start()
        server.work_until(
            lambda run_id=run_id: job.has_labelled(run_id), 120, f"labels after {what}"
        )
        told = clerk.read("stock.picking", selected, "origin", "state")
        assert {delivery["state"] for delivery in told} == {"done"}, what
        orders = {delivery["origin"] for delivery in told}
        myparcel = shipments_of(orders, standins.myparcel.state())
        differences = checks.compare_labels(
            {order: expected[order] for order in orders}, myparcel, job.labels(run_id)
        )
        assert list(differences) == [], what
    assert deliveries == []

    server.work_until(lambda: not job.confirmations("to_push"), 120, "the push")
    amazon, myparcel = standins.amazon.state(), standins.myparcel.state()
    assert shipments_of(expected, myparcel) == myparcel
    assert list(checks.compare_confirmations(expected, amazon, myparcel)) == []


def shipments_of(orders, myparcel) -> dict:
    """What MyParcel holds for these orders."""
    return myparcel | {
        "shipments": [
            shipment
            for shipment in myparcel["shipments"]
            if shipment["request"]["reference_identifier"].startswith(tuple(orders))
        ]
    }
