"""Warehouses of several steps: from the pick to what Amazon is told."""

from odoo.tests import tagged

from .common import item_ref, order_ref, report_row
from .push_case import PushCase


class StepsCase(PushCase):
    steps = "pick_ship"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.delivery_steps = cls.steps

    def go_through(self, transfers, **quantities):
        """Validate transfers; what of a SKU is done less than wanted goes on later.

        :return: the next transfers
        """
        transfers.action_confirm()
        transfers.action_assign()
        for sku, quantity in quantities.items():
            for move in transfers.move_ids.filtered(
                lambda move, sku=sku: move.product_id.default_code == sku
            ):
                move.quantity = quantity
        transfers.move_ids.filtered("quantity").picked = True
        transfers.with_context(skip_backorder=True).button_validate()
        self.assertEqual(set(transfers.mapped("state")), {"done"})
        return transfers.move_ids.move_dest_ids.picking_id

    def find_open(self, picking_type):
        return self.env["stock.picking"].search(
            [
                ("picking_type_id", "=", picking_type.id),
                ("amazon_shop_id", "=", self.shop.id),
                ("state", "not in", ("done", "cancel")),
            ],
            order="id",
        )


@tagged("post_install", "-at_install")
class TestPickShip(StepsCase):
    def test_the_delivery_after_the_pick_is_labelled_and_told(self):
        pick = self.import_deliveries(quantity_to_ship=2)
        self.load_orders(pick)
        delivery = self.go_through(pick)
        self.label(delivery)
        self.validate(delivery)
        self.push()
        self.assertEqual(
            self.get_told(),
            {(order_ref(1), delivery.carrier_tracking_ref): {item_ref(1): 2}},
        )
        self.assertFalse(pick.parcel_ids)
        self.assertEqual(self.find_order(1).state, "shipped")

    def test_what_was_picked_later_is_told_with_its_own_delivery(self):
        orders = self.import_orders(
            report_row(1, item=1, quantity_to_ship=3),
            report_row(1, item=2, sku="PLATE"),
        )
        self.load_orders(orders.picking_ids)
        first = self.go_through(orders.picking_ids, **{"MUG-BLUE": 1, "PLATE": 0})
        self.label(first)
        self.validate(first)
        second = self.go_through(self.find_open(self.warehouse.pick_type_id))
        self.label(second)
        self.validate(second)
        self.push()
        self.assertEqual(
            self.get_told(),
            {
                (order_ref(1), first.carrier_tracking_ref): {item_ref(1): 1},
                (order_ref(1), second.carrier_tracking_ref): {
                    item_ref(1): 2,
                    item_ref(2): 1,
                },
            },
        )

    def test_what_stayed_at_the_packing_table_is_told_with_the_backorder(self):
        pick = self.import_deliveries(quantity_to_ship=3)
        self.load_orders(pick)
        delivery = self.go_through(pick)
        delivery.move_ids.quantity = 2
        self.answer_backorder(self.validate(delivery))
        backorder = self.find_open(self.warehouse.out_type_id)
        self.label(backorder)
        self.validate(backorder)
        self.push()
        self.assertEqual(
            self.get_told(),
            {
                (order_ref(1), delivery.carrier_tracking_ref): {item_ref(1): 2},
                (order_ref(1), backorder.carrier_tracking_ref): {item_ref(1): 1},
            },
        )

    def test_two_orders_put_into_one_delivery_are_told_apart(self):
        picks = self.import_orders(
            report_row(1), report_row(2, quantity_to_ship=2)
        ).picking_ids
        self.load_orders(picks)
        first, second = self.go_through(picks).sorted("id")
        second.move_ids.write({"picking_id": first.id})
        second.move_line_ids.write({"picking_id": first.id})
        self.label(first)
        self.validate(first)
        self.push()
        self.assert_two_orders_told_apart(first)

    def test_the_parcel_type_goes_on_to_the_delivery(self):
        parcel_type = self.env["stock.package.type"].create({"name": "Letterbox"})
        self.shop.package_type_id = parcel_type
        pick = self.import_deliveries()
        self.assertEqual(pick.parcel_type_id, parcel_type)
        delivery = self.go_through(pick)
        self.assertEqual(delivery.carrier_id, pick.carrier_id)
        self.assertEqual(delivery.parcel_type_id, parcel_type)

    def test_a_delivery_method_that_a_person_chose_keeps_its_parcel_type(self):
        self.shop.package_type_id = self.env["stock.package.type"].create(
            {"name": "Letterbox"}
        )
        pick = self.import_deliveries()
        pick.action_confirm()
        pick.move_ids.write({"quantity": 1, "picked": True})
        pick._action_done()
        delivery = pick.move_ids.move_dest_ids.picking_id
        delivery.carrier_id = self.create_carrier()
        pick.button_validate()
        self.assertFalse(delivery.parcel_type_id)

    def test_what_was_picked_as_another_product_stays_that_product(self):
        picks = self.import_orders(
            report_row(1, sku="NEW-1"), report_row(2, sku="NEW-1", quantity_to_ship=2)
        ).picking_ids
        delivery = self.go_through(picks[0])
        placeholder = delivery.move_ids.product_id
        listing = self.env["amazon.listing"].search([("sku", "=", "NEW-1")])
        listing.product_id = self.bowl
        self.assertEqual(delivery.move_ids.product_id, placeholder)
        self.assertEqual(picks[1].move_ids.product_id, self.bowl)
        self.assertEqual(self.go_through(picks[1]).move_ids.product_id, self.bowl)

    def test_many_parcels_are_counted_with_as_many_queries_as_few(self):
        picks = self.import_deliveries(12)
        self.load_orders(picks)
        deliveries = self.go_through(picks)
        self.label(deliveries)
        rows = self.find_confirmations(deliveries)
        self.assertEqual(len(rows), 12)

        def count(some):
            self.env.invalidate_all()
            # Read by the push before, for the codes of their carriers.
            some.order_id.market_id.mapped("name")
            before = self.env.cr.sql_log_count
            for row in some.with_prefetch(some.ids):
                self.assertEqual(list(row._count_items().values()), [1])
            return self.env.cr.sql_log_count - before

        count(rows[:1])
        self.assertLessEqual(count(rows), count(rows[:2]) + 1)


@tagged("post_install", "-at_install")
class TestPickPackShip(StepsCase):
    steps = "pick_pack_ship"

    def test_backorders_of_each_step_are_told_with_their_own_deliveries(self):
        pick = self.import_deliveries(quantity_to_ship=6)
        self.load_orders(pick)
        mug = {"MUG-BLUE": 4}
        pack = self.go_through(pick, **mug)
        delivery = self.go_through(pack, **{"MUG-BLUE": 3})
        delivery.move_ids.quantity = 2
        self.answer_backorder(self.validate(delivery))
        self.go_through(self.find_open(self.warehouse.pick_type_id))
        self.go_through(self.find_open(self.warehouse.pack_type_id))
        rest = self.find_open(self.warehouse.out_type_id)
        self.label(rest)
        self.validate(rest)
        self.push()
        told = self.get_told()
        self.assertEqual(
            told.pop((order_ref(1), delivery.carrier_tracking_ref)), {item_ref(1): 2}
        )
        self.assertEqual(sum(items[item_ref(1)] for items in told.values()), 4)
        self.assertEqual(self.find_order(1).state, "shipped")
        order = self.amazon.orders[order_ref(1)]
        self.assertEqual(order.fulfillment_status, "SHIPPED")
