"""A copy of a database reaches neither Amazon nor a carrier."""

import socket

from odoo import fields
from odoo.exceptions import UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged

from .common import AmazonStandinsCommon, report_row


@tagged("post_install", "-at_install")
class TestNeutralize(AmazonStandinsCommon):
    def setUp(self):
        super().setUp()
        self.import_rows(report_row(1))
        self.delivery = self.find_order(1).picking_ids
        self.env.flush_all()

    def _neutralize(self):
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.registry.clear_all_caches()

    def _retype_the_secrets(self):
        self._connect()
        self.carrier.active = True

    def _asked(self):
        return [call for service in self.standins.services for call in service.calls]

    def test_before_it_the_label_is_made(self):
        with self.committing(self.amazon_user) as env:
            delivery = self.delivery.with_env(env)
            run = env["delivery.label.run"].browse(
                delivery.action_create_labels()["res_id"]
            )
            run.action_start()
        self.assertTrue(self.delivery.carrier_tracking_ref)

    def test_the_stored_secrets_are_gone(self):
        company, shop = self.company.sudo(), self.shop.sudo()
        account = self.env["gls.account"].create(
            {
                "username": "gls@example.com",
                "password_entry": "secret",
                "subscription_key_entry": "key",
            }
        )
        self.carrier.myparcel_api_key_entry = "key"
        carrier = self.carrier.sudo()
        for owner in (company, carrier):
            owner.write({"myparcel_hook_hash": "hash", "myparcel_hook_ref": "1"})
        hooks = self.env["myparcel.hook"]
        hooks.create({"company_id": company.id, "body": "{}"})
        self.env.flush_all()
        self.assertTrue(company.amazon_client_secret and shop.refresh_token)
        self._neutralize()
        for owner in (company, carrier):
            self.assertFalse(owner.myparcel_hook_hash or owner.myparcel_hook_ref)
        self.assertFalse(hooks.search_count([]))
        self.assertFalse(company.amazon_client_secret)
        self.assertFalse(company.myparcel_api_key)
        self.assertFalse(self.carrier.sudo().myparcel_api_key)
        self.assertFalse(shop.refresh_token)
        self.assertFalse(account.sudo().password or account.sudo().subscription_key)
        self.assertEqual(self.shop.state, "draft")
        self.assertFalse(self.shop.connected_at or self.shop.consent_expires_at)

    def test_no_secret_of_any_kind_is_left(self):
        secrets = self.env["amazon.secret.mixin"]._get_secret_columns()
        self.env["gls.account"].create({"username": "gls", "password_entry": "x"})
        self.env.flush_all()
        self._neutralize()
        for model, name in secrets:
            found = model.sudo().with_context(active_test=False)
            self.assertFalse(found.search_count([(name, "!=", False)]), (model, name))

    def _find_doors(self):
        """Whatever connects to somebody; tests/plain/test_doors.py knows each."""
        account = self.env["gls.account"].create(
            {"username": "gls@example.com", "password_entry": "secret"}
        )
        other = self._create_shop(self.company, "A3SELLER")
        consent = self.env["amazon.consent.wizard"].create({"shop_id": self.shop.id})
        consent.sudo().write({"left_at": fields.Datetime.now()})
        answer = {
            "state": "x",
            "spapi_oauth_code": "code",
            "selling_partner_id": self.shop.selling_partner_id or "A2SELLER",
        }
        company, carrier = self.company, self.carrier
        return (
            # Amazon: tokens, orders, reports and their documents, confirmations.
            self.shop._get_selling_partner,
            self.shop.action_connect,
            other._get_selling_partner,
            consent.action_continue,
            lambda: consent._claim(answer),
            # MyParcel: labels, tracking, concepts, returns, its calls.
            lambda: carrier._myparcel_nl_get_client(company),
            lambda: carrier._get_labelling(company, False),
            lambda: carrier._get_tracking(company),
            lambda: carrier._subscribe(company),
            lambda: company._subscribe(company),
            carrier.action_test_myparcel_key,
            company._test_myparcel_key,
            # GLS: labels, shops, confirmations, pickups; tracking.
            account.action_validate_login,
            account._connect,
            account._connect_tracking,
        )

    def test_every_door_to_the_outside_is_shut(self):
        self._neutralize()
        self._retype_the_secrets()
        connected = []
        self.patch(socket.socket, "connect", lambda *where: connected.append(where))
        for door in self._find_doors():
            with self.assertRaisesRegex(UserError, "neutralized copy"):
                door()
        self.assertEqual(connected, [])

    def test_a_consent_that_was_begun_is_gone(self):
        consents = self.env["amazon.consent.wizard"]
        consents.create({"shop_id": self.shop.id})
        self._neutralize()
        self.assertFalse(consents.search_count([]))

    def test_amazon_is_not_called_even_with_the_secrets_typed_again(self):
        self._neutralize()
        self._retype_the_secrets()
        with self.assertRaisesRegex(UserError, "neutralized copy"):
            self.shop._get_selling_partner()

    def test_the_outbox_stays_full_and_says_why(self):
        confirmation = self.create_confirmation(
            self.find_order(1), carrier_id=self.carrier.id
        )
        self._neutralize()
        self._retype_the_secrets()
        with self.committing() as env:
            env["amazon.shipment.confirmation"]._cron_push()
            env["amazon.shipment.confirmation"]._cron_read_back()
        self.assertEqual(confirmation.state, "to_push")
        self.assertIn("neutralized copy", confirmation.error)
        self.assertEqual(self._asked(), [])

    def test_no_label_is_bought_even_with_the_key_typed_again(self):
        self._neutralize()
        self._retype_the_secrets()
        with self.committing(self.amazon_user) as env:
            delivery = self.delivery.with_env(env)
            run = env["delivery.label.run"].browse(
                delivery.action_create_labels()["res_id"]
            )
            run.action_start()
        self.assertEqual(self._asked(), [])
        self.assertFalse(self.delivery.carrier_tracking_ref)
        self.assertIn("neutralized copy", run.with_env(self.env).error or "")

    def test_a_delivery_is_not_validated_without_its_label(self):
        self._neutralize()
        self._retype_the_secrets()
        with (
            self.assertRaisesRegex(UserError, "neutralized copy"),
            self.committing(self.amazon_user) as env,
        ):
            self.delivery.with_env(env).button_validate()
        self.assertEqual(self._asked(), [])
        self.assertNotEqual(self.delivery.state, "done")
