"""Labels and deliveries that are given up, before the push and after it."""

from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import order_ref
from .label_case import CONFIRM
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestWithdrawal(PushCase):
    def assert_never_told(self, picking, word):
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual((row.state, picking.push_state), ("cancelled", "cancelled"))
        self.assertIn(word, row.error)
        self.assertEqual(self.amazon.count(CONFIRM), 0)
        self.assertFalse(self.shop.activity_ids)
        return row

    def assert_person_is_told(self, picking, word):
        """Once, with the order and the number that Amazon holds."""
        row = self.find_confirmations(picking)
        self.push()
        self.assertEqual(row.state, "failed")
        (activity,) = self.shop.activity_ids
        for text in (order_ref(1), row.tracking_number, word):
            self.assertIn(text, activity.note)
        activity.action_feedback()
        self.push()
        self.assertFalse(self.shop.activity_ids)
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        return row

    def test_a_label_cancelled_before_the_push_does_not_stay_to_push(self):
        picking = self.import_labelled()
        picking.parcel_ids.action_cancel()
        self.assertEqual(self.find_confirmations(picking).state, "cancelled")
        self.assert_never_told(picking, "label was cancelled")

    def test_a_label_cancelled_by_other_code_does_not_stay_to_push(self):
        picking = self.import_labelled()
        picking.parcel_ids.state = "cancelled"
        self.assert_never_told(picking, "label was cancelled")

    def test_a_delivery_cancelled_before_the_push_is_never_told(self):
        picking = self.import_labelled()
        picking.action_cancel()
        self.assert_never_told(picking, "delivery was cancelled")

    def test_a_delivery_cancelled_while_it_waits_for_validation_is_never_told(self):
        self.shop.push_moment = "validation"
        picking = self.import_labelled()
        picking.move_ids._action_cancel()
        self.assert_never_told(picking, "delivery was cancelled")

    def test_a_retry_does_not_send_a_label_that_was_cancelled(self):
        picking = self.import_labelled()
        picking.parcel_ids.action_cancel()
        self.find_confirmations(picking).action_retry()
        self.assert_never_told(picking, "label was cancelled")

    def hand_over(self, picking):
        """Told to Amazon in a file, not by the push."""
        row = self.find_confirmations(picking)
        with freeze_time(fields.Datetime.now() - timedelta(hours=1)):
            row.action_hand_over()
        return row

    def assert_file_is_mentioned(self, row):
        self.push()
        self.assertEqual(row.state, "failed")
        self.assertIn("Amazon was told", row.error)
        self.assertIn(order_ref(1), self.shop.activity_ids.note)

    def test_a_label_cancelled_after_its_file_was_confirmed_is_told(self):
        picking = self.import_labelled()
        row = self.hand_over(picking)
        row._confirm_unlisted(
            self.shop, set(), fields.Datetime.now(), markets=self.market_nl
        )
        self.assertEqual(row.state, "confirmed")
        picking.parcel_ids.action_cancel()
        self.assert_file_is_mentioned(row)

    def test_a_label_cancelled_after_its_file_needed_another_one_is_told(self):
        picking = self.import_labelled()
        row = self.hand_over(picking)
        row._fail("Download another file.")
        picking.parcel_ids.action_cancel()
        self.assert_file_is_mentioned(row)

    def test_a_label_cancelled_after_it_was_taken_back_is_left_out(self):
        picking = self.import_labelled()
        self.hand_over(picking).action_take_back()
        picking.parcel_ids.action_cancel()
        self.assert_never_told(picking, "label was cancelled")

    def test_a_label_cancelled_after_the_push_is_told_to_a_person_once(self):
        picking = self.import_labelled()
        self.push()
        picking.with_user(self.stock_user).parcel_ids.action_cancel()
        row = self.assert_person_is_told(picking, "label was cancelled")
        row.action_retry()
        self.assertEqual(row.state, "failed")

    def test_a_delivery_cancelled_after_the_push_is_told_to_a_person_once(self):
        picking = self.import_labelled()
        self.push()
        picking.with_user(self.stock_user).action_cancel()
        self.assert_person_is_told(picking, "delivery was cancelled")

    def test_a_new_label_settles_what_a_person_was_told(self):
        picking = self.import_labelled()
        self.push()
        picking.parcel_ids.action_cancel()
        self.push()
        self.assertEqual(len(self.shop.activity_ids), 1)
        self.label(picking)
        self.push()
        self.assertEqual(self.find_confirmations(picking).state, "pushed")
        self.assertFalse(self.shop.activity_ids)
        (package,) = self.amazon.orders[order_ref(1)].packages.values()
        self.assertEqual(package.tracking_number, picking.carrier_tracking_ref)

    def cut_and_cancel(self, moment):
        """Nobody knows whether Amazon was told, and the label is cancelled."""
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "cut", moment=moment)
        self.push()
        picking.parcel_ids.action_cancel()
        row = self.find_confirmations(picking)
        self.assertEqual((row.state, row.is_unclear), ("to_push", True))
        self.let_time_pass(picking)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        return row

    def test_a_label_cancelled_after_an_unclear_push_that_arrived_is_told(self):
        row = self.cut_and_cancel("after")
        self.assertEqual(row.state, "failed")
        self.assertIn(row.tracking_number, self.shop.activity_ids.note)

    def test_a_label_cancelled_after_an_unclear_push_that_was_lost_is_left_out(self):
        row = self.cut_and_cancel("before")
        for __ in range(2):
            # What Amazon does not show yet it may show in some minutes.
            self.assertEqual(row.state, "to_push")
            self.let_time_pass(row.picking_id)
            self.push()
        self.assertEqual(row.state, "cancelled")
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        self.assertFalse(self.shop.activity_ids)
