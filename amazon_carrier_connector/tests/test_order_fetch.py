"""Dialogs: orders of shops, and single orders by their ids."""

from types import SimpleNamespace

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..models import amazon_shop_feed
from ..models.amazon_order_fetch import split_order_refs
from ..models.amazon_shop_feed import ORDER_PACE
from .common import order_ref, report_row
from .feed_case import GET_ORDER, SEARCH, FeedCase


@tagged("post_install", "-at_install")
class TestFetch(FeedCase):
    def fetch(self, text, user=None):
        """Fill the dialog in; what its button returns."""
        with self.committing(user or self.amazon_user) as env:
            wizard = env["amazon.order.fetch.wizard"].create(
                {"shop_id": self.shop.id, "order_refs": text}
            )
            return wizard.action_fetch()

    def fetch_import(self, text):
        action = self.fetch(text)
        self.assertEqual(action["res_model"], "amazon.order.import")
        return self.env["amazon.order.import"].browse(action["res_id"])

    def press_fetch(self, order):
        with self.committing(self.amazon_user) as env:
            return order.with_env(env).action_fetch_from_amazon()

    def test_orders_are_fetched_by_their_ids(self):
        self.put_many_at_amazon(3)
        done = self.fetch_import(f"{order_ref(1)}\n {order_ref(3)},{order_ref(1)}")
        self.assert_imported(1, 3)
        self.assertEqual((done.state, done.new_count), ("done", 2))
        self.assertEqual(self.amazon.count(GET_ORDER), 2)
        self.assertFalse(self.amazon.count(SEARCH))

    def test_a_price_that_the_report_did_not_tell_is_fetched_once(self):
        self.import_rows(report_row(1, quantity_to_ship=2))
        (order,) = self.put_at_amazon(report_row(1, quantity_to_ship=2))
        order.items[0].unit_price = "12.34"
        item = self.find_order(1).item_ids
        self.assertFalse(item.currency_id)
        self.press_fetch(self.find_order(1))
        self.assertEqual((item.unit_price, item.currency_id.name), (12.34, "EUR"))
        self.assertEqual(self.find_imports().changed_count, 1)
        self.press_fetch(self.find_order(1))
        self.assertEqual(len(self.find_imports()), 1)

    def test_the_price_of_a_new_order_comes_with_it_in_its_own_currency(self):
        market = self.env.ref("amazon_carrier_connector.market_gb")
        (order,) = self.put_at_amazon(report_row(1), market=market)
        order.items[0].unit_price = "9.99"
        self.fetch(order_ref(1))
        item = self.find_order(1).item_ids
        self.assertEqual((item.unit_price, item.currency_id.name), (9.99, "GBP"))
        self.assertFalse(item.currency_id.active)

    def test_an_order_of_nobody_is_told_and_the_others_are_imported(self):
        self.put_many_at_amazon(1)
        done = self.fetch_import(f"{order_ref(9)} {order_ref(1)} nonsense")
        self.assert_imported(1)
        self.assertEqual(
            sorted(done.problem_ids.mapped("order_ref")), [order_ref(9), "NONSENSE"]
        )
        self.assertIn("no such order", done.problem_ids[0].reason)

    def test_an_order_that_is_not_open_is_told_with_its_reason(self):
        orders = self.put_many_at_amazon(3)
        for order, status in zip(
            orders, ("PENDING", "SHIPPED", "CANCELLED"), strict=True
        ):
            order.status = status
        done = self.fetch_import(" ".join(order.order_id for order in orders))
        self.assertFalse(self.find_orders())
        reasons = " ".join(done.problem_ids.mapped("reason"))
        for word in ("pending", "shipped", "cancelled"):
            self.assertIn(word, reasons)

    def test_every_failure_of_a_call_is_told(self):
        self.put_many_at_amazon(1)
        for kind, details in (
            ("unavailable", {}),
            ("cut", {}),
            ("cut_midway", {}),
            ("truncated", {}),
            ("throttled", {}),
            ("content", {"status": 200}),
            ("refused", {"status": 403}),
            ("refused", {"status": 400}),
        ):
            with self.subTest(kind, **details):
                self.amazon.faults.add(GET_ORDER, kind, times=2, **details)
                done = self.fetch_import(order_ref(1))
                self.assertTrue(done.problem_ids.reason)
                self.assertFalse(self.find_orders())
                self.amazon.faults.clear()
        self.feed.order_full_at = 0
        self.fetch(order_ref(1))
        self.assert_imported(1)

    def test_no_more_orders_are_fetched_than_amazon_grants(self):
        now = 1_800_000_000.0
        self.patch(amazon_shop_feed, "time", SimpleNamespace(time=lambda: now))
        self.put_many_at_amazon(10)
        everything = " ".join(order_ref(number) for number in range(1, 11))
        self.fetch(everything)
        self.assert_imported(*range(1, 11))
        done = self.fetch_import(everything)
        reasons = done.problem_ids.mapped("reason")
        self.assertEqual(len(reasons), 20 - ORDER_PACE.burst)
        for reason in reasons:
            self.assertIn("no more calls", reason)
        self.assertEqual(self.amazon.count(GET_ORDER), ORDER_PACE.burst)

    def test_none_and_too_many_are_refused(self):
        for text in (" ,\n", " ".join(order_ref(number) for number in range(11))):
            with self.subTest(text), self.assertRaises(UserError):
                self.fetch(text)

    def test_the_only_connected_shop_is_proposed(self):
        self._create_shop(self.company, "A3OTHERSELLER")
        dialog = Form(self.env["amazon.order.fetch.wizard"])
        self.assertEqual(dialog.shop_id, self.shop)

    def test_what_a_person_pasted_is_split(self):
        self.assertEqual(
            split_order_refs(" 402-0000001-0000001;\t402-0000002-0000002\n\n"),
            ["402-0000001-0000001", "402-0000002-0000002"],
        )
        self.assertEqual(split_order_refs(False), [])

    def test_the_button_on_an_order_takes_over_what_changed(self):
        (there,) = self.put_at_amazon(report_row(1))
        self.start_import()
        there.recipient = dict(there.recipient, addressLine1="Andere straat 5")
        action = self.press_fetch(self.find_order(1))
        self.assertEqual(self.find_order(1).recipient_street, "Andere straat 5")
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("was changed", action["params"]["message"])
        self.assertIn(
            "has not changed", self.press_fetch(self.find_order(1))["params"]["message"]
        )

    def test_the_button_on_a_cancelled_order_cancels_its_draft(self):
        (there,) = self.put_at_amazon(report_row(1))
        self.start_import()
        there.status = "CANCELLED"
        order = self.find_order(1)
        self.press_fetch(order)
        self.assertEqual(order.picking_ids.state, "cancel")

    def test_fetching_is_for_amazon_users(self):
        with self.assertRaises(AccessError):
            self.fetch(order_ref(1), user=self.stock_user)
        self.assertFalse(self.amazon.calls)

    def test_a_shop_that_somebody_imports_for_is_told_to_wait(self):
        self.put_many_at_amazon(1)
        self.patch(type(self.env["amazon.order.import"]), "_lock", lambda self: False)
        with self.assertRaisesRegex(UserError, "Another import"):
            self.fetch(order_ref(1))


@tagged("post_install", "-at_install")
class TestImportFromShops(FeedCase):
    def open_dialog(self, user=None):
        return Form(self.env["amazon.shop.import.wizard"].with_user(self.amazon_user))

    def test_each_shop_has_a_line_switched_on_when_it_is_connected(self):
        other = self._create_shop(self.company, "A3OTHERSELLER")
        wizard = self.open_dialog().save()
        self.assertEqual(wizard.line_ids.shop_id, self.shop | other)
        selected = wizard.line_ids.filtered("is_selected").shop_id
        self.assertEqual(selected, self.shop)

    def test_the_shops_that_are_switched_on_are_read(self):
        self.put_many_at_amazon(1)
        wizard = self.open_dialog().save()
        wizard.action_start()
        self.assertEqual(self.feed.state, "queued")
        self.run_cron("cron_read_orders")
        self.assert_imported(1)

    def test_a_shop_that_is_switched_off_is_not_read(self):
        dialog = self.open_dialog()
        with dialog.line_ids.edit(0) as line:
            line.is_selected = False
        with self.assertRaisesRegex(UserError, "at least one"):
            dialog.save().action_start()
        self.assertEqual(self.feed.state, "idle")

    def test_shops_of_other_companies_are_not_offered(self):
        self._create_other_company()
        wizard = self.open_dialog().save()
        self.assertNotIn(self.other_shop, wizard.line_ids.shop_id)
