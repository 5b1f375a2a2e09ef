"""The same orders from a file, from the report and from searchOrders are the same."""

import os
from contextlib import contextmanager

from odoo import fields
from odoo.tests import tagged

from ..amazon import login
from .amazon_orders import PLACES, make_orders
from .common import AmazonStandinsCommon

SEED, ORDERS = 20261122, int(os.environ.get("IMPORT_EQUALITY_ORDERS", "150"))
# What says when and by which import a record was made.
OWN = {"id", "create_date", "create_uid", "write_date", "write_uid", "import_id"}
NOT_COMPARED = {
    # Numbers of their own.
    ("stock.picking", "name"),
    ("stock.move", "reference"),
    # Only searchOrders knows it: the report has no such column in Europe.
    ("amazon.order", "deliver_by"),
    ("amazon.order.item", "unit_price"),
    ("amazon.order.item", "currency_id"),
}
# Named by what all ways have in common; of others is told whether there is one.
SHARED = {
    "amazon.market",
    "amazon.order",
    "amazon.shop",
    "delivery.carrier",
    "product.product",
    "res.company",
    "res.country",
    "res.country.state",
    "stock.location",
    "stock.package.type",
    "stock.picking.type",
    "stock.warehouse",
}


class _Undo(Exception):
    """Ends an import that leaves nothing behind."""


@tagged("post_install", "-at_install")
class TestImportEquality(AmazonStandinsCommon):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.patch(login, "_cache", login._TokenCache())
        self.amazon = self.standins.amazon
        self.amazon.report_polls = 0
        # Not every letter of the test is in the usual encoding.
        self.amazon.report_encoding = "utf-8"
        self.shop.market_ids = self.env["amazon.market"].search(
            [("marketplace_ref", "in", [place[0] for place in PLACES])]
        )
        for order in make_orders(ORDERS, SEED):
            self.amazon.orders.add(order)
        self.addCleanup(lambda: self.assertEqual(self.standins.violations, []))

    def test_the_report_gives_what_the_file_gives(self):
        self.assert_same(self.read_after(self.import_file), self.import_by_report)

    def test_search_orders_gives_what_the_file_gives(self):
        self.assert_same(self.read_after(self.import_file), self.import_by_search)

    def test_whichever_way_comes_second_changes_nothing(self):
        for second in (self.import_file, self.import_by_report, self.import_by_search):
            with self.undone():
                self.import_by_report()
                before = self.read_records()
                second()
                self.assert_same(before, lambda: None)

    # === THREE WAYS === #

    def import_file(self):
        from tests.standins.orders import report_text

        orders = list(self.amazon.orders.values())
        text = report_text(orders, True, self.standins.clock.now())
        done = self.import_report(text.encode()).with_env(self.env)
        self.run_cron_to_its_end("cron_import_orders")
        self.assertEqual(done.state, "done")

    def import_by_report(self):
        self.shop.import_source = "report"
        self.feed_until_idle()
        self.assertEqual(self.amazon.count("downloadDocument"), 1)
        self.assertEqual(self.amazon.count("searchOrders"), 0)

    def import_by_search(self):
        self.shop.import_source = "api"
        # Else a first import would begin with the report.
        self.shop.feed_ids.report_failed_at = fields.Datetime.now()
        self.feed_until_idle()
        self.assertGreater(self.amazon.count("searchOrders"), 0)
        self.assertEqual(self.amazon.count("downloadDocument"), 0)

    def feed_until_idle(self):
        self.amazon.calls.clear()
        self.shop.feed_ids._queue()
        for __ in range(6 + ORDERS // 20):
            # Time enough passes for what Amazon allows at once.
            self.standins.clock.advance(600)
            self.shop.feed_ids.write({"paused_until": False, "search_full_at": 0})
            self.run_cron("cron_read_orders")
            self.env.invalidate_all()
            if self.shop.feed_ids.state == "idle":
                break
        self.assertEqual(self.shop.feed_ids.state, "idle")
        self.run_cron_to_its_end("cron_import_orders")
        self.assertFalse(self.shop.feed_ids.error)
        self.env.invalidate_all()

    # === WHAT IS COMPARED === #

    @contextmanager
    def undone(self):
        try:
            with self.env.cr.savepoint():
                yield
                raise _Undo()
        except _Undo:
            self.env.invalidate_all()

    def read_after(self, importing):
        with self.undone():
            importing()
            return self.read_records()

    def assert_same(self, expected, importing):
        importing()
        found = self.read_records()
        self.assertEqual(len(expected), ORDERS)
        self.assertEqual(found.keys(), expected.keys())
        for name, order in expected.items():
            self.assertEqual(found[name], order, name)

    def read_records(self):
        """All that is stored of the orders and of what hangs on them, by order id."""
        self.env.flush_all()
        orders = self.env["amazon.order"].search([("shop_id", "=", self.shop.id)])
        return {
            order.name: [
                self.read_record(order),
                self.read_record(order.partner_id),
                *(self.read_record(item) for item in order.item_ids.sorted("item_ref")),
                *(self.read_record(picking) for picking in order.picking_ids),
                *(
                    self.read_record(move)
                    for move in order.picking_ids.move_ids.sorted(
                        lambda move: move.amazon_item_id.item_ref
                    )
                ),
            ]
            for order in orders
        }

    def read_record(self, record):
        """Its stored values by field."""
        return {
            "model": record._name,
            **{
                name: self.read_value(field, record[name])
                for name, field in record._fields.items()
                if field.store
                and field.type != "properties"
                and name not in OWN
                and (record._name, name) not in NOT_COMPARED
            },
        }

    def read_value(self, field, value):
        if not field.relational:
            return value
        return value.mapped("name") if value._name in SHARED else len(value)
