"""Orders of one buyer in one parcel: proposed, merged, told apart at Amazon, undone."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import item_ref, order_ref, report_row
from .push_case import PushCase

CANCEL = "is_buyer_requested_cancellation"


@tagged("post_install", "-at_install")
class TestDeliveryMerge(PushCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.validate_after = False

    def propose(self, pickings, user=None):
        """The dialog over a selection."""
        pickings = pickings.with_user(user or self.amazon_user)
        action = pickings.action_merge()
        return self.env[action["res_model"]].browse(action["res_id"])

    def merge(self, pickings):
        """Merge what is proposed of a selection; the deliveries that hold it."""
        dialog = self.propose(pickings).with_user(self.amazon_user)
        ids = dialog.action_merge()["domain"][0][2]
        return self.env["stock.picking"].browse(ids)

    def assert_not_proposed(self, pickings):
        with self.assertRaisesRegex(UserError, "can share a parcel"):
            self.propose(pickings)

    def assert_alone(self, picking, number):
        """It holds this order only, as if it had never been merged."""
        self.assertEqual(picking.amazon_order_ids.name, order_ref(number))
        self.assertEqual(picking.origin, order_ref(number))
        self.assertEqual(picking.partner_id, picking.amazon_order_ids.partner_id)
        self.assertNotEqual(picking.state, "cancel")
        self.assertFalse(picking.move_ids.amazon_merged_from_id)

    # === MERGING === #

    def test_orders_of_one_buyer_get_one_label_and_amazon_is_told_each(self):
        first, second = self.import_orders(
            report_row(1), report_row(2, quantity_to_ship=2)
        ).picking_ids.sorted("id")
        self.load_orders(first, second)
        (line,) = self.propose(first | second).line_ids
        self.assertEqual(line.order_names, f"{order_ref(1)}\n{order_ref(2)}")
        self.assertAlmostEqual(line.parcel_weight, 1.2)
        merged = self.merge(first | second)
        self.assertEqual(merged, first)
        self.assertEqual(merged.origin, f"{order_ref(1)}, {order_ref(2)}")
        self.assertEqual((second.state, second.merged_into_id), ("cancel", first))
        self.assertTrue(merged.is_merged)
        self.label(merged)
        (parcel,) = merged.parcel_ids
        self.assertAlmostEqual(parcel.weight_kg, 1.2)
        self.assert_bought_once(parcel)
        self.push()
        self.assert_two_orders_told_apart(merged)
        self.validate(merged)
        orders = merged.amazon_order_ids
        self.assertEqual(orders.mapped("state"), ["shipped", "shipped"])

    def test_all_that_is_open_is_proposed_without_a_selection(self):
        pickings = self.import_deliveries(2) | self.import_deliveries(
            2, first=3, ship_address_1="Kerkstraat 1"
        )
        lines = self.propose(pickings.browse()).line_ids
        found = [set(line.picking_ids) for line in lines]
        self.assertIn(set(pickings[:2]), found)
        self.assertIn(set(pickings[2:]), found)

    def test_what_is_switched_off_stays_apart(self):
        pickings = self.import_deliveries(2)
        dialog = self.propose(pickings)
        dialog.line_ids.is_chosen = False
        with self.assertRaisesRegex(UserError, "at least one"):
            dialog.action_merge()
        self.assertEqual(pickings.mapped("is_merged"), [False, False])

    def test_ways_of_typing_an_address_are_one_address(self):
        pickings = self.import_orders(
            report_row(1), report_row(2, ship_address_1="VOORBEELDSTRAAT 12A")
        ).picking_ids
        self.assertEqual(len(self.merge(pickings)), 1)

    def test_what_must_not_share_a_parcel_is_not_proposed(self):
        number = 0
        for cells in (
            {"is_prime": "true"},
            {"ship_address_1": "Voorbeeldstraat 12 b"},
            {"recipient_name": "Somebody Else"},
            {"buyer_email": "other@marketplace.amazon.nl"},
            {CANCEL: "true"},
        ):
            number += 2
            with self.subTest(cells):
                self.assert_not_proposed(
                    self.import_orders(
                        report_row(number), report_row(number + 1, **cells)
                    ).picking_ids
                )

    def test_what_is_held_labelled_packed_or_goes_otherwise_is_not_proposed(self):
        pickings = self.import_deliveries(5)
        free, held, labelled, packed, other = pickings
        held.amazon_on_hold = True
        self.label(labelled)
        self.pack(packed, 1)
        other.carrier_id = self.create_carrier()
        self.assert_not_proposed(pickings)
        with self.assertRaisesRegex(UserError, "can share a parcel"):
            (free | held)._merge()

    def test_one_that_was_labelled_while_the_dialog_was_open_stays_apart(self):
        pickings = self.import_deliveries(2)
        dialog = self.propose(pickings)
        self.label(pickings[0])
        with self.assertRaisesRegex(UserError, "can share a parcel"):
            dialog.action_merge()
        self.assertEqual(pickings.mapped("merged_into_id"), pickings.browse())

    def test_what_is_reserved_stays_reserved(self):
        pickings = self.import_deliveries(2)
        pickings.action_confirm()
        pickings.action_assign()
        merged = self.merge(pickings)
        self.assertEqual(merged.move_ids.mapped("quantity"), [1, 1])
        self.assertEqual(merged.move_line_ids.picking_id, merged)
        self.assertEqual(merged.state, "assigned")

    def test_what_was_prepared_for_a_label_is_not_labelled_any_more(self):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings)
        merged = self.merge(pickings)
        self.start(run)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"cancelled"})
        self.label(merged)
        self.assertEqual(len(self.get_bought()), 1)

    def test_addresses_that_differ_afterwards_keep_it_from_being_labelled(self):
        merged = self.merge(self.import_deliveries(2))
        orders = merged.amazon_order_ids
        orders[1].with_user(self.amazon_user).recipient_number = "99"
        run = self.create_run(merged)
        self.assertIn("different addresses", run.parcel_ids.error)
        orders[0].with_user(self.amazon_user).recipient_number = "99"
        run.action_check()
        self.assertFalse(run.parcel_ids.error)

    # === APART AGAIN === #

    def test_a_merge_is_undone_and_each_is_labelled_by_itself(self):
        pickings = self.import_deliveries(3)
        merged = self.merge(pickings)
        self.assertEqual(len(merged.amazon_order_ids), 3)
        merged.parcel_weight = 9
        merged.with_user(self.amazon_user).action_undo_merge()
        for number, picking in enumerate(pickings, start=1):
            self.assert_alone(picking, number)
        self.label(pickings)
        self.assert_bought_once(pickings.parcel_ids)
        self.assertEqual(pickings.parcel_ids.mapped("weight_kg"), [0.4] * 3)

    def test_merges_of_merges_are_undone_as_well(self):
        pickings = self.import_deliveries(3)
        twice = self.merge(self.merge(pickings[1:]) | pickings[0])
        self.assertEqual(len(twice.amazon_order_ids), 3)
        twice.action_undo_merge()
        for number, picking in enumerate(pickings, start=1):
            self.assert_alone(picking, number)

    def test_nothing_is_undone_once_there_is_a_label(self):
        merged = self.merge(self.import_deliveries(2))
        self.label(merged)
        self.assertFalse(merged.is_merged)
        with self.assertRaisesRegex(UserError, "its orders stay together"):
            merged.action_undo_merge()

    def test_only_the_order_that_is_to_be_cancelled_leaves(self):
        for first, leaver in ((1, 3), (11, 11)):
            with self.subTest("guest" if first != leaver else "host"):
                pickings = self.import_deliveries(3, first=first)
                self.merge(pickings)
                self.import_rows(report_row(leaver, **{CANCEL: "true"}))
                alone = self.find_order(leaver).picking_ids
                self.assert_alone(alone, leaver)
                self.assertTrue(alone.amazon_cancel_requested)
                rest = (pickings - alone).filtered(lambda p: p.state != "cancel")
                self.assertEqual(len(rest), 1)
                self.assertEqual(len(rest.amazon_order_ids), 2)
                self.assertFalse(rest.amazon_cancel_requested)
                rest.action_undo_merge()
                for picking in pickings:
                    self.assert_alone(picking, int(picking.origin[-7:]))

    def test_only_the_order_that_amazon_cancelled_is_cancelled(self):
        pickings = self.import_deliveries(2)
        merged = self.merge(pickings)
        with self.committing() as env:
            orders = env["amazon.order"]
            problems = orders._close_all(env.company, {order_ref(2): "CANCELLED"})
        self.assertEqual(problems, [])
        self.assertEqual(self.find_order(2).state, "cancelled")
        self.assert_alone(merged, 1)

    def test_an_order_that_goes_elsewhere_now_leaves(self):
        merged = self.merge(self.import_deliveries(2))
        self.import_rows(report_row(2, ship_address_1="Kerkstraat 1"))
        self.assert_alone(merged, 1)
        self.assert_alone(self.find_order(2).picking_ids, 2)

    def test_a_quantity_that_changes_is_followed_in_the_shared_delivery(self):
        merged = self.merge(self.import_deliveries(2))
        self.import_rows(report_row(2, quantity_to_ship=3, quantity_purchased=3))
        (move,) = merged.move_ids.filtered(
            lambda m: m.amazon_item_id.item_ref == item_ref(2)
        )
        self.assertEqual(move.product_uom_qty, 3)
