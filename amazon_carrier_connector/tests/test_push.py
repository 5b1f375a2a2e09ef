"""From the label to Amazon's 204."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.base.models import ir_cron

from ..models import amazon_push_drain
from .common import item_ref, order_ref, report_row
from .label_case import CONFIRM
from .push_case import PushCase


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
        self.assert_two_orders_told_apart(first)

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
        self.patch(amazon_push_drain, "BATCH_SIZE", 2)
        pickings = self.import_labelled(5)
        self.push()
        self.assertEqual(len(self.get_told()), 5)
        rows = self.find_confirmations(pickings)
        self.assertEqual(set(rows.mapped("state")), {"pushed"})

    def test_more_than_a_scheduled_action_may_take_is_gone_on_with(self):
        # Its time is over as soon as it begins.
        self.patch(ir_cron, "MIN_TIME_PER_JOB", 0)
        pickings = self.import_labelled(3)
        rows = self.find_confirmations(pickings)
        for left in (2, 1, 0):
            self.push()
            self.assertEqual(rows.mapped("state").count("to_push"), left)
            self.assertEqual(self.is_due_again(), bool(left))
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
        self.assertFalse(self.is_due_again())
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
