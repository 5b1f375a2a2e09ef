"""The orders of a shop through the Unshipped Orders report."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.tests import tagged

from ..amazon import login
from ..amazon.errors import MissingRole, Throttled, Unavailable
from ..models import amazon_order_import, amazon_shop_feed_report
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
        self.patch(amazon_shop_feed_report, "time", clock)
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
            finally:
                self.env.invalidate_all()

    def fail_step(self, error):
        """A step that fails, and keeps what it committed: assertRaises would not."""
        try:
            self.step()
        except error:
            return
        self.fail(f"no {error.__name__}")

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
        self.run_cron("cron_import_orders")
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
        self.feed.watermark = moment
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
        self.feed.watermark = tomorrow
        self.read_all()
        self.assertEqual(self.feed.watermark, tomorrow)

    # === REPORTS OF NO USE === #

    def test_a_report_that_amazon_cannot_make_is_told(self):
        self.sell(1)
        self.amazon.report_outcome = "FATAL"
        self.read_all()
        self.assertIn("could not make the report", self.feed.error)
        self.assertEqual(self.feed.error_kind, "other")
        self.assertFalse(self.feed.report_ref)

    def test_the_next_report_heals(self):
        self.sell(1)
        self.amazon.report_outcome = "FATAL"
        self.read_all()
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
        self.assertEqual(self.feed.state, "idle")

    def test_a_document_that_is_no_report_is_told(self):
        self.sell(1)
        self.amazon.faults.add("downloadDocument", "content", body="<html>x</html>")
        self.read_all()
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
        self.step()
        self.feed.report_ref = False
        self.step(pause=0)
        self.assertEqual(self.amazon.count(CREATE), 1)
        wait = self.feed.paused_until - fields.Datetime.now()
        self.assertAlmostEqual(wait.total_seconds(), 60, delta=3)
        self.step()
        self.assertEqual(self.amazon.count(CREATE), 2)

    def test_no_more_documents_are_fetched_than_amazon_grants(self):
        self.sell(1)
        self.step(2)
        self.amazon.faults.add("downloadDocument", "cut")
        self.fail_step(Unavailable)
        self.step(pause=0)
        self.assertEqual(self.amazon.count(DOCUMENT), 1)
        self.assertEqual(self.feed.state, "running")

    # === INSTEAD OF A SEARCH === #

    def test_a_first_import_is_a_report(self):
        self.shop.import_source = "api"
        self.assertEqual(self.feed._choose_source(), "report")

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
