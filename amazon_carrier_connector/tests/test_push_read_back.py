"""What Amazon took is compared with what it shows."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import order_ref
from .label_case import CONFIRM
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestPushReadBack(PushCase):
    def read_back(self, pickings):
        self.standins.clock.advance(600)
        self.let_time_pass(pickings)
        self.run_cron("cron_read_back_confirmations")

    def test_what_amazon_shows_is_confirmed(self):
        picking = self.import_labelled()
        self.push()
        self.read_back(picking)
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "confirmed")
        self.assertEqual(picking.push_state, "confirmed")
        self.assertEqual(self.amazon.count(CONFIRM), 1)

    def test_what_amazon_does_not_show_yet_is_looked_at_again(self):
        picking = self.import_labelled()
        self.push()
        row = self.find_confirmations(picking)
        self.amazon.orders[order_ref(1)].packages.clear()
        self.read_back(picking)
        self.assertEqual(row.state, "pushed")
        self.assertGreater(row.next_attempt_at, fields.Datetime.now())

    def test_what_amazon_never_shows_becomes_the_task_of_a_person(self):
        picking = self.import_labelled()
        self.push()
        row = self.find_confirmations(picking)
        row.pushed_at -= timedelta(days=2)
        self.amazon.orders[order_ref(1)].packages.clear()
        self.read_back(picking)
        self.assertEqual(row.state, "failed")
        self.assertIn("does not show it", row.error)
        self.assertEqual(len(self.shop.activity_ids), 1)

    def test_another_number_at_amazon_is_not_taken_for_ours(self):
        picking = self.import_labelled()
        self.push()
        (package,) = self.amazon.orders[order_ref(1)].packages.values()
        package.tracking_number = "3SOTHR000000001"
        self.read_back(picking)
        self.assertEqual(self.find_confirmations(picking).state, "pushed")

    def test_a_connection_refused_while_reading_back_is_tried_again_later(self):
        picking = self.import_labelled()
        self.push()
        self.standins.seller.connected = False
        self.addCleanup(setattr, self.standins.seller, "connected", True)
        self.read_back(picking)
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "pushed")
        self.assertGreater(row.next_attempt_at, fields.Datetime.now())

    def test_reading_back_by_hand_says_what_is_wrong(self):
        picking = self.import_labelled()
        self.push()
        self.env["ir.config_parameter"].set_param(
            "amazon_carrier_connector.spapi_url", "http://amazon.example.com"
        )
        with self.assertRaisesRegex(UserError, "not https"):
            self.find_confirmations(picking).action_read_back()
