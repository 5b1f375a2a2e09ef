"""What becomes of the moves: confirmation, backorders, several steps."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCommon, item_ref, order_ref, report_row


class MoveCase(AmazonCommon):
    def _deliver(self, *rows, **cells):
        """The delivery, or first transfer, of one imported order."""
        self.import_rows(*(rows or [report_row(1, **cells)]))
        return self.find_order(1).picking_ids

    def _pack(self, transfer, quantity):
        transfer.action_confirm()
        transfer.action_assign()
        for move in transfer.move_ids:
            move.write({"quantity": quantity, "picked": True})
        transfer.with_context(skip_backorder=True).button_validate()

    def _quantities(self, transfers):
        return {
            (move.amazon_item_id.item_ref, move.product_uom_qty)
            for move in transfers.move_ids
        }


@tagged("post_install", "-at_install")
class TestMoves(MoveCase):
    def test_two_items_with_one_sku_stay_two_moves_when_confirmed(self):
        delivery = self._deliver(
            report_row(1, item=1, quantity_to_ship=2),
            report_row(1, item=2, quantity_to_ship=3),
        )
        delivery.action_confirm()
        self.assertEqual(
            self._quantities(delivery), {(item_ref(1), 2), (item_ref(2), 3)}
        )

    def test_two_items_with_one_sku_are_both_reserved_and_shipped(self):
        delivery = self._deliver(
            report_row(1, item=1, quantity_to_ship=2), report_row(1, item=2)
        )
        delivery.carrier_id = False
        delivery.button_validate()
        self.assertEqual(delivery.state, "done")
        self.assertEqual(sorted(delivery.move_ids.mapped("quantity")), [1, 2])
        self.assertEqual(self.mug.qty_available, 97)

    def test_moves_of_one_item_that_a_person_split_are_still_the_items(self):
        delivery = self._deliver(quantity_to_ship=5)
        delivery.action_confirm()
        self.env["stock.move"].create(delivery.move_ids._split(2))
        self.assertEqual(delivery.move_ids.amazon_item_id, self.find_order(1).item_ids)
        self.assertEqual(sum(delivery.move_ids.mapped("product_uom_qty")), 5)

    def test_a_product_that_a_person_adds_belongs_to_no_item(self):
        delivery = self._deliver()
        delivery.write(
            {
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.mug.id,
                            "product_uom_qty": 1,
                            "location_id": delivery.location_id.id,
                            "location_dest_id": delivery.location_dest_id.id,
                        }
                    )
                ]
            }
        )
        delivery.action_confirm()
        self.assertEqual(len(delivery.move_ids), 2)
        self.assertEqual(len(delivery.move_ids.filtered("amazon_item_id")), 1)

    def test_a_backorder_keeps_item_order_contact_and_delivery_method(self):
        delivery = self._deliver(quantity_to_ship=3)
        self.carrier.write({"delivery_type": "fixed", "integration_level": "rate"})
        self._pack(delivery, 1)
        backorder = self.find_order(1).picking_ids - delivery
        self.assertEqual(delivery.state, "done")
        self.assertEqual(self._quantities(backorder), {(item_ref(1), 2)})
        self.assertEqual(backorder.amazon_order_ids, self.find_order(1))
        self.assertEqual(backorder.partner_id, delivery.partner_id)
        self.assertEqual(backorder.carrier_id, self.carrier)
        self.assertEqual(backorder.origin, order_ref(1))

    def test_a_copied_delivery_does_not_ship_the_order_twice(self):
        delivery = self._deliver()
        copied = delivery.copy()
        self.assertFalse(copied.amazon_order_ids)
        self.assertEqual(self.find_order(1).picking_ids, delivery)

    def test_a_return_is_not_a_delivery_of_the_order(self):
        delivery = self._deliver()
        delivery.carrier_id = False
        delivery.button_validate()
        wizard = self.env["stock.return.picking"].create({"picking_id": delivery.id})
        wizard.product_return_moves.quantity = 1
        returned = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self.assertFalse(returned.amazon_order_ids)
        self.assertEqual(self.find_order(1).state, "shipped")

    def test_the_references_of_all_moves_are_the_order(self):
        delivery = self._deliver(
            report_row(1, item=1), report_row(1, item=2, sku="PLATE")
        )
        self.assertEqual(delivery.move_ids.reference_ids.mapped("name"), [order_ref(1)])


@tagged("post_install", "-at_install")
class TestSteps(MoveCase):
    def _go_through(self, steps):
        """Ship an order of two items through a warehouse.

        :return: its transfers, first to last
        """
        self.warehouse.delivery_steps = steps
        transfer = self._deliver(
            report_row(1, item=1, quantity_to_ship=2), report_row(1, item=2)
        )
        self.first = transfer
        customers = self.env.ref("stock.stock_location_customers")
        self.assertEqual(transfer.state, "draft")
        self.assertEqual(transfer.move_ids.location_final_id, customers)
        transfers = transfer
        while transfer.location_dest_id != customers:
            self._validate_all(transfer)
            transfer = transfer.move_ids.move_dest_ids.picking_id
            transfers += transfer
        return transfers

    def _validate_all(self, transfer):
        transfer.action_confirm()
        transfer.action_assign()
        transfer.button_validate()
        self.assertEqual(transfer.state, "done")

    def _assert_all_kept(self, transfers):
        for transfer in transfers:
            with self.subTest(transfer.picking_type_id.name):
                self.assertEqual(
                    self._quantities(transfer), {(item_ref(1), 2), (item_ref(2), 1)}
                )
                self.assertEqual(transfer.amazon_order_ids, self.find_order(1))
                self.assertEqual(transfer.partner_id, self.find_order(1).partner_id)
                self.assertEqual(transfer.carrier_id, self.carrier)
                self.assertEqual(transfer.origin, order_ref(1))

    def test_with_one_step_the_draft_is_the_delivery_order(self):
        transfers = self._go_through("ship_only")
        self.assertEqual(transfers.picking_type_id, self.warehouse.out_type_id)
        self._assert_all_kept(transfers)

    def test_with_two_steps_the_draft_is_the_pick_and_the_delivery_follows(self):
        transfers = self._go_through("pick_ship")
        self.assertEqual(
            list(transfers.picking_type_id),
            [self.warehouse.pick_type_id, self.warehouse.out_type_id],
        )
        self._assert_all_kept(transfers)

    def test_with_three_steps_the_draft_is_the_pick_and_pack_and_delivery_follow(self):
        transfers = self._go_through("pick_pack_ship")
        self.assertEqual(
            list(transfers.picking_type_id),
            [
                self.warehouse.pick_type_id,
                self.warehouse.pack_type_id,
                self.warehouse.out_type_id,
            ],
        )
        self._assert_all_kept(transfers)

    def test_only_the_last_step_wants_a_label(self):
        pick, delivery = self._go_through("pick_ship")
        self.assertFalse(pick.label_state)
        self.assertEqual(delivery.label_state, "to_label")

    def test_the_order_is_shipped_with_the_last_step(self):
        pick, delivery = self._go_through("pick_ship")
        order = self.find_order(1)
        self.assertEqual(pick.state, "done")
        self.assertEqual(order.state, "to_ship")
        delivery.carrier_id = False
        self._validate_all(delivery)
        self.assertEqual(order.state, "shipped")

    def test_a_cancelled_pick_cancels_the_order(self):
        self.warehouse.delivery_steps = "pick_ship"
        self._deliver().action_cancel()
        self.assertEqual(self.find_order(1).state, "cancelled")

    def test_an_order_is_not_shipped_when_only_its_pick_is_done(self):
        self.warehouse.delivery_steps = "pick_ship"
        pick = self._deliver()
        self._validate_all(pick)
        self.assertNotEqual(self.find_order(1).state, "shipped")

    def test_two_orders_of_one_product_have_a_delivery_each(self):
        self.warehouse.delivery_steps = "pick_ship"
        self.import_rows(report_row(1), report_row(2))
        picks = self.find_order(1).picking_ids | self.find_order(2).picking_ids
        for pick in picks:
            self._validate_all(pick)
        for number in (1, 2):
            delivery = self.find_order(number).picking_ids - picks
            self.assertEqual(delivery.partner_id, self.find_order(number).partner_id)
            self.assertEqual(delivery.origin, order_ref(number))
