"""Which product a SKU stands for: listing, internal reference, barcode, policy."""

from odoo.tests import tagged

from .common import AmazonCommon, make_report, report_row

BARCODE = "8710000000012"


@tagged("post_install", "-at_install")
class TestProducts(AmazonCommon):
    def _import_sku(self, sku, number=1, **cells):
        self.import_rows(report_row(number, sku=sku, **cells))
        return self.find_order(number)

    def _pair(self, sku, product, shop=None):
        return self.env["amazon.listing"].create(
            {
                "shop_id": (shop or self.shop).id,
                "sku": sku,
                "product_id": product.id,
            }
        )

    def test_a_sku_is_the_internal_reference(self):
        self.assertEqual(self._import_sku("PLATE").item_ids.product_id, self.plate)

    def test_a_sku_is_the_barcode_when_no_internal_reference_is_equal(self):
        self.assertEqual(self._import_sku(BARCODE).item_ids.product_id, self.plate)

    def test_the_internal_reference_goes_before_the_barcode(self):
        self.bowl.default_code = BARCODE
        self.assertEqual(self._import_sku(BARCODE).item_ids.product_id, self.bowl)

    def test_the_listing_goes_before_the_internal_reference(self):
        self._pair("MUG-BLUE", self.bowl)
        self.assertEqual(self._import_sku("MUG-BLUE").item_ids.product_id, self.bowl)

    def test_a_listing_counts_for_its_own_shop_only(self):
        second_shop = self._create_shop(self.company, "A9SECOND")
        self._pair("MUG-BLUE", self.bowl, second_shop)
        self.assertEqual(self._import_sku("MUG-BLUE").item_ids.product_id, self.mug)

    def test_a_product_that_only_resembles_the_sku_is_not_taken(self):
        for number, sku in enumerate(("mug-blue", "MUG", "MUG%", "MUG_BLUE"), start=1):
            with self.subTest(sku):
                product = self._import_sku(sku, number).item_ids.product_id
                self.assertNotEqual(product, self.mug)

    def test_services_are_never_shipped(self):
        service = self.env["product.product"].create(
            {"name": "Wrapping", "default_code": "WRAP", "type": "service"}
        )
        self.assertNotEqual(self._import_sku("WRAP").item_ids.product_id, service)

    def test_an_archived_product_is_not_shipped(self):
        self._pair("OLD", self.bowl)
        self.bowl.active = False
        for number, sku in enumerate(("OLD", "BOWL"), start=1):
            with self.subTest(sku):
                product = self._import_sku(sku, number).item_ids.product_id
                self.assertNotEqual(product, self.bowl)

    def test_a_paired_product_that_became_a_service_is_not_shipped(self):
        service = self.env["product.product"].create({"name": "Thing", "type": "consu"})
        self._pair("THING", service)
        service.type = "service"
        self.assertNotEqual(self._import_sku("THING").item_ids.product_id, service)

    def test_a_paired_product_that_went_to_another_company_is_not_shipped(self):
        self._create_other_company()
        product = self.env["product.product"].create({"name": "Moved"})
        self._pair("MOVED", product)
        product.company_id = self.other_company
        order = self._import_sku("MOVED")
        self.assertTrue(order.picking_ids)
        self.assertNotEqual(order.item_ids.product_id, product)

    def test_a_product_of_another_company_is_not_taken(self):
        self._create_other_company()
        theirs = self.env["product.product"].create(
            {
                "name": "Theirs",
                "default_code": "THEIRS",
                "company_id": self.other_company.id,
            }
        )
        self.assertNotEqual(self._import_sku("THEIRS").item_ids.product_id, theirs)

    def test_of_two_products_with_one_reference_the_same_is_taken_each_time(self):
        self._create_product("Another mug", "MUG-BLUE")
        first = self._import_sku("MUG-BLUE", 1).item_ids.product_id
        second = self._import_sku("MUG-BLUE", 2).item_ids.product_id
        self.assertEqual(first, second)
        self.assertEqual(first.default_code, "MUG-BLUE")

    # === THE SHOP'S POLICY === #

    def test_an_unknown_sku_is_delivered_as_the_placeholder_with_sku_and_title(self):
        order = self._import_sku("NEW-1", product_name="Teapot, 1 l")
        placeholder = self.env.ref("amazon_carrier_connector.product_placeholder")
        self.assertEqual(order.item_ids.product_id, placeholder)
        move = order.picking_ids.move_ids
        self.assertIn("NEW-1", move.description_picking)
        self.assertIn("Teapot, 1 l", move.description_picking)

    def test_without_the_placeholder_the_order_is_held(self):
        self.env.ref("amazon_carrier_connector.product_placeholder").unlink()
        self.assertEqual(self._import_sku("NEW-1").state, "held")

    def test_two_unknown_skus_in_one_order_stay_two_moves_when_confirmed(self):
        self.import_rows(report_row(1, sku="NEW-1"), report_row(1, item=2, sku="NEW-2"))
        delivery = self.find_order(1).picking_ids
        delivery.action_confirm()
        self.assertEqual(
            set(delivery.move_ids.mapped("amazon_item_id.sku")), {"NEW-1", "NEW-2"}
        )

    def test_a_product_is_created_once_per_unknown_sku(self):
        self.shop.unknown_sku_policy = "create"
        self.import_rows(
            report_row(1, sku="NEW-1", product_name="Teapot"),
            report_row(2, sku="NEW-1", product_name="Teapot"),
            report_row(3, sku="NEW-2", product_name=""),
        )
        self.import_rows(report_row(4, sku="NEW-1", product_name="Teapot"))
        teapot = self.find_order(1).item_ids.product_id
        self.assertEqual(teapot.name, "Teapot")
        self.assertEqual(teapot.default_code, "NEW-1")
        self.assertEqual(teapot.company_id, self.company)
        self.assertEqual(teapot.type, "consu")
        for number in (2, 4):
            self.assertEqual(self.find_order(number).item_ids.product_id, teapot)
        self.assertEqual(self.find_order(3).item_ids.product_id.name, "NEW-2")

    def test_with_the_hold_policy_an_order_waits_without_a_delivery(self):
        self.shop.unknown_sku_policy = "hold"
        done = self.import_rows(
            report_row(1, sku="NEW-1"), report_row(1, item=2), report_row(3)
        )
        self.assertEqual(done.created_count, 2)
        self.assertEqual(self.find_order(1).state, "held")
        self.assertFalse(self.find_order(1).picking_ids)
        self.assertEqual(self.find_order(3).state, "to_ship")

    def test_a_held_order_is_delivered_once_its_sku_is_known(self):
        self.shop.unknown_sku_policy = "hold"
        order = self._import_sku("NEW-1")
        self.bowl.default_code = "NEW-1"
        order.with_user(self.amazon_user).action_create_deliveries()
        self.assertEqual(order.state, "to_ship")
        self.assertEqual(order.picking_ids.move_ids.product_id, self.bowl)
        self.assertEqual(order.picking_ids.carrier_id, self.carrier)

    def test_creating_deliveries_twice_makes_one(self):
        self.shop.unknown_sku_policy = "hold"
        order = self._import_sku("NEW-1")
        self.bowl.default_code = "NEW-1"
        order.action_create_deliveries()
        order.action_create_deliveries()
        self.assertEqual(len(order.picking_ids), 1)

    def test_a_held_order_without_a_product_still_waits(self):
        self.shop.unknown_sku_policy = "hold"
        order = self._import_sku("NEW-1")
        order.action_create_deliveries()
        self.assertEqual(order.state, "held")

    def test_a_held_order_is_known_when_its_file_comes_again(self):
        self.shop.unknown_sku_policy = "hold"
        self._import_sku("NEW-1")
        again = self.check_report(make_report(report_row(1, sku="NEW-1")))
        self.assertEqual((again.known_count, again.new_count), (1, 0))
