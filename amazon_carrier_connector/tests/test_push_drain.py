"""The outbox leaves within Amazon's rate, whoever drains it and how often."""

import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import amazon_push_drain
from .common import order_ref
from .label_case import CONFIRM
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestPushDrain(PushCase):
    def setUp(self):
        super().setUp()
        self.drain = self.shop.push_drain_ids
        self.slept = []

    def get_orders_told(self):
        return [told.order_id for told in self.amazon.confirmations]

    def push_at(self, rate):
        """Push with a clock that only sleeping moves, and no other rate told."""
        clock = patch.object(amazon_push_drain, "time", _Clock(self.slept))
        told = patch.object(type(self.drain), "_recover", lambda *args: None)
        with patch.object(amazon_push_drain, "CONFIRM_RATE", rate), clock, told:
            self.push()

    def test_every_shop_has_one_drain(self):
        self.assertEqual(len(self.drain), 1)

    def test_calls_follow_each_other_at_the_rate_and_begin_without_the_burst(self):
        self.import_labelled(4)
        self.push_at(2.0)
        self.assertEqual(_rounded(self.slept), [0.5, 0.5, 0.5])

    def test_a_later_run_goes_on_where_the_one_before_ended(self):
        self.import_labelled(2)
        self.push_at(2.0)
        self.import_labelled(1, first=3)
        self.push_at(2.0)
        self.assertEqual(_rounded(self.slept), [0.5, 0.5])

    def test_a_rest_grants_half_of_amazons_burst(self):
        self.drain.full_at = _Clock.now - 3600
        self.import_labelled(7)
        self.push_at(2.0)
        self.assertEqual(_rounded(self.slept), [0.5, 0.5])
        self.assertEqual(amazon_push_drain.CONFIRM_BURST, 5)

    def test_the_rate_that_amazon_tells_is_kept(self):
        self.import_labelled()
        self.push()
        self.assertEqual(self.drain.rate, self.amazon.rates[CONFIRM][0])

    def test_a_wait_that_is_too_long_is_left_to_the_scheduler(self):
        pickings = self.import_labelled(2)
        self.push_at(0.01)
        rows = self.find_confirmations(pickings)
        self.assertEqual(sorted(rows.mapped("state")), ["pushed", "to_push"])
        self.assertEqual(self.slept, [])
        self.assertGreater(
            self.drain.paused_until, fields.Datetime.now() + timedelta(seconds=80)
        )
        self.assertFalse(self.is_due_again())
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        self.assertIn(self.drain.paused_until, trigger.mapped("call_at"))

    def test_what_comes_after_the_drain_has_ended_begins_another_run(self):
        self.import_labelled()
        with patch.object(type(self.drain), "_drain_all", lambda drains: None):
            self.push()
        self.assertEqual(self.get_last_progress().remaining, 0)
        self.assertTrue(self.is_due_again())

    def test_what_comes_while_amazon_wants_to_be_left_alone_waits_too(self):
        self.import_labelled()
        self.amazon.faults.add(CONFIRM, "throttled", retry_after=120)
        self.push()
        self.import_labelled(first=2)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        self.drain.paused_until = fields.Datetime.now()
        self.push()
        self.assertEqual(self.get_orders_told(), [order_ref(2)])

    def test_a_retry_by_a_person_does_not_wait_for_the_pause(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "refused", status=403, body=None)
        self.push()
        self.find_confirmations(picking).with_user(self.amazon_user).action_retry()
        self.push()
        self.assertEqual(self.get_orders_told(), [order_ref(1)])

    def test_shops_take_turns(self):
        self.import_labelled(2)
        seller = self.standins.lwa.sellers.add("A2STANDINSELLER")
        other = self._create_shop(
            self.company, "A2SELLER", refresh_token_entry=seller.refresh_token
        )
        with patch.object(type(self), "shop", other):
            self.import_labelled(2, first=3)
        for number in (3, 4):
            self.amazon.orders[order_ref(number)].selling_partner_id = "A2STANDINSELLER"
        self.push_at(2.0)
        self.assertEqual(
            self.get_orders_told(), [order_ref(number) for number in (1, 3, 2, 4)]
        )
        # Both wait at the same time.
        self.assertLess(sum(self.slept), 0.6)

    def test_three_failures_one_after_another_leave_amazon_alone(self):
        pickings = self.import_labelled(5)
        self.amazon.faults.add(CONFIRM, "unavailable", times=None)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 3)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 3)
        self.assertFalse(self.shop.activity_ids)
        pauses = []
        for __ in range(6):
            self.let_time_pass(pickings)
            self.push()
            wait = self.drain.paused_until - fields.Datetime.now()
            pauses.append(round(wait.total_seconds() / 60))
        self.assertEqual(pauses, [2, 4, 8, 16, 32, 60])
        self.assertEqual(len(self.shop.activity_ids), 1)
        for order in pickings.amazon_order_ids:
            self.assertIn(order.name, self.shop.activity_ids.note)
        self.amazon.faults.clear()
        self.let_time_pass(pickings)
        self.push()
        self.assertEqual(len(self.get_told()), 5)
        self.assertEqual((self.drain.failure_count, self.drain.error), (0, False))
        self.assertFalse(self.shop.activity_ids)

    def test_a_503_that_says_when_to_come_back_is_heeded(self):
        picking = self.import_labelled()

        def answer(call):
            from werkzeug.wrappers import Response

            return Response("", 503, {"Retry-After": "600"})

        self.amazon.faults.add(CONFIRM, "hook", hook=answer)
        self.push()
        wait = self.find_confirmations(picking).next_attempt_at - fields.Datetime.now()
        self.assertGreater(wait, timedelta(seconds=590))

    def test_one_row_that_breaks_the_code_does_not_stop_the_others(self):
        pickings = self.import_labelled(3)
        rows = self.find_confirmations(pickings)
        outbox = self.registry["amazon.shipment.confirmation"]
        count = outbox._count_items

        def fail(row):
            if row.order_id.name == order_ref(2):
                raise ValueError("a bug")
            return count(row)

        with self.break_outbox("_count_items", new=fail), self.assert_logged():
            self.push()
        self.assertEqual(rows.mapped("state"), ["pushed", "failed", "pushed"])
        self.assertIn("ValueError", rows[1].error)
        self.assertIn(order_ref(2), self.shop.activity_ids.note)

    def test_what_amazon_has_as_shipped_with_our_number_is_confirmed(self):
        picking = self.import_labelled()
        self.amazon.orders[order_ref(1)].packages["4711"] = self._make_package(
            picking.carrier_tracking_ref
        )
        self.push()
        self.assertEqual(self.find_confirmations(picking).state, "confirmed")
        self.assertFalse(self.shop.activity_ids)

    def test_what_amazon_has_as_shipped_with_another_number_is_told_with_both(self):
        picking = self.import_labelled()
        self.amazon.orders[order_ref(1)].packages["4711"] = self._make_package("3SELSE")
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "failed")
        for word in ("3SELSE", row.tracking_number, "shipped already"):
            self.assertIn(word, row.error)
        self.assertEqual(self.amazon.count(CONFIRM), 1)

    def _make_package(self, number):
        from tests.standins.orders import Package

        now = self.standins.clock.now()
        items = {
            item.order_item_id: 1 for item in self.amazon.orders[order_ref(1)].items
        }
        return Package("4711", "PostNL", "", "", number, now.isoformat(), items, now)


class _Clock:
    """The module ``time``, standing still but for sleeping."""

    now = time.time()

    def __init__(self, slept):
        self.slept = slept

    def time(self):
        return self.now + sum(self.slept)

    def monotonic(self):
        return sum(self.slept)

    def sleep(self, seconds):
        if seconds > 1e-6:
            self.slept.append(seconds)


def _rounded(numbers):
    return [round(number, 3) for number in numbers]
