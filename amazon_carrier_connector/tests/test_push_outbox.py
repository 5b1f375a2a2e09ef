"""The outbox: one row per parcel and order, with what is really in it."""

from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import item_ref, order_ref, report_row
from .label_case import CONFIRM
from .push_case import PushCase, TypedPushCase


def pack_apart(case, picking):
    """Each product of a delivery into a package of its own; the packages."""
    picking.action_confirm()
    picking.action_assign()
    packages = case.env["stock.package"].create([{} for __ in picking.move_ids])
    for move, package in zip(picking.move_ids, packages, strict=True):
        move.move_line_ids.result_package_id = package
    return packages


@tagged("post_install", "-at_install")
class TestOutbox(PushCase):
    """Parcels that are labelled here."""

    def get_held(self, number=1):
        """Pieces by tracking number that Amazon holds of an order."""
        packages = self.amazon.orders[order_ref(number)].packages.values()
        return {package.tracking_number: package.items for package in packages}

    def import_two_orders_in_two_packages(self):
        orders = self.import_orders(report_row(1), report_row(2, sku="PLATE"))
        first, second = orders.picking_ids
        second.move_ids.picking_id = first
        pack_apart(self, first)
        self.load_orders(first)
        return first

    def test_an_order_is_not_told_of_a_package_that_holds_nothing_of_it(self):
        picking = self.import_two_orders_in_two_packages()
        self.label(picking)
        self.assertEqual(len(self.find_confirmations(picking)), 2)
        self.push()
        rows = self.find_confirmations(picking)
        self.assertEqual(set(rows.mapped("state")), {"pushed"})
        self.assertEqual(
            {name: set(self.get_held(name)) for name in (1, 2)},
            {
                int(row.order_id.name[-7:]): {row.parcel_id.tracking_number}
                for row in rows
            },
        )
        self.assertFalse(self.shop.activity_ids)

    def test_an_order_that_is_taken_out_of_the_parcel_is_not_told(self):
        orders = self.import_orders(report_row(1), report_row(2, sku="PLATE"))
        first, second = orders.picking_ids
        second.move_ids.picking_id = first
        self.load_orders(first)
        self.label(first)
        first.move_ids.filtered(lambda move: move.product_id == self.plate).quantity = 0
        self.push()
        kept, left_out = self.find_confirmations(first)
        self.assertEqual((kept.state, left_out.state), ("pushed", "cancelled"))
        self.assertIn("Nothing of this order", left_out.error)
        self.assertFalse(self.shop.activity_ids)

    def test_quantities_edited_between_label_and_push_are_told_as_edited(self):
        picking = self.import_labelled(quantity_to_ship=3)
        picking.move_ids.quantity = 2
        self.push()
        self.assertEqual(list(self.get_told().values()), [{item_ref(1): 2}])

    def test_what_left_otherwise_than_told_is_an_edit_and_the_rest_follows(self):
        picking = self.import_labelled(quantity_to_ship=3)
        self.push()
        self.assertEqual(list(self.get_held().values()), [{item_ref(1): 3}])
        picking.move_ids.quantity = 2
        self.validate(picking, skip_backorder=True)
        self.push()
        self.assertEqual(list(self.get_held().values()), [{item_ref(1): 2}])
        self.validate(picking.backorder_ids)
        self.push()
        self.assertEqual(
            self.get_held(),
            {
                picking.carrier_tracking_ref: {item_ref(1): 2},
                picking.backorder_ids.carrier_tracking_ref: {item_ref(1): 1},
            },
        )
        rows = self.find_confirmations(picking | picking.backorder_ids)
        self.assertEqual(rows.mapped("state"), ["pushed", "pushed"])

    def test_what_left_as_told_is_told_once(self):
        picking = self.import_labelled(quantity_to_ship=3)
        self.push()
        self.validate(picking)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 1)

    def test_a_delivery_packed_anew_after_the_push_edits_what_amazon_knows(self):
        picking = self.import_labelled(quantity_to_ship=5)
        self.push()
        picking.parcel_ids.action_cancel()
        self.pack(picking, 2, 3)
        self.label(picking)
        self.push()
        parcels = picking.parcel_ids.filtered(lambda one: one.state == "labelled")
        quantities = {
            line.result_package_id: line.quantity for line in picking.move_line_ids
        }
        self.assertEqual(
            self.get_held(),
            {
                parcel.tracking_number: {item_ref(1): quantities[parcel.package_id]}
                for parcel in parcels
            },
        )
        rows = self.find_confirmations(picking)
        self.assertEqual(rows.mapped("state"), ["pushed", "pushed"])

    def test_the_next_run_fills_in_a_typed_number_that_a_bug_left_out(self):
        picking = self.import_deliveries()
        self.load_orders(picking)
        picking.carrier_tracking_ref = "3SOWN000000001"
        with self.break_outbox(), self.assert_logged():
            self.validate(picking)
        self.assertFalse(self.find_confirmations(picking))
        self.push()
        self.assertEqual(list(self.get_held()), ["3SOWN000000001"])

    def test_labels_of_a_run_under_way_are_left_to_it(self):
        with self.break_outbox(), self.assert_logged():
            picking = self.import_labelled()
        run = picking.parcel_ids.run_id
        run.state = "running"
        self.push()
        self.assertFalse(self.find_confirmations(picking))
        run.state = "done"
        self.push()
        self.assertEqual(self.find_confirmations(picking).state, "pushed")

    def test_one_forgotten_parcel_that_breaks_the_code_does_not_stop_the_push(self):
        waiting = self.import_labelled()
        with self.break_outbox(), self.assert_logged():
            broken, whole = pickings = self.import_labelled(2, first=5)
        self.assertFalse(self.find_confirmations(pickings))
        put = self.registry["amazon.shipment.confirmation"]._put

        def put_some(rows, values):
            values = list(values)
            if broken.id in [vals["picking_id"] for vals in values]:
                raise ValueError("a bug")
            return put(rows, values)

        with self.break_outbox(new=put_some), self.assert_logged():
            self.push()
        self.assertEqual(
            {order for order, __ in self.get_told()}, {order_ref(1), order_ref(6)}
        )
        self.assertEqual((waiting | whole).mapped("push_state"), ["pushed"] * 2)
        self.assertFalse(self.find_confirmations(broken))

    def test_one_action_over_a_selection_writes_all_of_them_at_once(self):
        pickings = self.import_deliveries(4)
        self.shop.push_tracking = False
        self.label(pickings)
        self.shop.push_tracking = True
        self.env.flush_all()
        with self.assertQueryCount(40):
            pickings.action_push_tracking()
        self.assertEqual(len(self.find_confirmations(pickings)), 4)

    # === AMAZON CONFIRMS IT ITSELF === #

    def assert_left_out(self, **cells):
        picking = self.import_labelled(**cells)
        self.validate(picking)
        self.push()
        (row,) = self.find_confirmations(picking)
        self.assertEqual((row.state, picking.push_state), ("cancelled", "cancelled"))
        self.assertIn("Amazon confirms", row.error)
        self.assertEqual(self.amazon.calls, [])
        self.assertFalse(self.shop.activity_ids)
        return row

    def test_a_ship_plus_order_is_left_out_with_a_note(self):
        self.assert_left_out(amazon_programs="FBM_SHIP_PLUS")

    def test_an_order_with_a_label_of_amazons_is_left_out_with_a_note(self):
        self.assert_left_out(shipment_status="PendingPickUp")

    def test_a_cancelled_label_of_amazons_is_none(self):
        self.import_labelled(shipment_status="Label Cancelled")
        self.push()
        self.assertEqual(len(self.amazon.confirmations), 1)

    def test_an_order_that_amazon_calls_ship_plus_first_at_the_push_is_left_out(self):
        picking = self.import_labelled()
        self.amazon.orders[order_ref(1)].programs = ("FBM_SHIP_PLUS",)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        (row,) = self.find_confirmations(picking)
        self.assertEqual(row.state, "cancelled")
        self.assertIn("Ship+", row.error)
        self.assertFalse(self.shop.activity_ids)

    def test_what_was_left_out_is_sent_when_a_person_says_so(self):
        row = self.assert_left_out(amazon_programs="FBM_SHIP_PLUS")
        row.action_retry()
        self.push()
        self.assertEqual(row.state, "pushed")

    def test_an_order_that_becomes_ship_plus_is_known_at_the_next_import(self):
        order = self.import_orders(report_row(1))
        self.assertFalse(order.is_confirmed_by_amazon)
        self.import_orders(report_row(1, amazon_programs="FBM_SHIP_PLUS"))
        self.assertTrue(order.is_confirmed_by_amazon)
        self.import_orders(report_row(1))
        self.assertTrue(order.is_confirmed_by_amazon)


@tagged("post_install", "-at_install")
class TestOutboxTyped(TypedPushCase):
    """Numbers that carriers of other addons, or people, write on the delivery."""

    def get_held(self):
        return {
            package.tracking_number: package.items
            for package in self.amazon.orders[order_ref(1)].packages.values()
        }

    def test_as_many_numbers_as_packages_are_told_package_by_package(self):
        """In the order in which core hands the packages to carriers: last one first."""
        picking = self.import_typed("BIKE-1,BIKE-2", quantity_to_ship=5)
        self.pack(picking, 2, 3)
        self.validate(picking)
        self.push()
        self.assertEqual(
            self.get_held(),
            {"BIKE-1": {item_ref(1): 3}, "BIKE-2": {item_ref(1): 2}},
        )

    def test_a_corrected_number_of_a_package_edits_that_package(self):
        picking = self.import_typed("BIKE-1,BIKE-2", quantity_to_ship=5)
        self.pack(picking, 2, 3)
        self.validate(picking)
        self.push()
        picking.carrier_tracking_ref = "BIKE-1,BIKE-3"
        self.push()
        self.assertEqual(
            self.get_held(),
            {"BIKE-1": {item_ref(1): 3}, "BIKE-3": {item_ref(1): 2}},
        )
        self.assertEqual(self.amazon.count(CONFIRM), 3)

    def test_more_numbers_than_packages_are_told_as_the_first_and_named(self):
        picking = self.import_typed("BIKE-1,BIKE-2,BIKE-3", quantity_to_ship=5)
        self.pack(picking, 2, 3)
        self.validate(picking)
        self.push()
        self.assertEqual(self.get_held(), {"BIKE-1": {item_ref(1): 5}})
        note = picking.message_ids.filtered(lambda m: "BIKE-2, BIKE-3" in m.body)
        self.assertEqual(len(note), 1)
        picking.action_push_tracking()
        self.assertEqual(picking.message_ids & note, note)
        self.assertEqual(len(self.find_confirmations(picking)), 1)

    def test_a_single_number_is_not_named(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.assertFalse(picking.message_ids.filtered(lambda m: "BIKE" in m.body))

    def test_packages_beside_loose_products_are_told_under_the_first_number(self):
        self.shop.carrier_id = self.bike
        picking = self.import_orders(
            report_row(1, quantity_to_ship=2),
            report_row(1, item=2, sku="PLATE", quantity_to_ship=1),
        ).picking_ids
        self.load_orders(picking)
        self.pack(picking, 1, 1)
        picking.carrier_tracking_ref = "BIKE-1,BIKE-2"
        self.validate(picking)
        self.push()
        self.assertEqual(self.get_held(), {"BIKE-1": {item_ref(1): 2, item_ref(2): 1}})

    def test_several_orders_in_one_delivery_are_told_with_the_typed_number(self):
        self.shop.carrier_id = self.bike
        orders = self.import_orders(report_row(1), report_row(2, quantity_to_ship=2))
        first, second = orders.picking_ids
        second.move_ids.picking_id = first
        self.load_orders(first)
        first.carrier_tracking_ref = "BIKE-1"
        self.validate(first)
        self.push()
        self.assertEqual(
            self.get_told(),
            {
                (order_ref(1), "BIKE-1"): {item_ref(1): 1},
                (order_ref(2), "BIKE-1"): {item_ref(2): 2},
            },
        )

    def test_a_number_corrected_after_its_preparation_is_sent_corrected(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)

        drain = self.registry["amazon.push.drain"]
        claim = drain._claim

        def correct_and_claim(self, turn):
            delivery = turn.row.picking_id
            if delivery.carrier_tracking_ref == "BIKE-1":
                delivery.carrier_tracking_ref = "BIKE-2"
                self.env["ir.cron"]._commit_progress()
            return claim(self, turn)

        with patch.object(drain, "_claim", correct_and_claim):
            self.push()
            # The number is another one now: it has its turn at the next time.
            self.push()
        self.assertEqual(set(self.get_held()), {"BIKE-2"})
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        self.assertEqual(self.find_confirmations(picking).state, "pushed")

    def test_a_number_removed_before_the_push_is_never_told(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        picking.carrier_tracking_ref = False
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "cancelled")
        self.assertIn("removed", row.error)
        self.assertEqual(self.amazon.calls, [])
        picking.carrier_tracking_ref = "BIKE-2"
        self.push()
        self.assertEqual((row.state, set(self.get_held())), ("pushed", {"BIKE-2"}))

    def test_a_number_removed_after_the_push_is_told_to_a_person(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.push()
        picking.with_user(self.stock_user).carrier_tracking_ref = False
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "failed")
        self.push()
        self.assertIn("BIKE-1", self.shop.activity_ids.note)
        picking.carrier_tracking_ref = "BIKE-2"
        self.push()
        self.assertEqual((row.state, set(self.get_held())), ("pushed", {"BIKE-2"}))
        self.assertFalse(self.shop.activity_ids)

    def test_a_shipment_cancelled_at_the_carrier_after_the_push_is_told(self):
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.push()
        row = self.find_confirmations(picking)
        carrier = self.registry["delivery.carrier"]
        with patch.object(carrier, "fixed_cancel_shipment", lambda *args: None):
            picking.cancel_shipment()
        self.assertEqual(row.state, "failed")
        self.assertIn("BIKE-1", row.error)

    def test_a_delivery_done_long_ago_is_not_remembered(self):
        self.shop.push_tracking = False
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.shop.push_tracking = True
        picking.date_done = fields.Datetime.subtract(fields.Datetime.now(), days=8)
        self.push()
        self.assertFalse(self.find_confirmations(picking))
