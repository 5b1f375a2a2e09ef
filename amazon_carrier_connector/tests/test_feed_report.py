"""The orders of a shop through the Unshipped Orders report."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.tests import tagged

from ..amazon import login
from ..amazon.errors import MissingRole, Throttled, Unavailable
from ..models import amazon_order_import, amazon_shop_feed, amazon_shop_feed_reread
from ..models.amazon_shop_feed import ORDER_PACE
from ..models.amazon_shop_feed_reread import SPARE
from .common import AmazonStandinsCommon, make_report, order_ref, report_row

CREATE, READ, DOCUMENT = "createReport", "getReport", "getReportDocument"


class FeedReportCase(AmazonStandinsCommon):
    def setUp(self):
        super().setUp()
        self.amazon = self.standins.amazon
        self.patch(login, "_cache", login._TokenCache())
        self.shop.import_source = "report"
        self.feed = self.shop.feed_ids
        self.amazon.report_polls = 1
        # The token buckets see the time that the test lets pass.
        self.now = 1_800_000_000.0
        clock = SimpleNamespace(time=lambda: self.now)
        self.patch(amazon_shop_feed, "time", clock)
        self.addCleanup(lambda: self.assertEqual(self.standins.violations, []))

    def sell(self, *numbers, **cells):
        """Amazon has these orders."""
        rows = [report_row(number, **cells) for number in numbers]
        self.amazon.orders.load_report(make_report(*rows))

    def step(self, times=1, pause=60):
        """The scheduled action takes a step, so many seconds after the last one."""
        for __ in range(times):
            self.now += pause
            try:
                with self.committing() as env:
                    self.feed.with_env(env)._run()
                    env["ir.cron"]._commit_progress()
                    self.feed.with_env(env)._reread_guarded()
            finally:
                self.env.invalidate_all()

    def fail_step(self, error, pause=60):
        """A step that fails, and keeps what it committed: assertRaises would not."""
        try:
            self.step(pause=pause)
        except error:
            return
        self.fail(f"no {error.__name__}")

    def have_read_until(self, moment):
        """All orders were read that changed before."""
        markets = self.shop.market_ids | self.shop.market_id
        self.feed.write({"watermark": moment, "read_market_ids": markets})

    def read_all(self):
        """Until the run is over."""
        for __ in range(6):
            self.step()
            if self.feed.state == "idle":
                return self.get_import()
        self.fail("the run is never over")

    def get_import(self):
        return self.env["amazon.order.import"].search(
            [("shop_id", "=", self.shop.id)], limit=1
        )

    def get_documents(self):
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", "amazon.order.import"),
                ("name", "like", "unshipped-orders"),
            ]
        )


@tagged("post_install", "-at_install")
class TestFeedReport(FeedReportCase):
    # === A REPORT IS IMPORTED === #

    def test_the_orders_of_the_report_are_imported_as_those_of_a_file(self):
        self.sell(1, 2)
        order_import = self.read_all()
        self.assertEqual(order_import.state, "done")
        self.assertEqual(order_import.source, "api")
        self.assertEqual(
            order_import.order_ids.mapped("name"), [order_ref(1), order_ref(2)]
        )
        self.assertEqual(
            order_import.order_ids.picking_ids.mapped("state"), ["draft"] * 2
        )

    def test_each_run_takes_one_step(self):
        self.sell(1)
        counts = []
        for __ in range(3):
            self.step()
            counts.append((self.amazon.count(CREATE), self.amazon.count(READ)))
        self.assertEqual(counts, [(1, 0), (1, 1), (1, 2)])
        self.assertEqual(self.feed.state, "idle")

    def test_the_feed_tells_what_was_read(self):
        self.sell(1, 2)
        self.read_all()
        self.assertEqual(self.feed.last_new_count, 2)
        self.assertTrue(self.feed.last_import_at)
        self.assertFalse(self.feed.report_ref)
        self.assertFalse(self.feed.source)

    def test_known_orders_are_no_new_ones(self):
        self.sell(1)
        self.read_all()
        self.sell(2)
        order_import = self.read_all()
        self.assertEqual((order_import.new_count, order_import.known_count), (1, 1))
        self.assertEqual(self.feed.last_new_count, 1)
        self.assertEqual(len(self.find_order(1).picking_ids), 1)

    def test_only_the_shops_markets_are_asked_for(self):
        self.sell(1)
        self.feed.forbidden_market_ids = self.market_de
        self.step()
        (call,) = self.get_calls(CREATE)
        self.assertEqual(
            call.data["marketplaceIds"], self.market_nl.mapped("marketplace_ref")
        )

    def test_an_order_is_of_the_market_it_was_placed_in(self):
        self.amazon.orders.load_report(
            make_report(report_row(1)), self.market_de.marketplace_ref
        )
        self.read_all()
        self.assertEqual(self.find_order(1).market_id, self.market_de)

    # === THE DOCUMENT === #

    def test_the_document_is_erased_once_it_is_imported(self):
        self.sell(1)
        order_import = self.read_all()
        self.assertFalse(order_import.sudo().attachment_ids)
        self.assertFalse(self.get_documents())

    def test_what_a_person_has_uploaded_is_not_erased(self):
        order_import = self.import_rows(report_row(1))
        self.assertEqual(len(order_import.sudo().attachment_ids), 1)

    def test_a_large_import_keeps_the_document_until_it_is_done(self):
        self.patch(amazon_order_import, "CHUNK_SIZE", 1)
        self.sell(1, 2)
        order_import = self.read_all()
        self.assertEqual(order_import.state, "queued")
        self.assertEqual(len(self.get_documents()), 1)
        self.run_cron_to_its_end("cron_import_orders")
        self.assertEqual(order_import.state, "done")
        self.assertEqual(self.feed.last_new_count, 2)
        self.assertFalse(self.get_documents())

    def test_the_document_of_an_import_that_fails_lives_for_a_day(self):
        with self.committing() as env:
            feed = self.feed.with_env(env)
            feed.write({"report_ref": "ID1", "report_asked_at": fields.Datetime.now()})
            order_import = feed._create_report_import(make_report(report_row(1)))
        order_import = self.get_import()
        order_import._gc_documents()
        self.assertEqual(len(self.get_documents()), 1)
        self.backdate(order_import, timedelta(hours=25))
        order_import._gc_documents()
        self.assertFalse(self.get_documents())

    def test_users_of_other_companies_cannot_read_the_document(self):
        self._create_other_company()
        with self.committing() as env:
            feed = self.feed.with_env(env)
            feed.write({"report_ref": "ID1", "report_asked_at": fields.Datetime.now()})
            feed._create_report_import(make_report(report_row(1)))
        document = self.get_documents()
        self.assertTrue(document.with_user(self.amazon_user).has_access("read"))
        self.assertFalse(document.with_user(self.other_manager).has_access("read"))
        self.assertFalse(document.with_user(self.stock_user).has_access("read"))

    # === NOTHING TO SHIP === #

    def test_a_cancelled_report_means_nothing_to_ship(self):
        self.read_all()
        self.assertEqual(self.feed.error_kind, False)
        self.assertEqual(self.feed.last_new_count, 0)
        self.assertTrue(self.feed.last_import_at)
        self.assertFalse(self.get_import())

    def test_a_report_without_a_row_means_nothing_to_ship(self):
        self.sell(1)
        self.standins.amazon.faults.add(
            "downloadDocument", "content", body=make_report().decode()
        )
        self.read_all()
        self.assertFalse(self.get_import())
        self.assertFalse(self.feed.error)

    def test_a_cancelled_report_moves_no_watermark(self):
        """Amazon cancels reports that are asked for too often as well."""
        moment = datetime(2026, 11, 1)
        self.have_read_until(moment)
        self.read_all()
        self.assertEqual(self.feed.watermark, moment)

    def test_a_report_that_is_done_moves_the_watermark(self):
        self.sell(1)
        before = fields.Datetime.now()
        self.read_all()
        lag = before - self.feed.watermark
        self.assertGreaterEqual(lag, timedelta(minutes=59))
        self.assertLess(lag, timedelta(minutes=62))

    def test_the_watermark_never_goes_back(self):
        self.sell(1)
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        self.have_read_until(tomorrow)
        self.read_all()
        self.assertEqual(self.feed.watermark, tomorrow)

    # === REPORTS OF NO USE === #

    def test_a_report_that_amazon_cannot_make_is_told(self):
        self.sell(1)
        self.amazon.report_outcome = "FATAL"
        self.step(3)
        self.assertIn("could not make the report", self.feed.error)
        self.assertEqual(self.feed.error_kind, "other")
        self.assertFalse(self.feed.report_ref)

    def test_the_next_report_heals(self):
        self.sell(1)
        self.amazon.report_outcome = "FATAL"
        self.step(3)
        self.amazon.report_outcome = ""
        self.read_all()
        self.assertFalse(self.feed.error)
        self.assertFalse(self.feed.error_kind)
        self.assertEqual(self.feed.failure_count, 0)
        self.assertTrue(self.find_order(1))

    def test_a_report_that_is_never_made_is_given_up(self):
        self.sell(1)
        self.amazon.report_polls = 100
        self.step(2)
        self.assertEqual(self.feed.state, "running")
        self.feed.report_asked_at -= timedelta(hours=2)
        self.step()
        self.assertIn("within two hours", self.feed.error)
        self.assertFalse(self.feed.report_ref)
        self.assertGreater(self.feed.paused_until, fields.Datetime.now())

    def test_a_document_that_is_no_report_is_told(self):
        self.sell(1)
        self.amazon.faults.add("downloadDocument", "content", body="<html>x</html>")
        self.step(3)
        self.assertIn("web page", self.feed.error)
        self.assertFalse(self.get_import())
        self.assertFalse(self.get_documents())

    def test_a_report_that_amazon_has_forgotten_is_asked_for_again(self):
        self.sell(1)
        self.step()
        self.amazon._reports.clear()
        self.step()
        self.assertIn("lost the report", self.feed.error)
        self.read_all()
        self.assertTrue(self.find_order(1))

    def test_an_app_without_the_role_is_no_failure_of_the_report(self):
        self.sell(1)
        self.step(2)
        self.patch(self.standins.seller, "restricted_role", False)
        self.fail_step(MissingRole)
        self.assertFalse(self.feed.report_ref)
        self.assertFalse(self.feed.error)

    def test_an_unreadable_row_stops_no_other(self):
        self.sell(1)
        good, bad = report_row(2), report_row(3, quantity_to_ship="two")
        self.amazon.faults.add(
            "downloadDocument", "content", body=make_report(good, bad).decode()
        )
        order_import = self.read_all()
        self.assertEqual(order_import.order_ids.mapped("name"), [order_ref(2)])
        self.assertEqual(order_import.problem_ids.mapped("order_ref"), [order_ref(3)])

    def test_an_unreadable_row_is_told_once_until_it_changes(self):
        def serve(quantity):
            rows = [report_row(2), report_row(3, quantity_to_ship=quantity)]
            data = make_report(*rows).decode()
            self.amazon.faults.add("downloadDocument", "content", body=data)

        self.sell(1)
        serve("two")
        first = self.read_all()
        self.assertEqual(self.shop.health, "left_out")
        serve("two")
        self.assertEqual(self.read_all(), first)
        serve("three")
        second = self.read_all()
        self.assertNotEqual(second, first)
        self.assertEqual(second.problem_ids.order_ref, order_ref(3))
        # A report without it: it is not to be shipped any more.
        self.age(second | first, timedelta(hours=2))
        self.read_all()
        self.assertEqual(self.shop.health, "connected")

    def age(self, imports, age):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE amazon_order_import_problem SET create_date = %s"
            " WHERE import_id = ANY(%s)",
            [fields.Datetime.now() - age, imports.ids],
        )
        self.env.invalidate_all()

    # === OUTAGES AND CRASHES === #

    def test_an_outage_keeps_the_report(self):
        self.sell(1)
        self.step()
        report_ref = self.feed.report_ref
        self.amazon.faults.add(READ, "unavailable")
        self.fail_step(Unavailable)
        self.assertEqual(self.feed.report_ref, report_ref)
        self.read_all()
        self.assertEqual(self.amazon.count(CREATE), 1)
        self.assertTrue(self.find_order(1))

    def test_a_document_that_was_cut_off_is_fetched_again(self):
        self.sell(1)
        self.step(2)
        self.amazon.faults.add("downloadDocument", "cut")
        self.fail_step(Unavailable)
        self.read_all()
        self.assertEqual(self.amazon.count(DOCUMENT), 2)
        self.assertTrue(self.find_order(1))

    def test_who_dies_after_asking_has_spent_the_token(self):
        """The bucket is committed before the call, so that no rate is exceeded."""
        self.amazon.faults.add(CREATE, "throttled")
        self.fail_step(Throttled)
        self.assertTrue(self.feed.report_full_at)

    def test_a_report_waits_for_the_import_of_the_last_one(self):
        self.env["amazon.order.import"].create(
            {
                "shop_id": self.shop.id,
                "market_id": self.market_nl.id,
                "source": "api",
                "state": "queued",
            }
        )
        self.step()
        self.assertEqual(self.amazon.count(CREATE), 0)
        self.assertTrue(self.feed.paused_until)

    # === PACE === #

    def test_no_more_reports_are_asked_for_than_amazon_grants(self):
        for __ in range(9):
            self.step(pause=0)
            self.feed.report_ref = False
        # The last of the seven may be a rounding error away.
        at_once = self.amazon.count(CREATE)
        self.assertIn(at_once, (6, 7))
        self.assertTrue(self.feed.paused_until)
        self.step(pause=67)
        self.assertEqual(self.amazon.count(CREATE), at_once + 1)

    def test_no_more_documents_are_fetched_than_amazon_grants(self):
        self.sell(1)
        self.step(2)
        self.amazon.faults.add("downloadDocument", "cut", times=None)
        for __ in range(6):
            self.fail_step(Unavailable, pause=0)
        self.amazon.faults.clear()
        self.feed.document_full_at += 67
        self.step(2, pause=0)
        self.assertEqual(self.amazon.count(DOCUMENT), 6)
        self.assertEqual(self.feed.state, "running")
        self.step(pause=134)
        self.assertEqual(self.amazon.count(DOCUMENT), 7)
        self.assertTrue(self.find_order(1))

    def test_who_is_throttled_knows_that_the_bucket_is_empty(self):
        self.amazon.faults.add(CREATE, "throttled", retry_after=600)
        self.fail_step(Throttled)
        self.step()
        self.assertEqual(self.amazon.count(CREATE), 1)
        self.step(pause=600)
        self.assertEqual(self.amazon.count(CREATE), 2)

    # === WHAT IS CLOSED AT AMAZON === #

    def test_an_order_that_was_cancelled_at_amazon_is_cancelled_here(self):
        self.sell(1, 2)
        self.read_all()
        self.amazon.orders[order_ref(1)].status = "CANCELLED"
        self.read_all()
        self.assertEqual(self.find_order(1).state, "cancelled")
        self.assertEqual(self.find_order(1).picking_ids.state, "cancel")
        self.assertEqual(self.find_order(2).state, "to_ship")
        self.assertEqual(self.amazon.references("getOrder"), {order_ref(1): 1})

    def test_the_last_open_order_that_was_cancelled_is_cancelled_here(self):
        self.sell(1)
        self.read_all()
        self.amazon.orders[order_ref(1)].status = "CANCELLED"
        self.read_all()
        self.assertEqual(self.find_order(1).state, "cancelled")

    def test_it_is_so_with_a_report_that_has_no_row_as_well(self):
        self.sell(1)
        self.read_all()
        self.amazon.orders[order_ref(1)].status = "CANCELLED"
        self.amazon.report_outcome = "DONE"
        self.amazon.faults.add(
            "downloadDocument", "content", body=make_report().decode()
        )
        self.read_all()
        self.assertEqual(self.find_order(1).state, "cancelled")

    def test_an_order_that_the_report_does_not_list_yet_stays_open(self):
        self.sell(1, 2)
        self.read_all()
        self.amazon.orders[order_ref(1)].fulfilled_by = "MERCHANT "
        self.read_all()
        self.assertEqual(self.find_order(1).state, "to_ship")

    def test_orders_of_other_shops_and_markets_are_not_asked_about(self):
        self.sell(1)
        other = self._create_shop(self.company, "A3SELLER")
        self.market_fr = self.env.ref("amazon_carrier_connector.market_fr")
        self.import_rows(report_row(2), shop=other)
        self.import_rows(report_row(3, buyer_email=""), market=self.market_fr)
        self.read_all()
        self.assertEqual(self.amazon.count("getOrder"), 0)

    def reread(self, pause=60):
        """The next turn in which single orders are asked about."""
        self.now += pause
        self.feed.reread_at = False
        with self.committing() as env:
            self.feed.with_env(env)._reread_guarded()
        self.env.invalidate_all()

    def cancel_at_amazon(self, *numbers):
        for number in numbers:
            self.amazon.orders[order_ref(number)].status = "CANCELLED"

    def test_all_that_vanished_is_asked_about_however_many_turns_it_takes(self):
        """Not more at a time than Amazon grants, and some are left to people."""
        numbers = range(1, 19)
        self.shop.import_source = "api"
        self.sell(*numbers, 19)
        self.read_all()
        self.cancel_at_amazon(*numbers)
        self.feed.write({"source": "report", "state": "running"})
        self.read_all()
        asked = self.amazon.count("getOrder")
        self.assertEqual(asked, ORDER_PACE.burst - SPARE)
        self.assertTrue(self.feed.reread_ids)
        while self.feed.reread_ids:
            self.reread(pause=8)
            self.assertLessEqual(self.amazon.count("getOrder"), asked + 2)
            self.assertGreater(self.amazon.count("getOrder"), asked)
            asked = self.amazon.count("getOrder")
        states = [self.find_order(number).state for number in numbers]
        self.assertEqual(states, ["cancelled"] * len(numbers))
        self.assertEqual(self.find_order(19).state, "to_ship")
        self.assertEqual(asked, len(numbers))

    def test_what_cannot_be_asked_about_keeps_no_other_waiting(self):
        self.sell(1, 2, 3)
        self.read_all()
        self.cancel_at_amazon(1, 2)
        self.amazon.faults.add("getOrder", "unavailable")
        self.read_all()
        self.assertEqual(
            self.feed.reread_ids, [self.find_order(2).id, self.find_order(1).id]
        )
        self.assertGreater(self.feed.reread_at, fields.Datetime.now())
        self.assertEqual(self.feed.state, "idle")
        self.reread()
        for number in (1, 2):
            self.assertEqual(self.find_order(number).state, "cancelled")
        self.assertFalse(self.feed.reread_ids)

    def test_a_429_to_a_single_order_is_waited_for(self):
        self.sell(1, 2)
        self.read_all()
        self.cancel_at_amazon(1)
        self.amazon.faults.add("getOrder", "throttled", retry_after=600)
        self.read_all()
        self.reread(pause=300)
        self.assertEqual(self.amazon.count("getOrder"), 1)
        self.reread(pause=330)
        self.assertEqual(self.find_order(1).state, "cancelled")

    def test_what_a_report_lists_again_is_not_asked_about(self):
        self.sell(1, 2)
        self.read_all()
        self.amazon.orders[order_ref(1)].fulfilled_by = "AMAZON?"
        self.amazon.faults.add("getOrder", "unavailable")
        self.read_all()
        self.assertEqual(self.feed.reread_ids, self.find_order(1).ids)
        self.amazon.orders[order_ref(1)].fulfilled_by = "MERCHANT"
        self.read_all()
        self.assertFalse(self.feed.reread_ids)
        self.assertEqual(self.amazon.count("getOrder"), 1)

    def test_orders_that_amazon_knows_no_more_or_that_are_deleted_are_let_go(self):
        self.sell(1, 2)
        self.read_all()
        self.feed.reread_ids = [self.find_order(1).id, self.find_order(2).id + 99]
        del self.amazon.orders[order_ref(1)]
        self.reread()
        self.assertFalse(self.feed.reread_ids)
        self.assertEqual(self.find_order(1).state, "to_ship")

    def test_a_bug_with_one_order_keeps_no_other_waiting(self):
        self.sell(1)
        self.read_all()
        self.patch(type(self.feed), "_reread_order", lambda *args: 1 / 0)
        order_id = self.find_order(1).id
        self.patch(amazon_shop_feed_reread, "ORDER_PACE", ORDER_PACE._replace(burst=1))
        self.patch(amazon_shop_feed_reread, "SPARE", 0)
        self.feed.reread_ids = [order_id, order_id + 99]
        with self.assertLogs(amazon_shop_feed_reread.__name__, "ERROR") as logged:
            self.reread()
        self.assertIn("ZeroDivisionError", logged.output[0])
        self.assertEqual(self.feed.reread_ids, [order_id + 99, order_id])

    def test_nothing_new_makes_no_import(self):
        self.sell(1)
        first = self.read_all()
        self.assertEqual(self.read_all(), first)
        self.assertEqual(self.feed.last_new_count, 0)
        self.assertFalse(self.get_documents())

    # === INSTEAD OF A SEARCH === #

    def test_a_first_import_is_a_report(self):
        self.shop.import_source = "api"
        self.assertEqual(self.feed._choose_source(), "report")

    def test_an_order_that_is_open_since_long_comes_with_the_first_import(self):
        self.shop.import_source = "api"
        self.sell(1, 2, 3)
        now = self.standins.clock.now()
        for number, days in ((1, 3), (2, 45), (3, 360)):
            order = self.amazon.orders[order_ref(number)]
            order.purchased = order.updated = now - timedelta(days=days)
        self.read_all()
        self.assertEqual(self.get_import().new_count, 3)

    def test_a_market_that_is_switched_on_later_is_read_by_a_report(self):
        """A search would not reach back to its oldest open orders."""
        self.shop.write({"import_source": "api", "market_ids": self.market_nl.ids})
        self.sell(1)
        self.read_all()
        watermark = self.feed.watermark
        self.amazon.orders.load_report(
            make_report(report_row(2)), self.market_de.marketplace_ref
        )
        self.amazon.orders[order_ref(2)].updated -= timedelta(days=60)
        self.shop.market_ids |= self.market_de
        self.read_all()
        self.assertTrue(self.find_order(2))
        self.assertEqual(self.feed.watermark, watermark)
        self.assertEqual(self.feed.read_market_ids, self.market_nl | self.market_de)
        self.assertEqual(self.feed._choose_source(), "api")

    def test_without_a_report_a_search_reaches_back_for_such_a_market(self):
        self.shop.write({"import_source": "api", "market_ids": self.market_nl.ids})
        self.sell(1)
        self.read_all()
        self.shop.market_ids |= self.market_de
        self.amazon.report_outcome = "FATAL"
        self.step(3)
        self.assertEqual(self.feed.source, "api")
        age = fields.Datetime.now() - self.feed.watermark
        self.assertEqual(age.days, 30)

    def test_a_later_import_is_what_the_shop_wants(self):
        self.feed.watermark = fields.Datetime.now()
        for source in ("api", "report"):
            self.shop.import_source = source
            self.assertEqual(self.feed._choose_source(), source)

    def test_a_search_takes_over_where_the_report_is_of_no_use(self):
        self.shop.import_source = "api"
        for outcome in ("FATAL", "CANCELLED"):
            self.feed.write({"source": "report", "report_failed_at": False})
            self.amazon.report_outcome = outcome
            self.step(3)
            self.assertEqual(self.feed.source, "api", outcome)
            self.assertEqual(self.feed._choose_source(), "api", outcome)
            self.assertFalse(self.feed.error, outcome)

    def test_a_search_takes_over_where_the_role_is_missing(self):
        self.shop.import_source = "api"
        self.sell(1)
        self.patch(self.standins.seller, "restricted_role", False)
        self.step(3)
        self.assertEqual(self.feed.source, "api")
        self.assertEqual(self.feed.state, "running")

    def test_the_report_takes_over_a_backlog(self):
        self.shop.import_source = "api"
        self.feed.write({"source": "api", "pagination_token": "page-1"})
        self.assertTrue(self.feed._leave_to_report())
        self.sell(1)
        self.read_all()
        self.assertFalse(self.feed.pagination_token)
        self.assertTrue(self.find_order(1))

    def test_what_a_report_did_not_list_yet_is_found_by_the_next_search(self):
        """Amazon's reports lag behind by half an hour."""
        self.shop.import_source = "api"
        self.amazon.report_lag_seconds = 30 * 60
        self.sell(1, 2)
        now = self.standins.clock.now()
        self.amazon.orders[order_ref(1)].updated = now - timedelta(hours=3)
        self.amazon.orders[order_ref(2)].updated = now - timedelta(minutes=25)
        self.read_all()
        self.assertTrue(self.find_order(1))
        self.assertFalse(self.find_order(2))
        self.assertEqual(self.feed._choose_source(), "api")
        self.step()
        self.assertTrue(self.find_order(2))

    def test_a_report_of_no_use_does_not_take_over(self):
        self.feed.write(
            {
                "source": "api",
                "report_failed_at": fields.Datetime.now() - timedelta(hours=23),
            }
        )
        self.assertFalse(self.feed._leave_to_report())
        self.feed.report_failed_at -= timedelta(hours=2)
        self.assertTrue(self.feed._leave_to_report())

    def test_a_search_goes_on_where_the_report_could_not_help(self):
        self.shop.import_source = "api"
        self.feed.write({"source": "report", "pagination_token": "page-1"})
        self.amazon.report_outcome = "FATAL"
        self.step(3)
        self.assertEqual(self.feed.source, "api")
        self.assertEqual(self.feed.pagination_token, "page-1")

    # === WHO IS TOLD === #

    def test_the_shops_responsible_is_told_of_an_import_that_fails(self):
        order_import = self.env["amazon.order.import"].create(
            {
                "shop_id": self.shop.id,
                "market_id": self.market_nl.id,
                "source": "api",
                "state": "running",
            }
        )
        order_import._fail("It failed.")
        self.assertEqual(
            order_import.activity_ids.user_id, self.shop._get_responsible()
        )

    # === HELPERS === #

    def get_calls(self, operation):
        return [call for call in self.amazon.calls if call.operation == operation]

    def backdate(self, record, age):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE amazon_order_import SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - age, record.id],
        )
        record.invalidate_recordset(["create_date"])
