"""The page of keys: which exist, since when, when they worked; never their value."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AmazonStandinsCommon

NOW = fields.Datetime.to_datetime("2026-11-22 12:00:00")


@tagged("post_install", "-at_install")
class TestConnectorKeys(AmazonStandinsCommon):
    def find_key(self, kind):
        # As a new page does.
        self.env.invalidate_all()
        domain = [("kind", "=", kind), ("company_id", "=", self.company.id)]
        keys = self.env["amazon.connector.key"].with_user(self.amazon_manager)
        return keys.search(domain)

    def test_each_key_of_a_company_is_a_line(self):
        for kind in ("amazon_app", "amazon_token", "myparcel"):
            with self.subTest(kind):
                key = self.find_key(kind)
                self.assertEqual(len(key), 1)
                self.assertEqual(key.state, "stored")
                self.assertEqual(key.set_on, fields.Date.today())
                self.assertFalse(key.tested_at)

    def test_each_shop_has_a_line_for_its_token(self):
        second = self._create_shop(self.company, "A3SELLER")
        keys = self.find_key("amazon_token")
        self.assertEqual(keys.shop_id, self.shop | second)
        self.assertEqual(keys.sorted("shop_id").mapped("state"), ["stored", "missing"])

    def test_what_is_missing_is_a_line_as_well(self):
        self.company.sudo().write(
            {"amazon_client_secret": False, "myparcel_api_key": False}
        )
        self.shop.action_disconnect()
        for kind in ("amazon_app", "amazon_token", "myparcel"):
            self.assertEqual(self.find_key(kind).state, "missing")

    def test_an_archived_shop_has_no_line(self):
        self.shop.action_archive()
        self.assertFalse(self.find_key("amazon_token"))

    def test_no_value_is_shown(self):
        keys = self.env["amazon.connector.key"].search([])
        given = self.standins.connection()
        shown = str(keys.read())
        for name in ("client_secret", "refresh_token", "myparcel_key"):
            self.assertNotIn(given[name], shown)

    def test_a_line_ends_when_amazon_says(self):
        today = fields.Date.today()
        for days, state in ((31, "stored"), (30, "expiring"), (0, "expired")):
            end = today + timedelta(days=days)
            self.shop.consent_expires_at = end
            self.company.amazon_secret_set_at = end - timedelta(days=180)
            for kind in ("amazon_app", "amazon_token"):
                with self.subTest(days=days, kind=kind):
                    key = self.find_key(kind)
                    self.assertEqual((key.expires_on, key.state), (end, state))

    def test_an_import_shows_that_app_and_token_work(self):
        self.shop.feed_ids.last_import_at = NOW
        for kind in ("amazon_app", "amazon_token"):
            self.assertEqual(self.find_key(kind).used_at, NOW)

    def test_myparcels_key_is_tested(self):
        before = fields.Datetime.now()
        self.find_key("myparcel").action_test()
        self.assertGreaterEqual(self.find_key("myparcel").tested_at, before)

    def test_a_wrong_key_of_myparcel_is_told_and_not_taken_for_tested(self):
        self.company.myparcel_api_key_entry = "wrong"
        with self.assertRaisesRegex(UserError, "does not accept the login"):
            self.find_key("myparcel").action_test()
        self.assertFalse(self.find_key("myparcel").tested_at)

    def test_a_test_of_a_shops_token_is_a_test_of_the_app(self):
        with self.committing() as env:
            answer = self.find_key("amazon_token").with_env(env).action_test()
        self.assertEqual(answer["params"]["type"], "success")
        for kind in ("amazon_token", "amazon_app"):
            self.assertEqual(self.find_key(kind).tested_at, self.shop.tested_at)
        self.assertTrue(self.shop.tested_at)

    def test_a_login_of_gls_is_a_line_and_leads_to_its_account(self):
        account = self.env["gls.account"].create(
            {"company_id": self.company.id, "username": "someone"}
        )
        self.assertEqual(self.find_key("gls").state, "missing")
        account.password_entry = "secret"
        self.assertEqual(self.find_key("gls").state, "stored")
        action = self.find_key("gls").action_open_owner()
        self.assertEqual(action["res_id"], account.id)

    def test_a_login_of_gls_is_since_its_password_and_tested_since_then(self):
        with freeze_time(NOW - timedelta(days=9)):
            account = self.env["gls.account"].create(
                {
                    "company_id": self.company.id,
                    "username": "someone",
                    "password_entry": "secret",
                }
            )
        account.validated_at = NOW - timedelta(days=8)
        key = self.find_key("gls")
        self.assertEqual(key.set_on, (NOW - timedelta(days=9)).date())
        self.assertEqual(key.tested_at, NOW - timedelta(days=8))
        with freeze_time(NOW):
            account.password_entry = "another"
        key = self.find_key("gls")
        self.assertEqual(key.set_on, NOW.date())
        self.assertFalse(key.tested_at)
        account.validated_at = NOW
        account.username = "another"
        self.assertFalse(self.find_key("gls").tested_at)

    def test_the_key_of_a_delivery_method_is_a_line_of_its_own(self):
        self.assertEqual(len(self.find_key("myparcel")), 1)
        connection = self.standins.connection()
        self.carrier.myparcel_api_key_entry = connection["myparcel_key"]
        key = self.find_key("myparcel").filtered("carrier_id")
        self.assertEqual((key.carrier_id, key.state), (self.carrier, "stored"))
        self.assertEqual(key.owner_name, self.carrier.display_name)
        self.assertEqual(key.set_on, fields.Date.today())
        self.assertEqual(key.action_open_owner()["res_model"], "delivery.carrier")
        self.amazon_manager.group_ids |= self.env.ref("stock.group_stock_manager")
        key.action_test()
        lines = self.find_key("myparcel")
        self.assertTrue(lines.filtered("carrier_id").tested_at)
        self.assertFalse((lines - lines.filtered("carrier_id")).tested_at)
        self.carrier.myparcel_api_key_entry = "another"
        self.assertFalse(self.find_key("myparcel").filtered("carrier_id").tested_at)

    def test_another_key_was_never_tested(self):
        self.find_key("myparcel").action_test()
        self.company.myparcel_api_key_entry = "another"
        self.assertFalse(self.find_key("myparcel").tested_at)

    def test_a_copy_of_the_database_tests_nothing(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "1")
        with self.assertRaisesRegex(UserError, "neutralized"):
            self.find_key("myparcel").action_test()
        self.assertEqual(self.standins.myparcel.count("GET /whoami"), 0)

    def test_a_token_is_replaced_on_its_shop(self):
        action = self.find_key("amazon_token").action_open_owner()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("amazon.shop", self.shop.id)
        )

    def test_the_page_is_for_managers(self):
        for user in (self.amazon_user, self.stock_user, self.employee):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["amazon.connector.key"].with_user(user).search([])

    def test_managers_see_their_own_companies_keys(self):
        self._create_other_company()
        keys = self.env["amazon.connector.key"].with_user(self.other_manager)
        self.assertEqual(keys.search([]).company_id, self.other_company)
        self.assertEqual(keys.search([]).shop_id, self.other_shop)
