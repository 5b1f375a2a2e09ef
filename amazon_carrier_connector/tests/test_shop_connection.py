"""Since when a shop is connected, until when consent and secret of the app hold."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import Form, tagged

from .common import AmazonCommon

NOW = datetime(2026, 11, 22, 9, 0, 0)


@tagged("post_install", "-at_install")
class TestDates(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))

    def enter_secret(self, secret, made_on):
        self.company.amazon_client_secret_entry = secret
        self.company.amazon_secret_set_at = made_on
        # The next request finds no entry.
        self.env.invalidate_all()

    def test_a_shop_that_was_never_connected_has_no_dates(self):
        self.assertFalse(self.shop.connected_at or self.shop.consent_expires_at)
        self.assertEqual(self.shop.consent_days_left, 0)

    def test_a_token_entered_by_hand_connects_without_an_end(self):
        self.shop.refresh_token_entry = " Atzr|token "
        self.assertEqual(self.shop._reveal_secret("refresh_token"), "Atzr|token")
        self.assertEqual(self.shop.connected_at, NOW)
        self.assertFalse(self.shop.consent_expires_at)

    def test_a_token_entered_by_hand_replaces_a_consent_and_its_end(self):
        self.shop._store_consent("Atzr|consent", timedelta(days=365))
        self.shop.refresh_token_entry = "Atzr|token"
        self.assertFalse(self.shop.consent_expires_at)

    def test_a_consent_counts_its_days_down_to_nothing(self):
        self.shop._store_consent("Atzr|consent", timedelta(days=365))
        self.assertEqual(self.shop.consent_days_left, 365)
        for days, left in ((1, 364), (364, 1), (365, 0), (400, -35)):
            with freeze_time(NOW + timedelta(days=days)):
                self.shop.invalidate_recordset(["consent_days_left"])
                self.assertEqual(self.shop.consent_days_left, left)

    def test_disconnecting_forgets_token_and_dates(self):
        self.shop._store_consent("Atzr|consent", timedelta(days=365))
        self.shop.with_user(self.amazon_manager).action_disconnect()
        self.assertFalse(self.shop.sudo().refresh_token)
        self.assertFalse(self.shop.connected_at or self.shop.consent_expires_at)
        self.assertEqual(self.shop.state, "draft")
        self.assertEqual(self.shop.selling_partner_id, "A1SELLER")

    def test_a_manager_sees_how_long_the_apps_secret_holds(self):
        self.company.amazon_client_secret_entry = "secret"
        shop = self.shop.with_user(self.amazon_manager)
        self.assertEqual(shop.secret_expires_at.date(), datetime(2027, 5, 21).date())
        self.assertEqual(shop.secret_days_left, 179)
        self.company.amazon_secret_set_at = "2026-01-01"
        self.assertLess(shop.secret_days_left, 0)

    def test_a_new_secret_entered_in_the_settings_is_of_today(self):
        self.enter_secret("secret", "2026-01-01")
        with Form(self.env["res.config.settings"]) as settings:
            settings.amazon_client_secret_entry = "another"
        settings.record.execute()
        self.assertEqual(self.company.amazon_secret_set_at, NOW.date())

    def test_settings_saved_for_another_reason_leave_the_date(self):
        self.enter_secret("secret", "2026-01-01")
        with Form(self.env["res.config.settings"]) as settings:
            settings.amazon_client_id = "amzn1.application-oa2-client.other"
        settings.record.execute()
        self.assertEqual(str(self.company.amazon_secret_set_at), "2026-01-01")

    def test_the_same_secret_again_begins_no_new_time(self):
        self.enter_secret("secret", "2026-01-01")
        self.company.amazon_client_secret_entry = "secret"
        self.assertEqual(str(self.company.amazon_secret_set_at), "2026-01-01")
