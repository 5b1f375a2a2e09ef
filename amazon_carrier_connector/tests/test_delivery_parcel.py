from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import report_row
from .label_case import CONFIRM, CREATE, FETCH, LabelCase


@tagged("post_install", "-at_install")
class TestDeliveryParcel(LabelCase):
    def setUp(self):
        super().setUp()
        self.picking = self.import_deliveries()

    def create_parcel(self, picking=None, **values):
        picking = picking or self.picking
        return self.env["delivery.parcel"].create(
            {
                "picking_id": picking.id,
                "company_id": picking.company_id.id,
                "carrier_id": self.carrier.id,
                "weight_kg": 1,
                **values,
            }
        )

    def assert_refused_by_the_database(self, constraint, work):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, constraint),
            self.env.cr.savepoint(),
        ):
            work()
            self.env.flush_all()

    # === WHAT THE DATABASE GUARANTEES === #

    def test_two_living_parcels_of_one_delivery_are_impossible(self):
        for state in ("requested", "unclear"):
            with self.subTest(state):
                first = self.create_parcel(state=state)
                self.assert_refused_by_the_database(
                    "living_uniq", lambda: self.create_parcel(state="requested")
                )
                first.state = "cancelled"
                self.env.flush_all()

    def test_a_labelled_parcel_leaves_no_room_for_another(self):
        self.label(self.picking)
        self.assert_refused_by_the_database(
            "living_uniq", lambda: self.create_parcel(state="requested")
        )

    def test_drafts_and_given_up_parcels_do_not_hinder_a_new_one(self):
        for state in ("draft", "refused", "cancelled"):
            self.create_parcel(state=state)
        self.create_parcel(state="requested")
        self.env.flush_all()

    def test_each_package_and_each_number_within_it_has_a_parcel_of_its_own(self):
        package = self.env["stock.package"].create({})
        self.create_parcel(state="requested")
        self.create_parcel(state="requested", package_id=package.id)
        self.create_parcel(state="requested", package_id=package.id, sequence=2)
        self.env.flush_all()
        self.assert_refused_by_the_database(
            "living_uniq",
            lambda: self.create_parcel(state="requested", package_id=package.id),
        )

    def test_a_labelled_parcel_without_number_or_label_is_impossible(self):
        parcel = self.create_parcel()
        for number in (False, "3SMYPA1"):
            with self.subTest(number):
                parcel.tracking_number = number
                self.env.flush_all()
                self.assert_refused_by_the_database(
                    "labelled_complete",
                    lambda: self.env.cr.execute(
                        "UPDATE delivery_parcel SET state = 'labelled' WHERE id = %s",
                        (parcel.id,),
                    ),
                )

    def test_a_parcel_without_weight_is_impossible(self):
        for weight in (0, -1):
            with self.subTest(weight):
                self.assert_refused_by_the_database(
                    "weight_positive",
                    lambda weight=weight: self.create_parcel(weight_kg=weight),
                )

    def test_a_reference_belongs_to_one_parcel(self):
        parcels = self.create_parcel() | self.create_parcel()
        self.assertEqual(len(set(parcels.mapped("reference"))), 2)
        for parcel in parcels:
            self.assertTrue(parcel.reference.startswith(self.picking.origin))
        self.assert_refused_by_the_database(
            "reference_uniq",
            lambda: parcels[0].write({"reference": parcels[1].reference}),
        )

    def test_a_copy_has_neither_label_nor_reference(self):
        parcel = self.label(self.picking).parcel_ids
        copy = parcel.copy()
        self.assertEqual(copy.state, "draft")
        self.assertNotEqual(copy.reference, parcel.reference)
        for name in ("remote_ref", "tracking_number", "tracking_url"):
            self.assertFalse(copy[name])
        self.assertFalse(copy.label_attachment_id)

    def test_a_parcel_that_may_be_paid_for_is_never_deleted(self):
        for state in ("requested", "unclear"):
            parcel = self.create_parcel(state=state)
            with self.assertRaisesRegex(UserError, "Cancel it first"):
                parcel.unlink()
            parcel.state = "cancelled"
            self.env.flush_all()
        labelled = self.label(self.picking).parcel_ids
        with self.assertRaisesRegex(UserError, "Cancel it first"):
            labelled.unlink()

    def test_a_parcel_that_was_never_paid_for_may_be_deleted(self):
        parcels = self.create_parcel() | self.create_parcel(state="refused")
        parcels.unlink()
        self.assertFalse(parcels.exists())

    def test_a_label_in_use_is_not_deleted_by_accident(self):
        label = self.label(self.picking).parcel_ids.label_attachment_id
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            label.unlink()
            self.env.flush_all()

    # === CLAIMING === #

    def claim(self, parcels):
        with self.committing() as env:
            claimed = parcels.with_env(env)._claim().ids
        return parcels.browse(claimed)

    def test_only_drafts_are_claimed(self):
        others = self.import_deliveries(3, first=2)
        states = ("draft", "refused", "cancelled")
        parcels = self.env["delivery.parcel"].concat(
            *(
                self.create_parcel(picking, state=state)
                for picking, state in zip(others, states, strict=True)
            )
        )
        claimed = self.claim(parcels)
        self.assertEqual(claimed, parcels[0])
        self.assertEqual(parcels.mapped("state"), ["requested", "refused", "cancelled"])

    def test_a_draft_beside_a_living_parcel_is_not_claimed_and_says_why(self):
        self.create_parcel(state="requested")
        draft = self.create_parcel()
        self.assertFalse(self.claim(draft))
        self.assertEqual(draft.state, "draft")
        self.assertIn("Somebody else", draft.error)

    def test_of_two_drafts_of_one_parcel_one_is_claimed(self):
        drafts = self.create_parcel() | self.create_parcel()
        with mute_logger("odoo.sql_db"):
            claimed = self.claim(drafts)
        self.assertEqual(len(claimed), 1)
        self.assertEqual(claimed.state, "requested")
        self.assertEqual((drafts - claimed).state, "draft")

    def test_one_impossible_claim_leaves_the_others_of_the_chunk(self):
        other = self.create_parcel(self.import_deliveries(first=2))
        drafts = self.create_parcel() | self.create_parcel()
        with mute_logger("odoo.sql_db"):
            claimed = self.claim(drafts | other)
        self.assertEqual(len(claimed), 2)
        self.assertIn(other, claimed)

    # === SETTLING WHAT IS UNCLEAR === #

    def check_unclear(self, parcels):
        with self.committing(self.amazon_user) as env:
            parcels.with_env(env).action_check_unclear()

    def test_an_unclear_announcement_is_found_and_its_label_bought_once(self):
        for moment, found in (("after", 1), ("before", 0)):
            with self.subTest(moment):
                self.standins.reset()
                picking = self.import_deliveries(first=10 + found)
                self.myparcel.faults.add(CREATE, "cut", moment=moment)
                parcel = self.label(picking).parcel_ids
                self.assertEqual(parcel.state, "unclear")
                self.assertIn("did not answer clearly", parcel.error)
                self.assertEqual(len(self.myparcel.shipments), found)
                self.check_unclear(parcel)
                self.assert_bought_once(parcel)
                self.assertEqual(len(self.myparcel.shipments), 1)
                self.assertEqual(picking.carrier_tracking_ref, parcel.tracking_number)
                self.assertFalse(parcel.error)

    def test_an_unclear_purchase_is_read_back_and_not_repeated(self):
        self.myparcel.faults.add(FETCH, "cut", moment="after")
        parcel = self.label(self.picking).parcel_ids
        self.assertEqual(parcel.state, "unclear")
        self.assertEqual(len(self.get_bought()), 1)
        self.check_unclear(parcel)
        self.assert_bought_once(parcel)
        self.assertEqual(self.myparcel.count(CREATE), 1)
        self.assertEqual(self.picking.carrier_tracking_ref, parcel.tracking_number)

    def test_what_stays_unclear_keeps_its_claim(self):
        self.myparcel.faults.add(FETCH, "cut", moment="after", times=None)
        parcel = self.label(self.picking).parcel_ids
        self.check_unclear(parcel)
        self.assertEqual(parcel.state, "unclear")
        self.assertEqual(len(self.get_bought()), 1)
        # Nobody else can free the delivery of what never becomes clear.
        self.assertTrue(parcel.needs_decision)

    def test_checking_a_labelled_parcel_asks_nobody(self):
        parcel = self.label(self.picking).parcel_ids
        asked = self.myparcel.counts()
        self.check_unclear(parcel)
        self.assertEqual(self.myparcel.counts(), asked)
        self.assertEqual(parcel.state, "labelled")

    # === CANCELLING === #

    def test_a_cancelled_label_makes_room_for_a_new_one(self):
        old = self.label(self.picking).parcel_ids
        old.with_user(self.amazon_user).action_cancel()
        self.assertEqual(old.state, "cancelled")
        self.assertFalse(self.picking.carrier_tracking_ref)
        self.assertEqual(self.picking.label_state, "to_label")
        new = self.label(self.picking).parcel_ids
        self.assertEqual(new.state, "labelled")
        self.assertNotEqual(new.tracking_number, old.tracking_number)
        self.assertEqual(self.picking.carrier_tracking_ref, new.tracking_number)

    def test_amazon_is_not_told_of_a_label_that_was_given_up(self):
        self.load_orders(self.picking)
        self.label(self.picking).parcel_ids.action_cancel()
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 0)
        new = self.label(self.picking).parcel_ids
        self.push()
        pushed = self.find_confirmations(self.picking).filtered(
            lambda item: item.state == "pushed"
        )
        self.assertEqual(pushed.parcel_id, new)

    def test_what_may_be_bought_is_not_cancelled(self):
        for state in ("requested", "unclear"):
            parcel = self.create_parcel(state=state)
            with self.assertRaisesRegex(UserError, "not known yet"):
                parcel.action_cancel()
            parcel.state = "cancelled"
            self.env.flush_all()

    def test_giving_up_a_draft_keeps_a_number_that_somebody_typed(self):
        self.picking.carrier_tracking_ref = "TYPED-1"
        (self.create_parcel() | self.create_parcel(state="refused")).action_cancel()
        self.assertEqual(self.picking.carrier_tracking_ref, "TYPED-1")

    # === WHAT THE CARRIER IS TOLD === #

    def get_request(self, picking=None):
        self.label(picking or self.picking)
        return list(self.myparcel.shipments.values())[-1].request

    def test_the_buyers_contact_data_come_from_the_order_and_not_the_contact(self):
        order = self.picking.amazon_order_ids
        self.assertFalse(order.partner_id.phone or order.partner_id.email)
        recipient = self.get_request()["recipient"]
        self.assertEqual(recipient["email"], "a1b2c3d4@marketplace.amazon.nl")
        self.assertEqual(recipient["phone"], "+31600000001")
        self.assertEqual(recipient["person"], "Recipient Example")
        self.assertNotIn("company", recipient)

    def test_the_address_is_split_and_complete(self):
        recipient = self.get_request()["recipient"]
        self.assertEqual(recipient["street"], "Voorbeeldstraat")
        self.assertEqual(recipient["number"], "12")
        self.assertEqual(recipient["number_suffix"], "a")
        self.assertEqual(recipient["postal_code"].replace(" ", ""), "3500AA")
        self.assertEqual((recipient["city"], recipient["cc"]), ("Utrecht", "NL"))

    def test_the_parcel_type_is_the_packages_else_the_deliverys_else_the_methods(self):
        def get_type(picking):
            return self.get_request(picking)["options"]["package_type"]

        small = self.env.ref("amazon_carrier_connector.package_type_myparcel_mailbox")
        stamp = self.env.ref(
            "amazon_carrier_connector.package_type_myparcel_small_package"
        )
        pickings = self.import_deliveries(3, first=20)
        self.assertEqual(get_type(pickings[0]), 1)
        pickings[1].parcel_type_id = small
        self.assertEqual(get_type(pickings[1]), 2)
        pickings[2].parcel_type_id = small
        self.pack(pickings[2], 1).package_type_id = stamp
        self.assertEqual(get_type(pickings[2]), 6)

    def test_each_package_is_a_parcel_with_its_own_weight(self):
        picking = self.import_deliveries(first=30, quantity_to_ship=5)
        packages = self.pack(picking, 2, 3)
        packages[1].shipping_weight = 4.5
        run = self.label(picking)
        self.assertEqual(run.parcel_ids.package_id, packages)
        weights = sorted(s.weight_grams for s in self.myparcel.shipments.values())
        self.assertEqual(weights, [800, 4500])
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(
            picking.carrier_tracking_ref,
            ",".join(run.parcel_ids.sorted("id").mapped("tracking_number")),
        )

    def test_goods_packed_after_they_were_labelled_are_not_labelled_again(self):
        picking = self.import_deliveries(first=31, quantity_to_ship=2)
        first = self.label(picking)
        self.pack(picking, 1, 1)
        second = self.label(picking)
        self.assertEqual(second.parcel_ids.mapped("state"), ["draft", "draft"])
        for parcel in second.parcel_ids:
            self.assertIn("before it was packed", parcel.error)
        self.assert_bought_once(first.parcel_ids)

    def test_validation_labels_the_package_that_has_no_label_yet(self):
        picking = self.import_deliveries(first=32, quantity_to_ship=2)
        packages = self.pack(picking, 1, 1)
        run = self.create_run(picking)
        missing = run.parcel_ids.filtered(lambda p: p.package_id == packages[1])
        missing.action_cancel()
        self.start(run)
        self.assertFalse(picking.carrier_tracking_ref)
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        labelled = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
        self.assertEqual(labelled.package_id, packages)
        self.assert_bought_once(labelled)
        self.assertEqual(len(picking.carrier_tracking_ref.split(",")), 2)

    def test_a_weight_typed_on_the_delivery_is_kept_although_core_reckons_anew(self):
        picking = self.import_deliveries(first=33)
        picking.shipping_weight = 1.7
        self.label(picking)
        # Reserved for the label, it is what core reckons.
        self.assertEqual(picking.shipping_weight, 0.4)
        (shipment,) = self.myparcel.shipments.values()
        self.assertEqual(shipment.weight_grams, 1700)

    def test_a_weight_typed_after_the_reservation_is_what_is_labelled(self):
        picking = self.import_deliveries(first=34, quantity_to_ship=2)
        picking.action_confirm()
        picking.move_ids.quantity = 1
        self.assertEqual(picking.shipping_weight, 0.4)
        self.assertEqual(self.create_run(picking).parcel_ids.weight_kg, 0.8)
        picking.shipping_weight = 1.1
        self.assertEqual(self.create_run(picking).parcel_ids.weight_kg, 1.1)

    def test_a_weight_in_pounds_reaches_the_carrier_in_grams(self):
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        run = self.create_run(self.picking)
        self.assertAlmostEqual(run.parcel_ids.weight_kg, 0.4 * 0.4536, places=2)

    # === WHAT DELIVERIES SHOW === #

    def test_label_states_are_shown_and_found(self):
        pickings = self.import_deliveries(6, first=40)
        states = ["draft", "requested", "unclear", "refused"]
        for picking, state in zip(pickings, states, strict=False):
            self.create_parcel(picking, state=state)
        self.label(pickings[4])
        pickings[5].carrier_tracking_ref = "TYPED-1"
        expected = ["to_label", "requested", "unclear", "refused", "labelled", False]
        self.assertEqual(pickings.mapped("label_state"), expected)
        for picking, state in zip(pickings, expected, strict=True):
            found = self.env["stock.picking"].search(
                [("label_state", "=", state), ("id", "in", pickings.ids)]
            )
            self.assertEqual(found, picking, state)

    def test_a_delivery_labelled_after_a_refusal_is_labelled(self):
        self.create_parcel(state="refused")
        self.label(self.picking)
        self.assertEqual(self.picking.label_state, "labelled")
        found = self.env["stock.picking"].search([("label_state", "=", "refused")])
        self.assertNotIn(self.picking, found)

    def test_one_link_is_given_as_it_is_and_several_as_core_expects_them(self):
        parcel = self.label(self.picking).parcel_ids
        self.assertEqual(self.picking.carrier_tracking_url, parcel.tracking_url)
        self.assertEqual(parcel.action_track()["url"], parcel.tracking_url)
        picking = self.import_deliveries(first=50, quantity_to_ship=2)
        self.pack(picking, 1, 1)
        parcels = self.label(picking).parcel_ids
        self.assertCountEqual(
            picking.get_multiple_carrier_tracking(),
            [[parcel.tracking_number, parcel.tracking_url] for parcel in parcels],
        )

    def test_two_orders_in_one_delivery_are_labelled_once(self):
        orders = self.import_orders(report_row(60), report_row(61))
        first, second = orders.picking_ids
        second.move_ids.picking_id = first
        run = self.label(first)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(first.amazon_order_ids, orders)

    def test_a_parcel_of_another_company_is_refused(self):
        self._create_other_company()
        with self.assertRaisesRegex(UserError, "company"):
            self.create_parcel(company_id=self.other_company.id)

    def test_moves_without_an_order_need_no_amazon(self):
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.picking.partner_id.id,
                "carrier_id": self.carrier.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.mug.id,
                            "product_uom_qty": 2,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.env.ref(
                                "stock.stock_location_customers"
                            ).id,
                        }
                    )
                ],
            }
        )
        run = self.label(picking)
        self.assertTrue(run.parcel_ids.reference.startswith(picking.name))
        self.assert_bought_once(run.parcel_ids)
        self.assertFalse(self.find_confirmations(picking))
