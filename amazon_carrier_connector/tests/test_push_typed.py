"""Carriers that are not ours: from the typed number to the parcel Amazon holds."""

import gc
from datetime import timedelta

from odoo.tests import tagged

from ..models.base_automation import PUSH_LATER
from .common import item_ref, order_ref
from .label_case import CONFIRM
from .push_case import TypedPushCase


@tagged("post_install", "-at_install")
class TestPushTyped(TypedPushCase):
    """Carriers that are not ours: the numbers that people type."""

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

    def test_deliveries_validated_together_are_written_together(self):
        pickings = self.import_typed("BIKE-1", count=3)
        written, put = [], self.registry["amazon.shipment.confirmation"]._put
        kept = []

        def count_values(rows, values):
            # Each new environment is compared with all that are kept.
            for env in rows.env.transaction.envs:
                if callable(env.context.get(PUSH_LATER)) and "active_id" in env.context:
                    kept.append(env)
            values = list(values)
            written.append(len(values))
            return put(rows, values)

        # What is only freed with the garbage is kept.
        gc.disable()
        self.addCleanup(gc.enable)
        with self.break_outbox(new=count_values):
            self.validate(pickings)
        self.assertEqual([count for count in written if count], [3])
        self.assertEqual(kept, [])
        self.push()
        self.assertEqual(
            set(self.get_told()), {(order_ref(n), "BIKE-1") for n in (1, 2, 3)}
        )

    def test_of_deliveries_validated_together_one_bad_keeps_no_other_untold(self):
        pickings = self.import_typed("BIKE-1", count=3)
        put = self.registry["amazon.shipment.confirmation"]._put

        def put_some(rows, values):
            values = list(values)
            if pickings[1].id in [vals["picking_id"] for vals in values]:
                raise ValueError("a bug")
            return put(rows, values)

        with self.break_outbox(new=put_some), self.assert_logged():
            self.validate(pickings)
        self.assertEqual(pickings.mapped("state"), ["done"] * 3)
        self.assertEqual(
            self.find_confirmations(pickings).picking_id, pickings[0] | pickings[2]
        )
        self.push()
        self.assertEqual(len(self.find_confirmations(pickings)), 3)

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

    def test_after_the_code_was_added_it_is_sent_by_itself(self):
        self.mapping.unlink()
        picking = self.import_typed("BIKE-1")
        self.validate(picking)
        self.push()
        row = self.find_confirmations(picking)
        self.assertEqual(row.state, "failed")
        self.env["amazon.carrier.mapping"].create(
            {"carrier_id": self.bike.id, "carrier_code": "DHL"}
        )
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
