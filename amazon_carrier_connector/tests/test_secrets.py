"""Secrets can be set, used, removed, and never read, in Odoo or in its database."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ..key_ring import OPTION, OWN_FILE, VARIABLE, find_key_ring
from ..models.amazon_secret_mixin import SecretUnreadable
from ..models.secret_field import Secret
from .common import AmazonCommon


@tagged("post_install", "-at_install")
class TestSecrets(AmazonCommon):
    """Tokens, secrets and keys can be set and used, and never be read back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {
            ("amazon.shop", "refresh_token"): "Atzr|secret-token",
            ("res.company", "amazon_client_secret"): "secret-of-client",
            ("res.company", "myparcel_api_key"): "secret-key",
            ("delivery.carrier", "myparcel_api_key"): "secret-method-key",
            ("gls.account", "password"): "secret-password",
            ("gls.account", "subscription_key"): "secret-gls-key",
        }
        cls.account = cls.env["gls.account"].create(
            {
                "username": "gls@example.com",
                "password_entry": "secret-password",
                "subscription_key_entry": " secret-gls-key ",
            }
        )
        cls.records = {
            "amazon.shop": cls.shop,
            "res.company": cls.company,
            "gls.account": cls.account,
            "delivery.carrier": cls.carrier,
        }
        cls.carrier.myparcel_api_key_entry = " secret-method-key "
        cls.shop.refresh_token_entry = "Atzr|secret-token"
        cls.company.write(
            {
                "amazon_client_id": "client",
                "amazon_client_secret_entry": "secret-of-client",
                "myparcel_api_key_entry": "secret-key",
            }
        )
        cls.env.flush_all()
        cls.readers = (
            cls.admin
            | cls.amazon_manager
            | cls.amazon_user
            | cls.stock_user
            | cls.employee
            | new_test_user(cls.env, "settings", "base.group_system,base.group_no_one")
        )
        export = cls.env.ref("base.group_allow_export")
        cls.readers.write({"group_ids": [Command.link(export.id)]})

    def _each(self):
        for (model, name), value in self.values.items():
            record = self.records[model]
            for user in self.readers:
                yield record.with_user(user), name, value

    def test_what_was_set_is_what_is_used(self):
        for (model, name), value in self.values.items():
            self.assertEqual(self.records[model]._reveal_secret(name), value)

    def test_nobody_reads_them(self):
        for record, name, _value in self._each():
            with self.assertRaises(AccessError):
                record.read([name])
            with self.assertRaises(AccessError):
                record.web_read({name: {}})
            with self.assertRaises(AccessError):
                record.mapped(name)

    def test_nobody_exports_them(self):
        for record, name, _value in self._each():
            with self.assertRaises(AccessError):
                record.export_data([name])

    def test_nobody_finds_sorts_or_groups_by_them(self):
        for record, name, value in self._each():
            with self.assertRaises(AccessError):
                record.search([(name, "=", value)])
            with self.assertRaises(AccessError):
                record.search([(name, "like", "secret%")])
            with self.assertRaises(AccessError):
                record.search([], order=name)
            with self.assertRaises(AccessError):
                record.formatted_read_group([], [name], ["__count"])

    def test_nobody_sees_that_the_fields_exist(self):
        for record, name, _value in self._each():
            self.assertNotIn(name, record.fields_get())

    def test_nobody_writes_them_but_through_the_entry(self):
        for record, name, _value in self._each():
            with self.assertRaises(AccessError):
                record.write({name: "other"})

    def test_the_entries_are_empty_again_after_they_were_set(self):
        manager = self.shop.with_user(self.amazon_manager)
        self.assertFalse(
            manager.read(["refresh_token_entry"])[0]["refresh_token_entry"]
        )
        for name in ("amazon_client_secret_entry", "myparcel_api_key_entry"):
            company = self.company.with_user(self.admin)
            self.assertFalse(company.read([name])[0][name])
        carrier = self.carrier.with_user(self.admin)
        name = "myparcel_api_key_entry"
        self.assertFalse(carrier.read([name])[0][name])
        account = self.account.with_user(self.amazon_manager)
        for name in ("password_entry", "subscription_key_entry"):
            self.assertFalse(account.read([name])[0][name])

    def test_the_entries_are_for_those_in_charge(self):
        with self.assertRaises(AccessError):
            self.shop.with_user(self.amazon_user).read(["refresh_token_entry"])
        for name in (
            "amazon_client_id",
            "amazon_client_secret_entry",
            "myparcel_api_key_entry",
            "has_amazon_client_secret",
            "has_myparcel_api_key",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                self.company.with_user(self.amazon_manager).read([name])

    def test_the_entry_of_a_delivery_method_is_for_those_who_may_change_it(self):
        carrier = self.carrier.with_user(self.amazon_user)
        for name in ("myparcel_api_key_entry", "has_myparcel_api_key"):
            with self.subTest(name), self.assertRaises(AccessError):
                carrier.read([name])
        with self.assertRaises(AccessError):
            carrier.action_test_myparcel_key()

    def test_the_settings_take_the_secrets_and_show_only_that_they_are_set(self):
        settings = self.env["res.config.settings"].with_user(self.admin)
        values = settings.create({}).read()[0]
        self.assertTrue(values["has_amazon_client_secret"])
        self.assertTrue(values["has_myparcel_api_key"])
        for value in self.values.values():
            self.assertNotIn(value, str(values))
        settings.create({"myparcel_api_key_entry": " new-key "}).execute()
        self.assertEqual(self.company._reveal_secret("myparcel_api_key"), "new-key")

    def test_saving_other_settings_keeps_the_secrets(self):
        self.env["res.config.settings"].with_user(self.admin).create({}).execute()
        for name in ("myparcel_api_key", "amazon_client_secret"):
            value = self.values["res.company", name]
            self.assertEqual(self.company._reveal_secret(name), value)

    def test_copies_have_no_secrets(self):
        self.assertFalse(self.shop.copy().sudo().refresh_token)
        self.assertFalse(self.carrier.copy().sudo().myparcel_api_key)
        copy = self.account.copy({"is_test": True}).sudo()
        self.assertFalse(copy.password or copy.subscription_key)

    def test_no_other_field_holds_them(self):
        for record in self.records.values():
            record = record.with_user(self.admin)
            shown = str(record.read(list(record.fields_get())))
            for value in self.values.values():
                self.assertNotIn(value, shown)

    def test_the_messages_do_not_repeat_them(self):
        bodies = str(self.shop.message_ids.mapped("body"))
        tracked = str(
            self.shop.message_ids.sudo().tracking_value_ids.mapped("new_value_char")
        )
        self.assertNotIn("secret", bodies + tracked)

    # === REMOVING === #

    def test_who_may_enter_a_secret_may_remove_it(self):
        for (model, name), value in self.values.items():
            record = self.records[model].with_context(secret=name)
            with self.subTest(model=model, name=name):
                with self.assertRaises(AccessError):
                    record.with_user(self.amazon_user).action_remove_secret()
                self.assertTrue(record._is_secret(name, value))
                record.with_user(self.admin).action_remove_secret()
                self.assertFalse(record.sudo()[name])
                self.assertFalse(record[f"has_{name}"])

    def test_an_amazon_manager_removes_no_secret_of_a_company(self):
        company = self.company.with_user(self.amazon_manager)
        with self.assertRaises(AccessError):
            company.with_context(secret="myparcel_api_key").action_remove_secret()

    def test_nothing_but_a_secret_is_removed(self):
        for name in (None, "name", "refresh_token_entry"):
            with self.assertRaisesRegex(UserError, "no such secret"):
                self.shop.with_context(secret=name).action_remove_secret()
        self.assertEqual(self.shop.state, "connected")

    def test_the_settings_remove_the_secret_of_the_company(self):
        settings = self.env["res.config.settings"].with_user(self.admin).create({})
        settings.with_context(secret="amazon_client_secret").action_remove_secret()
        self.assertFalse(self.company.sudo().amazon_client_secret)
        self.assertFalse(self.company.amazon_secret_set_at)
        self.assertTrue(self.company.sudo().myparcel_api_key)

    # === ENCRYPTED === #

    def _read_columns(self):
        """What the database holds of each secret."""
        self.env.flush_all()
        for model, name in self.values:
            record = self.records[model]
            self.env.cr.execute(
                f"SELECT {name} FROM {record._table} WHERE id = %s", [record.id]
            )
            yield model, name, self.env.cr.fetchone()[0]

    def _use_keys(self, *keys):
        self.enterContext(patch.dict(os.environ, {VARIABLE: " ".join(keys)}))

    def test_every_secret_of_the_addon_is_tried_here(self):
        secrets = self.env["amazon.secret.mixin"]._get_secret_columns()
        self.assertEqual({(m._name, name) for m, name in secrets}, set(self.values))

    def test_each_secret_has_an_entry_and_tells_whether_it_is_there(self):
        for model, name in self.values:
            fields = self.env[model]._fields
            for companion in (fields[f"{name}_entry"], fields[f"has_{name}"]):
                self.assertFalse(companion.store)

    def test_what_may_be_a_secret_by_its_name_is_one_or_was_thought_of(self):
        """A new field of that kind is a ``Secret``, or gets its reason here."""
        ours = "amazon_carrier_connector"
        words = ("secret", "token", "password", "key", "credential")
        thought_of = {
            # Where an import goes on: of no use without the access token.
            ("amazon.shop.feed", "pagination_token"),
        }
        found = {
            (name, field.name)
            for name, model in self.env.registry.items()
            for field in model._fields.values()
            if ours in (field._modules or ()) and field.store and field.type == "char"
            if not isinstance(field, Secret)
            if any(word in field.name.split("_") for word in words)
        }
        self.assertEqual(found, thought_of)

    def test_the_database_holds_none_of_them(self):
        for model, name, stored in self._read_columns():
            with self.subTest(model=model, name=name):
                self.assertNotIn(self.values[model, name], stored)
                self.assertEqual(
                    find_key_ring(config).decrypt(stored), self.values[model, name]
                )

    def test_without_any_key_one_is_made_outside_the_database(self):
        folder = self.enterContext(TemporaryDirectory())
        self.enterContext(patch.dict(config.options, {"data_dir": folder}))
        self.shop.refresh_token_entry = "Atzr|other"
        self.assertEqual(self.shop._reveal_secret("refresh_token"), "Atzr|other")
        path = Path(folder, OWN_FILE)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_with_a_file_of_odoo_conf_that_is_missing_nothing_is_stored(self):
        self.enterContext(patch.dict(config.options, {OPTION: "/nowhere/keys"}))
        with self.assertRaisesRegex(UserError, "nothing was stored.*/nowhere/keys"):
            self.shop.refresh_token_entry = "Atzr|other"

    def test_with_another_key_each_use_says_which_secret_and_what_to_do(self):
        self._use_keys(Fernet.generate_key().decode())
        advice = "Amazon Client Secret of .* Enter it again, or .* bring back"
        with self.assertRaisesRegex(SecretUnreadable, advice):
            self.shop._get_selling_partner()
        with self.assertRaisesRegex(SecretUnreadable, "API Key of Its Own of"):
            self.shop.carrier_id._myparcel_nl_get_client(self.company)
        with self.assertRaisesRegex(SecretUnreadable, "Password of gls@example.com"):
            self.account._connect()

    def test_with_another_key_the_screens_open_and_the_shop_says_what_is_wrong(self):
        before = [*self._read_columns()]
        self._use_keys(Fernet.generate_key().decode())
        for record in self.records.values():
            record = record.with_user(self.admin)
            record.read(list(record.fields_get()))
        self.assertEqual(self.shop.health, "disconnected")
        self.assertTrue(self.shop.is_stopped)
        self.assertIn("no key that decrypts it", self.shop.health_message)
        self.assertEqual([*self._read_columns()], before)

    def test_a_secret_that_cannot_be_read_is_entered_again(self):
        self._use_keys(Fernet.generate_key().decode())
        for model, name in self.values:
            self.records[model][f"{name}_entry"] = "entered-again"
            self.assertTrue(self.records[model]._is_secret(name, "entered-again"))
        self.assertNotIn("decrypts", self.shop.health_message)

    def test_a_new_key_encrypts_all_again_and_nothing_else_changes(self):
        self.account.validated_at = "2026-11-20 12:00:00"
        old, new = (Fernet.generate_key().decode() for _ in range(2))
        self._use_keys(old)
        for (model, name), value in self.values.items():
            self.records[model][f"{name}_entry"] = value
        written = self.shop.write_date
        self.account.validated_at = "2026-11-20 12:00:00"
        self._use_keys(old, new)
        count, left = self.env["amazon.secret.mixin"]._convert_secrets(
            find_key_ring(config).rotate
        )
        self.assertEqual((count, left), (len(self.values), []))
        self._use_keys(new)
        self.env.invalidate_all()
        for (model, name), value in self.values.items():
            self.assertTrue(self.records[model]._is_secret(name, value))
        self.assertEqual(str(self.account.validated_at), "2026-11-20 12:00:00")
        self.assertEqual(self.shop.write_date, written)

    def test_what_no_key_reads_is_left_by_a_rotation_and_named(self):
        before = [*self._read_columns()]
        self._use_keys(Fernet.generate_key().decode())
        self.company.myparcel_api_key_entry = "readable"
        count, left = self.env["amazon.secret.mixin"]._convert_secrets(
            find_key_ring(config).rotate
        )
        self.assertEqual((count, len(left)), (1, len(self.values) - 1))
        self.assertIn("Refresh Token of", " ".join(left))
        after = {(m, name): stored for m, name, stored in self._read_columns()}
        for model, name, stored in before:
            if name != "myparcel_api_key" or model != "res.company":
                self.assertEqual(after[model, name], stored)
