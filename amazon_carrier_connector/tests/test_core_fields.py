"""The addon's fields on Odoo's own models: who reads them, and who writes them."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCommon, report_row


@tagged("post_install", "-at_install")
class TestItemsOfMoves(AmazonCommon):
    """Amazon is told what the moves of its items say: people give none an item."""

    def setUp(self):
        super().setUp()
        self.import_rows(report_row(1, quantity_to_ship=3), report_row(2))
        self.delivery = self.find_order(1).picking_ids
        self.move = self.delivery.move_ids
        self.other_item = self.find_order(2).item_ids

    def _get_plain_values(self):
        """What a person enters who adds a product to a delivery."""
        return {
            "product_id": self.bowl.id,
            "product_uom_qty": 9,
            "location_id": self.delivery.location_id.id,
            "location_dest_id": self.delivery.location_dest_id.id,
        }

    def test_people_link_no_move_by_any_way_round(self):
        item = self.other_item.id
        forged = dict(self._get_plain_values(), amazon_item_id=item)
        for user in (self.stock_user, self.amazon_user, self.amazon_manager):
            delivery = self.delivery.with_user(user)
            move = self.move.with_user(user)
            new = dict(forged, picking_id=delivery.id)
            by_default = move.with_context(default_amazon_item_id=item)
            plain = dict(self._get_plain_values(), picking_id=delivery.id)
            for name, attempt in {
                "write": lambda m=move: m.write({"amazon_item_id": item}),
                "clear": lambda m=move: m.write({"amazon_item_id": False}),
                "save": lambda m=move: m.web_save({"amazon_item_id": item}, {}),
                "create": lambda m=move, v=new: m.create(v),
                "default": lambda m=by_default, v=plain: m.create(v),
                "copy": lambda m=move: m.copy({"amazon_item_id": item}),
                "delivery": lambda d=delivery: d.write(
                    {"move_ids": [Command.create(forged)]}
                ),
                "merged": lambda m=move: m.write(
                    {"amazon_merged_from_id": self.other_item.move_ids.picking_id.id}
                ),
                "merged there": lambda d=delivery: d.write(
                    {"merged_move_ids": [Command.link(self.other_item.move_ids.id)]}
                ),
                "shop": lambda d=delivery: d.write({"amazon_shop_id": False}),
                "skus": lambda d=delivery: d.write({"amazon_sku": "FORGED"}),
            }.items():
                with self.subTest(user=user.login, way=name):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        attempt()
                        self.env.flush_all()
            loaded = move.load([".id", "amazon_item_id/.id"], [[str(move.id), item]])
            self.assertTrue(loaded["messages"])
        self.assertEqual(self.move.amazon_item_id, self.find_order(1).item_ids)
        self.assertEqual(self.other_item.move_ids.picking_id.amazon_shop_id, self.shop)

    def test_warehouse_staff_split_moves_and_make_backorders_of_an_item(self):
        delivery = self.delivery.with_user(self.stock_user)
        delivery.carrier_id = False
        delivery.action_confirm()
        moves = delivery.move_ids
        moves.create(moves._split(1))
        moves[0].write({"quantity": 1, "picked": True})
        delivery.with_context(skip_backorder=True).button_validate()
        order = self.find_order(1)
        self.assertEqual(delivery.state, "done")
        self.assertEqual(sum(order.item_ids.move_ids.mapped("product_uom_qty")), 3)
        self.assertEqual(len(order.picking_ids), 2)
        self.assertEqual(order.picking_ids.amazon_shop_id, self.shop)

    def test_what_warehouse_staff_add_or_duplicate_is_no_items(self):
        delivery = self.delivery.with_user(self.stock_user)
        delivery.write({"move_ids": [Command.create(self._get_plain_values())]})
        self.assertEqual(len(delivery.move_ids.filtered("amazon_item_id")), 1)
        self.assertFalse(delivery.copy().amazon_shop_id)

    def test_warehouse_staff_take_back_what_an_order_was_sent(self):
        delivery = self.delivery.with_user(self.stock_user)
        delivery.carrier_id = False
        delivery.button_validate()
        wizards = self.env["stock.return.picking"].with_user(self.stock_user)
        wizard = wizards.create({"picking_id": delivery.id})
        wizard.product_return_moves.quantity = 1
        returned = delivery.browse(wizard.action_create_returns()["res_id"])
        self.assertTrue(returned.move_ids)
        self.assertFalse(returned.amazon_order_ids)
