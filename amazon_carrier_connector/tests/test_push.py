"""From the label, or the typed number, to the parcel that Amazon holds."""

from datetime import timedelta
from functools import partial
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.base.models import ir_cron

from ..amazon.selling_partner import SellingPartner
from ..models import amazon_shipment_confirmation, amazon_shop
from .common import item_ref, order_ref, report_row
from .label_case import CONFIRM, LabelCase


class PushCase(LabelCase):
    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("amazon_carrier_connector.cron_push_confirmations")

    def import_labelled(self, count=1, first=1, **cells):
        """Labelled deliveries that Amazon knows of."""
        pickings = self.import_deliveries(count, first, **cells)
        self.load_orders(pickings)
        self.label(pickings)
        return pickings

    def let_time_pass(self, pickings):
        """All that waits is due."""
        waiting = self.find_confirmations(pickings)
        waiting.next_attempt_at = fields.Datetime.now() - timedelta(seconds=1)

    def get_told(self):
        """What Amazon was told: items by order and number."""
        return {
            (confirmation.order_id, confirmation.tracking_number): confirmation.items
            for confirmation in self.amazon.confirmations
        }

    def get_last_progress(self):
        return self.env["ir.cron.progress"].search(
            [("cron_id", "=", self.cron.id)], order="id desc", limit=1
        )

    def answer_backorder(self, action):
        with self.committing(self.amazon_user) as env:
            Form.from_action(env, action).save().process()

    def break_outbox(self, method="_put", **details):
        """The outbox has a bug, which is logged."""
        outbox = self.registry["amazon.shipment.confirmation"]
        details = details or {"side_effect": ValueError("a bug")}
        return patch.object(outbox, method, **details)

    def assert_logged(self):
        return self.assertLogs(amazon_shipment_confirmation.__name__, "ERROR")


@tagged("post_install", "-at_install")
class TestPush(PushCase):
    """From the label to Amazon's 204."""

    def test_a_labelled_parcel_is_confirmed_with_all_that_amazon_wants(self):
        picking = self.import_labelled(quantity_to_ship=2)
        (row,) = self.find_confirmations(picking)
        self.assertEqual(row.state, "to_push")
        self.push()
        (told,) = self.amazon.confirmations
        self.assertEqual(told.order_id, order_ref(1))
        self.assertEqual(told.items, {item_ref(1): 2})
        self.assertEqual(told.package_reference, str(row.id))
        self.assertEqual(told.carrier_code, "PostNL")
        self.assertEqual(told.tracking_number, picking.carrier_tracking_ref)
        self.assertEqual(told.marketplace_ref, self.market_nl.marketplace_ref)
        self.assertEqual(
            told.ship_date, row.parcel_id.labelled_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        )
        self.assertEqual(
            (row.state, row.attempt_count, row.error), ("pushed", 1, False)
        )
        self.assertTrue(row.request_id)
        self.assertEqual(picking.push_state, "pushed")
        self.assertEqual(self.amazon.count(CONFIRM, status=204), 1)

    def test_every_parcel_is_told_once_however_often_the_rules_run(self):
        pickings = self.import_labelled(3)
        self.push()
        self.validate(pickings)
        pickings.action_push_tracking()
        self.push()
        self.assertEqual(len(self.find_confirmations(pickings)), 3)
        self.assertEqual(self.amazon.count(CONFIRM), 3)
        self.assertEqual(len(self.get_told()), 3)

    def test_plain_validation_tells_amazon_once(self):
        picking = self.import_deliveries()
        self.load_orders(picking)
        self.validate(picking)
        self.push()
        (row,) = self.find_confirmations(picking)
        self.assertEqual(row.parcel_id, picking.parcel_ids)
        self.assertEqual(self.amazon.count(CONFIRM), 1)

    def test_two_items_of_one_sku_are_told_apart(self):
        orders = self.import_orders(
            report_row(1, item=1, quantity_to_ship=1),
            report_row(1, item=2, quantity_to_ship=3),
        )
        self.load_orders(orders.picking_ids)
        self.label(orders.picking_ids)
        self.push()
        (told,) = self.amazon.confirmations
        self.assertEqual(told.items, {item_ref(1): 1, item_ref(2): 3})

    def test_two_orders_in_one_delivery_are_each_told_their_own_items(self):
        orders = self.import_orders(report_row(1), report_row(2, quantity_to_ship=2))
        first, second = orders.picking_ids
        second.move_ids.picking_id = first
        self.load_orders(first)
        self.label(first)
        self.push()
        number = first.carrier_tracking_ref
        self.assertEqual(
            self.get_told(),
            {
                (order_ref(1), number): {item_ref(1): 1},
                (order_ref(2), number): {item_ref(2): 2},
            },
        )

    def test_each_package_is_told_with_what_is_in_it(self):
        picking = self.import_deliveries(quantity_to_ship=5)
        self.load_orders(picking)
        self.pack(picking, 2, 3)
        self.label(picking)
        self.push()
        told = sorted(items[item_ref(1)] for items in self.get_told().values())
        self.assertEqual(told, [2, 3])
        order = self.amazon.orders[order_ref(1)]
        self.assertEqual(order.fulfillment_status, "SHIPPED")

    def test_a_backorder_is_told_with_what_was_left(self):
        picking = self.import_deliveries(quantity_to_ship=3)
        self.load_orders(picking)
        picking.action_confirm()
        picking.move_ids.quantity = 2
        self.answer_backorder(self.validate(picking))
        self.push()
        backorder = picking.backorder_ids
        self.assertFalse(self.find_confirmations(backorder))
        self.validate(backorder)
        self.push()
        self.assertEqual(
            self.get_told(),
            {
                (order_ref(1), picking.carrier_tracking_ref): {item_ref(1): 2},
                (order_ref(1), backorder.carrier_tracking_ref): {item_ref(1): 1},
            },
        )

    def test_the_nearest_ship_by_goes_first(self):
        for number, day in enumerate((3, 1, 2), start=1):
            self.import_labelled(
                first=number, promise_date=f"2026-12-0{day}T22:59:59+00:00"
            )
        self.push()
        self.assertEqual(
            [told.order_id for told in self.amazon.confirmations],
            [order_ref(2), order_ref(3), order_ref(1)],
        )

    def test_more_than_a_batch_leaves_in_one_go(self):
        self.patch(amazon_shipment_confirmation, "BATCH_SIZE", 2)
        pickings = self.import_labelled(5)
        self.push()
        self.assertEqual(len(self.get_told()), 5)
        rows = self.find_confirmations(pickings)
        self.assertEqual(set(rows.mapped("state")), {"pushed"})

    def test_more_than_a_scheduled_action_may_take_is_gone_on_with(self):
        # Its time is over as soon as it begins.
        self.patch(ir_cron, "MIN_TIME_PER_JOB", 0)
        pickings = self.import_labelled(3)
        self.push()
        rows = self.find_confirmations(pickings)
        self.assertEqual(set(rows.mapped("state")), {"pushed"})
        self.assertEqual(self.amazon.count(CONFIRM), 3)

    def test_nothing_to_tell_asks_nobody(self):
        self.push()
        self.assertEqual(self.amazon.calls, [])
        self.assertEqual(self.standins.lwa.calls, [])

    # === WHEN === #

    def test_a_shop_that_pushes_at_validation_waits_for_the_delivery(self):
        self.shop.push_moment = "validation"
        picking = self.import_labelled()
        self.push()
        self.assertEqual(self.amazon.calls, [])
        self.assertEqual(self.get_last_progress().remaining, 0)
        self.validate(picking)
        self.push()
        self.assertEqual(len(self.get_told()), 1)

    def test_what_leaves_is_told_when_the_packing_table_changed_it(self):
        self.shop.push_moment = "validation"
        picking = self.import_labelled(quantity_to_ship=3)
        picking.move_ids.quantity = 1
        self.answer_backorder(self.validate(picking))
        self.push()
        self.assertEqual(list(self.get_told().values()), [{item_ref(1): 1}])

    def test_a_shop_without_push_tells_nothing(self):
        self.shop.push_tracking = False
        picking = self.import_labelled()
        self.validate(picking)
        self.push()
        self.assertFalse(self.find_confirmations(picking))
        self.assertEqual(self.amazon.calls, [])

    def test_a_shop_that_stops_pushing_keeps_its_outbox_until_it_pushes_again(self):
        picking = self.import_labelled()
        self.shop.push_tracking = False
        self.push()
        self.assertEqual(self.find_confirmations(picking).state, "to_push")
        self.assertEqual(self.amazon.calls, [])
        self.shop.push_tracking = True
        self.push()
        self.assertEqual(len(self.get_told()), 1)

    def test_an_archived_shop_tells_nothing(self):
        self.import_labelled()
        self.shop.active = False
        self.push()
        self.assertEqual(self.amazon.calls, [])

    def test_a_label_cancelled_before_the_push_is_never_told(self):
        picking = self.import_labelled()
        old = picking.carrier_tracking_ref
        picking.parcel_ids.action_cancel()
        self.push()
        self.assertEqual(self.amazon.calls, [])
        self.label(picking)
        self.push()
        self.assertNotEqual(picking.carrier_tracking_ref, old)
        self.assertEqual(
            list(self.get_told()), [(order_ref(1), picking.carrier_tracking_ref)]
        )

    def test_a_label_that_replaces_a_told_one_is_an_edit_of_the_same_parcel(self):
        picking = self.import_labelled()
        self.push()
        picking.parcel_ids.action_cancel()
        self.label(picking)
        self.push()
        (row,) = self.find_confirmations(picking)
        (package,) = self.amazon.orders[order_ref(1)].packages.values()
        self.assertEqual(package.tracking_number, picking.carrier_tracking_ref)
        self.assertEqual((package.reference, package.version), (str(row.id), 2))
        self.assertEqual(row.parcel_id.state, "labelled")

    # === THE RULES === #

    def test_a_rule_that_fails_is_logged_and_the_label_is_kept(self):
        picking = self.import_deliveries()
        with self.break_outbox(), self.assert_logged():
            run = self.label(picking)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)

    def test_a_rule_that_fails_does_not_keep_a_delivery_from_being_validated(self):
        picking = self.import_deliveries()
        with self.break_outbox(), self.assert_logged():
            self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(
            picking.carrier_tracking_ref, picking.parcel_ids.tracking_number
        )

    def test_a_database_error_in_a_rule_does_not_spoil_the_validation(self):
        picking = self.import_deliveries()
        divide = {"new": lambda self, values: self.env.cr.execute("SELECT 1 / 0")}
        with (
            self.break_outbox(**divide),
            self.assert_logged(),
            self.assertLogs("odoo.sql_db", "ERROR"),
        ):
            self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(picking.parcel_ids)

    def test_what_a_failed_rule_left_out_is_told_by_the_scheduled_action(self):
        picking = self.import_deliveries()
        self.load_orders(picking)
        with self.break_outbox(), self.assert_logged():
            self.label(picking)
        self.assertFalse(self.find_confirmations(picking))
        self.push()
        self.assertEqual(
            list(self.get_told()), [(order_ref(1), picking.carrier_tracking_ref)]
        )

    def test_without_its_rule_nothing_is_told(self):
        self.env.ref(
            "amazon_carrier_connector.automation_parcel_labelled"
        ).active = False
        picking = self.import_labelled()
        self.push()
        self.assertFalse(self.find_confirmations(picking))
        self.assertEqual(self.amazon.calls, [])

    # === READING BACK === #

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


@tagged("post_install", "-at_install")
class TestPushTyped(PushCase):
    """Carriers that are not ours: the numbers that people type."""

    def setUp(self):
        super().setUp()
        self.bike = self.create_carrier("Bike courier")
        self.mapping = self.env["amazon.carrier.mapping"].create(
            {
                "carrier_id": self.bike.id,
                "carrier_code": "Other",
                "carrier_name": "Bike",
                "shipping_method": "Standard",
            }
        )

    def import_typed(self, numbers="", count=1, first=1, **cells):
        """Deliveries of the bike courier, with a typed number."""
        self.shop.carrier_id = self.bike
        pickings = self.import_deliveries(count, first, **cells)
        self.load_orders(pickings)
        if numbers:
            pickings.carrier_tracking_ref = numbers
        return pickings

    def test_a_number_typed_before_the_validation_is_told_after_it(self):
        picking = self.import_typed("BIKE-1")
        self.assertFalse(self.find_confirmations(picking))
        self.validate(picking)
        self.push()
        (told,) = self.amazon.confirmations
        self.assertEqual(told.tracking_number, "BIKE-1")
        self.assertEqual((told.carrier_code, told.carrier_name), ("Other", "Bike"))
        self.assertEqual(told.shipping_method, "Standard")
        self.assertEqual(told.items, {item_ref(1): 1})

    def test_a_number_typed_days_later_is_told_then(self):
        picking = self.import_typed()
        self.validate(picking)
        self.assertFalse(self.find_confirmations(picking))
        picking.with_user(self.stock_user).carrier_tracking_ref = "BIKE-1"
        self.push()
        self.assertEqual(list(self.get_told()), [(order_ref(1), "BIKE-1")])

    def test_the_day_of_shipment_is_that_of_the_delivery(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        row = self.find_confirmations(picking)
        self.assertLess(abs(row.ship_date - picking.date_done), timedelta(seconds=10))

    def test_saving_the_delivery_again_tells_nothing_more(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.push()
        picking.carrier_tracking_ref = "BIKE-1"
        picking.action_push_tracking()
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 1)

    def test_of_several_numbers_the_first_is_told_with_all_pieces(self):
        for number, typed in enumerate(
            ("BIKE-1, BIKE-2", "BIKE-1,BIKE-2,BIKE-3", " BIKE-1 ,, BIKE-1,", ",BIKE-1")
        ):
            with self.subTest(typed):
                picking = self.import_typed(typed, first=number, quantity_to_ship=2)
                self.validate(picking)
                self.push()
                (row,) = self.find_confirmations(picking)
                self.assertEqual((row.tracking_number, row.state), ("BIKE-1", "pushed"))
                order = self.amazon.orders[order_ref(number)]
                self.assertEqual(order.fulfillment_status, "SHIPPED")

    def test_a_corrected_number_is_told_as_an_edit_of_the_same_parcel(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.push()
        picking.carrier_tracking_ref = "BIKE-2"
        self.push()
        (row,) = self.find_confirmations(picking)
        (package,) = self.amazon.orders[order_ref(1)].packages.values()
        self.assertEqual(package.tracking_number, "BIKE-2")
        self.assertEqual((package.reference, package.version), (str(row.id), 2))

    def test_a_delivery_without_a_number_is_not_told(self):
        picking = self.import_typed()
        self.validate(picking)
        self.push()
        self.assertFalse(self.find_confirmations(picking))

    def test_a_number_typed_with_a_method_of_ours_is_told_as_well(self):
        picking = self.import_deliveries()
        self.load_orders(picking)
        picking.carrier_tracking_ref = "3SOWN000000001"
        self.validate(picking)
        self.push()
        self.assertEqual(list(self.get_told()), [(order_ref(1), "3SOWN000000001")])
        self.assertEqual(self.myparcel.calls, [])

    def test_a_number_on_a_pick_is_not_told(self):
        self.warehouse.delivery_steps = "pick_ship"
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertFalse(self.find_confirmations(picking))

    # === CARRIER CODES === #

    def test_a_method_without_a_code_fails_with_a_sentence_and_the_others_go(self):
        self.mapping.unlink()
        typed = self.import_typed("BIKE-1")
        self.validate(typed)
        self.shop.carrier_id = self.carrier
        labelled = self.import_labelled(first=2)
        self.push()
        row = self.find_confirmations(typed)
        self.assertEqual(row.state, "failed")
        self.assertIn("Bike courier", row.error)
        self.assertIn(self.market_nl.name, row.error)
        self.assertEqual(typed.push_state, "failed")
        self.assertEqual(self.find_confirmations(labelled).state, "pushed")
        self.assertEqual(len(self.shop.activity_ids), 1)

    def test_after_the_code_was_added_a_retry_sends_it(self):
        self.mapping.unlink()
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.push()
        row = self.find_confirmations(picking)
        self.env["amazon.carrier.mapping"].create(
            {"carrier_id": self.bike.id, "carrier_code": "DHL"}
        )
        self.push()
        self.assertEqual(row.state, "failed")
        row.with_user(self.amazon_user).action_retry()
        self.push()
        self.assertEqual((row.state, row.error), ("pushed", False))
        (told,) = self.amazon.confirmations
        self.assertEqual(told.carrier_code, "DHL")
        self.assertEqual(told.package_reference, str(row.id))

    def test_a_wrong_code_that_was_mended_is_sent_at_the_retry(self):
        self.mapping.write({"carrier_code": "Dhl", "carrier_name": False})
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.amazon.faults.add(
            CONFIRM, "refused", status=400, body=("InvalidInput", "carrierCode")
        )
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "failed")
        self.mapping.carrier_code = "DHL"
        row.action_retry()
        self.push()
        (told,) = self.amazon.confirmations
        self.assertEqual(told.carrier_code, "DHL")

    def test_the_code_of_the_market_wins_over_the_general_one(self):
        self.env["amazon.carrier.mapping"].create(
            {
                "carrier_id": self.bike.id,
                "market_id": self.market_nl.id,
                "carrier_code": "PostNL",
            }
        )
        self.validate(self.import_typed("BIKE-1"))
        self.push()
        (told,) = self.amazon.confirmations
        self.assertEqual(told.carrier_code, "PostNL")

    def test_a_delivery_without_a_method_fails_with_a_sentence(self):
        picking = self.import_typed("BIKE-1")
        picking.carrier_id = False
        self.validate(picking)
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "failed")
        self.assertIn("no delivery method", row.error)


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

    def assert_told_in_the_end(self, pickings):
        """One package per parcel at Amazon, each under one reference."""
        self.amazon.faults.clear()
        self.let_time_pass(pickings)
        self.push()
        rows = self.find_confirmations(pickings)
        self.assertEqual(set(rows.mapped("state")), {"pushed"})
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
        self.assertEqual(self.get_last_progress().remaining, 0)
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

    def _meet(self, kind, times=1, **details):
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
        self.assert_told_in_the_end(pickings)

    def test_a_page_503_is_tried_again_under_the_same_reference(self):
        self._meet("unavailable")

    def test_an_error_500_after_acting_is_tried_again_under_the_same_reference(self):
        self._meet("unavailable", status=500, moment="after")

    def test_a_connection_cut_before_acting_is_tried_again(self):
        self._meet("cut", moment="before")

    def test_a_connection_cut_after_acting_is_told_again_as_an_edit(self):
        self._meet("cut", moment="after")

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
        self.amazon.faults.add(CONFIRM, "cut", moment="after")
        self.push()
        picking.move_ids.quantity = 1
        self.let_time_pass(picking)
        self.push()
        self.assertEqual(
            [told.items for told in self.amazon.confirmations],
            [{item_ref(1): 3}, {item_ref(1): 3}],
        )
        self.assertEqual(len(set(self.get_references())), 1)

    def test_each_failure_doubles_the_wait_up_to_some_hours(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "unavailable", times=None)
        row = self.find_confirmations(picking)
        minutes = []
        for attempts in (0, 1, 2, 30, 3000):
            row.attempt_count = attempts
            self.let_time_pass(picking)
            self.push()
            wait = row.next_attempt_at - fields.Datetime.now()
            minutes.append(round(wait.total_seconds() / 60))
        self.assertEqual(minutes, [1, 2, 4, 360, 360])

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
        self.assert_one_activity("authorisation")
        self.assertEqual(self.standins.lwa.count("token"), 1)
        self.assertEqual(self.amazon.count(CONFIRM), 0)
        self.assert_told_in_the_end(pickings)

    def test_a_wrong_secret_is_one_activity(self):
        pickings = self.import_labelled(2)
        secret = self.company.sudo().amazon_client_secret
        self.company.sudo().amazon_client_secret = "wrong"
        self.push()
        self.assert_one_activity("authorisation")
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
            self.push()
        self.assertEqual(set(others.mapped("state")), {"pushed"})
        self.assertEqual((rows - others).state, "to_push")

    def _connect_second_shop(self):
        """A shop after the first one, to which what follows belongs."""
        first, token = self.shop, self.shop.sudo().refresh_token
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
        push = self.registry["amazon.shipment.confirmation"]._push

        def fail(self, shop):
            if shop == broken:
                raise ValueError("a bug")
            return push(self, shop)

        with self.break_outbox("_push", new=fail), self.assert_logged():
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

    def assert_held_once(self, kind, **details):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, kind, **details)
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "to_push")
        self.assertTrue(row.error)
        self.let_time_pass(picking)
        self.push()
        self.assertEqual(row.state, "pushed")
        self.assertEqual(self.amazon.count(CONFIRM), 2)
        (package,) = self.amazon.orders[order_ref(1)].packages.values()
        self.assertEqual(package.reference, str(row.id))
        self.assertEqual(package.items, {item_ref(1): 1})
        return package

    def test_no_answer_before_acting_is_tried_again(self):
        package = self.assert_held_once("timeout", seconds=2)
        self.assertEqual(package.version, 1)

    def test_no_answer_after_acting_is_told_again_as_an_edit(self):
        package = self.assert_held_once("timeout", seconds=2, moment="after")
        self.assertEqual(package.version, 2)

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


@tagged("post_install", "-at_install")
class TestPushParts(PushCase):
    """Labels made again, deliveries in parts, shops and people beside each other."""

    def test_a_label_made_again_before_the_push_is_told_alone(self):
        picking = self.import_labelled()
        given_up = picking.parcel_ids
        given_up.action_cancel()
        parcel = self.label(picking).parcel_ids
        self.push()
        self.assertNotEqual(parcel.tracking_number, given_up.tracking_number)
        self.assertEqual(
            self.get_told(),
            {(order_ref(1), parcel.tracking_number): {item_ref(1): 1}},
        )

    def test_a_labelled_delivery_that_left_in_part_is_told_in_part(self):
        picking = self.import_deliveries(quantity_to_ship=3)
        self.load_orders(picking)
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.quantity = 1
        self.validate(picking, skip_backorder=True)
        self.push()
        rest = picking.backorder_ids
        self.validate(rest)
        self.push()
        self.assertEqual(
            self.get_told(),
            {
                (order_ref(1), delivery.parcel_ids.tracking_number): {
                    item_ref(1): quantity
                }
                for delivery, quantity in ((picking, 1), (rest, 2))
            },
        )
        self.assertEqual(self.amazon.count(CONFIRM), 2)

    def test_whoever_validates_needs_no_right_to_amazon(self):
        carrier = self.create_carrier()
        self.env["amazon.carrier.mapping"].create(
            {"carrier_id": carrier.id, "carrier_code": "Bike"}
        )
        picking = self.create_fixed_deliveries(carrier)
        self.load_orders(picking)
        picking.carrier_tracking_ref = "BIKE-1"
        self.validate(picking, self.stock_user)
        self.push()
        self.assertEqual(self.get_told(), {(order_ref(1), "BIKE-1"): {item_ref(1): 1}})

    def test_each_shop_is_told_with_its_own_account(self):
        first = self.import_labelled()
        seller = self.standins.lwa.sellers.add("A2STANDINSELLER")
        other = self._create_shop(
            self.company, "A2SELLER", refresh_token_entry=seller.refresh_token
        )
        with patch.object(type(self), "shop", other):
            second = self.import_labelled(first=2)
        # Amazon does not show an order to another seller.
        self.amazon.orders[order_ref(2)].selling_partner_id = "A2STANDINSELLER"
        self.push()
        rows = self.find_confirmations(first | second)
        self.assertEqual(rows.mapped("state"), ["pushed", "pushed"])
        self.assertEqual(rows.shop_id, self.shop | other)
