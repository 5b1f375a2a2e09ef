"""What the database itself refuses, whoever writes it."""

from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation, NotNullViolation, UniqueViolation

from odoo.tests import tagged

from .common import AmazonCommon, item_ref, order_ref, report_row


@tagged("post_install", "-at_install")
class TestConstraints(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_other_company()
        # Nobody else fills the outbox here.
        cls.shop.push_tracking = False

    def setUp(self):
        super().setUp()
        self.import_rows(report_row(1), report_row(2))
        self.order = self.find_order(1)
        self.delivery = self.order.picking_ids

    def _refuse(self, error, model, *values):
        with (
            self.assertLogs("odoo.sql_db"),
            self.assertRaises(error),
            self.env.cr.savepoint(),
        ):
            for vals in values:
                self.env[model].create(vals)
                self.env.flush_all()

    def _accept(self, model, *values):
        for vals in values:
            self.assertTrue(self.env[model].create(vals))
            self.env.flush_all()

    # === AMAZON'S SIDE === #

    def test_a_market_exists_once(self):
        copied = self.market_nl.copy_data()[0]
        self._refuse(UniqueViolation, "amazon.market", copied)
        self._accept("amazon.market", dict(copied, marketplace_ref="A2NEW"))

    def test_a_seller_is_connected_once_per_region_over_all_companies(self):
        shop = {
            "name": "Shop",
            "company_id": self.other_company.id,
            "selling_partner_id": "A1SELLER",
        }
        self._refuse(UniqueViolation, "amazon.shop", dict(shop, region="eu"))
        self._accept("amazon.shop", dict(shop, region="na"))

    def test_shops_that_are_not_connected_yet_do_not_hinder_each_other(self):
        shop = {"name": "Shop", "company_id": self.company.id}
        self._accept("amazon.shop", shop, shop)

    def test_the_default_weight_of_a_shop_is_more_than_zero(self):
        for weight in (0, -1):
            with self.subTest(weight):
                self._refuse(
                    CheckViolation,
                    "amazon.shop",
                    {"name": "Shop", "default_weight": weight},
                )

    def test_a_sku_is_paired_once_per_shop(self):
        pair = {"shop_id": self.shop.id, "sku": "A", "product_id": self.mug.id}
        self._accept("amazon.listing", pair)
        self._refuse(
            UniqueViolation, "amazon.listing", dict(pair, product_id=self.bowl.id)
        )
        self._accept("amazon.listing", dict(pair, shop_id=self.other_shop.id))

    def test_an_order_exists_once_per_company(self):
        order = {
            "name": order_ref(1),
            "shop_id": self.shop.id,
            "company_id": self.company.id,
            "market_id": self.market_nl.id,
        }
        self._refuse(UniqueViolation, "amazon.order", order)
        self._accept(
            "amazon.order",
            dict(order, company_id=self.other_company.id, shop_id=self.other_shop.id),
        )

    def test_an_item_exists_once_per_order(self):
        item = {"order_id": self.order.id, "item_ref": item_ref(1), "sku": "A"}
        self._refuse(UniqueViolation, "amazon.order.item", item)
        self._accept("amazon.order.item", dict(item, order_id=self.find_order(2).id))

    def test_quantities_of_an_item_are_not_negative(self):
        item = {"order_id": self.order.id, "item_ref": item_ref(9), "sku": "A"}
        for name in ("quantity_ordered", "quantity_to_ship"):
            with self.subTest(name):
                self._refuse(CheckViolation, "amazon.order.item", {**item, name: -1})

    def test_a_delivery_method_has_one_code_per_market_and_one_for_all(self):
        code = {"carrier_id": self.carrier.id, "carrier_code": "X"}
        self._refuse(UniqueViolation, "amazon.carrier.mapping", code)
        local = dict(code, market_id=self.market_de.id)
        self._accept("amazon.carrier.mapping", local)
        self._refuse(UniqueViolation, "amazon.carrier.mapping", local)

    def test_code_other_needs_a_name(self):
        carrier = self.carrier.copy()
        carrier.amazon_mapping_ids.unlink()
        other = {"carrier_id": carrier.id, "carrier_code": "Other"}
        self._refuse(CheckViolation, "amazon.carrier.mapping", other)
        self._accept("amazon.carrier.mapping", dict(other, carrier_name="Fietskoerier"))

    # === LABELS === #

    def _parcel(self, **values):
        return {
            "picking_id": self.delivery.id,
            "company_id": self.company.id,
            "weight_kg": 1,
            **values,
        }

    def _label(self):
        return self.env["ir.attachment"].create({"name": "label.pdf", "raw": b"%PDF"})

    def _labelled(self, **values):
        return self._parcel(
            state="labelled",
            tracking_number="3STEST",
            labelled_at="2026-11-17 12:00:00",
            label_attachment_id=self._label().id,
            **values,
        )

    def test_of_one_parcel_one_record_lives(self):
        living = (
            self._parcel(state="requested"),
            self._parcel(state="unclear"),
            self._labelled(),
        )
        for first in living:
            for second in living:
                with self.subTest(first=first["state"], second=second["state"]):
                    self._refuse(UniqueViolation, "delivery.parcel", first, second)

    def test_parcels_that_do_not_live_hinder_nothing(self):
        dead = [
            self._parcel(state=state)
            for state in ("draft", "draft", "refused", "refused", "cancelled")
        ]
        self._accept("delivery.parcel", *dead, self._labelled())

    def test_each_package_and_number_of_a_delivery_may_have_a_parcel(self):
        package = self.env["stock.package"].create({"name": "PACK1"})
        self._accept(
            "delivery.parcel",
            self._labelled(),
            self._labelled(sequence=2),
            self._labelled(package_id=package.id),
        )
        self._refuse(
            UniqueViolation, "delivery.parcel", self._labelled(package_id=package.id)
        )

    def test_a_labelled_parcel_has_its_number_and_its_label(self):
        for name in ("tracking_number", "label_attachment_id"):
            with self.subTest(name):
                self._refuse(
                    CheckViolation, "delivery.parcel", {**self._labelled(), name: False}
                )

    def test_a_parcel_weighs_something(self):
        for weight in (0, -1):
            with self.subTest(weight):
                self._refuse(
                    CheckViolation, "delivery.parcel", self._parcel(weight_kg=weight)
                )

    def test_a_label_cannot_be_deleted_while_its_parcel_needs_it(self):
        parcel = self.env["delivery.parcel"].create(self._labelled())
        with (
            self.assertLogs("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            parcel.label_attachment_id.unlink()
        self.assertTrue(parcel.label_attachment_id.exists())

    def test_a_myparcel_delivery_method_names_the_carrier_that_moves_the_parcel(self):
        self._refuse(
            CheckViolation,
            "delivery.carrier",
            {
                "name": "MyParcel without a carrier",
                "product_id": self.carrier.product_id.id,
                "delivery_type": "myparcel_nl",
            },
        )

    # === THE OUTBOX === #

    def _confirmation(self, **values):
        return {
            "order_id": self.order.id,
            "picking_id": self.delivery.id,
            "tracking_number": "3STEST",
            "ship_date": "2026-11-17 12:00:00",
            **values,
        }

    def test_a_parcel_is_confirmed_once(self):
        parcel = self.env["delivery.parcel"].create(self._labelled())
        confirmation = self._confirmation(parcel_id=parcel.id)
        self._accept("amazon.shipment.confirmation", confirmation)
        self._refuse(
            UniqueViolation,
            "amazon.shipment.confirmation",
            dict(confirmation, tracking_number="3SOTHER"),
        )

    def test_one_parcel_with_two_orders_is_confirmed_for_both(self):
        parcel = self.env["delivery.parcel"].create(self._labelled())
        confirmation = self._confirmation(parcel_id=parcel.id)
        self._accept(
            "amazon.shipment.confirmation",
            confirmation,
            dict(confirmation, order_id=self.find_order(2).id),
        )

    def test_a_delivery_is_confirmed_once_whatever_its_number_and_so_is_a_package(self):
        model, package = "amazon.shipment.confirmation", self.env["stock.package"]
        whole = self._confirmation()
        packed = dict(whole, package_id=package.create({"name": "PACK-1"}).id)
        self._accept(model, whole, packed)
        for confirmation in (whole, packed):
            other = dict(confirmation, tracking_number="3SOTHER")
            self._refuse(UniqueViolation, model, other)

    def test_an_item_stands_once_in_a_confirmation_and_is_at_least_one_piece(self):
        confirmation = self.env["amazon.shipment.confirmation"].create(
            self._confirmation()
        )
        line = {
            "confirmation_id": confirmation.id,
            "item_id": self.order.item_ids.id,
        }
        model = "amazon.shipment.confirmation.line"
        for quantity in (0, -1):
            self._refuse(CheckViolation, model, dict(line, quantity=quantity))
        self._refuse(
            UniqueViolation, model, dict(line, quantity=1), dict(line, quantity=2)
        )

    # === WHAT MUST BE THERE === #

    def test_what_identifies_a_record_is_required(self):
        for model, values in (
            ("amazon.order", {"shop_id": self.shop.id}),
            ("amazon.order.item", {"order_id": self.order.id}),
            ("amazon.shipment.confirmation", {"order_id": self.order.id}),
            ("amazon.listing", {"shop_id": self.shop.id}),
        ):
            with self.subTest(model):
                self._refuse(NotNullViolation, model, values)
