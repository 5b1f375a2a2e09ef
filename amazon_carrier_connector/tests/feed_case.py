"""What the tests of orders read through the API share."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from .common import make_report, order_ref, report_row
from .label_case import LabelCase

SEARCH, GET_ORDER = "searchOrders", "getOrder"


class FeedCase(LabelCase):
    """A shop whose orders stand at Amazon."""

    def setUp(self):
        super().setUp()
        self.feed = self.shop.feed_ids
        # Else the first import would ask for a report.
        self.feed.report_failed_at = fields.Datetime.now()
        seller = self.standins.seller
        # The stand-in keeps its sellers when it forgets all else.
        for name in ("restricted_role", "refused_marketplace_refs", "connected"):
            self.addCleanup(setattr, seller, name, getattr(seller, name))
        self.seller = seller

    def put_at_amazon(self, *rows, market=None):
        """Have the seller sell what these rows of a report say; the orders there."""
        reference = (market or self.market_nl).marketplace_ref
        orders = self.amazon.orders.load_report(make_report(*rows), reference)
        for order in orders:
            self.change_at_amazon(order)
        return orders

    def put_many_at_amazon(self, count, first=1):
        return self.put_at_amazon(
            *(report_row(first + number) for number in range(count))
        )

    def change_at_amazon(self, order, **values):
        """Change an order there: the next search gives it again."""
        for name, value in values.items():
            setattr(order, name, value)
        # Amazon shows a change two minutes later.
        order.updated = self.standins.clock.now() - timedelta(minutes=3)

    def start_import(self, shop=None, user=None):
        """Press Start Import, and let the scheduled action run once."""
        with self.committing(user or self.amazon_user) as env:
            (shop or self.shop).with_env(env).action_start_import()
        self.run_cron("cron_read_orders")

    def go_on(self):
        """The next turn of the scheduled action, when all pauses are over."""
        self.feed.paused_until = False
        self.run_cron("cron_read_orders")

    def let_interval_pass(self, shop=None):
        minutes = (shop or self.shop).import_interval + 1
        self.feed.last_import_at = fields.Datetime.now() - timedelta(minutes=minutes)

    def find_orders(self):
        return self.env["amazon.order"].search(
            [("shop_id", "=", self.shop.id)], order="name"
        )

    def find_imports(self):
        return self.env["amazon.order.import"].search(
            [("shop_id", "=", self.shop.id), ("source", "=", "api")], order="id"
        )

    def assert_imported(self, *numbers):
        """Each order once, with one delivery."""
        orders = self.find_orders()
        self.assertEqual(orders.mapped("name"), [order_ref(n) for n in sorted(numbers)])
        self.assertEqual(orders.mapped("picking_count"), [1] * len(numbers))

    def small_pages(self, size):
        """searchOrders gives so many orders at a time."""
        self.patch_constant("amazon.order_search", "PAGE_SIZE", size)

    def patch_constant(self, module, name, value):
        path = f"odoo.addons.amazon_carrier_connector.{module}.{name}"
        patcher = patch(path, value)
        patcher.start()
        self.addCleanup(patcher.stop)
