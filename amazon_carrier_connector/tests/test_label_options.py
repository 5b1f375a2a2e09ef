"""What a label is asked for: the delivery goes before the rule, that before the
delivery method."""

from lxml import etree

from odoo.tests import tagged

from ..carriers.label_options import OPTIONS
from .label_case import LabelCase

FIELDS = {f"label_{option.name}" for option in OPTIONS}


@tagged("post_install", "-at_install")
class TestLabelOptions(LabelCase):
    def rule(self, **values):
        return self.env["amazon.shipping.rule"].create({"name": "Rule", **values})

    def test_nothing_is_asked_for_where_nobody_says_anything(self):
        delivery = self.import_deliveries()
        self.assertEqual(delivery._get_label_options(), {})
        self.assertFalse(delivery.label_options_text)

    def test_the_nearest_that_says_something_decides(self):
        for number, (method, rule, own, expected) in enumerate(
            (
                ("yes", False, False, True),
                ("yes", "no", False, False),
                ("no", "yes", False, True),
                ("yes", "yes", "no", False),
                (False, "no", "yes", True),
                (False, False, "yes", True),
                (False, "yes", False, True),
            ),
            start=1,
        ):
            with self.subTest(method=method, rule=rule, own=own):
                self.carrier.label_signature = method
                rules = self.rule(label_signature=rule)
                delivery = self.import_deliveries(first=number)
                delivery.label_signature = own
                self.assertEqual(delivery._get_label_options(), {"signature": expected})
                rules.active = False

    def test_each_option_is_inherited_alone_and_says_from_where(self):
        self.carrier.write({"label_signature": "yes", "label_age_check": "yes"})
        self.rule(label_age_check="no", label_insurance="500")
        delivery = self.import_deliveries()
        delivery.label_only_recipient = "yes"
        self.assertEqual(
            delivery._get_label_options(),
            {
                "signature": True,
                "age_check": False,
                "insurance": 50000,
                "only_recipient": True,
            },
        )
        self.assertEqual(
            set(delivery.label_options_text.splitlines()),
            {
                f"Signature at the Door: Yes ({self.carrier.name})",
                "Age Check: No (Rule)",
                "Insurance: € 500 (Rule)",
                "Only Recipient: Yes (this delivery)",
            },
        )

    def test_options_of_another_provider_are_neither_asked_for_nor_shown(self):
        delivery = self.import_deliveries()
        delivery.write({"label_express": "t12", "label_hide_sender": "yes"})
        self.assertEqual(delivery._get_label_options(), {"hide_sender": True})
        self.assertNotIn("Express", delivery.label_options_text)
        delivery.carrier_id = self.create_carrier()
        self.assertEqual(delivery._get_label_options(), {})
        delivery.carrier_id = False
        self.assertEqual(delivery._get_label_options(), {})

    def test_a_rule_that_changes_later_changes_no_chosen_delivery(self):
        rule = self.rule(label_signature="yes")
        delivery = self.import_deliveries()
        rule.label_signature = "no"
        self.assertEqual(delivery._get_label_options(), {"signature": True})
        rule.unlink()
        self.assertEqual(delivery._get_label_options(), {"signature": True})

    def test_options_of_the_rule_stay_when_a_person_chooses_the_delivery_method(self):
        self.rule(label_insurance="100")
        delivery = self.import_deliveries()
        delivery.carrier_id = self.carrier.copy({"name": "Another"})
        self.assertEqual(delivery._get_label_options(), {"insurance": 10000})

    def test_the_carrier_is_asked_for_them(self):
        self.carrier.label_large_format = "no"
        self.rule(
            label_insurance="250", label_signature="yes", label_only_recipient="yes"
        )
        delivery = self.import_deliveries()
        delivery.label_return_undelivered = "yes"
        self.label(delivery)
        (shipment,) = self.myparcel.shipments.values()
        self.assertEqual(
            shipment.request["options"]
            | {"package_type": None, "label_description": None},
            {
                "package_type": None,
                "label_description": None,
                "insurance": {"amount": 25000, "currency": "EUR"},
                "signature": 1,
                "only_recipient": 1,
                "large_format": 0,
                "return": 1,
            },
        )

    def test_an_option_that_needs_another_is_named_before_anything_is_bought(self):
        delivery = self.import_deliveries()
        delivery.label_insurance = "100"
        run = self.label(delivery)
        self.assertIn("Signature at the Door is missing", run.parcel_ids.error)
        self.assertIn("Only Recipient is missing", run.parcel_ids.error)
        self.assertEqual(self.get_bought(), {})

    def test_the_three_forms_show_the_options_each_for_its_providers(self):
        for model, attribute in (
            ("stock.picking", "readonly"),
            ("amazon.shipping.rule", "placeholder"),
            ("delivery.carrier", "placeholder"),
        ):
            with self.subTest(model):
                arch = etree.fromstring(
                    self.env[model].get_view(view_type="form")["arch"]
                )
                nodes = arch.findall(".//group[@name='label_options']//field")
                shown = {node.get("name"): node for node in nodes}
                self.assertEqual(FIELDS - set(shown), set())
                self.assertTrue(shown["label_signature"].get(attribute))
                self.assertIn("myparcel_nl", shown["label_signature"].get("invisible"))
                self.assertNotIn("gls_nl", shown["label_signature"].get("invisible"))
                self.assertIn("gls_nl", shown["label_express"].get("invisible"))

    def test_what_nobody_chooses_says_what_comes_of_it(self):
        arch = etree.fromstring(
            self.env["delivery.carrier"].get_view(view_type="form")["arch"]
        )
        for name, said in (
            ("notification", "Yes"),
            ("return_label", "No"),
            ("express", "No"),
            ("signature", "Left to the carrier"),
            ("only_recipient", "Left to the carrier"),
        ):
            with self.subTest(name):
                (field,) = arch.findall(
                    f".//group[@name='label_options']//field[@name='label_{name}']"
                )
                self.assertEqual(field.get("placeholder"), said)

    def test_the_placeholder_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        arches = [
            self.env["amazon.shipping.rule"]
            .with_context(lang=lang)
            ._get_view_cache_key(view_type="form")
            for lang in ("en_US", "nl_NL")
        ]
        self.assertNotEqual(*arches)
