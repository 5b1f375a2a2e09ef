"""Customs declarations from products, categories, shops, orders and companies."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import order_ref, report_row
from .label_case import CREATE, FETCH, LabelCase, read_pages

SWISS = {"ship_country": "CH", "ship_postal_code": "8001", "ship_city": "Zürich"}
PLACES = {
    "CH": SWISS,
    "GB": {
        "ship_country": "GB",
        "ship_postal_code": "SW1A 1AA",
        "ship_city": "London",
    },
    "NO": {"ship_country": "NO", "ship_postal_code": "0150", "ship_city": "Oslo"},
    "Canaries": {
        "ship_country": "ES",
        "ship_postal_code": "35001",
        "ship_city": "Las Palmas",
    },
    "Northern Ireland": {
        "ship_country": "GB",
        "ship_postal_code": "BT1 5GS",
        "ship_city": "Belfast",
    },
    "Utrecht": {},
}


@tagged("post_install", "-at_install")
class TestCustoms(LabelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.china = cls.env.ref("base.cn")
        cls.india = cls.env.ref("base.in")
        cls.euro = cls.env.ref("base.EUR")
        cls.pound = cls.env.ref("base.GBP")
        cls.company.vat = False
        # The company of a new database keeps its books in dollars.
        cls._set_rate(cls.euro, 0.5)
        cls.category = cls.env["product.category"].create({"name": "Mugs"})
        cls.mug.write(
            {
                "categ_id": cls.category.id,
                "hs_code": "6912.00.23",
                "country_of_origin": cls.china.id,
                "list_price": 20.0,
            }
        )

    @classmethod
    def _set_rate(cls, currency, rate):
        """So much of a currency for one of the company's."""
        cls.env["res.currency.rate"].create(
            {
                "name": "2020-01-01",
                "rate": rate,
                "currency_id": currency.id,
                "company_id": cls.company.id,
            }
        )

    def _import(self, number=1, price=9.95, currency=None, **cells):
        """A delivery to Switzerland, of what was sold at a price in euros."""
        picking = self.import_deliveries(first=number, **{**SWISS, **cells})
        if price:
            items = picking.move_ids.amazon_item_id
            items.unit_price = price
            items.currency_id = currency or self.euro
        return picking

    def _get_declared(self, picking):
        """What MyParcel was told of the delivery, as its one shipment."""
        (shipment,) = [
            shipment
            for shipment in self.myparcel.shipments.values()
            if shipment.reference.startswith(picking.origin)
        ]
        return shipment.request.get("customs_declaration")

    def _find_problems(self, picking, user=None):
        parcels = self.create_run(picking, user).parcel_ids
        return (parcels.error or "").splitlines()

    # === A LABEL === #

    def test_labels_to_every_kind_of_place_are_bought_without_handwork(self):
        self.company.write({"vat": "NL123456782B90", "customs_eori": "NL123456782"})
        rows = [
            report_row(number, quantity_to_ship=2, **cells)
            for number, cells in enumerate(PLACES.values(), start=1)
        ]
        pickings = self.import_orders(*rows).picking_ids.sorted("origin")
        items = pickings.move_ids.amazon_item_id
        items.write({"unit_price": 9.95, "currency_id": self.euro.id})
        run = self.label(pickings)
        self.assertEqual(run.state, "done")
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"labelled"})
        for place, picking in zip(PLACES, pickings, strict=True):
            declared = self._get_declared(picking)
            pages = read_pages(picking.parcel_ids.label_attachment_id)
            self.assertIn(picking.parcel_ids.tracking_number, pages[0])
            if place == "Utrecht":
                self.assertIsNone(declared)
                self.assertEqual(len(pages), 1)
                continue
            self.assertEqual(
                declared,
                {
                    "contents": 1,
                    "invoice": picking.origin,
                    "weight": 800,
                    "items": [
                        {
                            "description": "Blue mug",
                            "amount": 2,
                            "weight": 800,
                            "item_value": {"amount": 1990, "currency": "EUR"},
                            "classification": "69120023",
                            "country": "CN",
                        }
                    ],
                    "eori_number": "NL123456782",
                    "vat_number": "NL123456782B90",
                },
            )
            # The form comes as a page of its own and is kept.
            self.assertIn("Customs", pages[1])
        self.assertEqual({len(numbers) for numbers in self.get_bought().values()}, {1})
        self.assertEqual(len(read_pages(run.attachment_id)), 11)
        # Each form in a document of its own, the one without a form in another.
        self.assertEqual(self.myparcel.counts()[CREATE], 1)
        self.assertEqual(self.myparcel.counts()[FETCH], 6)

    # === HS CODE AND ORIGIN === #

    def test_the_product_goes_before_its_category_and_that_before_the_shop(self):
        parent = self.category.create({"name": "Tableware"})
        self.category.parent_id = parent
        self.mug.write({"hs_code": False, "country_of_origin": False})
        parcel = self.create_run(self._import()).parcel_ids
        defaults = ("customs_hs_code", "customs_origin_id")
        for record, (code_field, origin_field), code, country in (
            (self.shop, defaults, "111111", self.china),
            (parent, defaults, "222222", self.india),
            (self.category, defaults, "333333", self.china),
            (self.mug, ("hs_code", "country_of_origin"), "444444", self.india),
        ):
            with self.subTest(record=record):
                record[code_field] = code
                record[origin_field] = country
                (line,) = parcel._prepare_declaration().lines
                self.assertEqual((line.hs_code, line.origin), (code, country.code))

    def test_what_is_missing_names_product_and_place_before_anything_is_asked(self):
        self.mug.write({"hs_code": False, "country_of_origin": False})
        picking = self._import()
        self.assertEqual(
            self._find_problems(picking),
            [
                "Customs: the HS code of [MUG-BLUE] Blue mug is missing. Enter it on"
                " the product, its category or the shop.",
                "Customs: the country of origin of [MUG-BLUE] Blue mug is missing."
                " Enter it on the product, its category or the shop.",
            ],
        )
        self.label(picking)
        self.assertEqual(picking.parcel_ids.mapped("state"), ["draft"] * 2)
        self.assertEqual(self.myparcel.calls, [])

    def test_the_check_opens_the_product_that_is_not_complete(self):
        rows = (report_row(1, 11, **SWISS), report_row(1, 12, sku="PLATE", **SWISS))
        parcel = self.create_run(self.import_orders(*rows).picking_ids).parcel_ids
        self.assertEqual(parcel.error_place, "product")
        action = parcel.with_user(self.amazon_user).action_mend()
        self.assertEqual(action["res_model"], "product.product")
        self.assertEqual(action["res_id"], self.plate.id)

    def test_others_are_labelled_without_the_one_that_is_not_complete(self):
        self.plate.country_of_origin = self.china
        pickings = self._import(1) | self._import(2, sku="PLATE")
        run = self.label(pickings)
        by_sku = {p.picking_id.move_ids.product_id: p for p in run.parcel_ids}
        self.assertEqual(by_sku[self.mug].state, "labelled")
        self.assertEqual(by_sku[self.plate].state, "draft")
        self.assertIn("HS code of [PLATE] Plate", by_sku[self.plate].error)
        mend = by_sku[self.plate].action_mend()
        self.assertEqual(
            (mend["res_model"], mend["res_id"]), (self.plate._name, self.plate.id)
        )
        self.plate.hs_code = "691110"
        self.start(run)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"labelled"})

    def test_a_code_that_is_none_is_told(self):
        self.mug.hs_code = "6912"
        (problem,) = self._find_problems(self._import())
        self.assertIn("HS code of [MUG-BLUE] Blue mug", problem)
        self.assertIn("digits", problem)

    def test_a_category_or_shop_keeps_no_code_that_is_none(self):
        for record in (self.category, self.shop):
            record.customs_hs_code = "6912.00.23"
            with self.assertRaisesRegex(ValidationError, "6, 8 or 10 digits"):
                record.customs_hs_code = "6912"

    # === VALUE === #

    def _get_value(self, picking):
        (line,) = self.create_run(picking).parcel_ids._prepare_declaration().lines
        return line.value_cents

    def test_the_value_is_what_amazon_sold_it_for(self):
        self.assertEqual(self._get_value(self._import(price=12.34)), 1234)

    def test_a_value_in_another_currency_is_converted(self):
        self._set_rate(self.pound, 0.4)
        picking = self._import(price=10.0, currency=self.pound, quantity_to_ship=3)
        # 30 pounds are 75 dollars are 37.50 euros.
        self.assertEqual(self._get_value(picking), 3750)

    def test_without_an_exchange_rate_nothing_is_declared(self):
        self.pound.rate_ids.unlink()
        picking = self._import(price=10.0, currency=self.pound)
        (problem,) = self._find_problems(picking)
        self.assertIn("no exchange rate for GBP", problem)

    def test_rates_of_another_company_do_not_count(self):
        self._create_other_company()
        self.pound.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {
                "name": "2020-01-01",
                "rate": 0.4,
                "currency_id": self.pound.id,
                "company_id": self.other_company.id,
            }
        )
        picking = self._import(price=10.0, currency=self.pound)
        (problem,) = self._find_problems(picking)
        self.assertIn("no exchange rate for GBP", problem)

    def test_without_a_price_of_amazon_the_sales_price_is_declared(self):
        # 20 dollars are 10 euros.
        self.assertEqual(self._get_value(self._import(price=0)), 1000)

    def test_a_value_of_nothing_is_never_declared(self):
        self.mug.list_price = 0
        (problem,) = self._find_problems(self._import(price=0))
        self.assertIn("value of [MUG-BLUE] Blue mug is not known", problem)
        self.assertIn("sales price", problem)

    def test_products_made_for_unknown_skus_are_not_worth_one_of_anything(self):
        for policy in ("placeholder", "create"):
            self.shop.unknown_sku_policy = policy
            self.shop.write(
                {"customs_hs_code": "691200", "customs_origin_id": self.china.id}
            )
            with self.subTest(policy=policy):
                (problem,) = self._find_problems(
                    self._import(len(policy), price=0, sku=f"NEW-{policy}")
                )
                self.assertIn("value of", problem)

    # === CONTENTS === #

    def test_each_parcel_declares_what_is_in_it(self):
        picking = self._import(quantity_to_ship=3, quantity_purchased=3)
        self.pack(picking, 2, 1)
        run = self.label(picking)
        self.assertEqual(run.parcel_ids.mapped("state"), ["labelled"] * 2)
        items = [
            item
            for shipment in self.myparcel.shipments.values()
            for item in shipment.request["customs_declaration"]["items"]
        ]
        self.assertCountEqual(
            [(x["amount"], x["item_value"]["amount"], x["weight"]) for x in items],
            [(2, 1990, 800), (1, 995, 400)],
        )

    def test_several_products_of_an_order_are_lines_that_share_the_weight(self):
        self.plate.write(
            {"hs_code": "691110", "country_of_origin": self.india.id, "weight": 0}
        )
        picking = self.import_orders(
            report_row(1, 11, **SWISS), report_row(1, 12, sku="PLATE", **SWISS)
        ).picking_ids
        picking.move_ids.amazon_item_id.write(
            {"unit_price": 5.0, "currency_id": self.euro.id}
        )
        parcel = self.create_run(picking).parcel_ids
        parcel.weight_kg = 1.5
        declaration = parcel._prepare_declaration()
        self.assertEqual(declaration.invoice, order_ref(1))
        self.assertEqual(
            [(x.description, x.weight_grams) for x in declaration.lines],
            [("Blue mug", 400), ("Plate", 1100)],
        )
        self.assertEqual(declaration.weight_grams, 1500)

    def test_what_stays_behind_is_not_declared(self):
        picking = self._import(quantity_to_ship=3, quantity_purchased=3)
        self.env["stock.quant"]._update_available_quantity(
            self.mug, self.warehouse.lot_stock_id, -99
        )
        picking.action_confirm()
        picking.action_assign()
        (line,) = self.create_run(picking).parcel_ids._prepare_declaration().lines
        self.assertEqual(line.quantity, 1)

    def test_an_unknown_sku_is_described_by_its_title_at_amazon(self):
        self.shop.unknown_sku_policy = "placeholder"
        picking = self._import(sku="NEW", product_name="Handmade vase, " * 10)
        (line,) = self.create_run(picking).parcel_ids._prepare_declaration().lines
        self.assertTrue(line.description.startswith("Handmade vase"))
        self.assertLessEqual(len(line.description), 50)

    def test_products_are_described_in_english_whoever_makes_the_label(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.mug.with_context(lang="nl_NL").name = "Blauwe mok"
        picking = self._import()
        parcel = self.create_run(picking).parcel_ids.with_context(lang="nl_NL")
        (line,) = parcel._prepare_declaration().lines
        self.assertEqual(line.description, "Blue mug")

    def test_within_the_union_no_declaration_is_even_made(self):
        parcel = self.create_run(self.import_deliveries()).parcel_ids
        with patch.object(type(parcel), "_prepare_declaration") as prepare:
            request = self.carrier._prepare_request(parcel)
        self.assertIsNone(request.customs)
        prepare.assert_not_called()

    # === THE SENDER === #

    def test_the_numbers_of_the_shop_go_before_those_of_the_company(self):
        self.company.write(
            {
                "vat": "NL123456782B90",
                "customs_eori": "NL123456782",
                "customs_uk_vat": "GB111111111",
                "customs_voec": "2011111",
            }
        )
        british = self._import(1, **PLACES["GB"])
        norwegian = self._import(2, **PLACES["NO"])
        self.label(british)
        self.shop.write({"customs_uk_vat": "GB222222222", "customs_voec": "2022222"})
        self.label(norwegian)
        declared = self._get_declared(british)
        self.assertEqual(declared["vat_number_uk"], "GB111111111")
        self.assertNotIn("voec_number", declared)
        declared = self._get_declared(norwegian)
        self.assertEqual(declared["voec_number"], "2022222")
        self.assertNotIn("vat_number_uk", declared)

    def test_numbers_for_small_values_are_not_on_parcels_of_great_value(self):
        self.company.write({"customs_uk_vat": "GB1", "customs_voec": "VOEC2"})
        krone = self.env.ref("base.NOK")
        # A pound is 1.25 euros and a krone 0.1: the limits are 168.75 and 300 euros.
        self._set_rate(self.pound, 0.4)
        self._set_rate(krone, 5)
        cases = [
            ("GB", 168, 1, "vat_number_uk", "GB1"),
            ("GB", 169, 1, "vat_number_uk", None),
            ("GB", 90, 2, "vat_number_uk", None),
            ("NO", 299, 1, "voec_number", "VOEC2"),
            ("NO", 299, 2, "voec_number", "VOEC2"),
            ("NO", 301, 1, "voec_number", None),
        ]
        for number, (place, price, quantity, name, expected) in enumerate(cases, 1):
            with self.subTest(place=place, price=price, quantity=quantity):
                cells = {**PLACES[place], "quantity_to_ship": quantity}
                picking = self._import(number, price, **cells)
                self.label(picking)
                self.assertEqual(self._get_declared(picking).get(name), expected)

    def test_each_company_has_numbers_of_its_own(self):
        self._create_other_company()
        self.company.customs_eori = "NL1"
        self.other_company.customs_eori = "NL2"
        numbers = self.other_shop._prepare_customs_numbers(self.other_company)
        self.assertEqual(numbers.eori, "NL2")

    def test_the_numbers_are_entered_in_the_settings(self):
        settings = self.env["res.config.settings"].create(
            {
                "customs_eori": "NL123456782",
                "customs_uk_vat": "GB111111111",
                "customs_voec": "2011111",
            }
        )
        settings.execute()
        self.assertEqual(self.company.customs_eori, "NL123456782")
        self.assertEqual(self.company.customs_uk_vat, "GB111111111")
        self.assertEqual(self.company.customs_voec, "2011111")

    # === PEOPLE === #

    def test_warehouse_staff_makes_customs_labels(self):
        picking = self._import()
        self.assertEqual(self._find_problems(picking, self.stock_user), [])
        self.label(picking, self.stock_user)
        self.assertEqual(picking.parcel_ids.mapped("state")[-1:], ["labelled"])

    def test_validating_one_delivery_makes_its_customs_label(self):
        picking = self._import()
        picking.action_confirm()
        picking.action_assign()
        self.validate(picking, self.stock_user)
        self.assertEqual(picking.state, "done")
        self.assertEqual(self._get_declared(picking)["invoice"], picking.origin)
        self.assertEqual(self.myparcel.counts()[CREATE], 1)

    def test_the_defaults_are_on_the_forms(self):
        form = Form(self.mug.product_tmpl_id, "product.product_template_form_view")
        form.hs_code = "691110"
        form.country_of_origin = self.india
        self.assertEqual(form.save().country_of_origin, self.india)
        category = Form(self.category, "product.product_category_form_view")
        category.customs_hs_code = "691200"
        category.customs_origin_id = self.china
        self.assertEqual(category.save().customs_origin_id, self.china)
        shop = Form(self.shop.with_user(self.amazon_manager))
        shop.customs_hs_code = "691200"
        shop.customs_origin_id = self.china
        shop.customs_voec = "2022222"
        self.assertEqual(shop.save().customs_voec, "2022222")
