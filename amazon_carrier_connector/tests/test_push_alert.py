"""What Amazon did not get reaches a person once, in one list per shop."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import amazon_shipment_alert
from .common import order_ref
from .label_case import CONFIRM
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestPushAlert(PushCase):
    def refuse(self, *numbers):
        """Labelled orders that Amazon has cancelled."""
        pickings = self.env["stock.picking"]
        for number in numbers:
            pickings |= self.import_labelled(first=number)
            self.amazon.orders[order_ref(number)].status = "CANCELLED"
        self.push()
        return pickings

    def test_all_failed_orders_of_a_shop_are_one_activity_with_the_list(self):
        self.refuse(1, 2, 3)
        (activity,) = self.shop.activity_ids
        for number in (1, 2, 3):
            self.assertIn(order_ref(number), activity.note)
        self.assertEqual(activity.user_id, self.shop._get_responsible())

    def test_what_fails_later_is_added_to_the_same_activity(self):
        self.refuse(1)
        (activity,) = self.shop.activity_ids
        self.refuse(2)
        self.assertEqual(self.shop.activity_ids, activity)
        self.assertIn(order_ref(1), activity.note)
        self.assertIn(order_ref(2), activity.note)

    def test_what_a_person_has_dealt_with_is_not_told_again(self):
        self.refuse(1)
        self.shop.activity_ids.action_feedback()
        self.push()
        self.assertFalse(self.shop.activity_ids)
        self.refuse(2)
        self.assertEqual(len(self.shop.activity_ids), 1)
        self.assertIn(order_ref(2), self.shop.activity_ids.note)

    def test_the_activity_goes_when_all_of_it_is_settled(self):
        self.refuse(1, 2)
        for number in (1, 2):
            self.amazon.orders[order_ref(number)].status = ""
        rows = self.env["amazon.shipment.confirmation"].search([])
        rows[0].action_retry()
        self.push()
        (activity,) = self.shop.activity_ids
        self.assertNotIn(rows[0].order_id.name, activity.note)
        rows[1].action_retry()
        self.push()
        self.assertFalse(self.shop.activity_ids)

    def test_what_fails_again_after_a_retry_is_told_again(self):
        picking = self.refuse(1)
        self.shop.activity_ids.action_feedback()
        self.find_confirmations(picking).action_retry()
        self.push()
        self.assertEqual(len(self.shop.activity_ids), 1)

    def test_what_fails_after_it_was_told_as_waiting_is_told_again(self):
        picking = self.import_labelled()
        row = self.find_confirmations(picking)
        row.write({"attempt_count": 9, "told_at": fields.Datetime.now()})
        self.amazon.orders[order_ref(1)].status = "Canceled"
        self.push()
        self.assertEqual((row.state, len(self.shop.activity_ids)), ("failed", 1))

    def test_an_activity_of_somebody_else_is_left_alone(self):
        own = self.shop.activity_schedule(
            "mail.mail_activity_data_warning", user_id=self.env.uid
        )
        self.refuse(1)
        self.assertEqual(len(self.shop.activity_ids), 2)
        self.env["amazon.shipment.confirmation"].search([]).state = "confirmed"
        self.push()
        self.assertEqual(self.shop.activity_ids, own)

    def test_a_long_list_names_the_first_and_counts_the_rest(self):
        self.patch(amazon_shipment_alert, "LISTED_ORDERS", 2)
        self.refuse(1, 2, 3)
        note = self.shop.activity_ids.note
        self.assertIn(order_ref(2), note)
        self.assertNotIn(order_ref(3), note)
        self.assertIn("and 1 more", note)

    def wait_with_ship_by_in(self, hours):
        """An order of that ship-by that cannot be pushed just now."""
        picking = self.import_labelled()
        now = fields.Datetime.now()
        picking.amazon_order_ids.ship_by = now + timedelta(hours=hours)
        self.amazon.faults.add(CONFIRM, "unavailable", times=None)
        self.push()
        self.assertFalse(self.shop.activity_ids)
        with patch.object(amazon_shipment_alert, "FRESH", timedelta(0)):
            self.push()
        return picking

    def test_what_waits_near_its_ship_by_is_told(self):
        self.wait_with_ship_by_in(hours=1)
        self.assertIn(order_ref(1), self.shop.activity_ids.note)

    def test_what_waits_past_its_ship_by_is_told(self):
        self.wait_with_ship_by_in(hours=-5)
        self.assertIn(order_ref(1), self.shop.activity_ids.note)

    def test_what_has_time_left_is_not_told(self):
        self.wait_with_ship_by_in(hours=24)
        self.assertFalse(self.shop.activity_ids)

    def test_a_parcel_that_waits_for_its_delivery_is_no_task_of_the_push(self):
        self.shop.push_moment = "validation"
        self.wait_with_ship_by_in(hours=-5)
        self.assertFalse(self.shop.activity_ids)

    def test_a_shop_that_is_shut_lists_all_that_waits(self):
        pickings = self.import_labelled(3)
        self.amazon.faults.add(CONFIRM, "refused", status=403, times=None, body=None)
        self.push()
        for order in pickings.amazon_order_ids:
            self.assertIn(order.name, self.shop.activity_ids.note)
        self.amazon.faults.clear()
        self.let_time_pass(pickings)
        self.push()
        self.assertFalse(self.shop.activity_ids)
        self.assertFalse(self.shop.push_drain_ids.error)
