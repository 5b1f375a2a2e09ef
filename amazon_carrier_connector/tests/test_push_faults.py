"""What goes wrong at Amazon, and what becomes of it."""

import time
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..amazon.selling_partner import SellingPartner
from ..models import amazon_shop
from ..models.amazon_shop_feed import LOOK_UP_PACE
from .common import item_ref, order_ref
from .label_case import CONFIRM
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestPushFaults(PushCase):
    """What goes wrong at Amazon, and what becomes of it."""

    def get_references(self):
        """The packageReferenceId of every request, answered or not."""
        return [
            call.data["packageDetail"]["packageReferenceId"]
            for call in self.amazon.calls
            if call.operation == CONFIRM
        ]

    def assert_told_in_the_end(self, pickings, states=frozenset({"pushed"})):
        """One package per parcel at Amazon, each under one reference."""
        self.amazon.faults.clear()
        self.let_time_pass(pickings)
        self.push()
        rows = self.find_confirmations(pickings)
        self.assertEqual(set(rows.mapped("state")), states)
        self.assertFalse(any(rows.mapped("error")))
        held = {
            reference
            for order in pickings.amazon_order_ids
            for reference in self.amazon.orders[order.name].packages
        }
        self.assertEqual(held, {str(row.id) for row in rows})
        self.assertLessEqual(set(self.get_references()), held)

    # === AMAZON WANTS TO BE LEFT ALONE === #

    def assert_waits(self, pickings, seconds):
        rows = self.find_confirmations(pickings)
        self.assertEqual(set(rows.mapped("state")), {"to_push"})
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        self.assertFalse(self.is_due_again())
        least = fields.Datetime.now() + timedelta(seconds=seconds)
        for row in rows:
            self.assertGreater(row.next_attempt_at, least)
        trigger = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.cron.id), ("call_at", ">", least)]
        )
        self.assertTrue(trigger)

    def test_throttled_makes_the_whole_shop_wait_and_leaves_nothing_remaining(self):
        pickings = self.import_labelled(3)
        self.amazon.faults.add(CONFIRM, "throttled", retry_after=120, times=None)
        self.push()
        self.assert_waits(pickings, 100)
        self.assert_told_in_the_end(pickings)

    def test_an_empty_429_makes_it_wait_long_enough_for_the_next_run(self):
        pickings = self.import_labelled(3)
        self.amazon.faults.add(CONFIRM, "throttled", body=False, times=None)
        self.push()
        # Long enough that nothing is due again before this run of it has ended.
        self.assert_waits(pickings, 5)
        self.assert_told_in_the_end(pickings)

    def test_throttled_in_the_middle_keeps_what_was_taken(self):
        pickings = self.import_labelled(3)
        self.amazon.faults.add(CONFIRM, "throttled", nth=2)
        self.push()
        rows = self.find_confirmations(pickings)
        self.assertEqual(sorted(rows.mapped("state")), ["pushed", "to_push", "to_push"])
        self.assert_told_in_the_end(pickings)

    # === NOBODY KNOWS, OR NOTHING WAS DONE === #

    def _meet(self, kind, times=1, state="pushed", **details):
        pickings = self.import_labelled(2)
        self.amazon.faults.add(CONFIRM, kind, times=times, **details)
        self.push()
        rows = self.find_confirmations(pickings)
        failed = rows.filtered("error")
        self.assertEqual(set(failed.mapped("state")), {"to_push"})
        self.assertEqual(len(failed), 1 if times else 2)
        for row in failed:
            self.assertGreater(row.next_attempt_at, fields.Datetime.now())
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 2)
        self.assert_told_in_the_end(pickings, {"pushed", state})
        sent_again = {"confirmed": 0, "pushed": len(failed)}[state]
        self.assertEqual(self.amazon.count(CONFIRM), 2 + sent_again)

    def test_a_page_503_is_tried_again_under_the_same_reference(self):
        self._meet("unavailable")

    def test_an_error_500_after_acting_is_found_at_amazon_and_not_sent_again(self):
        self._meet("unavailable", status=500, moment="after", state="confirmed")

    def test_a_connection_cut_before_acting_is_tried_again(self):
        self._meet("cut", moment="before")

    def test_a_connection_cut_after_acting_is_found_at_amazon_and_not_sent_again(self):
        self._meet("cut", moment="after", state="confirmed")

    def test_a_long_outage_tries_all_of_them_again(self):
        self._meet("unavailable", times=None)

    def test_a_200_with_a_page_is_no_confirmation(self):
        self._meet("content", status=200, body="<html>ok</html>")

    def test_a_200_without_a_body_is_no_confirmation(self):
        self._meet("content", status=200, body="")

    def test_an_outage_is_told_to_a_person_only_when_it_lasts(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "unavailable", times=None)
        for __ in range(5):
            self.let_time_pass(picking)
            self.push()
        self.assertFalse(self.shop.activity_ids)
        for __ in range(3):
            self.let_time_pass(picking)
            self.push()
        self.assertEqual(len(self.shop.activity_ids), 1)

    def test_the_quantities_of_the_first_attempt_are_told_again(self):
        picking = self.import_labelled(quantity_to_ship=3)
        self.amazon.faults.add(CONFIRM, "cut", moment="before")
        self.push()
        picking.move_ids.quantity = 1
        self.let_time_pass(picking)
        self.push()
        quantities = [
            call.data["packageDetail"]["orderItems"][0]["quantity"]
            for call in self.amazon.calls
            if call.operation == CONFIRM
        ]
        self.assertEqual(quantities, [3, 3])
        self.assertEqual(len(set(self.get_references())), 1)

    def test_each_failure_doubles_the_wait_up_to_an_hour_and_a_quarter_more(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "unavailable", times=None)
        row = self.find_confirmations(picking)
        expected = {0: 1, 1: 2, 2: 4, 30: 60, 3000: 60}
        for attempts, minutes in expected.items():
            row.attempt_count = attempts
            self.let_time_pass(picking)
            self.push()
            wait = row.next_attempt_at - fields.Datetime.now()
            self.assertGreater(wait.total_seconds(), minutes * 60 - 10)
            self.assertLess(wait.total_seconds(), minutes * 60 * 1.25 + 10)

    # === AMAZON SAYS NO === #

    def test_a_refused_order_fails_with_amazons_words_and_the_others_go(self):
        pickings = self.import_labelled(3)
        self.amazon.orders[order_ref(2)].status = "CANCELLED"
        self.push()
        rows = self.find_confirmations(pickings)
        self.assertEqual(rows.mapped("state"), ["pushed", "failed", "pushed"])
        self.assertIn("NonexistentOrderItem", rows[1].error)
        self.assertEqual(rows[1].attempt_count, 1)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 3)
        self.assertEqual(len(self.shop.activity_ids), 1)

    def test_an_order_that_amazon_does_not_know_fails(self):
        picking = self.import_deliveries()
        self.label(picking)
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "failed")
        self.assertIn("does not know this order", row.error)

    # === THE ACCOUNT === #

    def assert_one_activity(self, *words):
        (activity,) = self.shop.activity_ids
        text = f"{activity.summary} {activity.note}"
        for word in words:
            self.assertIn(word, text)
        for secret in ("Recipient Example", "Voorbeeldstraat", "Atzr", "+316"):
            self.assertNotIn(secret, text)

    def test_a_missing_role_is_one_activity_for_the_shop_and_asks_no_further(self):
        pickings = self.import_labelled(3)
        self.amazon.faults.add(CONFIRM, "refused", status=403, times=None, body=None)
        self.push()
        self.assert_one_activity("role", order_ref(1))
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        self.let_time_pass(pickings)
        self.push()
        self.assert_one_activity()
        self.assertEqual(self.amazon.count(CONFIRM), 2)
        self.assert_told_in_the_end(pickings)

    def test_a_withdrawn_consent_is_one_activity_and_one_question(self):
        pickings = self.import_labelled(3)
        self.standins.seller.connected = False
        try:
            self.push()
        finally:
            self.standins.seller.connected = True
        self.assert_one_activity("Connect the shop again")
        self.assertEqual(self.standins.lwa.count("token"), 1)
        self.assertEqual(self.amazon.count(CONFIRM), 0)
        self.assert_told_in_the_end(pickings)

    def test_a_wrong_secret_is_one_activity(self):
        pickings = self.import_labelled(2)
        secret = self.company.sudo().amazon_client_secret
        self.company.sudo().amazon_client_secret = "wrong"
        self.push()
        self.assert_one_activity("client secret")
        self.company.sudo().amazon_client_secret = secret
        self.assert_told_in_the_end(pickings)

    def test_a_shop_that_is_not_connected_is_one_activity(self):
        pickings = self.import_labelled(2)
        token = self.shop.sudo().refresh_token
        self.shop.sudo().refresh_token = False
        self.push()
        self.push()
        self.assert_one_activity("refresh token")
        self.assertEqual(self.standins.lwa.calls, [])
        self.shop.sudo().refresh_token = token
        self.assert_told_in_the_end(pickings)

    def test_a_shop_with_other_activities_is_told_all_the_same(self):
        self.shop.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.env.uid
        )
        self.import_labelled()
        self.amazon.faults.add(CONFIRM, "refused", status=403, body=None)
        self.push()
        self.assertEqual(len(self.shop.activity_ids), 2)

    def test_one_order_that_amazon_forbids_does_not_hold_up_the_others_for_ever(self):
        pickings = self.import_labelled(3)
        self.amazon.faults.add(
            CONFIRM,
            "refused",
            reference=order_ref(1),
            status=403,
            times=None,
            body=None,
        )
        self.push()
        rows = self.find_confirmations(pickings)
        others = rows.filtered(lambda row: row.order_id.name != order_ref(1))
        for __ in range(3):
            # What is due first becomes due.
            waiting = rows.filtered(lambda row: row.state == "to_push")
            first = min(waiting.mapped("next_attempt_at"))
            due = waiting.filtered(
                lambda row, first=first: row.next_attempt_at == first
            )
            due.next_attempt_at = fields.Datetime.now()
            self.shop.push_drain_ids.paused_until = False
            self.push()
        self.assertEqual(set(others.mapped("state")), {"pushed"})
        self.assertEqual((rows - others).state, "to_push")

    def _connect_second_shop(self):
        """A shop after the first one, to which what follows belongs."""
        first, token = self.shop, self.shop._reveal_secret("refresh_token")
        type(self).shop = self._create_shop(self.company, "A3SECOND")
        self.addCleanup(setattr, type(self), "shop", first)
        self.shop.refresh_token_entry = token
        return first

    def test_a_broken_shop_does_not_stop_another_one(self):
        self.import_labelled()
        broken = self._connect_second_shop()
        second = self.import_labelled(first=2)
        broken.sudo().refresh_token = "Atzr|unknown"
        self.push()
        self.assertEqual(self.find_confirmations(second).state, "pushed")
        self.assertEqual(len(broken.activity_ids), 1)
        self.assertFalse(self.shop.activity_ids)

    def test_a_bug_with_one_shop_does_not_stop_another_one(self):
        first = self.import_labelled()
        broken = self._connect_second_shop()
        second = self.import_labelled(first=2)
        drain = self.registry["amazon.push.drain"]
        push = drain._push_through

        def fail(self, gateway, due):
            if self.shop_id == broken:
                raise ValueError("a bug")
            return push(self, gateway, due)

        with patch.object(drain, "_push_through", fail), self.assert_logged():
            self.push()
        self.assertEqual(self.find_confirmations(second).state, "pushed")
        self.assertEqual(self.find_confirmations(first).state, "to_push")
        self.assertEqual(len(broken.activity_ids), 1)

    def test_a_neutralized_copy_asks_nobody(self):
        picking = self.import_labelled()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "1")
        self.push()
        self.assertEqual(self.amazon.calls, [])
        self.assertEqual(self.standins.lwa.calls, [])
        self.assertEqual(self.find_confirmations(picking).state, "to_push")


@tagged("post_install", "-at_install")
class TestPushUnanswered(PushCase):
    """Amazon says nothing, or something else than 204."""

    def setUp(self):
        super().setUp()
        hasty = partial(SellingPartner, timeout=(2, 0.4))
        self.patch(amazon_shop, "SellingPartner", hasty)

    def assert_held_once(self, kind, state="pushed", **details):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, kind, **details)
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "to_push")
        self.assertTrue(row.error)
        self.let_time_pass(picking)
        self.push()
        self.assertEqual((row.state, row.is_unclear), (state, False))
        self.assertEqual(self.amazon.count(CONFIRM), 1 if state == "confirmed" else 2)
        (package,) = self.amazon.orders[order_ref(1)].packages.values()
        self.assertEqual(package.reference, str(row.id))
        self.assertEqual(package.items, {item_ref(1): 1})
        return package

    def test_no_answer_before_acting_is_tried_again(self):
        package = self.assert_held_once("timeout", seconds=2)
        self.assertEqual(package.version, 1)

    def test_no_answer_after_acting_is_looked_up_and_not_sent_again(self):
        package = self.assert_held_once(
            "timeout", state="confirmed", seconds=2, moment="after"
        )
        self.assertEqual(package.version, 1)

    def test_what_is_unclear_is_looked_up_only_while_our_share_of_the_calls_lasts(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "timeout", seconds=2, moment="after")
        self.push()
        feed, full = self.shop.feed_ids, LOOK_UP_PACE.burst / LOOK_UP_PACE.rate
        feed.look_up_full_at = time.time() + full
        self.let_time_pass(picking)
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual((row.state, row.is_unclear), ("to_push", True))
        self.assertEqual(self.amazon.count("getOrder"), 0)
        feed.look_up_full_at = 0
        self.let_time_pass(picking)
        self.push()
        self.assertEqual(row.state, "confirmed")
        self.assertEqual(self.amazon.count("getOrder"), 1)
        self.assertGreater(feed.look_up_full_at, time.time())

    def test_a_redirection_is_no_confirmation(self):
        self.assert_held_once("content", status=302, body="")

    def test_a_token_refused_under_way_is_renewed(self):
        self.import_labelled()
        self.push()
        self.standins.lwa.sellers.tokens.clear()
        second = self.import_labelled(first=2)
        self.push()
        self.assertEqual(self.find_confirmations(second).state, "pushed")
        self.assertEqual(self.amazon.count(CONFIRM, status=403), 1)
        self.assertFalse(self.shop.activity_ids)
