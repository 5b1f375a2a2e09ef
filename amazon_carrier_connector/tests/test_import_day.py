"""No order is missed in a day of outages, throttling and crashes, and none is doubled.

More days: ``IMPORT_DAY_SEEDS=100-120 ./dev test`` and this file.
"""

import os
import sys
import time
from collections import Counter

from odoo.tests import tagged

from ..models import amazon_shop_feed_search
from .common import AmazonStandinsCommon
from .feed_day import FeedDay

FIRST, LAST = map(int, os.environ.get("IMPORT_DAY_SEEDS", "1-1").split("-"))


@tagged("post_install", "-at_install")
class TestImportDay(AmazonStandinsCommon):
    standin_rates = None

    def setUp(self):
        super().setUp()
        self.amazon = self.standins.amazon
        self.amazon.report_encoding = "utf-8"
        self.amazon.report_lag_seconds = 30 * 60
        # So many orders take a search too long that a day's sale is a backlog.
        self.patch(amazon_shop_feed_search, "BACKLOG", 100)

    def create_shops(self):
        """Three sellers: two of the Orders API, one of the report."""
        shops = []
        for number, (source, interval) in enumerate(
            (("api", 30), ("report", 60), ("api", 45))
        ):
            seller = self.standins.lwa.sellers.add(f"A{number}DAYSELLER")
            shops.append(
                self._create_shop(
                    self.company,
                    seller.selling_partner_id,
                    refresh_token_entry=seller.refresh_token,
                    import_automatically=True,
                    import_interval=interval,
                    import_source=source,
                )
            )
        return shops

    def check_day(self, seed):
        started = time.perf_counter()
        day = FeedDay(self, seed, self.create_shops())
        day.play()
        self.env.invalidate_all()
        # What the calls did before anything else: they explain the rest.
        self.assertEqual(self.standins.violations, [])
        self.assertEqual(list(day.find_excess()), [])
        self.assertEqual(list(day.find_differences()), [])
        self.tell(day, time.perf_counter() - started)

    def tell(self, day, seconds):
        calls = Counter(call.operation for call in self.amazon.calls)
        counts = {
            "orders": len(self.amazon.orders),
            "imports": self.env["amazon.order.import"].search_count([]),
            **day.played,
            **calls,
            "seconds": round(seconds),
        }
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        sys.stdout.write(f"Figures: import day, 3 shops, seed {day.seed}: {told}\n")


def _add_seed(seed):
    def test(self):
        self.check_day(seed)

    setattr(TestImportDay, f"test_seed_{seed}", test)


for _seed in range(FIRST, LAST + 1):
    _add_seed(_seed)
