"""Labels of GLS against what its connections could do at best.

A real Odoo with its scheduled actions, and the stand-in of GLS, which takes its time
for each label. At best all connections are always busy: the time of one call, times the
labels, divided by the connections.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from devtools import database
from devtools.processes import OdooServer
from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import connect_gls, put_in_stock, set_up
from tests.driver.unshipped_report import PRODUCTS, make_report
from tests.standins import Standins

from .frame import Figure, Setting, peak_memory

OPERATION = "Label/Create"
COUNT, QUICK_COUNT = 500, 24
CALL_SECONDS = 0.3
CONNECTIONS = 4
BASELINE = f"{CONNECTIONS} connections, always busy, {CALL_SECONDS:g} s a call"


def run(setting: Setting) -> Iterator[Figure]:
    count = QUICK_COUNT if setting.quick else COUNT
    with _scene(setting.environment) as scene:
        scene.import_orders(count)
        scene.make_labels(count)
        yield from scene.figures(count)
        memory = peak_memory(scene.odoo.pid)
        yield Figure("peak memory of Odoo", memory, "MB")


@contextmanager
def _scene(environment):
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench") as name,
        Standins(rates="fast") as standins,
    ):
        odoo = OdooServer(environment, name, Path(folder) / "odoo.log")
        odoo.start()
        try:
            yield _Scene(odoo, standins)
        finally:
            odoo.stop()


class _Scene:
    """One shop that ships with GLS, in a running Odoo."""

    def __init__(self, odoo: OdooServer, standins: Standins):
        self.odoo, self.standins = odoo, standins
        admin = OdooClient(odoo.url, odoo.database, "admin", "admin")
        connection = standins.connection()
        shop_id = set_up(admin, connection)
        connect_gls(admin, connection, shop_id, gls_connections=CONNECTIONS)
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

    def make_labels(self, count: int) -> None:
        self.standins.gls.faults.add(
            OPERATION, "latency", seconds=CALL_SECONDS, times=None
        )
        run_id = self.job.create_labels(self.job.deliveries())
        self.job.client.write("delivery.label.run", run_id, validate_after=False)
        started = time.monotonic()
        self.job.start_labels(run_id)
        seconds = 120 + count
        self.odoo.work_until(
            lambda: self.job.has_labelled(run_id), seconds, "the labels"
        )
        self.run_seconds = time.monotonic() - started

    def figures(self, count: int) -> Iterator[Figure]:
        """From the calls as GLS saw them."""
        calls = [c for c in self.standins.gls.calls if c.operation == OPERATION]
        labels = len(self.standins.gls.units)
        if (len(calls), labels) != (count, count) or self.standins.violations:
            raise RuntimeError(
                f"{len(calls)} calls, {labels} labels for {count} parcels;"
                f" {self.standins.violations[:3]}"
            )
        seconds = calls[-1].at - calls[0].at + CALL_SECONDS
        ideal = count * CALL_SECONDS / CONNECTIONS
        yield Figure(
            f"time, {count:,} labels", seconds / ideal, "x", BASELINE, at_most=1.3
        )
        yield Figure("labels a second", count / seconds, "")
        yield Figure("whole run, with stock and document", self.run_seconds, "s")
