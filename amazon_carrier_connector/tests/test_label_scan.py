"""Scan-to-print: a barcode finds the next delivery, and its label is made once."""

from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import order_ref, report_row
from .label_case import CREATE, LabelCase


@tagged("post_install", "-at_install")
class TestLabelScan(LabelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.validate_after = False

    def scan(self, code, user=None):
        with self.committing(user or self.amazon_user) as env:
            return env["delivery.label.scan"].scan(code)

    def scan_again(self, code, status="known"):
        """Scan what has its label; nothing is bought."""
        bought = self.get_bought()
        answer = self.scan(code)
        self.assertEqual(answer["status"], status, answer)
        self.assertEqual(self.get_bought(), bought)
        return answer

    def assert_labelled(self, answer, picking):
        self.assertEqual(answer["status"], "labelled", answer)
        self.assertEqual(answer["delivery"], picking.id)
        labelled = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
        self.assertEqual(answer["parcels"], labelled.ids)
        self.assertEqual(picking.label_state, "labelled")
        self.assertTrue(picking.carrier_tracking_ref)

    # === WHAT IS FOUND === #

    def test_an_order_id_and_a_delivery_name_label_that_delivery(self):
        first, second = self.import_deliveries(2)
        self.assert_labelled(self.scan(order_ref(2)), second)
        self.assert_labelled(self.scan(f" {first.name}\r"), first)
        self.assert_bought_once((first | second).parcel_ids)

    def test_a_product_labels_the_most_urgent_first_until_none_is_left(self):
        late, early, other = self.import_orders(
            report_row(1, promise_date="2026-11-20T22:59:59+00:00"),
            report_row(2, promise_date="2026-11-18T22:59:59+00:00"),
            report_row(3, sku="PLATE"),
        ).picking_ids.sorted("id")
        answer = self.scan("MUG-BLUE")
        self.assert_labelled(answer, early)
        self.assertEqual(answer["waiting"], 1)
        self.assertEqual(answer["lines"][0]["sku"], "MUG-BLUE")
        self.assert_labelled(self.scan("MUG-BLUE"), late)
        self.assertEqual(self.scan("MUG-BLUE")["status"], "unknown")
        self.assert_labelled(self.scan(self.plate.barcode), other)

    def test_a_sku_of_amazon_is_as_good_as_the_products_own_reference(self):
        self.env["amazon.listing"].create(
            {"shop_id": self.shop.id, "sku": "AMZ-1", "product_id": self.bowl.id}
        )
        first, second = self.import_deliveries(2, sku="AMZ-1")
        self.assert_labelled(self.scan("AMZ-1"), first)
        self.assert_labelled(self.scan("BOWL"), second)

    def test_what_is_held_or_to_be_cancelled_is_not_what_a_product_means(self):
        held, cancelled, free = self.import_deliveries(3)
        held.amazon_on_hold = True
        cancelled.amazon_order_ids.cancel_requested = True
        self.assert_labelled(self.scan("MUG-BLUE"), free)
        self.assertEqual(self.scan("MUG-BLUE")["status"], "unknown")
        for picking, reason in ((held, "On hold"), (cancelled, "asked to cancel")):
            answer = self.scan(picking.origin)
            self.assertEqual(answer["status"], "problem")
            self.assertIn(reason, answer["message"])

    def test_an_unknown_code_and_another_companys_are_told(self):
        self._create_other_company()
        self.import_deliveries()
        for code, user in (("NOBODY", None), (order_ref(1), self.other_manager)):
            answer = self.scan(code, user)
            self.assertEqual((answer["status"], answer["title"]), ("unknown", code))
        self.assertEqual(self.get_bought(), {})

    def test_scanning_is_for_the_warehouse(self):
        with self.assertRaises(AccessError):
            self.scan("MUG-BLUE", self.employee)

    # === ONCE === #

    def test_a_delivery_that_is_scanned_twice_has_one_label_and_offers_it_again(self):
        picking = self.import_deliveries()
        self.scan(order_ref(1))
        for code in (order_ref(1), picking.name, picking.carrier_tracking_ref):
            answer = self.scan_again(code)
            self.assertEqual(answer["parcels"], picking.parcel_ids.ids)
        self.assert_bought_once(picking.parcel_ids)

    def test_a_cancelled_delivery_is_told_and_gets_no_label(self):
        picking = self.import_deliveries()
        picking.action_cancel()
        self.assertIn("cancelled", self.scan_again(picking.name, "problem")["message"])

    def test_of_two_who_scan_a_product_at_once_the_second_gets_the_next(self):
        """The first one's claim is not in the sight of the second."""
        first, second = self.import_deliveries(2)
        claim = self.registry["delivery.parcel"]._claim

        def claim_late(parcels):
            if parcels.picking_id == first:
                parcels._give_up_claim()
                return parcels.browse()
            return claim(parcels)

        with patch.object(self.registry["delivery.parcel"], "_claim", claim_late):
            answer = self.scan("MUG-BLUE")
        self.assert_labelled(answer, second)
        self.assertIn("Somebody else", answer["skipped"]["message"])

    def test_a_scan_that_meets_another_transaction_is_not_repeated_by_odoo(self):
        """It would label the next delivery of the product besides."""
        first, second = self.import_deliveries(2)

        def meet(parcels):
            if parcels.mapped("state") == ["labelled"]:
                parcels.env["ir.cron"]._commit_progress()
                raise SerializationFailure

        with patch.object(self.registry["delivery.parcel"], "_run_rules", meet):
            answer = self.scan("MUG-BLUE")
        self.assertEqual(answer["status"], "problem")
        self.assertEqual(
            (first | second).mapped("label_state"), ["labelled", "to_label"]
        )
        self.assert_bought_once(first.parcel_ids)

    # === WHAT GOES WRONG === #

    def test_one_that_cannot_be_labelled_is_told_and_the_next_is_labelled(self):
        bad, good = self.import_deliveries(2)
        bad.partner_id.city = False
        answer = self.scan("MUG-BLUE")
        self.assert_labelled(answer, good)
        self.assertEqual(answer["skipped"]["title"], bad.origin)
        self.assertTrue(answer["skipped"]["message"])

    def test_a_refusal_of_the_carrier_is_told_and_can_be_tried_again(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        answer = self.scan(picking.origin)
        self.assertEqual((answer["status"], answer["parcels"]), ("problem", []))
        picking.partner_id.zip = "3500 AA"
        self.assert_labelled(self.scan(picking.origin), picking)

    def test_a_carrier_that_does_not_answer_is_asked_for_one_delivery_only(self):
        self.import_deliveries(3)
        self.myparcel.faults.add(CREATE, "unavailable", times=None)
        answer = self.scan("MUG-BLUE")
        self.assertEqual(answer["status"], "problem")
        parcels = self.env["delivery.parcel"].search([])
        self.assertEqual(len(parcels.filtered("asked_at").picking_id), 1)

    # === AFTERWARDS === #

    def test_labels_are_validated_as_the_shop_wants_it_and_told_when_not(self):
        self.shop.validate_after = True
        first, second = self.import_deliveries(2)
        self.scan(first.name)
        self.assertEqual(first.state, "done")
        second.picking_type_id.create_backorder = "ask"
        pickings = self.registry["stock.picking"]
        with patch.object(pickings, "button_validate", return_value={}):
            answer = self.scan(second.name)
        self.assertEqual(answer["status"], "labelled")
        self.assertIn("Not validated", answer["message"])

    def test_labels_are_printed_as_the_user_likes_it_and_are_no_longer_new(self):
        self.amazon_user.label_opening = "save"
        picking = self.import_deliveries()
        answer = self.scan(picking.name)
        scans = self.env["delivery.label.scan"].with_user(self.amazon_user)
        (action,) = scans.print_labels(answer["parcels"])
        self.assertIn(str(picking.parcel_ids.label_attachment_id.id), action["url"])
        self.assertEqual(action["target"], "download")
        self.assertTrue(picking.parcel_ids.printed_at)
        picking.parcel_ids.action_cancel()
        self.assertEqual(scans.print_labels(answer["parcels"]), [])
