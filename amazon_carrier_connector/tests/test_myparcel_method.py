"""A delivery method of MyParcel: its test environment, text, key and options."""

from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..carriers.myparcel_services import SERVICES
from .label_case import CONFIRM, CREATE, LabelCase, read_pages

DELETE = "DELETE /shipments/{ids}"


@tagged("post_install", "-at_install")
class TestMyparcelMethod(LabelCase):
    def sent(self):
        """What MyParcel was asked to make, one after the other."""
        return [
            shipment
            for call in self.myparcel.calls
            if call.operation == CREATE
            for shipment in call.data["data"]["shipments"]
        ]

    # === THE TEST ENVIRONMENT === #

    def test_in_the_test_environment_nothing_is_bought_and_amazon_hears_nothing(self):
        self.carrier.prod_environment = False
        pickings = self.import_deliveries(2)
        self.load_orders(*pickings)
        run = self.label(pickings, validate_after=True)
        self.assertEqual(self.myparcel.shipments, {})
        self.assertEqual(self.myparcel.counts().keys(), {CREATE, DELETE})
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"labelled"})
        self.assertEqual(set(run.parcel_ids.mapped("is_test")), {True})
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        for parcel, text in zip(
            run.parcel_ids, read_pages(run.attachment_id), strict=True
        ):
            self.assertIn("TEST", text)
            self.assertIn(parcel.reference, text)
        self.push()
        pickings.action_push_tracking()
        self.push()
        self.assertFalse(self.find_confirmations(pickings))
        self.assertEqual(self.amazon.count(CONFIRM), 0)

    def test_a_test_label_is_given_up_for_a_real_one(self):
        self.carrier.prod_environment = False
        picking = self.import_deliveries()
        test = self.label(picking).parcel_ids
        self.carrier.prod_environment = True
        with self.committing(self.stock_user) as env:
            test.with_env(env).action_cancel()
        parcel = self.label(picking).parcel_ids
        self.assertFalse(parcel.is_test)
        self.assert_bought_once(parcel)

    def test_a_test_that_myparcel_did_not_delete_is_settled_at_the_next_start(self):
        self.carrier.prod_environment = False
        self.myparcel.faults.add(DELETE, "unavailable", nth=1)
        run = self.label(self.import_deliveries())
        self.assertEqual(run.parcel_ids.state, "unclear")
        self.start(run)
        self.assertEqual(run.parcel_ids.state, "labelled")
        self.assertEqual(self.myparcel.shipments, {})

    # === THE TEXT ON THE LABEL === #

    def test_the_text_of_the_method_goes_before_that_of_the_shop(self):
        (shop, method, expected) = "[PRODUCT_QTY] pcs", "[PRODUCT_SKU]", []
        for number in range(1, 4):
            if number == 2:
                self.shop.label_text = shop
            if number == 3:
                self.carrier.label_text = method
            picking = self.import_deliveries(first=number)
            self.label(picking)
            item = picking.amazon_order_ids.item_ids
            expected.append(
                {1: picking.amazon_order_ids.name, 2: "1 pcs", 3: item.sku}[number]
            )
        texts = [shipment["options"]["label_description"] for shipment in self.sent()]
        self.assertEqual(texts, expected)

    def test_a_long_text_is_cut_and_its_label_is_made(self):
        self.carrier.label_text = "[ORDER_ID] [PRODUCT_SKU] [DELIVERY] " + "x" * 45
        self.assert_bought_once(self.label(self.import_deliveries()).parcel_ids)
        (shipment,) = self.sent()
        self.assertEqual(len(shipment["options"]["label_description"]), 45)

    def test_the_text_of_a_package_is_of_what_is_in_it(self):
        self.carrier.label_text = "[PRODUCT_QTY] x [PRODUCT_SKU]"
        picking = self.import_deliveries(
            **{"quantity-purchased": "3", "quantity-to-ship": "3"}
        )
        self.pack(picking, 2, 1)
        self.label(picking)
        sku = picking.amazon_order_ids.item_ids.sku
        texts = [shipment["options"]["label_description"] for shipment in self.sent()]
        self.assertCountEqual(texts, [f"2 x {sku}", f"1 x {sku}"])

    def test_a_mistyped_placeholder_is_refused_with_those_that_exist(self):
        for record in (self.carrier, self.shop):
            with self.assertRaisesRegex(ValidationError, "ORDER_ID.*not .SKU"):
                record.label_text = "[SKU]"

    # === KEYS === #

    def test_a_key_of_its_own_goes_before_that_of_the_company(self):
        self.carrier.myparcel_api_key_entry = self.myparcel.api_key
        self.company.sudo().myparcel_api_key = "of another shop"
        self.assert_bought_once(self.label(self.import_deliveries()).parcel_ids)
        notification = self.carrier.action_test_myparcel_key()
        self.assertEqual(notification["params"]["type"], "success")
        self.carrier.action_remove_myparcel_key()
        with self.assertRaisesRegex(UserError, "does not accept the login or API key"):
            self.carrier.action_test_myparcel_key()

    # === OPTIONS === #

    def test_the_form_shows_the_options_that_the_moving_carrier_has(self):
        arch = etree.fromstring(self.carrier.get_view(view_type="form")["arch"])
        nodes = arch.findall(".//group[@name='label_options']//field")
        invisible = {node.get("name"): node.get("invisible") for node in nodes}

        def shown(provider, carrier):
            values = {"delivery_type": provider, "myparcel_carrier": carrier}
            return {
                name.removeprefix("label_")
                for name, expression in invisible.items()
                if not safe_eval(expression, dict(values))
            }

        self.assertEqual(shown("myparcel_nl", "4"), {"saturday_delivery"})
        self.assertLessEqual(
            {"delivery_type", "insurance", "age_check", "priority_delivery"},
            shown("myparcel_nl", "1"),
        )
        self.assertNotIn("hide_sender", shown("myparcel_nl", "1"))
        self.assertIn("hide_sender", shown("myparcel_nl", "9"))
        self.assertIn("express", shown("gls_nl", False))
        self.assertNotIn("signature", shown("gls_nl", False))

    def test_every_carrier_that_can_be_chosen_has_its_rules(self):
        chosen = self.carrier._fields["myparcel_carrier"].get_values(self.env)
        self.assertEqual(set(map(int, chosen)), set(SERVICES))
        for code in ("2", "16"):
            self.carrier.myparcel_carrier = code
            self.assertTrue(self.carrier._get_known_carrier())

    def test_an_option_that_the_destination_lacks_is_named_before_anything_is_asked(
        self,
    ):
        picking = self.import_deliveries()
        picking.partner_id.country_id = self.env.ref("base.de")
        picking.partner_id.zip = "10115"
        picking.write({"label_only_recipient": "yes", "label_insurance": "100"})
        parcel = self.label(picking).parcel_ids
        self.assertEqual(parcel.state, "draft")
        self.assertIn("Only Recipient cannot be had", parcel.error)
        self.assertIn("Insurance cannot have this amount", parcel.error)
        self.assertIn("50, 500", parcel.error)
        self.assertEqual(self.myparcel.calls, [])

    def test_an_evening_delivery_is_asked_for_the_next_day(self):
        picking = self.import_deliveries()
        picking.write({"label_delivery_type": "evening", "label_only_recipient": "yes"})
        with patch.object(
            fields.Date, "context_today", return_value=date(2026, 11, 27)
        ):
            options = self.carrier._myparcel_nl_prepare_options(picking)
        self.assertEqual(options["delivery_date"], "2026-11-28 00:00:00")
        self.label(picking)
        (shipment,) = self.sent()
        self.assertEqual(shipment["options"]["delivery_type"], 3)
