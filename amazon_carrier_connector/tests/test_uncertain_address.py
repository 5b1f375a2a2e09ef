"""What was split by guessing: who is asked, what waits, what goes on."""

from ast import literal_eval

from odoo.tests import tagged

from .label_case import LabelCase

GUESSED = {"ship_address_1": "Plein 1944"}
GUESSED_DE = {
    "ship_address_1": "Straße 12 Nr. 5",
    "ship_country": "DE",
    "ship_postal_code": "10115",
}


class UncertainCase(LabelCase):
    def setUp(self):
        super().setUp()
        self.guessed = self.import_deliveries(**GUESSED)
        self.certain = self.import_deliveries(first=2)
        self.order = self.guessed.amazon_order_ids.with_user(self.amazon_user)

    def find(self, model, *domain):
        ids = (self.guessed | self.certain).amazon_order_ids.ids
        path = "id" if model == "amazon.order" else "amazon_order_ids"
        records = self.env[model].with_user(self.amazon_user)
        return records.search([(path, "in", ids), *domain])


@tagged("post_install", "-at_install")
class TestLabelsOfUncertainAddresses(UncertainCase):
    def test_a_guessed_house_number_keeps_only_its_own_parcel_waiting(self):
        run = self.label(self.guessed | self.certain)
        waiting, labelled = run.parcel_ids
        self.assertEqual((waiting.state, labelled.state), ("draft", "labelled"))
        self.assertIn("House number", waiting.error)
        self.assertIn("Uncertain Addresses", waiting.error)
        self.assert_bought_once(labelled)

    def test_the_problem_shows_nothing_of_the_address(self):
        run = self.create_run(self.guessed)
        for word in ("Plein", "1944", "Recipient"):
            self.assertNotIn(word, run.parcel_ids.error)

    def test_a_confirmed_address_is_labelled_as_it_was_split(self):
        run = self.create_run(self.guessed)
        self.order.action_confirm_address()
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        (shipment,) = self.myparcel.shipments.values()
        self.assertEqual(shipment.request["recipient"]["street"], "Plein")
        self.assertEqual(shipment.request["recipient"]["number"], "1944")

    def test_a_corrected_address_is_what_the_carrier_gets(self):
        run = self.create_run(self.guessed)
        self.order.write(
            {"recipient_street_name": "Plein 1944", "recipient_number": "5"}
        )
        self.start(run)
        (shipment,) = self.myparcel.shipments.values()
        self.assertEqual(shipment.request["recipient"]["street"], "Plein 1944")
        self.assertEqual(shipment.request["recipient"]["number"], "5")

    def test_validation_waits_as_well_and_says_why(self):
        with self.assertRaisesRegex(Exception, "House number"):
            self.validate(self.guessed)
        self.assertNotEqual(self.guessed.state, "done")
        self.order.action_confirm_address()
        self.validate(self.guessed)
        self.assertEqual(self.guessed.state, "done")

    def test_where_street_and_number_are_printed_together_a_guess_stops_nothing(self):
        delivery = self.import_deliveries(first=3, **GUESSED_DE)
        self.assertTrue(delivery.amazon_address_uncertain)
        run = self.label(delivery)
        self.assert_bought_once(run.parcel_ids)

    def test_what_is_too_long_for_the_carrier_is_asked_about_and_never_cut(self):
        street, additional = "Lange " * 8 + "weg 12", "achter " * 9 + "hof"
        delivery = self.import_deliveries(
            first=3, ship_address_1=street, ship_address_2=additional
        )
        run = self.label(delivery)
        self.assertEqual(run.parcel_ids.state, "draft")
        self.assertIn("Street is longer than the 40", run.parcel_ids.error)
        self.assertIn("Additional address line is longer", run.parcel_ids.error)
        delivery.amazon_order_ids.with_user(self.amazon_user).write(
            {"recipient_street_name": "Langeweg", "recipient_additional": "achter"}
        )
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_the_run_says_how_many_addresses_are_guessed_and_opens_them(self):
        german = self.import_deliveries(first=3, **GUESSED_DE)
        run = self.create_run(self.guessed | self.certain | german)
        run = run.with_user(self.amazon_user)
        self.assertEqual(run.uncertain_count, 2)
        action = run.action_check_addresses()
        orders = self.guessed.amazon_order_ids | german.amazon_order_ids
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), orders)
        orders.action_confirm_address()
        run.invalidate_recordset()
        self.assertEqual(run.uncertain_count, 0)
        self.assertFalse(self.env[action["res_model"]].search(action["domain"]))

    def test_a_label_that_is_bought_is_counted_no_more(self):
        german = self.import_deliveries(first=3, **GUESSED_DE)
        run = self.label(german)
        run.invalidate_recordset()
        self.assertEqual(run.uncertain_count, 0)


@tagged("post_install", "-at_install")
class TestListOfUncertainAddresses(UncertainCase):
    def _listed(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_order_address_action"
        )
        return self.find("amazon.order", *literal_eval(action["domain"]))

    def test_the_list_holds_what_is_guessed_and_not_labelled(self):
        self.assertEqual(self._listed(), self.guessed.amazon_order_ids)
        self.order.action_confirm_address()
        self.assertFalse(self._listed())

    def test_what_has_a_label_is_listed_no_more_and_again_when_it_is_cancelled(self):
        german = self.import_deliveries(first=3, **GUESSED_DE)
        order = german.amazon_order_ids
        is_open = [("id", "=", order.id), ("is_address_open", "=", True)]
        self.assertTrue(order.search(is_open))
        run = self.label(german)
        self.assertFalse(order.search(is_open))
        run.parcel_ids.action_cancel()
        self.assertTrue(order.search(is_open))

    def test_the_addresses_that_are_open_are_those_that_are_found(self):
        orders = self.find("amazon.order")
        self.certain.carrier_id = False
        self.certain.button_validate()
        orders.invalidate_recordset()
        for is_open in (True, False):
            self.assertEqual(
                self.find("amazon.order", ("is_address_open", "=", is_open)),
                orders.filtered(lambda o, wanted=is_open: o.is_address_open == wanted),
            )
        self.assertFalse(self.certain.amazon_order_ids.is_address_open)

    def test_deliveries_are_filtered_by_what_they_show(self):
        for uncertain, deliveries in ((True, self.guessed), (False, self.certain)):
            found = self.find(
                "stock.picking", ("amazon_address_uncertain", "=", uncertain)
            )
            self.assertEqual(found, deliveries)
            self.assertEqual(set(found.mapped("amazon_address_uncertain")), {uncertain})

    def test_a_delivery_opens_its_one_address_as_a_form(self):
        action = self.guessed.with_user(self.amazon_user).action_check_addresses()
        self.assertEqual(action["res_id"], self.order.id)
        ((view_id, kind),) = action["views"]
        self.assertEqual(kind, "form")
        self.assertEqual(
            view_id,
            self.env.ref("amazon_carrier_connector.amazon_order_address_view_form").id,
        )

    def test_many_are_confirmed_at_once(self):
        more = self.import_deliveries(2, first=5, **GUESSED).amazon_order_ids
        orders = self.order | more
        orders.with_user(self.amazon_user).action_confirm_address()
        self.assertEqual(set(orders.mapped("address_state")), {"checked"})
