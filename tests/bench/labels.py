"""Labels against what the carrier's connections could do at best.

A real Odoo with its scheduled actions, and the stand-in of a carrier, which takes its
time for each call. At best all connections are always busy: the time of the calls,
divided by the connections. The deliveries are confirmed and reserved before, and not
validated.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from math import ceil
from pathlib import Path

from devtools import database
from devtools.processes import OdooServer
from devtools.waiting import wait_until
from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import connect_gls, put_in_stock, set_up
from tests.driver.unshipped_report import PRODUCTS, make_report
from tests.standins import Standins

from .frame import Figure, Setting, peak_memory
from .in_odoo import run_in_odoo


@dataclass(frozen=True)
class Case:
    """What is asked of a carrier.

    ``calls`` are the operations of one chunk; of a chunk of one label when ``chunk`` is
    1.
    """

    service: str
    calls: tuple[str, ...]
    chunk: int
    connections: int
    count: int

    def best(self, count: int, seconds: float) -> float:
        """Seconds for so many labels when all connections are always busy."""
        chunks = ceil(count / self.chunk)
        return chunks * len(self.calls) * seconds / self.connections


GLS = Case(
    "gls",
    ("Label/Create",),
    chunk=1,
    connections=4,
    count=500,
)
MYPARCEL = Case(
    "myparcel",
    ("POST /shipments", "GET /shipment_labels", "GET /shipments/{ids}"),
    chunk=20,
    connections=2,
    count=1_000,
)
QUICK_COUNT = 40
# Seconds that each call takes.
LATENCIES = 0.3, 0.05
# Labels of a request of its own: only of those Odoo's log tells the queries.
BY_HAND = 20
# Labels that are made one by one to compare with.
ALONE, QUICK_ALONE = 10, 2
REQUEST = re.compile(r"action_start HTTP/\S+ 200 - (\d+) ")
RESERVED_TOGETHER = 200
ONE_BY_ONE = """
import time
deliveries = env["stock.picking"].browse({ids})
started = time.monotonic()
for delivery in deliveries:
    told = delivery.carrier_id.send_shipping(delivery)
    assert told[0]["tracking_number"]
open({result!r}, "w").write(str(time.monotonic() - started))
"""


def run(setting: Setting) -> Iterator[Figure]:
    return _measure(setting, GLS)


def run_myparcel(setting: Setting) -> Iterator[Figure]:
    return _measure(setting, MYPARCEL)


def _measure(setting: Setting, case: Case) -> Iterator[Figure]:
    count, alone = case.count, ALONE
    if setting.quick:
        count, alone = QUICK_COUNT, QUICK_ALONE
    with _scene(setting.environment, case) as scene:
        scene.import_orders(len(LATENCIES) * (count + alone) + BY_HAND)
        queries = scene.label_by_hand(scene.take(BY_HAND))
        yield Figure("SQL queries a label", queries / BY_HAND, "")
        speeds = {}
        for latency in LATENCIES:
            scene.make_labels(scene.take(count), latency)
            yield from scene.figures(count, latency)
            speeds[latency] = scene.a_second
        yield Figure("peak memory of Odoo", peak_memory(scene.odoo.pid), "MB")
        scene.odoo.stop()
        for latency, a_second in speeds.items():
            seconds = scene.label_alone(scene.take(alone), latency)
            yield Figure(
                f"labels a second, {count:,} labels, {latency * 1000:.0f} ms a call",
                a_second * seconds / alone,
                "x",
                "one at a time through send_shipping",
                at_least=15,
            )


@contextmanager
def _scene(environment, case):
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench") as name,
        Standins(rates="fast") as standins,
    ):
        odoo = OdooServer(environment, name, Path(folder) / "odoo.log")
        odoo.start()
        try:
            yield _Scene(odoo, standins, case)
        finally:
            odoo.stop()


class _Scene:
    """One shop that ships with the carrier, in a running Odoo."""

    def __init__(self, odoo: OdooServer, standins: Standins, case: Case):
        self.odoo, self.standins, self.case = odoo, standins, case
        self.service = getattr(standins, case.service)
        admin = OdooClient(odoo.url, odoo.database, "admin", "admin")
        connection = standins.connection()
        shop_id = set_up(admin, connection)
        if case.service == "gls":
            connect_gls(admin, connection, shop_id, gls_connections=case.connections)
        put_in_stock(admin, PRODUCTS)
        # Asks as well, whenever it is due: its calls are none of a label.
        tracking = admin.ref("amazon_carrier_connector.cron_track_parcels")
        admin.write("ir.cron", tracking, active=False)
        self.job = MainJob(admin, shop_id)

    def import_orders(self, count: int) -> None:
        report = make_report(count, datetime.now(timezone.utc))
        self.standins.amazon.orders.load_report(report)
        import_id = self.job.check(report)
        self.job.start_import(import_id)
        self.odoo.work_until(
            lambda: self.job.has_imported(import_id), 600, "the import"
        )
        self._unlabelled = self.job.deliveries()
        for start in range(0, count, RESERVED_TOGETHER):
            together = self._unlabelled[start : start + RESERVED_TOGETHER]
            for method in ("action_confirm", "action_assign"):
                self.job.client.call("stock.picking", method, together)

    def take(self, count: int) -> list[int]:
        """The next deliveries without a label."""
        taken, self._unlabelled = self._unlabelled[:count], self._unlabelled[count:]
        return taken

    def label_by_hand(self, deliveries: list[int]) -> int:
        """Label so few that the request does it; its queries, from Odoo's log."""
        self.job.start_labels(self._create_run(deliveries))
        found = wait_until(lambda: REQUEST.search(self.odoo.log), 10, "the log")
        return int(found[1])

    def make_labels(self, deliveries: list[int], seconds: float) -> None:
        self.service.faults.clear()
        self._slow_down(seconds)
        run_id = self._create_run(deliveries)
        self._calls_before = len(self.service.calls)
        started = time.monotonic()
        self.job.start_labels(run_id)
        self.odoo.work_until(
            lambda: self.job.has_labelled(run_id), 120 + len(deliveries), "the labels"
        )
        self.run_seconds = time.monotonic() - started

    def _create_run(self, deliveries):
        run_id = self.job.create_labels(deliveries)
        self.job.client.write("delivery.label.run", run_id, validate_after=False)
        return run_id

    def _slow_down(self, seconds):
        for operation in self.case.calls:
            self.service.faults.add(operation, "latency", seconds=seconds, times=None)

    def figures(self, count: int, latency: float) -> Iterator[Figure]:
        """From the calls as the carrier saw them."""
        calls = [
            call
            for call in self.service.calls[self._calls_before :]
            if call.operation in self.case.calls
        ]
        needed = ceil(count / self.case.chunk) * len(self.case.calls)
        if len(calls) != needed or self.standins.violations:
            raise RuntimeError(
                f"{len(calls)} calls for {count} parcels, {needed} are needed;"
                f" {self.standins.violations[:3]}"
            )
        seconds = calls[-1].at - calls[0].at + latency
        self.a_second = count / seconds
        name = f"{count:,} labels, {latency * 1000:.0f} ms a call"
        yield Figure(
            f"time, {name}",
            seconds / self.case.best(count, latency),
            "x",
            f"{self.case.connections} connections, always busy",
            at_most=1.3,
        )
        yield Figure(f"labels a second, {name}", self.a_second, "")
        yield Figure(f"whole run with its document, {name}", self.run_seconds, "s")

    def label_alone(self, deliveries: list[int], latency: float) -> float:
        """One label after the other, by the method that core calls; the seconds."""
        self.service.faults.clear()
        self._slow_down(latency)
        with tempfile.NamedTemporaryFile("r") as result:
            script = ONE_BY_ONE.format(ids=deliveries, result=result.name)
            run_in_odoo(self.odoo.environment, self.odoo.database, script)
            return float(result.read())
