"""A delivery method of MyParcel: its test environment, text, key and options."""

from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..carriers.myparcel import LABELS, RATE_LIMITS
from ..carriers.myparcel_services import SERVICES
from ..carriers.windows import WindowsByKey
from ..models.delivery_carrier_myparcel import WINDOWS
from .label_case import CONFIRM, CREATE, FETCH, READ, LabelCase, read_pages

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
        self.cancel(test)
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
        self.carrier.with_context(secret="myparcel_api_key").action_remove_secret()
        with self.assertRaisesRegex(UserError, "does not accept the login or API key"):
            self.carrier.action_test_myparcel_key()

    def test_a_key_that_was_used_enough_is_given_a_rest_and_the_labels_come_later(self):
        self.patch(WINDOWS, "of", WindowsByKey({**RATE_LIMITS, LABELS: 1}, 300).of)
        self.assert_bought_once(self.label(self.import_deliveries()).parcel_ids)
        first = self.get_bought()
        run = self.label(self.import_deliveries(first=2))
        self.assertEqual((run.state, run.parcel_ids.state), ("queued", "draft"))
        self.assertGreater(run.resume_at, fields.Datetime.now())
        self.assertEqual(self.get_bought(), first)
        self.assertEqual(self.myparcel.count(FETCH), 1)

    # === GIVING UP === #

    def announce_only(self, number=1):
        """A delivery of which MyParcel holds a concept, and its run."""
        self.myparcel.faults.add(FETCH, "throttled", nth=1)
        run = self.label(self.import_deliveries(first=number))
        self.assertEqual(run.parcel_ids.state, "draft")
        self.assertTrue(run.parcel_ids.remote_ref)
        return run

    def find_concepts(self, runs):
        return self.env["delivery.parcel.concept"].search(
            [("company_id", "in", runs.company_id.ids)]
        )

    def cancel(self, parcels):
        with self.committing(self.stock_user) as env:
            parcels.with_env(env).action_cancel()

    def test_the_concept_of_a_cancelled_parcel_is_deleted_at_myparcel(self):
        run = self.announce_only()
        self.cancel(run.parcel_ids)
        self.assertEqual(run.parcel_ids.state, "cancelled")
        self.assertEqual(len(self.myparcel.shipments), 1)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(self.myparcel.shipments, {})
        self.assertFalse(self.find_concepts(run))
        asked = self.myparcel.counts()
        self.run_cron("cron_delete_concepts")
        self.assertEqual(self.myparcel.counts(), asked)

    def test_the_concept_of_a_parcel_that_was_changed_is_deleted_and_one_is_bought(
        self,
    ):
        run = self.announce_only()
        run.parcel_ids.weight_kg = 3
        self.start(run)
        self.assertEqual(len(self.myparcel.shipments), 2)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(len(self.myparcel.shipments), 1)
        self.assert_bought_once(run.parcel_ids)

    def test_another_delivery_method_leaves_no_concept_behind(self):
        run = self.announce_only()
        other = self.carrier.copy({"name": "DPD", "myparcel_carrier": "4"})
        other.prod_environment = True
        run.parcel_ids.picking_id.carrier_id = other
        self.start(run)
        self.run_cron("cron_delete_concepts")
        (shipment,) = self.myparcel.shipments.values()
        self.assertEqual(shipment.request["carrier"], 4)
        self.assert_bought_once(run.parcel_ids)

    def test_a_delivery_method_that_is_archived_holds_up_no_cancelling(self):
        run, other = self.announce_only(), self.announce_only(2)
        method = self.carrier.copy({"name": "Short-lived"})
        other.parcel_ids.carrier_id = method
        self.cancel(other.parcel_ids)
        run.parcel_ids.carrier_id = method
        method.active = False
        self.cancel(run.parcel_ids)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(set((run | other).parcel_ids.mapped("state")), {"cancelled"})
        self.assertFalse(self.find_concepts(run | other))

    def test_the_concept_of_a_parcel_that_was_refused_is_deleted(self):
        refusal = {"status": 422, "body": (3758, "Not possible")}
        self.myparcel.faults.add(FETCH, "refused", times=None, **refusal)
        run = self.label(self.import_deliveries())
        self.myparcel.faults.clear()
        self.assertEqual(run.parcel_ids.state, "refused")
        self.assertFalse(run.parcel_ids.remote_ref)
        self.assertEqual(len(self.myparcel.shipments), 1)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(self.myparcel.shipments, {})

    def test_what_was_refused_at_once_has_no_concept_to_look_for(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        run = self.label(picking)
        self.assertEqual(run.parcel_ids.state, "refused")
        self.assertFalse(self.find_concepts(run))

    def test_a_concept_with_which_nobody_goes_on_is_deleted_after_a_day(self):
        run, fresh = self.announce_only(), self.announce_only(2)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE delivery_parcel SET write_date = write_date - interval '25 hours'"
            " WHERE id = %s",
            run.parcel_ids.ids,
        )
        self.env.invalidate_all()
        self.run_cron("cron_delete_concepts")
        self.assertEqual(len(self.myparcel.shipments), 1)
        for each in (run, fresh):
            self.start(each)
        self.assert_bought_once((run | fresh).parcel_ids)
        self.assertEqual(len(self.myparcel.shipments), 2)

    def test_the_concept_of_a_deleted_draft_is_deleted(self):
        run = self.announce_only()
        run.parcel_ids.unlink()
        self.run_cron("cron_delete_concepts")
        self.assertEqual(self.myparcel.shipments, {})

    def test_what_was_registered_is_never_deleted(self):
        run = self.announce_only()
        self.myparcel.shipments[int(run.parcel_ids.remote_ref)].status = 2
        self.cancel(run.parcel_ids)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(len(self.myparcel.shipments), 1)
        self.assertEqual(self.myparcel.count(DELETE), 0)
        self.assertFalse(self.find_concepts(run))

    def test_while_myparcel_is_silent_the_concepts_wait_for_the_next_time(self):
        run = self.announce_only()
        self.cancel(run.parcel_ids)
        self.myparcel.faults.add(DELETE, "unavailable", nth=1)
        self.run_cron("cron_delete_concepts")
        self.assertTrue(self.find_concepts(run))
        self.run_cron("cron_delete_concepts")
        self.assertEqual(self.myparcel.shipments, {})

    # === SEVERAL PARCELS AS ONE SHIPMENT === #

    def pack_two(self, number=1, **cells):
        """A delivery in two packages, and its run."""
        picking = self.import_deliveries(first=number, quantity_to_ship=2, **cells)
        self.pack(picking, 1, 1)
        return picking, self.create_run(picking, validate_after=False)

    def get_main(self):
        """The one shipment that MyParcel has, without its other parcels."""
        (main,) = (s for s in self.myparcel.shipments.values() if not s.main_id)
        return main

    def assert_one_shipment(self, picking):
        parcels = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
        self.assert_bought_once(parcels)
        self.assertEqual(len(parcels), 2)
        self.assertEqual(len(self.get_main().colli), 1)
        numbers = set(parcels.mapped("tracking_number"))
        self.assertEqual(set(picking.carrier_tracking_ref.split(",")), numbers)
        for parcel in parcels:
            self.assertIn(parcel.tracking_number, parcel.tracking_url)
            shipment = self.myparcel.shipments[int(parcel.remote_ref)]
            self.assertEqual(shipment.barcode, parcel.tracking_number)

    def test_the_packages_of_a_delivery_are_one_shipment_with_a_label_each(self):
        picking, run = self.pack_two()
        self.start(run)
        self.assertEqual(self.myparcel.counts(), {CREATE: 1, FETCH: 1, READ: 1})
        self.assert_one_shipment(picking)
        self.assertEqual(len(read_pages(run.attachment_id)), 2)
        # Each is followed, and printed again, on its own.
        second = run.parcel_ids[1]
        self.myparcel.shipments[int(second.remote_ref)].status = 7
        self.run_cron("cron_track_parcels")
        self.assertEqual(
            run.parcel_ids.mapped("tracking_state"), ["registered", "delivered"]
        )

    def test_abroad_every_package_is_a_shipment_of_its_own(self):
        picking, run = self.pack_two(
            ship_country="DE", ship_postal_code="10115", ship_city="Berlin"
        )
        self.start(run)
        self.assert_bought_once(picking.parcel_ids)
        self.assertFalse(any(s.main_id for s in self.myparcel.shipments.values()))
        self.assertEqual(len(self.myparcel.shipments), 2)

    def test_a_shipment_that_lost_a_package_is_made_anew(self):
        picking, run = self.pack_two()
        self.myparcel.faults.add(FETCH, "throttled")
        self.start(run)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"draft"})
        first, second = run.parcel_ids
        self.assertEqual(first.remote_ref, second.remote_ref)
        self.cancel(second)
        self.start(run)
        self.assert_bought_once(first)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(len(self.myparcel.shipments), 1)

    def test_a_weight_changed_while_the_answer_was_lost_is_on_the_label(self):
        picking, run = self.pack_two()
        self.myparcel.faults.add(CREATE, "cut", moment="after")
        self.start(run)
        run.parcel_ids[1].weight_kg = 7
        self.start(run)
        self.run_cron("cron_delete_concepts")
        self.assert_one_shipment(picking)
        made = {s.reference: s for s in self.myparcel.shipments.values()}
        self.assertEqual(made[run.parcel_ids[1].reference].weight_grams, 7000)

    def test_one_unclear_parcel_that_is_checked_settles_its_whole_shipment(self):
        picking, run = self.pack_two()
        self.myparcel.faults.add(CREATE, "cut", moment="after")
        self.start(run)
        with self.committing(self.stock_user) as env:
            run.parcel_ids[1].with_env(env).action_check_unclear()
        self.assert_one_shipment(picking)

    def test_packages_have_a_test_label_each(self):
        self.carrier.prod_environment = False
        picking, run = self.pack_two()
        self.start(run)
        numbers = run.parcel_ids.mapped("tracking_number")
        self.assertEqual(len(set(numbers)), 2)
        self.assertEqual(self.myparcel.shipments, {})

    def test_a_digital_stamp_has_its_label_though_nobody_can_follow_it(self):
        self.carrier.myparcel_package_type_id = self.env.ref(
            "amazon_carrier_connector.package_type_myparcel_digital_stamp"
        )
        pickings = self.import_deliveries(2)
        run = self.label(pickings)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"labelled"})
        for parcel in run.parcel_ids:
            (text,) = read_pages(parcel.label_attachment_id)
            self.assertIn(parcel.picking_id.origin, text)
            self.assertEqual(parcel.tracking_number, parcel.remote_ref)

    def test_what_nobody_can_follow_is_said_before_its_label_is_made(self):
        picking = self.import_deliveries()
        self.assertFalse(self.create_run(picking).parcel_ids.warning)
        for name in ("digital_stamp", "letter"):
            picking.parcel_type_id = self.env.ref(
                f"amazon_carrier_connector.package_type_myparcel_{name}"
            )
            parcel = self.create_run(picking).parcel_ids[-1:]
            self.assertIn("no tracking number", parcel.warning)
            self.assertFalse(parcel.error)
        picking.parcel_type_id = False
        with self.committing(self.amazon_user) as env:
            parcel.with_env(env).action_check()
        self.assertFalse(parcel.warning)

    def test_a_cancelled_label_is_replaced_by_one_of_another_carrier(self):
        picking = self.import_deliveries()
        first = self.label(picking).parcel_ids
        self.cancel(first)
        self.assertFalse(picking.carrier_tracking_ref)
        other = self.carrier.copy({"name": "DPD", "myparcel_carrier": "4"})
        other.prod_environment = True
        picking.carrier_id = other
        second = self.label(picking).parcel_ids
        self.assertEqual(second.state, "labelled")
        self.assertEqual(picking.carrier_tracking_ref, second.tracking_number)
        self.assertNotEqual(second.tracking_number, first.tracking_number)
        # A registered shipment stays at MyParcel, which bills it when it is scanned.
        self.assertEqual(self.myparcel.count(DELETE), 0)

    # === RETURN LABELS === #

    def ship(self, number=1, **values):
        picking = self.import_deliveries(first=number)
        picking.write(values)
        self.load_orders(picking)
        self.label(picking, validate_after=True)
        self.assertEqual(picking.state, "done")
        return picking

    def make_return(self, picking):
        with self.committing(self.stock_user) as env:
            return picking.with_env(env).action_create_return_labels()

    def get_returns(self, picking):
        return picking.parcel_ids.return_ids

    def test_a_return_label_is_made_once_and_amazon_never_hears_of_it(self):
        self.company.email = "shop@example.com"
        picking = self.ship()
        number = picking.carrier_tracking_ref
        action = self.make_return(picking)
        self.assertEqual(action["type"], "ir.actions.act_url")
        (made,) = self.get_returns(picking)
        self.assertEqual(made.state, "labelled")
        self.assertNotEqual(made.tracking_number, number)
        (text,) = read_pages(made.label_attachment_id)
        self.assertIn(made.tracking_number, text)
        self.assertIn(f"Retour - {number}", text)
        self.make_return(picking)
        self.assertEqual(len(self.myparcel.shipments), 2)
        self.assertEqual(self.get_returns(picking), made)
        self.assertEqual(picking.carrier_tracking_ref, number)
        self.assertEqual(len(picking.parcel_ids), 1)
        self.push()
        self.assertEqual(
            self.find_confirmations(picking).mapped("tracking_number"), [number]
        )

    def test_buyers_stand_in_no_request_of_a_return(self):
        self.company.email = "shop@example.com"
        picking = self.ship()
        self.make_return(picking)
        (asked,) = (
            call.data["data"]["return_shipments"][0]
            for call in self.myparcel.calls
            if call.target.endswith("send_return_mail=0")
        )
        self.assertEqual(
            (asked["name"], asked["email"]), (self.company.name, "shop@example.com")
        )

    def test_an_unclear_return_is_found_again_and_not_made_twice(self):
        self.company.email = "shop@example.com"
        picking = self.ship()
        self.myparcel.faults.add(CREATE, "cut", moment="after", nth=1)
        with self.assertRaisesRegex(UserError, "did not answer clearly"):
            self.make_return(picking)
        self.make_return(picking)
        self.assertEqual(self.get_returns(picking).state, "labelled")
        self.assertEqual(len(self.myparcel.shipments), 2)

    def test_a_return_whose_label_is_late_is_completed_by_the_next_press(self):
        self.company.email = "shop@example.com"
        picking = self.ship()
        self.myparcel.faults.add(FETCH, "unavailable", nth=1)
        with self.assertRaisesRegex(UserError, "did not answer clearly"):
            self.make_return(picking)
        self.assertTrue(self.get_returns(picking).remote_ref)
        self.make_return(picking)
        self.assertEqual(self.get_returns(picking).state, "labelled")
        self.assertEqual(len(self.myparcel.shipments), 2)

    def test_who_cannot_have_a_return_label_is_told_why(self):
        picking = self.ship()
        with self.assertRaisesRegex(UserError, "e-mail address"):
            self.company.email = False
            self.make_return(picking)
        waiting = self.import_deliveries(first=2)
        self.assertFalse(waiting.can_be_returned_by_label)
        self.assertTrue(picking.can_be_returned_by_label)
        with self.assertRaisesRegex(UserError, "no parcel that MyParcel takes back"):
            self.make_return(waiting)
        picking.partner_id.country_id = self.env.ref("base.ch")
        self.assertFalse(picking._get_returnable_parcels())

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
