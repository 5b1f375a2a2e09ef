"""Odoo dies while GLS makes labels: GLS can repeat nothing, so a person decides."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

import pytest

from devtools.waiting import wait_until
from tests.driver.main_job import MainJob
from tests.driver.shop import connect_gls, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report

CREATE = "Label/Create"
# Two chunks, and more than a label run does inside a request.
ORDERS = 25
CONNECTIONS = 4


@pytest.mark.parametrize("moment", ["before", "after", "answered"])
def test_after_a_crash_at_most_the_calls_in_the_air_are_unclear_and_none_is_repeated(
    server, standins, admin, shop_id, clerk, moment
):
    connect_gls(admin, standins.connection(), shop_id, gls_connections=CONNECTIONS)
    put_in_stock(admin, PRODUCTS)
    job = MainJob(clerk, shop_id)
    report = make_report(ORDERS, datetime.now(timezone.utc))
    standins.amazon.orders.load_report(report)
    import_id = job.check(report)
    job.start_import(import_id)
    run_id = job.create_labels(job.deliveries())
    # Slow enough that several calls are in the air.
    standins.gls.faults.add(CREATE, "latency", seconds=0.2, times=None)
    fault = standins.gls.faults.add(
        CREATE, "kill", nth=7, moment=moment, pid=server.pid
    )
    job.start_labels(run_id)
    wait_until(lambda: not server.is_running(), 60, "the crash")
    assert fault.played == 1

    server.start()
    server.work_until(lambda: job.has_labelled(run_id), 120, "the labels")
    unclear = read_parcels(clerk, run_id, "unclear")
    assert 1 <= len(unclear) <= CONNECTIONS
    assert bought(standins).most_common(1)[0][1] == 1
    for parcel in unclear:
        decide(clerk, standins, parcel)
    job.start_labels(run_id)
    server.work_until(lambda: job.has_labelled(run_id), 120, "the rest")

    labelled = read_parcels(clerk, run_id, "labelled")
    assert len({parcel["picking_id"] for parcel in labelled}) == ORDERS
    numbers = {parcel["reference"]: parcel["tracking_number"] for parcel in labelled}
    assert numbers == {
        unit.unit_id: unit.unit_no for unit in standins.gls.units.values()
    }
    states = clerk.read("stock.picking", job.deliveries(), "state")
    assert {told["state"] for told in states} == {"done"}


def bought(standins) -> Counter:
    """How many labels each reference has."""
    return Counter(unit.unit_id for unit in standins.gls.units.values())


def read_parcels(clerk, run_id: int, state: str) -> list[dict]:
    domain = [("run_id", "=", run_id), ("state", "=", state)]
    ids = clerk.search("delivery.parcel", domain)
    fields = ("reference", "tracking_number", "picking_id")
    return clerk.read("delivery.parcel", ids, *fields)


def decide(clerk, standins, parcel) -> None:
    """Look in the carrier's portal, and say what is there."""
    numbers = [
        unit.unit_no
        for unit in standins.gls.units.values()
        if unit.unit_id == parcel["reference"]
    ]
    # What GLS's tracking shows was found before.
    assert numbers == ([parcel["tracking_number"]] if numbers else [])
    answer = {"answer": "unmade"}
    if numbers:
        answer = {"tracking_number": numbers[0], "without_label": True}
    (decision,) = clerk.create(
        "delivery.parcel.decision", {"parcel_id": parcel["id"], **answer}
    )
    clerk.press("delivery.parcel.decision", decision, "action_decide")
