"""Odoo's process dies in the middle of a label run: nothing is bought twice or lost.

The stand-in kills the process group at a chosen moment of a chosen request.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from devtools.waiting import wait_until
from tests.driver import checks
from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report, read_report

# Two chunks, and more than a label run does inside a request.
ORDERS = 25


@pytest.mark.parametrize(
    "operation, moment",
    [
        ("POST /shipments", "before"),
        ("POST /shipments", "after"),
        ("GET /shipment_labels", "before"),
        ("GET /shipment_labels", "after"),
        ("GET /shipments/{ids}", "answered"),
    ],
)
def test_label_run_finishes_after_a_crash_and_buys_each_label_once(
    server, standins, admin, shop_id, clerk, operation, moment
):
    report = make_report(ORDERS, datetime.now(timezone.utc))
    expected = read_report(report)
    standins.amazon.orders.load_report(report)
    put_in_stock(admin, PRODUCTS)
    job = MainJob(clerk, shop_id)
    import_id = job.check(report)
    job.start_import(import_id)
    run_id = job.create_labels(job.deliveries())
    fault = standins.myparcel.faults.add(
        operation, "kill", moment=moment, pid=server.pid
    )
    job.start_labels(run_id)
    wait_until(lambda: not server.is_running(), 60, "the crash")
    assert fault.played == 1

    server.start()
    server.work_until(lambda: job.has_labelled(run_id), 120, "the labels")
    pdf = job.labels(run_id)
    myparcel = standins.myparcel.state()
    assert list(checks.compare_labels(expected, myparcel, pdf)) == []
    server.work_until(lambda: not job.confirmations("to_push"), 120, "the push")
    amazon = standins.amazon.state()
    assert list(checks.compare_confirmations(expected, amazon, myparcel)) == []
