"""What people see of the push: on the delivery, on the shop, in the lists."""

from datetime import timedelta

from odoo import fields
from odoo.tests import Form, freeze_time, tagged

from .label_case import CONFIRM, LabelCase

NOON = "2026-11-17 12:03:00"


class ScreenCase(LabelCase):
    def import_labelled(self, count=1, first=1, **cells):
        pickings = self.import_deliveries(count, first, **cells)
        self.load_orders(pickings)
        self.label(pickings)
        return pickings

    def ship_by_bike(self, count=1, first=1, carrier=None, **cells):
        """Deliveries done with typed numbers of a carrier that Amazon's code lacks."""
        self.bike = carrier or self.create_carrier("Bike courier")
        pickings = self.create_fixed_deliveries(self.bike, count, first, **cells)
        self.load_orders(pickings)
        for number, picking in enumerate(pickings, start=1):
            picking.carrier_tracking_ref = f"BIKE{number}"
        self.validate(pickings)
        return pickings

    def map_bike(self, **values):
        return (
            self.env["amazon.carrier.mapping"]
            .with_user(self.amazon_manager)
            .create({"carrier_id": self.bike.id, "carrier_code": "DHL", **values})
        )

    def get_warnings(self):
        return self.shop.activity_search(["mail.mail_activity_data_warning"])


@tagged("post_install", "-at_install")
class TestMissingCode(ScreenCase):
    """Without Amazon's code nothing wrong is sent, and one person is told once."""

    def test_parcels_without_a_code_wait_and_one_person_is_told_once(self):
        rows = self.find_confirmations(self.ship_by_bike(5))
        self.push()
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 0)
        self.assertEqual(set(rows.mapped("state")), {"failed"})
        self.assertTrue(all(rows.mapped("is_unmapped")))
        self.assertEqual(len(self.get_warnings()), 1)
        self.assertIn("Bike courier", rows[0].error)
        self.assertIn("Carrier Codes", rows[0].error)

    def test_the_others_of_the_shop_are_not_held_up(self):
        waiting = self.ship_by_bike(first=5)
        self.shop.carrier_id = self.carrier
        labelled = self.import_labelled(2)
        self.push()
        self.assertEqual(
            self.find_confirmations(labelled).mapped("state"), ["pushed"] * 2
        )
        self.assertEqual(self.find_confirmations(waiting).state, "failed")

    def test_they_go_on_by_themselves_when_the_code_is_written(self):
        rows = self.find_confirmations(self.ship_by_bike(3))
        self.push()
        self.map_bike()
        self.assertEqual(set(rows.mapped("state")), {"to_push"})
        self.push()
        self.assertEqual(set(rows.mapped("state")), {"pushed"})
        self.assertEqual(self.amazon.count(CONFIRM, status=204), 3)
        self.assertFalse(any(rows.mapped("is_unmapped")))

    def test_a_code_of_another_market_does_not_help(self):
        rows = self.find_confirmations(self.ship_by_bike())
        self.push()
        mapping = self.map_bike(market_id=self.market_de.id)
        self.assertEqual(rows.state, "failed")
        mapping.market_id = self.market_nl
        self.assertEqual(rows.state, "to_push")

    def test_what_failed_for_another_reason_does_not_go_on(self):
        rows = self.find_confirmations(self.ship_by_bike(2))
        self.push()
        rows[0].write({"is_unmapped": False, "error": "Amazon refused it"})
        self.map_bike()
        self.assertEqual(rows.mapped("state"), ["failed", "to_push"])

    def test_what_was_handed_over_stays_so_when_a_code_is_written(self):
        rows = self.find_confirmations(self.ship_by_bike())
        self.map_bike()
        rows.action_hand_over()
        self.env["amazon.carrier.mapping"].search(
            [("carrier_id", "=", self.bike.id)]
        ).carrier_code = "DPD"
        self.assertEqual(rows.state, "handed_over")

    def test_what_needs_another_file_is_not_pushed_when_a_code_is_written(self):
        row = self.find_confirmations(self.ship_by_bike())
        mapping = self.map_bike()
        row.action_hand_over()
        row.picking_id.carrier_tracking_ref = "BIKE9"
        mapping.unlink()
        row.write({"state": "failed", "is_unmapped": True})
        self.map_bike()
        self.push()
        self.assertEqual((row.state, self.amazon.count(CONFIRM)), ("failed", 0))

    def test_without_a_delivery_method_it_is_chosen_on_the_confirmation(self):
        picking = self.import_deliveries()
        self.load_orders(picking)
        picking.carrier_id = False
        picking.carrier_tracking_ref = "BIKE1"
        self.validate(picking)
        (row,) = self.find_confirmations(picking)
        self.push()
        self.assertIn("delivery method", row.error)
        self.bike = self.create_carrier("DHL")
        self.map_bike()
        self.assertEqual(row.state, "failed")
        with Form(row.with_user(self.amazon_user)) as form:
            form.carrier_id = self.bike
        row.with_user(self.amazon_user).action_retry()
        self.push()
        self.assertEqual((row.state, row.carrier_code), ("pushed", "DHL"))

    def test_the_shop_names_the_delivery_methods_and_opens_their_code(self):
        self.ship_by_bike(2)
        self.push()
        shop = self.shop.with_user(self.amazon_manager)
        self.assertEqual(shop.unmapped_carrier_ids, self.bike)
        action = shop.action_add_carrier_code()
        self.assertEqual(action["context"]["default_carrier_id"], self.bike.id)
        self.map_bike()
        shop.invalidate_recordset(["unmapped_carrier_ids"])
        self.assertFalse(shop.unmapped_carrier_ids)

    def test_the_delivery_opens_the_missing_code_too(self):
        picking = self.ship_by_bike()
        self.push()
        self.assertEqual(picking.push_carrier_id, self.bike)
        for record in (picking, self.find_confirmations(picking)):
            method = getattr(record, "action_add_amazon_code", None) or getattr(
                record, "action_add_carrier_code", None
            )
            context = method()["context"]
            self.assertEqual(context["default_carrier_id"], self.bike.id)
        self.map_bike()
        self.assertFalse(picking.push_carrier_id)


@tagged("post_install", "-at_install")
class TestDeliveryLine(ScreenCase):
    """The line on the delivery: what Amazon knows, and since when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tz="UTC", lang="en_GB"))

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_GB")

    def _put_in(self, state, number=1, **values):
        picking = self.import_labelled(first=number)
        row = self.find_confirmations(picking)
        row.write({"state": state, **values})
        self.env.flush_all()
        return picking.with_context(tz="UTC", lang="en_GB")

    def test_a_delivery_that_amazon_need_not_know_has_no_line(self):
        picking = self.import_deliveries()
        self.assertFalse(picking.push_message)

    def test_each_state_is_told_with_its_time(self):
        examples = (
            ({"state": "to_push"}, "waits to be pushed"),
            ({"state": "pushed", "pushed_at": NOON}, "pushed 12:03"),
            ({"state": "confirmed"}, "confirmed 12:03"),
            ({"state": "failed", "error": "No."}, "failed: No."),
            (
                {"state": "to_push", "error": "Down.", "next_attempt_at": NOON},
                "next attempt 12:03: Down.",
            ),
        )
        for number, (values, text) in enumerate(examples, start=1):
            with self.subTest(text), freeze_time(NOON):
                picking = self._put_in(number=number, **values)
                self.assertEqual(picking.push_message, text)

    def test_another_day_is_told_with_its_date(self):
        with freeze_time(NOON):
            picking = self._put_in("confirmed")
        with freeze_time("2026-11-19 08:00:00"):
            picking.invalidate_recordset()
            self.assertIn("17/11/2026", picking.push_message)

    def test_a_confirmation_file_is_told_with_its_time(self):
        picking = self.import_labelled()
        self.find_confirmations(picking).action_hand_over()
        self.assertIn("confirmation file", picking.push_message)

    def test_of_several_parcels_the_worst_is_told_with_its_share(self):
        picking = self.import_deliveries(quantity_to_ship=5)
        self.pack(picking, 2, 3)
        self.label(picking)
        first, second = self.find_confirmations(picking)
        first._fail("No.")
        second.state = "confirmed"
        self.assertEqual(picking.push_message, "1 of 2 parcels failed: No.")

    def test_retrying_on_the_delivery_sends_only_what_failed(self):
        picking = self.import_labelled()
        row = self.find_confirmations(picking)
        row._fail("No.")
        picking.with_user(self.amazon_user).action_retry_push()
        self.assertEqual((row.state, row.error), ("to_push", False))
        row.state = "confirmed"
        picking.with_user(self.amazon_user).action_retry_push()
        self.assertEqual(row.state, "confirmed")

    def test_warehouse_staff_read_the_line(self):
        picking = self.ship_by_bike()
        self.push()
        read = picking.with_user(self.stock_user).read(
            ["push_message", "push_carrier_id", "tracking_warning"]
        )
        self.assertIn("Bike courier", read[0]["push_message"])


@tagged("post_install", "-at_install")
class TestTrackingWarning(ScreenCase):
    """A number that can hardly be right is shown, and never holds anything up."""

    def test_a_mistyped_number_is_shown_and_sent_all_the_same(self):
        carrier = self.create_carrier("UPS Standard")
        self.env["amazon.carrier.mapping"].create({"carrier_id": carrier.id})
        picking = self.create_fixed_deliveries(carrier)
        self.load_orders(picking)
        picking.carrier_tracking_ref = "1Z5R89390357567128"
        self.assertIn("check digit", picking.tracking_warning)
        self.validate(picking)
        self.push()
        (row,) = self.find_confirmations(picking)
        self.assertEqual(row.state, "pushed")
        self.assertIn("check digit", row.tracking_warning)
        picking.carrier_tracking_ref = "1Z5R89390357567127"
        self.assertFalse(picking.tracking_warning)

    def test_a_number_that_our_label_gave_is_not_doubted(self):
        picking = self.import_labelled()
        self.assertFalse(picking.tracking_warning)
        self.assertFalse(self.find_confirmations(picking).tracking_warning)

    def test_every_one_of_several_numbers_is_looked_at(self):
        picking = self.import_deliveries()
        picking.carrier_tracking_ref = "RB123456785GB, RB123456784GB,号"
        warning = picking.tracking_warning
        self.assertNotIn("RB123456785GB", warning)
        self.assertIn("RB123456784GB", warning)
        self.assertIn("号", warning)

    def test_a_delivery_that_is_not_amazons_is_not_looked_at(self):
        picking = self.import_deliveries()
        picking.carrier_tracking_ref = "号"
        picking.move_ids.amazon_item_id = False
        picking.invalidate_recordset()
        self.assertFalse(picking.tracking_warning)


@tagged("post_install", "-at_install")
class TestShopCounts(ScreenCase):
    def _make_some(self):
        """Two to push, one of them late; two failed, both late; one at Amazon."""
        rows = self.find_confirmations(self.import_labelled(5))
        now = fields.Datetime.now()
        rows.write({"ship_by": now + timedelta(days=1)})
        rows[1:4].write({"ship_by": now - timedelta(hours=1)})
        rows[2:4]._fail("No.")
        rows[4].write({"state": "confirmed", "ship_by": now - timedelta(days=1)})
        return rows

    def test_the_counts_open_exactly_what_they_count(self):
        rows = self._make_some()
        shop = self.shop.with_user(self.amazon_user)
        for count, action, expected in (
            ("to_push", shop.action_view_confirmations_to_push, rows[:2]),
            ("late", shop.action_view_late_confirmations, rows[1:4]),
            ("failed", shop.action_view_failed_confirmations, rows[2:4]),
        ):
            with self.subTest(count):
                opened = self.env[action()["res_model"]].search(action()["domain"])
                self.assertEqual(opened.sorted("id"), expected)
                self.assertEqual(shop[f"confirmation_{count}_count"], len(expected))

    def test_another_shop_counts_its_own_only(self):
        self._make_some()
        other = self._create_shop(self.company, "A3SELLER")
        self.assertEqual(
            other.read(
                [
                    "confirmation_to_push_count",
                    "confirmation_late_count",
                    "confirmation_failed_count",
                ]
            ),
            [
                {
                    "id": other.id,
                    "confirmation_to_push_count": 0,
                    "confirmation_late_count": 0,
                    "confirmation_failed_count": 0,
                }
            ],
        )

    def test_confirming_notes_the_moment_and_undoing_it_forgets_it(self):
        (row,) = self.find_confirmations(self.import_labelled())
        self.assertFalse(row.confirmed_at)
        with freeze_time(NOON):
            row.state = "confirmed"
            self.env.flush_all()
        self.assertEqual(str(row.confirmed_at), NOON)
        row.state = "to_push"
        self.assertFalse(row.confirmed_at)

    def test_a_selection_is_retried(self):
        rows = self._make_some()
        rows.with_user(self.amazon_user).action_retry()
        self.assertEqual(rows.mapped("state"), ["to_push"] * 4 + ["confirmed"])
