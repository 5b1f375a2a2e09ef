"""Orders are read through searchOrders: all of them, each once."""

import time
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation, SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..amazon.errors import MissingRole, Unauthorized
from ..amazon.pace import Bucket
from ..amazon.selling_partner import SellingPartner
from ..models import amazon_shop_feed
from ..models.amazon_shop_feed import SEARCH_PACE
from .common import order_ref, report_row
from .feed_case import GET_ORDER, SEARCH, FeedCase


@tagged("post_install", "-at_install")
class TestFeedSearch(FeedCase):
    def test_start_import_brings_the_open_orders_with_their_deliveries(self):
        self.put_at_amazon(
            report_row(1), report_row(2, sku="PLATE", quantity_to_ship=3)
        )
        self.start_import()
        self.assert_imported(1, 2)
        delivery = self.find_order(2).picking_ids
        self.assertEqual(delivery.state, "draft")
        self.assertEqual(delivery.move_ids.product_id, self.plate)
        self.assertEqual(delivery.move_ids.product_uom_qty, 3)
        self.assertEqual(delivery.partner_id.street, "Voorbeeldstraat 12 a")

    def test_the_import_is_recorded_as_that_of_a_file(self):
        self.put_at_amazon(report_row(1), report_row(2))
        self.start_import()
        done = self.find_imports()
        self.assertEqual((done.source, done.state), ("api", "done"))
        self.assertEqual((done.order_count, done.new_count), (2, 2))
        self.assertEqual((done.created_count, done.progress), (2, 100))
        self.assertEqual(done.line_ids.mapped("status"), ["new", "new"])
        self.assertEqual(done.line_ids.order_id, self.find_orders())
        self.assertIn("2 orders imported", done.message_ids[0].body)

    def test_the_feed_says_what_the_last_run_brought(self):
        self.put_many_at_amazon(3)
        self.start_import()
        feed = self.feed
        self.assertEqual((feed.state, feed.last_new_count), ("idle", 3))
        self.assertTrue(feed.last_import_at)
        self.assertFalse(feed.pagination_token or feed.error or feed.import_id)

    def test_what_is_unchanged_is_neither_imported_nor_told_again(self):
        self.put_many_at_amazon(2)
        self.start_import()
        self.start_import()
        self.assert_imported(1, 2)
        self.assertEqual(len(self.find_imports()), 1)
        self.assertEqual(self.feed.last_new_count, 0)

    def test_the_next_search_begins_where_the_last_ended_with_an_overlap(self):
        self.put_many_at_amazon(1)
        self.start_import()
        watermark = self.feed.watermark
        now = fields.Datetime.now()
        self.assertAlmostEqual(
            watermark, now - timedelta(minutes=2), delta=timedelta(seconds=30)
        )
        self.start_import()
        since = watermark - timedelta(minutes=10)
        self.assertIn(
            since.strftime("lastUpdatedAfter=%Y-%m-%dT%H%%3A%M%%3A%SZ"),
            self.amazon.calls[-1].target,
        )

    def test_a_changed_order_is_refreshed(self):
        (order,) = self.put_at_amazon(report_row(1))
        self.start_import()
        address = dict(order.recipient, addressLine1="Andere straat 5")
        self.change_at_amazon(order, recipient=address)
        self.start_import()
        self.assertEqual(self.find_order(1).recipient_street, "Andere straat 5")
        self.assertEqual(self.find_imports()[-1].updated_count, 1)

    def test_an_order_of_another_market_gets_that_market(self):
        self.put_at_amazon(report_row(1), market=self.market_de)
        self.start_import()
        self.assertEqual(self.find_order(1).market_id, self.market_de)

    def test_page_after_page_becomes_one_import(self):
        self.small_pages(2)
        self.put_many_at_amazon(5)
        self.start_import()
        self.assert_imported(*range(1, 6))
        done = self.find_imports()
        self.assertEqual((done.new_count, done.created_count), (5, 5))
        self.assertEqual(self.amazon.count(SEARCH), 3)
        self.assertEqual(self.feed.last_new_count, 5)

    def test_a_bad_order_is_named_and_the_others_are_imported(self):
        __, bad = self.put_at_amazon(report_row(1), report_row(2))
        bad.items[0].sku = ""
        self.start_import()
        self.assert_imported(1)
        problem = self.find_imports().problem_ids
        self.assertEqual(problem.order_ref, order_ref(2))
        self.assertIn("sellerSku is empty", problem.reason)

    def test_an_order_that_is_left_out_shows_in_the_health_until_it_is_closed(
        self,
    ):
        __, bad = self.put_at_amazon(report_row(1), report_row(2))
        bad.items[0].sku = ""
        self.start_import()
        self.env.invalidate_all()
        self.assertEqual(self.shop.health, "left_out")
        self.assertTrue(self.shop.is_stopped)
        self.assertIn("1 orders could not be imported", self.shop.health_message)
        self.change_at_amazon(bad)
        self.start_import()
        self.assertEqual(len(self.find_imports()), 1)
        self.change_at_amazon(bad, status="SHIPPED")
        self.start_import()
        self.env.invalidate_all()
        self.assertEqual(self.shop.health, "connected")

    def test_an_order_that_was_left_out_and_can_be_read_is_told_of_no_more(self):
        (bad,) = self.put_at_amazon(report_row(1))
        bad.items[0].sku = ""
        self.start_import()
        bad.items[0].sku = "PLATE"
        self.change_at_amazon(bad)
        self.start_import()
        self.assert_imported(1)
        self.env.invalidate_all()
        self.assertEqual(self.shop.health, "connected")

    def test_an_order_that_cannot_be_saved_is_named_and_the_others_are_imported(self):
        self.put_many_at_amazon(3)
        create = type(self.env["amazon.order"])._create_contacts

        def create_contacts(model, company, orders):
            if any(order.order_ref == order_ref(2) for order in orders):
                raise ValueError("a bug")
            return create(model, company, orders)

        self.patch(type(self.env["amazon.order"]), "_create_contacts", create_contacts)
        self.start_import()
        self.assert_imported(1, 3)
        self.assertEqual(self.find_imports().problem_ids.order_ref, order_ref(2))
        self.assertEqual(self.feed.state, "idle")

    def test_an_order_that_was_imported_from_a_file_is_known(self):
        row = report_row(1)
        self.import_rows(row)
        self.put_at_amazon(row)
        self.start_import()
        self.assert_imported(1)
        self.assertFalse(self.find_imports().filtered("new_count"))

    def test_orders_of_another_shop_are_left_alone(self):
        (order,) = self.put_at_amazon(report_row(1))
        order.selling_partner_id = "A2OTHERSELLER"
        self.start_import()
        self.assertFalse(self.find_orders())


@tagged("post_install", "-at_install")
class TestFeedSchedule(FeedCase):
    def test_orders_are_read_by_themselves_when_the_interval_is_over(self):
        self.shop.import_automatically = True
        self.put_many_at_amazon(1)
        self.run_cron("cron_read_orders")
        self.assert_imported(1)
        self.put_many_at_amazon(1, first=2)
        self.run_cron("cron_read_orders")
        self.assert_imported(1)
        self.let_interval_pass()
        self.run_cron("cron_read_orders")
        self.assertEqual(self.amazon.count(SEARCH), 2)

    def test_nothing_is_read_by_itself_unless_that_is_switched_on(self):
        self.put_many_at_amazon(1)
        self.run_cron("cron_read_orders")
        self.assertFalse(self.amazon.calls)

    def test_an_archived_shop_and_one_without_a_token_are_not_read(self):
        self.shop.import_automatically = True
        self.shop.active = False
        self.run_cron("cron_read_orders")
        self.shop.active = True
        self.shop.refresh_token = False
        self.run_cron("cron_read_orders")
        self.assertFalse(self.amazon.calls)
        self.assertFalse(self.feed.error)

    def test_start_import_of_a_shop_that_is_not_connected_says_so(self):
        self.shop.refresh_token = False
        with self.assertRaisesRegex(UserError, self.shop.name):
            self.shop.with_user(self.amazon_user).action_start_import()

    def test_start_import_is_for_amazon_users(self):
        with self.assertRaises(AccessError):
            self.shop.with_user(self.stock_user).action_start_import()

    def test_an_interval_shorter_than_five_minutes_is_refused(self):
        with (
            self.assertLogs("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.shop.import_interval = 4
            self.env.flush_all()

    def test_a_shop_that_fails_does_not_keep_others_from_being_read(self):
        other = self._create_shop(self.company, "A3OTHERSELLER")
        other.refresh_token_entry = "Atzr|unknown"
        self.put_many_at_amazon(1)
        with self.committing(self.amazon_user) as env:
            (other | self.shop).with_env(env).action_start_import()
        self.run_cron("cron_read_orders")
        self.assert_imported(1)
        self.assertEqual(other.feed_ids.error_kind, "token_refused")


@tagged("post_install", "-at_install")
class TestFeedFaults(FeedCase):
    def fail(self, kind, operation=SEARCH, **details):
        self.amazon.faults.add(operation, kind, **details)

    def test_each_failure_is_kept_by_its_kind_and_the_next_run_brings_all(self):
        self.put_many_at_amazon(2)
        for kind, details in (
            ("unavailable", {}),
            ("cut", {}),
            ("cut_midway", {}),
            ("truncated", {}),
            ("content", {"status": 200}),
            ("content", {"status": 200, "body": "<html>busy</html>"}),
            ("content", {"status": 204}),
            ("refused", {"status": 500}),
        ):
            with self.subTest(kind, **details):
                self.fail(kind, **details)
                self.start_import()
                self.assertEqual(self.feed.error_kind, "unavailable")
                self.assertEqual(self.feed.state, "running")
                self.assertGreater(self.feed.paused_until, fields.Datetime.now())
                self.assertFalse(self.find_orders())
        self.go_on()
        self.assert_imported(1, 2)
        self.assertFalse(self.feed.error or self.feed.error_kind)
        self.assertFalse(self.feed.failure_count)

    def test_pauses_grow_up_to_an_hour(self):
        self.fail("unavailable", times=None)
        self.feed.failure_count = 30
        self.start_import()
        pause = self.feed.paused_until - fields.Datetime.now()
        self.assertAlmostEqual(pause, timedelta(hours=1), delta=timedelta(seconds=20))

    def test_a_paused_shop_is_left_alone(self):
        self.fail("unavailable", times=None)
        self.start_import()
        asked = self.amazon.count(SEARCH)
        self.run_cron("cron_read_orders")
        self.assertEqual(self.amazon.count(SEARCH), asked)

    def test_a_429_is_waited_for_as_long_as_amazon_says(self):
        self.put_many_at_amazon(1)
        self.fail("throttled", retry_after=600)
        self.start_import()
        self.assertEqual(self.feed.error_kind, "throttled")
        pause = self.feed.paused_until - fields.Datetime.now()
        self.assertAlmostEqual(
            pause, timedelta(minutes=10), delta=timedelta(seconds=20)
        )
        # Its own bucket holds nothing either.
        self.go_on()
        self.assertEqual(self.amazon.count(SEARCH), 1)
        self.feed.search_full_at = 0
        self.go_on()
        self.assert_imported(1)

    def test_an_outage_in_the_middle_goes_on_with_the_page_that_failed(self):
        self.small_pages(2)
        self.put_many_at_amazon(5)
        self.fail("unavailable", nth=2)
        self.start_import()
        self.assert_imported(1, 2)
        self.go_on()
        self.assert_imported(*range(1, 6))
        self.assertEqual(self.amazon.count(SEARCH), 4)
        self.assertEqual(self.find_imports().new_count, 5)

    def test_a_crash_before_the_position_is_kept_doubles_nothing(self):
        self.small_pages(2)
        self.put_many_at_amazon(3)
        feed = type(self.feed)
        save, saved = feed._save, []

        def die_once(record, values):
            if "listed_count" in values and record.import_id and not saved:
                saved.append(values)
                raise SerializationFailure()
            return save(record, values)

        self.patch(feed, "_save", die_once)
        self.start_import()
        self.assertTrue(saved)
        self.assert_imported(1, 2)
        self.go_on()
        self.assert_imported(1, 2, 3)
        done = self.find_imports()
        self.assertEqual((done.state, done.new_count, done.order_count), ("done", 3, 3))
        self.assertEqual(len(done.line_ids), 3)

    def test_a_failure_of_the_database_that_passes_leaves_no_order_out(self):
        self.put_many_at_amazon(2)
        orders = type(self.env["amazon.order"])
        importing, failures = orders._import_orders, []

        def fail_often(model, order_import, found, *args):
            if len(failures) < 6 and order_ref(1) in [o.order_ref for o in found]:
                failures.append(found)
                raise SerializationFailure()
            return importing(model, order_import, found, *args)

        self.patch(orders, "_import_orders", fail_often)
        self.start_import()
        self.assertTrue(failures)
        for __ in range(3):
            self.go_on()
        self.assert_imported(1, 2)
        self.assertFalse(self.find_imports().problem_ids)

    def test_a_token_that_is_too_old_begins_the_search_again(self):
        self.small_pages(2)
        self.put_many_at_amazon(3)
        self.fail("unavailable", nth=2)
        self.start_import()
        self.feed.pagination_token = "too old"
        self.go_on()
        self.go_on()
        self.assert_imported(1, 2, 3)
        self.assertEqual(self.feed.state, "idle")

    def test_a_shop_that_somebody_imports_for_is_read_again_later(self):
        self.put_many_at_amazon(1)
        order_import = type(self.env["amazon.order.import"])
        self.patch(order_import, "_lock", lambda self: False)
        self.start_import()
        self.assertFalse(self.find_orders())
        self.assertEqual(self.feed.state, "running")

    def test_a_bug_is_told_without_what_it_says(self):
        self.put_many_at_amazon(1)
        self.patch(type(self.feed), "_import_page", lambda self, page: 1 / 0)
        with self.assertLogs(amazon_shop_feed.__name__, "ERROR") as logged:
            self.start_import()
        self.assertIn("ZeroDivisionError", logged.output[0])
        self.assertEqual(self.feed.error_kind, "other")
        self.assertGreater(self.feed.paused_until, fields.Datetime.now())

    def test_no_more_calls_than_the_bucket_holds(self):
        self.small_pages(1)
        self.put_many_at_amazon(20)
        self.start_import()
        # Where the machine is slow, the time of the scheduled action ends before.
        self.go_on()
        self.assertEqual(self.amazon.count(SEARCH), 14)
        self.assertEqual(len(self.find_orders()), 14)
        self.assertFalse(self.feed.error_kind)
        pause = self.feed.paused_until - fields.Datetime.now()
        self.assertLess(pause, timedelta(minutes=4))
        self.go_on()
        self.assertEqual(self.amazon.count(SEARCH), 14)
        self.feed.search_full_at -= 600
        self.go_on()
        self.assertEqual(self.amazon.count(SEARCH), 16)

    def test_a_withdrawn_consent_is_told(self):
        self.seller.connected = False
        self.start_import()
        self.assertEqual(self.feed.error_kind, "token_refused")
        self.assertIn("Connect the shop again", self.feed.error)


@tagged("post_install", "-at_install")
class TestForbiddenMarkets(FeedCase):
    def test_a_market_that_says_no_is_reported_and_the_others_go_on(self):
        self.seller.refused_marketplace_refs = (self.market_de.marketplace_ref,)
        self.put_many_at_amazon(2)
        self.start_import()
        self.go_on()
        self.assert_imported(1, 2)
        self.assertEqual(self.feed.forbidden_market_ids, self.market_de)
        self.assertEqual(self.feed.state, "idle")
        self.run_cron("cron_watch_shops")
        self.assertIn("Amazon.de", self.shop.activity_ids.note)

    def put_earlier_in_germany(self, number):
        """An order that has been at Amazon since before the last import."""
        (order,) = self.put_at_amazon(report_row(number), market=self.market_de)
        order.updated = self.standins.clock.now() - timedelta(hours=2)

    def test_what_it_had_meanwhile_comes_when_it_says_yes_again(self):
        self.seller.refused_marketplace_refs = (self.market_de.marketplace_ref,)
        self.put_at_amazon(report_row(1))
        self.start_import()
        self.go_on()
        self.put_earlier_in_germany(2)
        self.seller.refused_marketplace_refs = ()
        self.start_import()
        self.go_on()
        self.assert_imported(1, 2)

    def test_a_main_market_that_is_switched_off_is_not_read(self):
        self.shop.write({"market_ids": self.market_nl.ids, "market_id": self.market_de})
        self.put_at_amazon(report_row(1))
        self.put_at_amazon(report_row(2), market=self.market_de)
        self.start_import()
        self.assert_imported(1)

    def test_with_all_markets_switched_off_nothing_is_read_and_a_person_is_told(self):
        self.shop.write({"market_ids": False, "market_id": self.market_nl})
        self.put_at_amazon(report_row(1))
        self.start_import()
        self.assert_imported()
        self.assertEqual(self.amazon.count("searchOrders"), 0)
        self.assertIn("choose its markets", self.feed.error)
        self.assertTrue(self.shop.is_stopped)

    def test_what_a_market_has_comes_when_it_is_switched_on(self):
        self.shop.market_ids = self.market_nl
        self.put_at_amazon(report_row(1))
        self.start_import()
        self.put_earlier_in_germany(2)
        self.shop.market_ids |= self.market_de
        self.start_import()
        self.go_on()
        self.assert_imported(1, 2)
        watermark = self.feed.watermark
        self.start_import()
        self.assertGreaterEqual(self.feed.watermark, watermark)

    def test_it_is_left_out_until_a_person_starts_an_import(self):
        self.seller.refused_marketplace_refs = (self.market_de.marketplace_ref,)
        self.start_import()
        self.go_on()
        self.shop.import_automatically = True
        self.let_interval_pass()
        asked = self.amazon.count(SEARCH)
        self.run_cron("cron_read_orders")
        self.assertEqual(self.amazon.count(SEARCH), asked + 1)
        self.seller.refused_marketplace_refs = ()
        self.put_at_amazon(report_row(1), market=self.market_de)
        self.start_import()
        self.assertFalse(self.feed.forbidden_market_ids)
        self.run_cron("cron_watch_shops")
        self.assertFalse(self.shop.activity_ids)

    def test_a_consent_that_ends_meanwhile_is_no_no_of_a_market(self):
        self.seller.refused_marketplace_refs = (self.market_de.marketplace_ref,)
        for error in (
            Unauthorized("invalid_grant", status=400),
            Unauthorized("access_token", status=403),
            MissingRole(),
        ):
            answers = [MissingRole(status=403), error]
            with (
                self.subTest(str(error)),
                patch.object(SellingPartner, "search_orders", side_effect=answers),
            ):
                self.start_import()
                self.assertFalse(self.feed.forbidden_market_ids)
                self.assertTrue(self.feed.error)

    def test_when_all_of_them_say_no_the_role_is_missing(self):
        self.seller.refused_marketplace_refs = tuple(
            self.shop.market_ids.mapped("marketplace_ref")
        )
        self.start_import()
        self.assertEqual(self.feed.error_kind, "role_missing")
        self.assertFalse(self.feed.forbidden_market_ids)

    def test_with_too_few_tokens_to_ask_each_the_shop_waits_for_them(self):
        self.seller.refused_marketplace_refs = (self.market_de.marketplace_ref,)
        self.put_many_at_amazon(1)
        now = time.time()
        # One token, where the call that fails needs one, and each market another.
        self.feed.search_full_at = Bucket.without_burst(*SEARCH_PACE, now).full_at
        self.start_import()
        self.assertEqual(self.amazon.count(SEARCH), 1)
        pause = self.feed.paused_until - fields.Datetime.now()
        self.assertGreater(pause.total_seconds(), 2 / SEARCH_PACE.rate)
        self.feed.search_full_at -= pause.total_seconds()
        self.go_on()
        self.assertEqual(self.feed.forbidden_market_ids, self.market_de)

    def test_of_more_markets_than_tokens_only_so_many_are_asked_at_once(self):
        codes = ("NL", "DE", "FR", "BE", "ES", "IT")
        markets = self.env["amazon.market"].search([("code", "in", codes)])
        self.shop.market_ids = self.feed.read_market_ids = markets
        self.seller.refused_marketplace_refs = (self.market_de.marketplace_ref,)
        pace, asked = SEARCH_PACE._replace(burst=4), 0
        module = "odoo.addons.amazon_carrier_connector.models.amazon_shop_feed_search"
        self.enterContext(patch(f"{module}.SEARCH_PACE", pace))
        for _turn in range(50):
            self.feed.search_full_at = 0
            self.start_import()
            # The gateway asks once more, with a new token, before it believes a no.
            self.assertLessEqual(self.amazon.count(SEARCH) - asked, pace.burst + 1)
            asked = self.amazon.count(SEARCH)
            if self.feed.forbidden_market_ids:
                break
        self.assertEqual(self.feed.forbidden_market_ids, self.market_de)

    def test_a_shop_without_markets_says_what_to_do(self):
        self.shop.write({"market_ids": False, "market_id": False})
        self.start_import()
        self.assertIn("choose its markets", self.feed.error)
        self.assertFalse(self.amazon.count(SEARCH))


@tagged("post_install", "-at_install")
class TestWithheldAddress(FeedCase):
    def setUp(self):
        super().setUp()
        self.put_many_at_amazon(2)
        self.seller.restricted_role = False
        self.start_import()

    def test_an_order_without_address_is_kept_and_marked(self):
        self.assert_imported(1, 2)
        self.assertEqual(
            self.find_orders().mapped("address_state"), ["missing", "missing"]
        )
        self.assertEqual(self.feed.error_kind, "role_missing")
        self.assertIn("Direct-to-Consumer Delivery", self.feed.error)

    def test_no_label_is_made_for_it(self):
        delivery = self.find_order(1).picking_ids
        delivery.carrier_id = self.carrier
        run = self.create_run(delivery)
        self.assertIn("address is missing", run.parcel_ids.error)
        self.start(run)
        self.assertNotEqual(run.parcel_ids.state, "labelled")
        self.assertFalse(self.myparcel.calls)

    def test_a_later_run_brings_the_address_once_the_app_has_the_role(self):
        self.seller.restricted_role = True
        self.start_import()
        orders = self.find_orders()
        self.assertEqual(
            orders.mapped("recipient_street"), ["Voorbeeldstraat 12 a"] * 2
        )
        self.assertNotIn("missing", orders.mapped("address_state"))
        self.assertEqual(orders.picking_ids.carrier_id, self.carrier)
        self.assertFalse(self.feed.error or self.feed.error_kind)
        self.assertEqual(orders.mapped("recipient_phone"), ["+31600000001"] * 2)

    def test_as_long_as_it_lacks_the_role_some_are_asked_for_each_in_its_turn(self):
        self.patch_constant("models.amazon_shop_feed_reread", "MOST_WITHHELD", 1)
        self.amazon.calls.clear()
        for first, second in ((1, 0), (1, 1), (2, 1)):
            self.feed.reread_at = False
            self.start_import()
            asked = self.amazon.references(GET_ORDER)
            self.assertEqual(
                (asked.get(order_ref(1), 0), asked.get(order_ref(2), 0)),
                (first, second),
            )
        self.assertEqual(self.feed.error_kind, "role_missing")

    def test_one_without_an_address_keeps_no_other_from_its_address(self):
        self.put_many_at_amazon(1, first=3)
        self.start_import()
        self.seller.restricted_role = True
        self.amazon.orders[order_ref(1)].recipient = {}
        self.feed.reread_at = False
        self.start_import()
        self.feed.reread_at = False
        self.go_on()
        self.assertEqual(
            self.find_orders().mapped("address_state"),
            ["missing", "certain", "certain"],
        )
        self.assertIn("1 of them", self.feed.error)

    def test_the_role_that_came_brings_all_addresses_at_once(self):
        self.put_many_at_amazon(3, first=3)
        self.start_import()
        self.seller.restricted_role = True
        self.patch_constant("models.amazon_shop_feed_reread", "MOST_WITHHELD", 1)
        self.feed.reread_at = False
        self.start_import()
        self.feed.reread_at = False
        self.go_on()
        self.assertEqual(self.feed.state, "idle")
        self.assertNotIn("missing", self.find_orders().mapped("address_state"))
        self.assertFalse(self.feed.error or self.feed.error_kind)

    def test_an_answer_without_address_wipes_no_address(self):
        self.seller.restricted_role = True
        self.start_import()
        self.seller.restricted_role = False
        self.change_at_amazon(self.amazon.orders[order_ref(1)], service_level="Next")
        self.start_import()
        self.assertEqual(self.find_order(1).recipient_street, "Voorbeeldstraat 12 a")

    def test_an_address_that_a_person_enters_is_good(self):
        order = self.find_order(1).with_user(self.amazon_user)
        order.recipient_street = "Voorbeeldstraat 12"
        self.assertEqual(order.address_state, "certain")


@tagged("post_install", "-at_install")
class TestUpkeep(FeedCase):
    def setUp(self):
        super().setUp()
        self.orders = self.put_many_at_amazon(2)
        self.start_import()
        self.order = self.find_order(1)
        self.delivery = self.order.picking_ids

    def close(self, status="CANCELLED"):
        self.change_at_amazon(self.orders[0], status=status)
        self.start_import()

    def test_a_draft_of_a_cancelled_order_is_cancelled(self):
        self.close()
        self.assertEqual(self.delivery.state, "cancel")
        self.assertEqual(self.order.closed_status, "cancelled")
        self.assertEqual(self.order.state, "cancelled")
        told = " ".join(self.delivery.message_ids.mapped("body"))
        self.assertIn("cancelled at Amazon", told)
        self.assertEqual(self.find_order(2).picking_ids.state, "draft")

    def test_a_draft_of_an_order_shipped_elsewhere_is_cancelled(self):
        self.close("SHIPPED")
        self.assertEqual(self.delivery.state, "cancel")
        self.assertEqual(self.order.closed_status, "shipped")

    def test_a_shipment_confirmed_by_hand_at_amazon_can_be_finished_here(self):
        self.delivery.action_confirm()
        self.close("SHIPPED")
        self.assertEqual(len(self.order.activity_ids), 1)
        reason = self.find_imports()[-1].problem_ids.reason
        self.assertIn("validate it. Else cancel the delivery", reason)
        run = self.create_run(self.delivery)
        self.assertIn("remove the delivery method", run.parcel_ids.error)
        self.delivery.carrier_id = False
        self.validate(self.delivery)
        self.assertEqual(self.delivery.state, "done")
        self.assertEqual(self.order.state, "shipped")

    def test_an_order_that_amazon_confirms_itself_still_ships_from_here(self):
        self.order.is_confirmed_by_amazon = True
        self.close("SHIPPED")
        self.assertEqual(self.delivery.state, "draft")
        self.assertFalse(self.order.closed_status)

    def test_a_labelled_delivery_of_a_cancelled_order_is_flagged_once(self):
        self.label(self.delivery)
        self.close()
        self.assertNotEqual(self.delivery.state, "cancel")
        self.assertEqual(self.order.closed_status, "cancelled")
        self.assertEqual(len(self.order.activity_ids), 1)
        self.assertIn("with its label", self.find_imports()[-1].problem_ids.reason)
        self.start_import()
        self.assertEqual(len(self.order.activity_ids), 1)
        self.assertEqual(len(self.find_imports().problem_ids), 1)

    def test_what_a_label_cannot_follow_is_told_once(self):
        self.label(self.find_order(1).picking_ids)
        imports = len(self.find_imports())
        order = self.orders[0]
        order.recipient = {**order.recipient, "addressLine1": "Andere straat 9"}
        for __ in range(2):
            self.change_at_amazon(order)
            self.start_import()
        self.assertEqual(len(self.find_imports()), imports + 1)
        self.assertIn("address is another", self.find_imports()[-1:].problem_ids.reason)
        order.items[0].quantity = 4
        self.change_at_amazon(order)
        self.start_import()
        self.assertEqual(len(self.find_imports()), imports + 2)

    def test_a_delivery_that_is_worked_on_is_flagged_and_gets_no_label(self):
        self.delivery.action_confirm()
        self.close()
        self.assertEqual(self.order.closed_status, "cancelled")
        self.assertNotEqual(self.delivery.state, "cancel")
        run = self.create_run(self.delivery)
        self.assertIn("cancelled at Amazon", run.parcel_ids.error)

    def test_what_we_shipped_ourselves_is_no_news(self):
        self.label(self.delivery)
        self.close("SHIPPED")
        self.assertFalse(self.order.closed_status or self.order.activity_ids)

    def _ship_a_part(self):
        """One of three pieces leaves, and Amazon knows; the order at Amazon, and what
        is left to ship."""
        (source,) = self.put_at_amazon(report_row(3, quantity_to_ship=3))
        self.start_import()
        order = self.find_order(3)
        delivery = order.picking_ids
        delivery.carrier_id = False
        delivery.action_confirm()
        delivery.move_ids.quantity = 1
        delivery.with_context(skip_backorder=True).button_validate()
        self.create_confirmation(
            order,
            1,
            picking_id=delivery.id,
            state="pushed",
            pushed_at="2026-11-17 12:00:00",
        )
        return source, delivery.backorder_ids

    def test_the_rest_of_an_order_that_was_shipped_elsewhere_is_flagged(self):
        source, rest = self._ship_a_part()
        self.change_at_amazon(source, status="SHIPPED")
        self.start_import()
        order = self.find_order(3)
        self.assertEqual(order.closed_status, "shipped")
        self.assertEqual(len(order.activity_ids), 1)
        rest.carrier_id = self.delivery.carrier_id
        run = self.create_run(rest)
        self.assertIn("shipped already", run.parcel_ids.error)

    def test_what_amazon_was_told_of_under_a_cancelled_label_still_ships(self):
        source, rest = self._ship_a_part()
        item = self.find_order(3).item_ids
        self.create_confirmation(
            item.order_id,
            2,
            picking_id=rest.id,
            tracking_number="3SOTHER",
            state="failed",
            error="The label was cancelled.",
            pushed_at="2026-11-17 12:00:00",
        )
        self.change_at_amazon(source, status="SHIPPED")
        self.start_import()
        self.assertFalse(item.order_id.closed_status or item.order_id.activity_ids)
        self.assertEqual(rest.move_ids.product_uom_qty, 2)

    def test_a_held_order_that_is_cancelled_gets_no_delivery(self):
        self.shop.unknown_sku_policy = "hold"
        (held,) = self.put_at_amazon(report_row(3, sku="UNKNOWN"))
        self.start_import()
        order = self.find_order(3)
        self.assertEqual(order.state, "held")
        self.change_at_amazon(held, status="CANCELLED")
        self.start_import()
        self.assertEqual(order.state, "cancelled")
        self._create_product("Found", "UNKNOWN")
        order.action_create_deliveries()
        self.assertFalse(order.picking_ids)

    def test_an_order_that_is_open_again_is_no_longer_closed(self):
        self.close()
        self.change_at_amazon(self.orders[0], status="")
        self.start_import()
        self.assertFalse(self.order.closed_status)
        self.assertIn("waits for it again", self.find_imports().problem_ids.reason)

    def test_a_delivery_that_cannot_be_cancelled_is_flagged(self):
        def refuse(pickings):
            raise ValueError("a bug")

        self.patch(type(self.delivery), "action_cancel", refuse)
        self.close()
        self.assertEqual(self.delivery.state, "draft")
        self.assertEqual(len(self.order.activity_ids), 1)

    def test_a_cancelled_order_that_is_not_here_is_nothing(self):
        self.put_many_at_amazon(1, first=9)
        self.change_at_amazon(self.amazon.orders[order_ref(9)], status="CANCELLED")
        self.start_import()
        self.assertFalse(self.find_order(9))
        self.assertEqual(len(self.find_imports()), 1)
