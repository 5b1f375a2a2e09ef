"""Which delivery method and parcel type an imported order gets."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCommon, report_row


@tagged("post_install", "-at_install")
class TestShippingRule(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox = cls.env.ref(
            "amazon_carrier_connector.package_type_myparcel_mailbox"
        )
        cls.parcel = cls.env.ref(
            "amazon_carrier_connector.package_type_myparcel_package"
        )
        cls.express = cls.carrier.copy({"name": "Express"})

    def _rule(self, **values):
        return self.env["amazon.shipping.rule"].create(
            {"name": "Rule", "carrier_id": self.express.id, **values}
        )

    def _deliver(self, number, *rows, **cells):
        self.import_rows(*(rows or [report_row(number, **cells)]))
        return self.find_order(number).picking_ids

    def _assert_fits(self, fits, number, *rows, **cells):
        carrier = self._deliver(number, *rows, **cells).carrier_id
        self.assertEqual(carrier, self.express if fits else self.carrier)

    # === WHO DECIDES === #

    def test_without_a_rule_the_shop_decides(self):
        self.shop.package_type_id = self.parcel
        delivery = self._deliver(1)
        self.assertEqual(delivery.carrier_id, self.carrier)
        self.assertEqual(delivery.parcel_type_id, self.parcel)

    def test_a_rule_without_conditions_fits_every_order(self):
        self._rule(package_type_id=self.mailbox.id)
        delivery = self._deliver(1)
        self.assertEqual(delivery.carrier_id, self.express)
        self.assertEqual(delivery.parcel_type_id, self.mailbox)

    def test_the_first_rule_that_fits_decides(self):
        self._rule(sequence=20)
        self._rule(sequence=10, carrier_id=self.carrier.id)
        self._rule(sequence=5, skus="BOWL", carrier_id=False)
        self._assert_fits(False, 1)

    def test_a_rule_without_a_delivery_method_takes_the_shops(self):
        self.shop.package_type_id = self.parcel
        self._rule(carrier_id=False, skus="PLATE")
        self._rule(carrier_id=False, package_type_id=self.mailbox.id)
        plates = self._deliver(1, sku="PLATE")
        self.assertEqual(plates.carrier_id, self.carrier)
        self.assertEqual(plates.parcel_type_id, self.parcel)
        others = self._deliver(2)
        self.assertEqual(others.carrier_id, self.carrier)
        self.assertEqual(others.parcel_type_id, self.mailbox)

    def test_a_shop_without_a_delivery_method_takes_the_companys(self):
        self.company.amazon_carrier_id = self.express
        self.company.amazon_package_type_id = self.mailbox
        self.shop.package_type_id = self.parcel
        self.assertEqual(self._deliver(1).parcel_type_id, self.parcel)
        self.shop.carrier_id = False
        delivery = self._deliver(2)
        self.assertEqual(delivery.carrier_id, self.express)
        self.assertEqual(delivery.parcel_type_id, self.parcel)
        self.shop.package_type_id = False
        self.assertEqual(self._deliver(3).parcel_type_id, self.mailbox)

    def test_archived_rules_and_those_of_another_company_do_not_count(self):
        self._create_other_company()
        self._rule(active=False)
        self._rule(company_id=self.other_company.id)
        self._assert_fits(False, 1)

    def test_a_shop_that_applies_no_rules_keeps_its_own_delivery_method(self):
        self._rule()
        self.shop.apply_rules = False
        self._assert_fits(False, 1)

    def test_each_order_of_one_file_gets_its_own(self):
        self._rule(skus="PLATE")
        self.import_rows(report_row(1), report_row(2, sku="PLATE"), report_row(3))
        carriers = [self.find_order(n).picking_ids.carrier_id for n in (1, 2, 3)]
        self.assertEqual(carriers, [self.carrier, self.express, self.carrier])

    # === WHAT THE DELIVERY METHOD ACCEPTS === #

    def test_a_delivery_method_that_does_not_go_to_the_country_is_not_taken(self):
        self.carrier.country_ids = self.env.ref("base.nl")
        self.assertEqual(self._deliver(1).carrier_id, self.carrier)
        self.assertFalse(self._deliver(2, ship_country="FR").carrier_id)

    def test_a_delivery_method_that_does_not_carry_the_weight_is_not_taken(self):
        self.carrier.max_weight = 1.0
        self.assertEqual(self._deliver(1, quantity_to_ship=2).carrier_id, self.carrier)
        self.assertFalse(self._deliver(2, quantity_to_ship=3).carrier_id)

    def test_without_any_delivery_method_the_order_is_imported(self):
        self.shop.carrier_id = False
        delivery = self._deliver(1)
        self.assertEqual(delivery.state, "draft")
        self.assertFalse(delivery.carrier_id)

    # === CONDITIONS === #

    def test_shops(self):
        second_shop = self._create_shop(self.company, "A9SECOND")
        self._rule(shop_ids=second_shop.ids)
        self._assert_fits(False, 1)
        self.import_rows(report_row(2), shop=second_shop)
        self.assertEqual(self.find_order(2).picking_ids.carrier_id, self.express)

    def test_markets(self):
        self._rule(market_ids=self.market_de.ids)
        self._assert_fits(False, 1, sales_channel="Amazon.nl")
        self._assert_fits(True, 2, sales_channel="Amazon.de")

    def test_countries_and_country_groups_add_up(self):
        group = self.env["res.country.group"].create(
            {"name": "Neighbours", "country_ids": self.env.ref("base.be").ids}
        )
        self._rule(country_ids=self.env.ref("base.de").ids, country_group_ids=group.ids)
        for number, (country, fits) in enumerate(
            (("DE", True), ("BE", True), ("NL", False), ("ZZ", False)), start=1
        ):
            with self.subTest(country):
                self._assert_fits(fits, number, ship_country=country)

    def test_postal_codes_by_their_beginning_whatever_the_case_and_spaces(self):
        self._rule(zip_prefixes="10, 3500a ,be")
        for number, (postal_code, fits) in enumerate(
            (
                ("1012 AB", True),
                ("3500 AA", True),
                ("3500aa", True),
                ("BE-2000", True),
                ("2010 AB", False),
                ("", False),
            ),
            start=1,
        ):
            with self.subTest(postal_code):
                self._assert_fits(fits, number, ship_postal_code=postal_code)

    def test_weight_with_both_ends_included(self):
        self._rule(weight_min=0.8, weight_max=1.2)
        for number, (pieces, fits) in enumerate(
            ((1, False), (2, True), (3, True), (4, False)), start=1
        ):
            with self.subTest(pieces):
                self._assert_fits(fits, number, quantity_to_ship=pieces)

    def test_weights_are_kilograms_where_products_are_weighed_in_pounds(self):
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        # 0.4 lb each.
        self._rule(weight_min=0.3, weight_max=0.4)
        for number, (pieces, fits) in enumerate(((1, False), (2, True)), start=1):
            with self.subTest(pieces):
                self._assert_fits(fits, number, quantity_to_ship=pieces)

    def test_without_a_weight_that_of_the_label_counts(self):
        (self.mug | self.plate).weight = 0
        self.shop.default_weight = 0.6
        self._rule(weight_min=0.6, weight_max=0.6)
        delivery = self._deliver(1, quantity_to_ship=3)
        self.assertEqual(delivery.carrier_id, self.express)
        self.assertEqual(
            delivery._get_parcel_weight(delivery.env["stock.package"]), 0.6
        )

    def test_pieces_over_all_items_with_both_ends_included(self):
        self._rule(quantity_min=2, quantity_max=3)
        for number, (pieces, fits) in enumerate(
            ((1, False), (2, True), (3, True), (4, False)), start=1
        ):
            with self.subTest(pieces):
                rows = [report_row(number, item=50 + number)]
                if pieces > 1:
                    rows.append(
                        report_row(
                            number,
                            item=90 + number,
                            sku="PLATE",
                            quantity_to_ship=pieces - 1,
                        )
                    )
                self._assert_fits(fits, number, *rows)

    def test_zero_is_no_limit(self):
        self._rule(weight_max=0, quantity_max=0)
        self._assert_fits(True, 1, quantity_to_ship=5000)

    def test_one_of_the_skus_is_enough_whatever_the_case(self):
        self._rule(skus="plate , BOWL")
        self._assert_fits(False, 1)
        self._assert_fits(True, 2, report_row(2), report_row(2, item=20, sku="PLATE"))

    def test_one_product_with_the_tag_is_enough(self):
        tag = self.env["product.tag"].create({"name": "Fragile"})
        self.plate.product_tmpl_id.product_tag_ids = tag
        self._rule(product_tag_ids=tag.ids)
        self._assert_fits(False, 1)
        self._assert_fits(True, 2, report_row(2), report_row(2, item=20, sku="PLATE"))

    def test_service_levels_as_amazon_writes_them(self):
        self._rule(service_levels="Expedited, next day")
        for number, (level, fits) in enumerate(
            (
                ("Expedited", True),
                ("NextDay", True),
                ("Next Day", True),
                ("Standard", False),
                ("", False),
            ),
            start=1,
        ):
            with self.subTest(level):
                self._assert_fits(fits, number, ship_service_level=level)

    def test_prime_and_business(self):
        numbers = iter(range(1, 9))
        for condition, column in (
            ("prime", "is_prime"),
            ("business", "is_business_order"),
        ):
            for wanted, fitting in (("yes", "true"), ("no", "false")):
                rule = self._rule(**{condition: wanted})
                for cell in ("true", "false"):
                    with self.subTest(condition, wanted=wanted, cell=cell):
                        self._assert_fits(
                            cell == fitting, next(numbers), **{column: cell}
                        )
                rule.active = False

    def test_all_conditions_must_hold(self):
        self._rule(skus="MUG-BLUE", country_ids=self.env.ref("base.nl").ids)
        self._assert_fits(True, 1)
        self._assert_fits(False, 2, ship_country="DE")
        self._assert_fits(False, 3, sku="BOWL")

    # === THE RULE ITSELF === #

    def test_a_range_that_ends_before_it_begins_is_refused(self):
        for values in (
            {"weight_min": 2, "weight_max": 1},
            {"quantity_min": 2, "quantity_max": 1},
            {"weight_min": -1},
            {"quantity_max": -1},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._rule(**values)

    def test_a_rule_cannot_use_another_companys_shop_or_delivery_method(self):
        self._create_other_company()
        theirs = self.express.copy({"company_id": self.other_company.id})
        for values in (
            {"shop_ids": [Command.set(self.other_shop.ids)]},
            {"carrier_id": theirs.id},
        ):
            with self.subTest(values), self.assertRaises(Exception) as refusal:
                self._rule(**values)
            self.assertIn("company", str(refusal.exception).lower())
