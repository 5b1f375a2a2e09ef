"""A large seller's day: from the files to orders that Amazon has confirmed.

Three shops, two of which ship with MyParcel and one with GLS, on two Odoo servers with
one database: each user works on one of them, and the scheduled actions of both run
whatever is due. The carriers and Amazon answer at once; what remains is Odoo.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from devtools import database
from devtools.processes import OdooServer
from devtools.waiting import wait_until
from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import (
    connect_gls,
    connect_shop,
    enter_keys,
    point_to_standins,
    put_in_stock,
)
from tests.driver.unshipped_report import PRODUCTS, make_report
from tests.standins import Standins

from .frame import Figure, Setting, peak_memory

COUNT, QUICK_COUNT = 10_000, 30
SHOPS = 3
SECONDS_PER_ORDER, PATIENCE = 1, 120


def run(setting: Setting) -> Iterator[Figure]:
    each = (setting.size or (QUICK_COUNT if setting.quick else COUNT)) // SHOPS
    with _scene(setting.environment, each) as scene:
        total = time.monotonic()
        for phase in (scene.import_orders, scene.make_labels, scene.wait_for_amazon):
            started = time.monotonic()
            phase()
            seconds = time.monotonic() - started
            name = phase.__name__.replace("_", " ")
            yield Figure(f"{name}, {each * SHOPS:,} orders", seconds, "s")
        seconds = time.monotonic() - total
        scene.check()
        yield Figure(
            "orders a minute, from file to confirmed", each * SHOPS / seconds * 60, ""
        )
        for number, odoo in enumerate(scene.servers, start=1):
            yield Figure(f"peak memory of server {number}", peak_memory(odoo.pid), "MB")


@contextmanager
def _scene(environment, each: int):
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        name = stack.enter_context(database.temporary(environment, "bench"))
        standins = stack.enter_context(Standins(rates="fast"))
        servers = []
        for number in range(2):
            odoo = OdooServer(environment, name, Path(folder) / f"odoo{number}.log")
            odoo.start()
            stack.callback(odoo.stop)
            servers.append(odoo)
        yield _Scene(servers, standins, each)


class _Scene:
    def __init__(self, servers: list[OdooServer], standins: Standins, each: int):
        self.servers, self.standins, self.each = servers, standins, each
        clients = [
            OdooClient(odoo.url, odoo.database, "admin", "admin") for odoo in servers
        ]
        admin, connection = clients[0], standins.connection()
        point_to_standins(admin, connection)
        enter_keys(admin, connection)
        stock = 2 * each * SHOPS
        put_in_stock(admin, [replace(one, quantity=stock) for one in PRODUCTS])
        self._jobs = {}
        for number in range(SHOPS):
            seller = standins.lwa.sellers.add(f"A{number}BENCHSELLER")
            tokens = {
                "selling_partner_id": seller.selling_partner_id,
                "refresh_token": seller.refresh_token,
            }
            shop_id = connect_shop(admin, connection | tokens)
            client = clients[number % len(clients)]
            self._jobs[seller.selling_partner_id] = MainJob(client, shop_id)
        # The last one; its connection must not move the other shops.
        connect_gls(admin, connection, shop_id)

    def import_orders(self) -> None:
        now, imports = datetime.now(timezone.utc), []
        for number, (seller, job) in enumerate(self._jobs.items()):
            report = make_report(self.each, now, seed=number)
            for order in self.standins.amazon.orders.load_report(report):
                order.selling_partner_id = seller
            imports.append((job, job.check(report)))
        for job, import_id in imports:
            job.start_import(import_id)
        self._work_until(lambda: all(job.has_imported(one) for job, one in imports))

    def make_labels(self) -> None:
        """And validate each delivery; the deliveries are still drafts."""
        runs = [
            (job, job.create_labels(job.deliveries())) for job in self._jobs.values()
        ]
        for job, run_id in runs:
            job.start_labels(run_id)
        self._work_until(lambda: all(job.has_labelled(one) for job, one in runs))
        for job, run_id in runs:
            job.check_all_labelled(run_id)

    def wait_for_amazon(self) -> None:
        jobs = self._jobs.values()
        self._work_until(
            lambda: all(
                job.confirmations("pushed", "confirmed") == self.each for job in jobs
            )
        )

    def _work_until(self, condition) -> None:
        patience = PATIENCE + SECONDS_PER_ORDER * self.each * SHOPS
        wake = self.servers[0].wake_cron
        wait_until(condition, patience, "the day's work", every=0.5, meanwhile=wake)

    def check(self) -> None:
        """Each order has one label and one confirmation."""
        bought = [
            *(one.barcode for one in self.standins.myparcel.shipments.values()),
            *self.standins.gls.units,
        ]
        confirmed = {one.order_id for one in self.standins.amazon.confirmations}
        counts = len(bought), len(self.standins.amazon.confirmations), len(confirmed)
        if set(counts) != {self.each * SHOPS} or self.standins.violations:
            raise RuntimeError(
                f"labels, confirmations, confirmed orders: {counts}, of"
                f" {self.each * SHOPS}; {self.standins.violations[:3]}"
            )
