"""Pickups: ordered once, called off, and settled by a person when GLS does not say."""

import json
from datetime import date

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .gls_case import GlsCase

CREATE, DELETE = "Pickup/Create", "Pickup/Delete"


@tagged("post_install", "-at_install")
class TestGlsPickup(GlsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse_address, cls.customer = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "street": street,
                    "zip": "3500 AB",
                    "city": "Utrecht",
                    "country_id": cls.env.ref("base.nl").id,
                }
                for name, street in (
                    ("Magazijn", "Havenweg 3"),
                    ("Klant", "Dorpsstraat 7 b"),
                )
            ]
        )
        cls.company.partner_id.write(
            {
                "street": "Kade 1",
                "zip": "3500 AA",
                "city": "Utrecht",
                "country_id": cls.env.ref("base.nl").id,
            }
        )
        cls.carrier.gls_sender_id = cls.warehouse_address

    def pickup(self, **values):
        pickups = self.env["gls.pickup"].with_user(self.stock_user)
        return pickups.create(
            {
                "carrier_id": self.carrier.id,
                "pickup_date": date(2026, 11, 24),
                "address_id": self.customer.id,
                "delivery_address_id": self.warehouse_address.id,
                **values,
            }
        )

    def press(self, pickup, name="action_order"):
        with self.committing(self.stock_user) as env:
            getattr(pickup.with_env(env), name)()

    def test_a_pickup_is_ordered_with_all_its_parcels_and_its_numbers_are_kept(self):
        pickup = self.pickup(parcel_count=2, weight_kg=1.5)
        self.press(pickup)
        self.assertEqual((pickup.state, pickup.is_test), ("ordered", False))
        self.assertEqual(pickup.order_refs, ", ".join(self.gls.units))
        self.assertEqual(
            [(unit.kind, unit.weight) for unit in self.gls.units.values()],
            [("pickup", 1.5)] * 2,
        )
        (body,) = (call.data for call in self.gls.calls)
        self.assertEqual(body["pickupDate"], "2026-11-24")
        self.assertEqual(body["reference"], pickup.reference)
        streets = {role: to["street"] for role, to in body["addresses"].items()}
        self.assertEqual(
            streets,
            {
                "pickupAddress": "Dorpsstraat",
                "deliveryAddress": "Havenweg",
                "requesterAddress": "Kade",
            },
        )

    def test_a_second_click_orders_nothing(self):
        pickup = self.pickup()
        self.press(pickup)
        with self.assertRaisesRegex(UserError, "ordered already"):
            self.press(pickup)
        self.assertEqual(self.gls.count(CREATE), 1)

    def test_where_it_is_fetched_and_when_come_from_the_delivery_method(self):
        pickup = self.env["gls.pickup"].new({"carrier_id": self.carrier.id})
        self.assertEqual(pickup.address_id._origin, self.warehouse_address)
        self.assertGreaterEqual(pickup.pickup_date, fields.Date.today())

    def test_a_test_pickup_is_called_off_where_it_was_ordered(self):
        self.carrier.prod_environment = False
        pickup = self.pickup()
        self.press(pickup)
        self.carrier.prod_environment = True
        self.press(pickup, "action_call_off")
        self.assertTrue(pickup.is_test)
        self.assertIn("/test/", self.gls.calls[-1].target)

    def test_every_parcel_of_a_pickup_is_called_off(self):
        pickup = self.pickup(parcel_count=2)
        self.press(pickup)
        self.press(pickup, "action_call_off")
        self.assertEqual((pickup.state, self.gls.count(DELETE)), ("cancelled", 2))
        self.assertTrue(all(unit.deleted for unit in self.gls.units.values()))

    def test_what_was_called_off_is_not_called_off_again_after_a_failure(self):
        pickup = self.pickup(parcel_count=2)
        self.press(pickup)
        first, second = self.gls.units
        self.gls.units[second].state = "InRegion"
        with self.assertRaisesRegex(UserError, f"{second}.*under way"):
            self.press(pickup, "action_call_off")
        self.assertEqual((pickup.state, pickup.order_refs), ("ordered", second))
        self.gls.units[second].state = "Announced"
        self.press(pickup, "action_call_off")
        self.assertEqual(pickup.state, "cancelled")

    def test_a_pickup_without_a_number_is_ordered_and_called_off_by_one_only(self):
        pickup = self.pickup()
        self.gls.faults.add(
            CREATE,
            "content",
            body=json.dumps({"error": False, "status": "200"}),
            content_type="application/json",
        )
        self.press(pickup)
        self.assertEqual((pickup.state, pickup.order_refs), ("ordered", False))
        self.assertIn("told no number", pickup.error)
        with self.assertRaisesRegex(UserError, "Enter the number"):
            self.press(pickup, "action_call_off")
        self.assertEqual((pickup.state, self.gls.count(DELETE)), ("ordered", 0))

    def test_a_pickup_whose_calling_off_was_not_answered_is_settled_by_a_person(self):
        pickup = self.pickup()
        self.press(pickup)
        self.gls.faults.add(DELETE, "cut", moment="after")
        with self.assertRaisesRegex(UserError, "may have called off"):
            self.press(pickup, "action_call_off")
        with self.assertRaisesRegex(UserError, "deleted before"):
            self.press(pickup, "action_call_off")
        self.assertEqual(pickup.state, "ordered")
        self.press(pickup, "action_set_called_off")
        self.assertEqual(pickup.state, "cancelled")
        with self.assertRaisesRegex(UserError, "open it again"):
            self.press(pickup, "action_set_called_off")

    def test_what_gls_did_not_answer_is_not_asked_again_until_a_person_says_so(self):
        pickup = self.pickup()
        self.gls.faults.add(CREATE, "cut", moment="after")
        self.press(pickup)
        self.assertEqual(pickup.state, "unclear")
        self.assertIn(pickup.reference, pickup.error)
        with self.assertRaisesRegex(UserError, "open it again"):
            self.press(pickup)
        with self.assertRaisesRegex(UserError, "Call the pickup off"):
            pickup.with_user(self.amazon_manager).unlink()
        self.press(pickup, "action_set_ordered")
        self.assertEqual(pickup.state, "ordered")

    def test_what_gls_does_not_have_is_ordered_under_a_new_reference(self):
        pickup = self.pickup()
        self.gls.faults.add(CREATE, "cut", moment="before")
        self.press(pickup)
        old = pickup.reference
        self.press(pickup, "action_set_draft")
        self.assertNotEqual(pickup.reference, old)
        self.press(pickup)
        self.assertEqual((pickup.state, len(self.gls.units)), ("ordered", 1))

    def test_what_was_not_asked_for_stays_a_draft_with_the_reason(self):
        pickup = self.pickup()
        self.gls.faults.add(CREATE, "throttled")
        self.press(pickup)
        self.assertEqual(pickup.state, "draft")
        self.assertIn("asked too much", pickup.error)
        self.press(pickup)
        self.assertEqual((pickup.state, pickup.error), ("ordered", False))

    def test_what_gls_would_refuse_is_told_before(self):
        self.customer.city = False
        with self.assertRaisesRegex(UserError, "Pick-up address: City is missing"):
            self.press(self.pickup())
        with self.assertRaisesRegex(UserError, "brought to another"):
            self.press(self.pickup(address_id=self.warehouse_address.id))
        self.assertEqual(self.gls.calls, [])
