"""A shop says whether it works; when it stops, a person is told once."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import order_ref
from .label_case import CONFIRM
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestShopHealth(PushCase):
    def setUp(self):
        super().setUp()
        self.feed = self.shop.feed_ids
        self.drain = self.shop.push_drain_ids

    def in_minutes(self, minutes):
        return fields.Datetime.now() + timedelta(minutes=minutes)

    def assert_health(self, health, words="", stopped=False):
        self.env.invalidate_all()
        shop = self.shop.with_user(self.stock_user)
        self.assertEqual(shop.health, health)
        self.assertIn(words, shop.health_message)
        self.assertEqual(shop.is_stopped, stopped)

    def fail_feed(self, kind, error="The reason.", **values):
        self.feed.write({"error": error, "error_kind": kind, **values})

    # === WHAT IT SAYS === #

    def test_a_connected_shop_tells_its_last_import(self):
        self.assert_health("connected", "Amazon was not asked for orders yet")
        self.feed.write({"last_import_at": self.in_minutes(-12), "last_new_count": 3})
        self.assert_health("connected", "Last import 12 minutes ago, 3 new.")

    def test_the_last_import_is_told_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.feed.last_import_at = self.in_minutes(-12)
        shop = self.shop.with_context(lang="nl_NL")
        self.assertIn("12 minuten geleden", shop.health_message)

    def test_what_amazon_refuses_for_the_import_is_told_with_its_reason(self):
        for kind in ("token_refused", "role_missing", "other"):
            with self.subTest(kind):
                self.fail_feed(kind, paused_until=self.in_minutes(9))
                self.assert_health(kind, "No orders are imported until", stopped=True)
                self.assert_health(kind, "The reason.", stopped=True)

    def test_addresses_that_amazon_withholds_do_not_keep_orders_away(self):
        self.fail_feed(
            "role_missing", "No address.", last_import_at=self.in_minutes(-1)
        )
        self.assert_health("role_missing", "No address.", stopped=True)
        self.assertNotIn("No orders", self.shop.health_message)

    def test_what_amazon_refuses_for_the_push_is_told_with_its_reason(self):
        self.import_labelled()
        self.amazon.faults.add(CONFIRM, "refused", status=403, times=None, body=None)
        self.push()
        self.assert_health("role_missing", "No tracking numbers are sent", True)

    def test_the_worst_is_told(self):
        self.fail_feed("unavailable")
        self.drain.write({"error": "Worse.", "error_kind": "role_missing"})
        self.assert_health("role_missing", "Worse.", stopped=True)

    def test_a_throttled_import_says_when_it_goes_on(self):
        self.fail_feed("throttled", paused_until=self.in_minutes(9))
        self.assert_health("throttled", "goes on by itself at")
        self.feed.write(
            {"error": False, "error_kind": False, "paused_until": self.in_minutes(-1)}
        )
        self.assert_health("connected")

    def test_an_import_that_runs_says_so_and_waits_without_a_word_of_trouble(self):
        self.feed.state = "running"
        self.assert_health("connected", "Orders are being imported.")
        self.feed.paused_until = self.in_minutes(3)
        self.assert_health("connected", "at the pace that Amazon allows")

    def test_a_paused_push_says_when_it_goes_on(self):
        self.drain.paused_until = self.in_minutes(9)
        self.assert_health("push_paused", "sent again by themselves at")

    def test_an_outage_is_no_stop_until_it_lasts(self):
        self.fail_feed("unavailable", failure_count=1)
        self.assert_health("unavailable", "The reason.")
        self.feed.failure_count = 6
        self.assert_health("unavailable", stopped=True)

    def test_a_refused_market_that_is_switched_on_is_named(self):
        self.feed.forbidden_market_ids = self.market_de
        self.assert_health("market_refused", self.market_de.name, stopped=True)
        self.shop.market_ids -= self.market_de
        self.assert_health("connected")

    def test_consent_and_secret_that_end_soon_are_told_in_time(self):
        for days, health in (
            (31, "connected"),
            (29, "expiring"),
            (-1, "token_refused"),
        ):
            with self.subTest(days):
                self.shop.consent_expires_at = self.in_minutes(days * 24 * 60)
                self.assert_health(health, stopped=health != "connected")
        self.shop.consent_expires_at = False
        for days, health in ((149, "connected"), (151, "expiring")):
            with self.subTest(secret=days):
                self.company.amazon_secret_set_at = self.in_minutes(-days * 24 * 60)
                self.assert_health(health, stopped=health != "connected")

    def test_an_automatic_import_that_does_not_begin_is_told(self):
        self.shop.write({"import_automatically": True, "import_interval": 60})
        self.env.flush_all()
        self.assert_health("connected")
        self.let_hours_pass(2.9)
        self.assert_health("connected")
        self.let_hours_pass(3.1)
        self.assert_health("late", "scheduled actions", stopped=True)

    def let_hours_pass(self, hours):
        """Nothing was written of the shop and its import since."""
        moment = self.in_minutes(-60 * hours)
        for record in (self.shop, self.feed):
            self.env.cr.execute(
                f"UPDATE {record._table} SET write_date = %s WHERE id = %s",
                [moment, record.id],
            )

    def test_a_shop_of_files_is_simply_not_connected(self):
        self.shop.action_disconnect()
        self.fail_feed("token_refused")
        self.assert_health("draft", "Files can be uploaded")

    def test_numbers_that_wait_for_a_connection_are_a_stop_after_half_an_hour(self):
        picking = self.import_labelled()
        self.shop.action_disconnect()
        self.assert_health("draft")
        self.let_wait(picking)
        self.assert_health("disconnected", "1 tracking numbers wait", stopped=True)
        self.shop.push_tracking = False
        self.assert_health("draft")

    def let_wait(self, picking):
        self.env.cr.execute(
            "UPDATE amazon_shipment_confirmation SET create_date = %s"
            " WHERE id = ANY(%s)",
            [self.in_minutes(-31), self.find_confirmations(picking).ids],
        )

    def test_an_automatic_import_without_connection_is_a_stop(self):
        self.shop.action_disconnect()
        self.shop.import_automatically = True
        self.assert_health("disconnected", "not connected to Amazon", stopped=True)
        self.shop.active = False
        self.assert_health("draft")

    def test_a_new_token_ends_what_the_old_one_caused(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "refused", status=403, body=None)
        self.push()
        self.fail_feed("token_refused", paused_until=self.in_minutes(60))
        self.shop.refresh_token_entry = self.standins.connection()["refresh_token"]
        self.assert_health("connected")
        self.push()
        self.assertEqual(self.find_confirmations(picking).state, "pushed")

    def test_many_shops_cost_few_queries(self):
        shops = self.shop
        for number in range(5):
            shops |= self._create_shop(
                self.company, f"B{number}", refresh_token_entry=f"Atzr|{number}"
            )
        self.env.flush_all()
        counts = []
        for some in (shops[:2], shops):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("health")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    # === WHO IS TOLD === #

    def watch(self):
        self.run_cron("cron_watch_shops")
        self.shop.invalidate_recordset()
        return self.shop.activity_ids

    def test_a_stop_is_told_once_to_the_one_in_charge(self):
        self.fail_feed("token_refused")
        activity = self.watch()
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.shop._get_responsible())
        self.assertIn("Authorisation Refused", activity.summary)
        self.assertIn("The reason.", activity.note)
        for __ in range(3):
            self.feed.failure_count += 1
            self.assertEqual(self.watch(), activity)

    def test_an_activity_that_was_done_is_not_made_again_for_the_same_stop(self):
        self.fail_feed("token_refused")
        self.watch().action_feedback()
        self.assertFalse(self.watch())

    def test_the_activity_goes_when_the_shop_works_and_comes_with_the_next_stop(self):
        self.fail_feed("token_refused")
        first = self.watch()
        self.feed.write({"error": False, "error_kind": False})
        self.assertFalse(self.watch())
        self.fail_feed("role_missing")
        self.assertEqual(len(self.watch()), 1)
        self.assertFalse(first.exists())

    def test_another_reason_is_told_in_the_same_activity(self):
        self.fail_feed("token_refused")
        activity = self.watch()
        self.fail_feed("role_missing", "Another reason.")
        self.assertEqual(self.watch(), activity)
        self.assertIn("Role Missing", activity.summary)
        self.assertIn("Another reason.", activity.note)

    def test_a_refused_market_is_a_task_until_it_is_allowed_or_switched_off(self):
        for mend in (
            lambda: self.feed._queue(),
            lambda: self.shop.write({"market_ids": self.market_nl.ids}),
        ):
            self.shop.market_ids = self.market_nl | self.market_de
            self.feed.forbidden_market_ids = self.market_de
            activity = self.watch()
            self.assertIn(self.market_de.name, activity.note)
            self.assertEqual(self.watch(), activity)
            mend()
            self.assertFalse(self.watch())

    def test_what_passes_by_itself_is_nobodys_task(self):
        self.fail_feed("throttled", paused_until=self.in_minutes(9))
        self.assertFalse(self.watch())
        self.fail_feed("unavailable", failure_count=5)
        self.assertFalse(self.watch())

    def test_shops_are_told_apart(self):
        other = self._create_shop(self.company, "A3SELLER")
        self.fail_feed("token_refused")
        self.watch()
        self.assertFalse(other.activity_ids)

    def test_the_stop_of_an_archived_shop_is_no_task(self):
        self.fail_feed("token_refused")
        self.watch()
        self.shop.action_archive()
        self.assertFalse(self.watch())

    def test_a_push_that_stopped_is_one_task_however_many_parcels_wait(self):
        pickings = self.import_labelled(3)
        self.amazon.faults.add(CONFIRM, "refused", status=403, times=None, body=None)
        for __ in range(3):
            self.let_time_pass(pickings)
            self.push()
            self.assertEqual(len(self.watch()), 1)
        self.watch().action_feedback()
        self.assertFalse(self.watch())
        self.amazon.faults.clear()
        self.let_time_pass(pickings)
        self.push()
        self.assertFalse(self.watch())

    def test_an_import_that_stops_beside_the_push_is_another_task(self):
        self.import_labelled()
        self.amazon.faults.add(CONFIRM, "unavailable", times=None)
        self.drain.write({"error": "An outage.", "error_kind": "unavailable"})
        self.push()
        listed = self.watch()
        self.assertIn(order_ref(1), listed.note)
        self.fail_feed("role_missing")
        self.assertIn("The reason.", (self.watch() - listed).note)
