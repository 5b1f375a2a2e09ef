"""The drain of the outbox against the rate that Amazon permits.

A real Odoo with its scheduled actions, and Amazon's stand-in with its token bucket. The
rate is Amazon's published one times five: 2,000 parcels would take 1,000 seconds, and
the drain takes over any rate that Amazon's answers tell. So the time between two calls
is a fifth of the real one, which is the harder task. The bucket's burst is Amazon's.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path

from devtools import database
from devtools.processes import OdooServer
from devtools.waiting import wait_until
from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import set_up
from tests.driver.unshipped_report import make_report
from tests.standins import Standins
from tests.standins.amazon import PUBLISHED_RATES
from tests.standins.rates import FAST

from .frame import Figure, Setting, peak_memory
from .in_odoo import run_in_odoo

OPERATION = "confirmShipment"
FASTER = 5
COUNT, QUICK_COUNT = 2_000, 60
# For the count of queries, which only a request of its own shows.
BY_HAND = 40
CRON = "amazon_carrier_connector.cron_push_confirmations"
BASELINE = "the rate told by Amazon's stand-in: {:g} a second"
# The outbox is filled as after labels, without buying any.
FILL = """
from datetime import datetime
orders = env["amazon.order"].search([], order="id", offset={offset}, limit={limit})
env["amazon.shipment.confirmation"].create(
    [
        {{
            "order_id": order.id,
            "picking_id": order.picking_ids[:1].id,
            "carrier_id": order.shop_id.carrier_id.id,
            "tracking_number": f"3SBENCH{{order.id:09d}}",
            "ship_date": datetime.now(),
        }}
        for order in orders
    ]
)
env.cr.commit()
"""
REQUEST = re.compile(r"method_direct_trigger HTTP/\S+ 200 - (\d+) ")


def run(setting: Setting) -> Iterator[Figure]:
    count = QUICK_COUNT if setting.quick else COUNT
    with ExitStack() as stack:
        scene = stack.enter_context(_scene(setting.environment))
        scene.import_orders(count + BY_HAND)
        queries = scene.push_by_hand(BY_HAND)
        scene.push_by_schedule(BY_HAND, count)
        yield from scene.figures(count)
        yield Figure("SQL queries a parcel", queries / BY_HAND, "")
        memory = peak_memory(scene.odoo.pid)
        yield Figure("peak memory of Odoo", memory, "MB")


@contextmanager
def _scene(environment):
    permitted, burst = PUBLISHED_RATES[OPERATION]
    rates = {
        **dict.fromkeys(PUBLISHED_RATES, FAST),
        OPERATION: (permitted * FASTER, burst),
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench") as name,
        Standins(rates=rates) as standins,
    ):
        odoo = OdooServer(environment, name, Path(folder) / "odoo.log")
        odoo.start()
        try:
            yield _Scene(environment, odoo, standins)
        finally:
            odoo.stop()


class _Scene:
    """One shop in a running Odoo."""

    def __init__(self, environment, odoo: OdooServer, standins: Standins):
        self.environment, self.odoo, self.standins = environment, odoo, standins
        self.admin = OdooClient(odoo.url, odoo.database, "admin", "admin")
        shop_id = set_up(self.admin, standins.connection(), push_moment="label")
        self.job = MainJob(self.admin, shop_id)
        self._calls_before = 0

    def import_orders(self, count: int) -> None:
        report = make_report(count, datetime.now(timezone.utc))
        self.standins.amazon.orders.load_report(report)
        import_id = self.job.check(report)
        self.job.start_import(import_id)
        self.odoo.work_until(
            lambda: self.job.has_imported(import_id), 600, "the import"
        )

    def push_by_hand(self, count: int) -> int:
        """Push so many by "Run Manually"; the queries of that, from Odoo's log."""
        self._fill(0, count)
        self.admin.press("ir.cron", self.admin.ref(CRON), "method_direct_trigger")
        self._wait(count)
        self._calls_before = len(self._calls())
        # Odoo logs a request after its answer.
        found = wait_until(lambda: REQUEST.search(self.odoo.log), 10, "the log")
        return int(found[1])

    def push_by_schedule(self, offset: int, count: int) -> None:
        self._fill(offset, count)
        self._wait(offset + count, self.odoo.wake_cron)

    def _fill(self, offset: int, limit: int) -> None:
        script = FILL.format(offset=offset, limit=limit)
        run_in_odoo(self.environment, self.odoo.database, script)

    def _wait(self, count: int, meanwhile=None) -> None:
        permitted = self.standins.amazon.rates[OPERATION][0]
        wait_until(
            lambda: self.job.confirmations("pushed", "confirmed") == count,
            60 + 3 * count / permitted,
            f"{count} confirmations",
            every=0.5,
            meanwhile=meanwhile,
        )

    def _calls(self):
        return [c for c in self.standins.amazon.calls if c.operation == OPERATION]

    def figures(self, count: int) -> Iterator[Figure]:
        """From the calls as Amazon saw them: all but those made by hand."""
        calls = self._calls()[self._calls_before :]
        permitted = self.standins.amazon.rates[OPERATION][0]
        accepted = [call.at for call in calls if call.status == 204]
        if len(accepted) != count or self.standins.violations:
            raise RuntimeError(
                f"{len(accepted)} of {count} accepted; {self.standins.violations[:3]}"
            )
        pace = (count - 1) / (accepted[-1] - accepted[0])
        share = 100 * pace / permitted
        yield Figure(
            f"pace, {count:,} confirmations",
            share,
            "%",
            BASELINE.format(permitted),
            at_least=95,
        )
        pauses = (later - sooner for sooner, later in pairwise(accepted))
        yield Figure("longest pause between two calls", max(pauses), "s")
        throttled = sum(call.status == 429 for call in calls)
        yield Figure("answers 429", throttled, "", at_most=0)
