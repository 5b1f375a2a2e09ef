"""What Amazon took is compared with what it shows."""

import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..amazon import selling_partner
from ..amazon.errors import Throttled
from ..models.amazon_messages import describe_amazon_error
from ..models.amazon_shop_feed import READ_BACK_ORDER_PACE, READ_BACK_SEARCH_PACE
from .common import item_ref, order_ref
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

    def read_back_long_after(self, pickings):
        """Longer after the push than a parcel needs to appear."""
        rows = self.find_confirmations(pickings)
        for row in rows:
            row.pushed_at -= timedelta(hours=2)
        self.read_back(pickings)
        return rows

    def test_what_amazon_never_shows_is_sent_once_more_and_then_told(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "content", status=204, times=None)
        self.push()
        row = self.read_back_long_after(picking)
        self.assertEqual((row.state, row.is_repeated), ("to_push", True))
        self.assertFalse(self.shop.activity_ids)
        self.push()
        self.assertEqual((row.state, self.amazon.count(CONFIRM)), ("pushed", 2))
        self.read_back_long_after(picking)
        self.assertEqual(row.state, "failed")
        self.assertIn("does not show it", row.error)
        self.assertIn(order_ref(1), self.shop.activity_ids.note)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 2)

    def test_what_appears_after_it_was_sent_once_more_is_confirmed(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "content", status=204)
        self.push()
        self.read_back_long_after(picking)
        self.push()
        self.read_back(picking)
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "confirmed")
        self.assertEqual(set(self.amazon.orders[order_ref(1)].packages), {str(row.id)})

    def test_an_outage_of_reading_sends_nothing_once_more(self):
        picking = self.import_labelled()
        self.push()
        self.amazon.faults.add("searchOrders", "unavailable", times=None)
        row = self.read_back_long_after(picking)
        self.assertEqual((row.state, row.is_repeated), ("pushed", False))
        self.assertFalse(self.shop.activity_ids)

    def test_what_can_never_be_read_back_is_told_to_a_person_once(self):
        picking = self.import_labelled()
        self.push()
        self.amazon.faults.add(
            "searchOrders", "refused", status=403, body=None, times=None
        )
        row = self.read_back_long_after(picking)
        self.assertFalse(self.shop.activity_ids)
        row.pushed_at -= timedelta(days=1)
        self.read_back(picking)
        self.assertEqual(row.state, "pushed")
        self.assertIn("lacks a role", self.shop.activity_ids.note)
        self.shop.activity_ids.action_feedback()
        self.read_back(picking)
        self.assertFalse(self.shop.activity_ids)
        self.amazon.faults.clear()
        self.read_back(picking)
        self.assertEqual((row.state, row.error), ("confirmed", False))

    def test_what_is_missing_is_found_however_many_orders_amazon_has(self):
        self.patch(selling_partner, "PAGE_SIZE", 1)
        pickings = self.import_labelled(3)
        self.amazon.faults.add(CONFIRM, "content", status=204)
        self.push()
        self.amazon.faults.add("searchOrders", "throttled", nth=2, times=None)
        rows = self.read_back_long_after(pickings)
        self.assertEqual(
            sorted(rows.mapped("state")), ["confirmed", "confirmed", "to_push"]
        )
        self.assertEqual(rows.filtered("is_repeated").state, "to_push")

    def test_no_more_is_read_back_than_its_share_of_what_amazon_grants(self):
        self.patch(selling_partner, "PAGE_SIZE", 1)
        pickings = self.import_labelled(3)
        self.push()
        feed, now = self.shop.feed_ids, time.time()
        for name, pace in (
            ("read_back_search_full_at", READ_BACK_SEARCH_PACE),
            ("read_back_order_full_at", READ_BACK_ORDER_PACE),
        ):
            # Two tokens are left of one, one of the other.
            left = 2 if "search" in name else 1
            feed[name] = now + (pace.burst - left) / pace.rate
        rows = self.read_back_long_after(pickings)
        self.assertEqual(self.amazon.count("searchOrders"), 2)
        self.assertEqual(self.amazon.count("getOrder"), 1)
        self.assertEqual(set(rows.mapped("state")), {"confirmed"})
        self.assertGreater(feed.read_back_search_full_at, now)
        rows.write({"state": "pushed", "next_attempt_at": fields.Datetime.now()})
        self.run_cron("cron_read_back_confirmations")
        self.assertEqual(self.amazon.count("searchOrders"), 2)
        self.assertGreater(min(rows.mapped("next_attempt_at")), fields.Datetime.now())

    def test_half_an_answer_confirms_what_is_in_it_and_says_nothing_of_the_rest(self):
        self.patch(selling_partner, "PAGE_SIZE", 1)
        pickings = self.import_labelled(3)
        self.push()
        self.amazon.faults.add("searchOrders", "throttled", nth=2, times=None)
        self.amazon.faults.add("getOrder", "throttled", times=None)
        rows = self.read_back_long_after(pickings)
        self.assertEqual(sorted(rows.mapped("state")), ["confirmed"] + 2 * ["pushed"])

    def _show(self, **changes):
        """Amazon shows the parcel otherwise than it was told."""
        picking = self.import_labelled()
        self.push()
        (package,) = self.amazon.orders[order_ref(1)].packages.values()
        for name, value in changes.items():
            setattr(package, name, value)
        self.read_back(picking)
        return picking, self.find_confirmations(picking)

    def _assert_differs(self, *words, **changes):
        picking, row = self._show(**changes)
        # It may be the one before an edit, which is not shown yet.
        self.assertEqual(row.state, "pushed")
        self.read_back_long_after(picking)
        self.assertEqual(row.state, "failed")
        for word in (row.tracking_number, "PostNL", *words):
            self.assertIn(word, row.error)
            self.assertIn(word, self.shop.activity_ids.note)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 1)

    def test_another_number_at_amazon_is_told_with_both(self):
        self._assert_differs("3SOTHR000000001", tracking_number="3SOTHR000000001")

    def test_another_carrier_at_amazon_is_told_with_both(self):
        self._assert_differs("DHL", carrier_code="DHL")

    def test_other_quantities_at_amazon_are_told_with_both(self):
        self._assert_differs("pieces: 3", "pieces: 1", items={item_ref(1): 3})

    def test_another_spelling_of_the_carrier_is_the_same_carrier(self):
        __, row = self._show(carrier_code="POSTNL")
        self.assertEqual(row.state, "confirmed")

    def test_a_parcel_that_somebody_confirmed_with_our_number_is_confirmed(self):
        __, row = self._show(reference="4711")
        self.assertEqual(row.state, "confirmed")

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

    def test_who_asks_too_often_is_told_so_not_that_amazon_is_away(self):
        told = describe_amazon_error(self.env, Throttled(retry_after=60))
        self.assertIn("only so many questions", told)
