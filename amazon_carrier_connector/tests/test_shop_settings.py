"""A shop is added, set up, moved and removed; several of them, in several companies."""

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import AmazonCommon, make_report, report_row


@tagged("post_install", "-at_install")
class TestShopSettings(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_other_company()
        # Nobody else fills the outbox here.
        (cls.shop | cls.other_shop).push_tracking = False

    def test_a_manager_adds_a_shop_with_its_settings(self):
        form = Form(self.env["amazon.shop"].with_user(self.amazon_manager))
        form.name = "My shop"
        form.market_ids.add(self.market_nl)
        form.carrier_id = self.carrier
        form.import_automatically = True
        form.import_interval = 15
        shop = form.save()
        self.assertEqual(shop.company_id, self.company)
        self.assertEqual(shop.warehouse_id, self.warehouse)
        self.assertEqual(shop.health, "disconnected")

    def test_a_new_shop_that_nobody_touched_is_not_saved(self):
        form = Form(self.env["amazon.shop"].with_user(self.amazon_manager))
        with self.assertRaisesRegex(AssertionError, "name is a required field"):
            form.save()

    def test_the_guide_is_opened_for_a_shop_that_exists(self):
        action = self.shop.with_user(self.amazon_manager).action_open_guide()
        form = Form.from_action(self.env(user=self.amazon_manager), action)
        self.assertEqual(form.record, self.shop)

    def test_the_interval_is_at_least_five_minutes(self):
        with (
            self.assertLogs("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.shop.import_interval = 4
            self.env.flush_all()

    def test_every_market_of_the_region_can_be_switched(self):
        shop = self.shop.with_user(self.amazon_manager)
        europe = self.env["amazon.market"].search([("region", "=", "eu")])
        codes = set(europe.mapped("code"))
        self.assertLessEqual(set("NL BE DE ES IT GB FR IE SE PL".split()), codes)
        shop.market_ids = europe
        shop.market_ids -= self.market_de
        self.assertEqual(shop.market_ids, europe - self.market_de)

    def test_markets_of_another_region_leave_with_it(self):
        form = Form(self.shop.with_user(self.amazon_manager))
        form.region = "na"
        self.assertFalse(form.market_ids[:])
        self.assertFalse(form.market_id)
        shop = form.save()
        self.assertFalse(shop.market_ids)
        shop.market_id = self.env.ref("amazon_carrier_connector.market_us")
        shop.name = "Renamed"
        self.assertEqual(shop.market_id.code, "US")

    def test_several_shops_of_a_company_keep_their_settings_and_orders_apart(self):
        second = self._create_shop(self.company, "A3SELLER", push_tracking=False)
        second.carrier_id = False
        self.import_rows(report_row(1))
        self.import_rows(report_row(2), shop=second)
        self.assertEqual((self.shop.order_count, second.order_count), (1, 1))
        self.assertEqual(self.find_order(1).picking_ids.carrier_id, self.carrier)
        self.assertFalse(self.find_order(2).picking_ids.carrier_id)

    def test_a_shop_with_orders_stays_in_its_company(self):
        self.import_rows(report_row(1))
        with self.assertRaisesRegex(ValidationError, self.company.name):
            self.shop.company_id = self.other_company

    def test_a_shop_without_orders_moves_with_its_warehouse(self):
        self.shop.carrier_id = False
        self.shop.company_id = self.other_company
        self.assertEqual(self.shop.warehouse_id.company_id, self.other_company)


@tagged("post_install", "-at_install")
class TestShopRemoval(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_other_company()
        cls.shop.refresh_token_entry = "Atzr|token"
        cls.removing = cls.shop.with_user(cls.amazon_manager)

    def remove(self, shops=None):
        """What the manager reads."""
        return (shops or self.removing).action_remove()["params"]["message"]

    def test_a_shop_without_orders_is_deleted_with_all_that_is_its(self):
        checked = self.check_report(make_report(report_row(1)))
        files = checked.attachment_ids.sudo()
        self.assertIn("deleted", self.remove())
        for gone in (self.shop, checked, files):
            self.assertFalse(gone.exists())

    def test_a_shop_with_orders_is_archived_and_its_token_forgotten(self):
        self.import_rows(report_row(1))
        self.assertIn("archived", self.remove())
        self.assertFalse(self.shop.active)
        self.assertFalse(self.shop.sudo().refresh_token)
        self.assertFalse(self.shop.connected_at)
        self.assertTrue(self.find_order(1).shop_id, self.shop)

    def test_what_amazon_does_not_know_yet_is_told(self):
        self.import_rows(report_row(1))
        self.create_confirmation(self.find_order(1))
        self.assertIn("1 tracking numbers", self.remove())

    def test_several_are_removed_each_in_its_way(self):
        self.import_rows(report_row(1))
        fresh = self._create_shop(self.company, "A3SELLER")
        told = self.remove(self.removing | fresh.with_user(self.amazon_manager))
        self.assertIn("A3SELLER is deleted", told)
        self.assertIn("archived", told)
        self.assertFalse(fresh.exists())

    def test_deleting_a_shop_with_orders_is_refused_with_a_way_out(self):
        self.import_rows(report_row(1))
        with self.assertRaisesRegex(UserError, "Choose Remove"):
            self.removing.unlink()
        self.assertTrue(self.shop.sudo().refresh_token)

    def test_archiving_in_any_way_forgets_the_token(self):
        self.removing.action_archive()
        self.assertFalse(self.shop.sudo().refresh_token)
        self.assertIn("Disconnected", self.shop.message_ids[0].body)

    def test_an_archived_shop_comes_back_not_connected(self):
        self.removing.action_archive()
        self.removing.action_unarchive()
        self.assertEqual(self.shop.health, "draft")

    def test_other_settings_do_not_touch_the_token(self):
        self.removing.write({"name": "Renamed", "active": True})
        self.assertTrue(self.shop.sudo().refresh_token)

    def test_nobody_else_removes_a_shop(self):
        for user in (self.amazon_user, self.stock_user, self.other_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.shop.with_user(user).action_remove()
        self.assertTrue(self.shop.exists().active)
