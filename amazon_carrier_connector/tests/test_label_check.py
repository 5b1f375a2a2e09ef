"""The check screen: what keeps parcels from their labels, and where it is mended."""

from odoo.tests import tagged

from .common import report_row
from .label_case import LabelCase


@tagged("post_install", "-at_install")
class TestLabelCheck(LabelCase):
    def check(self, pickings, user=None):
        """The parcels of a run over a selection, as its check screen shows them."""
        return self.create_run(pickings, user).parcel_ids

    def assert_to_mend(self, parcel, place, sentence, mended):
        self.assertEqual(parcel.error_place, place)
        self.assertIn(sentence, parcel.error)
        action = parcel.action_mend()
        self.assertEqual(action["res_model"], mended._name)
        self.assertEqual(action["res_id"], mended.id)

    # === EACH PROBLEM AND ITS PLACE === #

    def test_each_problem_opens_what_must_be_mended(self):
        pickings = self.import_deliveries(7)
        order = pickings.amazon_order_ids.grouped("name")
        orders = [order[picking.origin] for picking in pickings]
        pickings[0].partner_id.zip = False
        pickings[1].carrier_id = False
        pickings[2].carrier_id = self.create_carrier()
        orders[3].cancel_requested = True
        pickings[4].amazon_on_hold = True
        orders[5].closed_status = "shipped"
        run = self.create_run(pickings)
        run.parcel_ids[6].weight_kg = 40
        run.action_check()
        for parcel, expected in zip(
            run.parcel_ids,
            (
                ("address", "Postal code is missing", orders[0]),
                ("delivery", "Choose a delivery method", pickings[1]),
                ("delivery", "makes no labels here", pickings[2]),
                ("order", "asked to cancel", orders[3]),
                ("delivery", "On hold", pickings[4]),
                ("delivery", "as shipped already", pickings[5]),
                ("weight", "heavier than", run.parcel_ids[6]),
            ),
            strict=True,
        ):
            with self.subTest(parcel.error):
                self.assert_to_mend(parcel, *expected)
        self.assertEqual((run.problem_count, run.ready_count), (7, 0))
        self.assertEqual(run.parcel_ids.mapped("origin"), pickings.mapped("origin"))

    def test_what_was_mended_is_checked_alone_or_with_all(self):
        pickings = self.import_deliveries(3)
        pickings.partner_id.zip = False
        parcels = self.check(pickings)
        pickings.partner_id.zip = "3500 AA"
        parcels[0].action_check()
        self.assertEqual([bool(p.error) for p in parcels], [False, True, True])
        parcels.run_id.action_check()
        self.assertFalse(any(parcels.mapped("error")))
        self.assertFalse(any(parcels.mapped("error_place")))

    def test_who_may_not_edit_orders_mends_the_contact(self):
        picking = self.import_deliveries()
        picking.partner_id.zip = False
        parcel = self.check(picking, self.stock_user)
        action = parcel.with_user(self.stock_user).action_mend()
        self.assertEqual(action["res_model"], "res.partner")
        action = parcel.with_user(self.amazon_user).action_mend()
        self.assertEqual(action["res_model"], "amazon.order")

    def test_a_label_of_somebody_else_is_named_and_opened(self):
        picking = self.import_deliveries()
        first = self.label(picking, user=self.amazon_manager)
        second = self.check(picking)
        self.assert_to_mend(second, "parcel", first.name, first.parcel_ids)
        self.assertIn(self.amazon_manager.name, second.error)

    def test_what_the_carrier_refuses_is_mended_at_its_place(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        parcel = self.label(picking).parcel_ids
        self.assertEqual(parcel.state, "refused")
        self.assert_to_mend(parcel, "address", "Postal code", picking.amazon_order_ids)

    # === STOCK === #

    def make_rare(self, stock):
        return self._create_product("Rare cup", "RARE-CUP", stock=stock)

    def import_rare(self, count):
        rows = (report_row(n, sku="RARE-CUP", quantity_to_ship=2) for n in range(count))
        return self.import_orders(*rows).picking_ids

    def test_the_first_of_the_list_get_what_is_in_stock(self):
        self.make_rare(5)
        pickings = self.import_rare(3)
        parcels = self.check(pickings)
        self.assertEqual([bool(p.error) for p in parcels], [False, False, True])
        self.assert_to_mend(parcels[2], "stock", "Rare cup", pickings[2])
        # The check itself takes nothing.
        self.assertEqual(set(pickings.mapped("state")), {"draft"})

    def test_what_a_delivery_has_reserved_already_it_does_not_lack(self):
        rare = self.make_rare(2)
        first, second = self.import_rare(2)
        second.action_confirm()
        second.action_assign()
        self.assertEqual(rare.free_qty, 0)
        parcels = self.check(first | second)
        self.assertEqual([bool(p.error) for p in parcels], [True, False])

    def test_a_shop_that_warns_shows_it_and_labels_all_the_same(self):
        self.make_rare(1)
        self.shop.stock_policy = "warn"
        parcel = self.check(self.import_rare(1))
        self.assertFalse(parcel.error)
        self.assertIn("not all products are in stock", parcel.warning)
        self.assertEqual(
            (parcel.run_id.warning_count, parcel.run_id.ready_count), (1, 1)
        )
        self.env["stock.quant"]._update_available_quantity(
            parcel.picking_id.move_ids.product_id, self.warehouse.lot_stock_id, 2
        )
        parcel.action_check()
        self.assertFalse(parcel.warning)

    def test_a_shop_that_ignores_stock_is_told_nothing(self):
        self.make_rare(1)
        self.shop.stock_policy = "ignore"
        parcel = self.check(self.import_rare(1))
        self.assertFalse(parcel.error or parcel.warning)

    # === MANY === #

    def test_any_number_of_deliveries_is_checked_with_the_same_queries(self):
        counts = []
        for first, count in ((1, 4), (10, 40)):
            run = self.create_run(self.import_deliveries(count, first))
            run.parcel_ids.picking_id[::3].partner_id.zip = False
            self.env.flush_all()
            self.env.invalidate_all()
            queries = self.env.cr.sql_log_count
            run.action_check()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - queries)
            self.assertEqual(run.problem_count, len(run.parcel_ids[::3]))
        self.assertLessEqual(counts[1], counts[0] + 2)

    # === WHAT CAME OF IT === #

    def test_the_result_is_a_sentence(self):
        pickings = self.import_deliveries(3)
        run = self.create_run(pickings)
        self.assertFalse(run.result)
        self.start(run)
        self.assertIn("3 of 3", run.result)
        pickings = self.import_deliveries(2, first=4)
        pickings[0].partner_id.zip = False
        run = self.label(pickings)
        self.assertIn("1 of 2", run.result)
        action = run.action_view_problems()
        problems = self.env["delivery.parcel"].search(action["domain"])
        self.assertEqual(problems.picking_id, pickings[0])
