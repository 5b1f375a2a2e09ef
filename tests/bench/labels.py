"""Labels against what the carrier's connections could do at best.

A real Odoo with its scheduled actions, and the stand-in of a carrier, which takes its
time for each call. At best all connections are always busy: the time of the calls,
divided by the connections.
"""

from __future__ import annotations

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
    1. ``alone`` labels are made one by one to compare with, where that is a target.
    """

    service: str
    calls: tuple[str, ...]
    chunk: int
    connections: int
    seconds: float
    count: int
    quick_count: int
    alone: int = 0

    def best(self, count: int) -> float:
        """Seconds for so many labels when all connections are always busy."""
        chunks = ceil(count / self.chunk)
        return chunks * len(self.calls) * self.seconds / self.connections


GLS = Case("gls", ("Label/Create",), 1, 4, 0.3, count=500, quick_count=24)
MYPARCEL = Case(
    "myparcel",
    ("POST /shipments", "GET /shipment_labels", "GET /shipments/{ids}"),
    *(20, 2, 0.5),
    count=1000,
    quick_count=40,
    alone=10,
)
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
    count = case.quick_count if setting.quick else case.count
    with _scene(setting.environment, case) as scene:
        scene.import_orders(count + case.alone)
        deliveries = scene.job.deliveries()
        scene.make_labels(deliveries[:count])
        yield from scene.figures(count)
        yield Figure("peak memory of Odoo", peak_memory(scene.odoo.pid), "MB")
        if case.alone:
            yield scene.compare_alone(count, deliveries[count:])


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
        self.job = MainJob(admin, shop_id)

    def import_orders(self, count: int) -> None:
        report = make_report(count, datetime.now(timezone.utc))
        self.standins.amazon.orders.load_report(report)
        import_id = self.job.check(report)
        self.job.start_import(import_id)
        self.odoo.work_until(
            lambda: self.job.has_imported(import_id), 600, "the import"
        )

    def make_labels(self, deliveries: list[int]) -> None:
        for operation in self.case.calls:
            self.service.faults.add(
                operation, "latency", seconds=self.case.seconds, times=None
            )
        run_id = self.job.create_labels(deliveries)
        self.job.client.write("delivery.label.run", run_id, validate_after=False)
        started = time.monotonic()
        self.job.start_labels(run_id)
        seconds = 120 + len(deliveries)
        self.odoo.work_until(
            lambda: self.job.has_labelled(run_id), seconds, "the labels"
        )
        self.run_seconds = time.monotonic() - started

    def figures(self, count: int) -> Iterator[Figure]:
        """From the calls as the carrier saw them."""
        calls = [c for c in self.service.calls if c.operation in self.case.calls]
        needed = ceil(count / self.case.chunk) * len(self.case.calls)
        if len(calls) != needed or self.standins.violations:
            raise RuntimeError(
                f"{len(calls)} calls for {count} parcels, {needed} are needed;"
                f" {self.standins.violations[:3]}"
            )
        seconds = calls[-1].at - calls[0].at + self.case.seconds
        self.a_second = count / seconds
        yield Figure(
            f"time, {count:,} labels",
            seconds / self.case.best(count),
            "x",
            f"{self.case.connections} connections, always busy,"
            f" {self.case.seconds:g} s a call",
            at_most=1.3,
        )
        yield Figure("labels a second", self.a_second, "")
        yield Figure("whole run, with stock and document", self.run_seconds, "s")

    def compare_alone(self, count: int, deliveries: list[int]) -> Figure:
        """One label after the other, by the method that core calls."""
        self.odoo.stop()
        with tempfile.NamedTemporaryFile("r") as result:
            script = ONE_BY_ONE.format(ids=deliveries, result=result.name)
            run_in_odoo(self.odoo.environment, self.odoo.database, script)
            seconds = float(result.read())
        return Figure(
            f"labels a second, {count:,} labels",
            self.a_second * seconds / len(deliveries),
            "x",
            "one at a time through send_shipping",
            at_least=15,
        )
