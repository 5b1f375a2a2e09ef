"""What is the same for all that has secrets: entering, using, removing, new keys."""

from hmac import compare_digest

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

from ..key_ring import KeyRingError, find_key_ring
from .secret_field import Secret


class SecretUnreadable(UserError):
    """A secret is stored, and no key of this server decrypts it."""


class AmazonSecretMixin(models.AbstractModel):
    """For a model with fields of the kind ``Secret``.

    Beside each stands ``<name>_entry``, through which people set it, and
    ``has_<name>``, which is all that they see of it. Both are computed here.
    """

    _name = "amazon.secret.mixin"
    _description = "Owner of Secrets"

    @api.model
    def _get_secret_names(self):
        return [name for name, f in self._fields.items() if isinstance(f, Secret)]

    # === COMPUTE METHODS === #

    @api.depends(lambda self: self._get_secret_names())
    def _compute_secrets(self):
        names = self._get_secret_names()
        for owner in self:
            # Only whether there is one is shown.
            stored = owner.sudo()
            for name in names:
                owner[f"{name}_entry"] = False
                owner[f"has_{name}"] = bool(stored[name])

    def _inverse_secrets(self):
        names = self._get_secret_names()
        for owner in self:
            entered = {name: (owner[f"{name}_entry"] or "").strip() for name in names}
            for name, value in entered.items():
                if value:
                    owner._enter_secret(name, value)

    # === ACTION METHODS === #

    def action_remove_secret(self):
        """Forget the secret whose field the context names as ``secret``."""
        self.check_access("write")
        name = self.env.context.get("secret")
        if name not in self._get_secret_names():
            raise UserError(self.env._("There is no such secret."))
        # Who may enter a secret may remove it.
        self._check_field_access(self._fields[f"{name}_entry"], "write")
        for owner in self:
            owner._enter_secret(name, False)

    # === BUSINESS METHODS === #

    def _enter_secret(self, name, value):
        """Store what a person entered, False to forget it."""
        # What is entered can be written, but never read.
        self.sudo().write(self._prepare_secret(name, value))

    def _prepare_secret(self, name, value):
        """What is written when a secret is entered or removed."""
        return {name: value}

    def _reveal_secret(self, name):
        """The secret itself, "" if there is none; to be shown and kept nowhere.

        :raises SecretUnreadable: says what to do
        """
        # Who may use a secret need not read it.
        if not (sealed := self.sudo()[name]):
            return ""
        try:
            return find_key_ring(config).decrypt(sealed)
        except KeyRingError as error:
            raise SecretUnreadable(self._describe_unreadable(name)) from error

    def _is_secret(self, name, value):
        """Whether this is the value that is stored."""
        try:
            stored = self._reveal_secret(name)
        except SecretUnreadable:
            return False
        return compare_digest(stored.encode(), (value or "").encode())

    def _find_unreadable_secrets(self):
        """
        :return: a sentence for each secret that cannot be decrypted here
        :rtype: list(str)
        """
        sentences = []
        for owner in self:
            for name in self._get_secret_names():
                try:
                    owner._reveal_secret(name)
                except SecretUnreadable as error:
                    sentences.append(str(error))
        return sentences

    def _describe_unreadable(self, name):
        label = self._fields[f"{name}_entry"]._description_string(self.env)
        return self.env._(
            "%(secret)s of %(owner)s is stored, and this server has no key that"
            " decrypts it. Enter it again, or have an administrator of the server"
            " bring back the file or variable with the keys.",
            secret=label,
            owner=self.display_name,
        )

    # === ALL SECRETS OF THE DATABASE === #

    @api.model
    def _convert_secrets(self, convert):
        """Rewrite each stored value, whoever owns it.

        :param convert: function of the stored text; may raise ``KeyRingError``
        :return: how many were rewritten, and a sentence for each that was left
        """
        count, left = 0, []
        for model, name in self._get_secret_columns():
            for record_id, stored in self._lock_column(model, name):
                try:
                    converted = convert(stored)
                except KeyRingError:
                    owner = model.browse(record_id)
                    left.append(owner._describe_unreadable(name))
                    continue
                # Not by the field: what depends on the secret has not changed.
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = %s",
                        SQL.identifier(model._table),
                        SQL.identifier(name),
                        converted,
                        record_id,
                    )
                )
                count += 1
            model.invalidate_model([name], flush=False)
        return count, left

    @api.model
    def _get_secret_columns(self):
        return [
            (self.env[name], field.name)
            for name, model in self.env.registry.items()
            if not model._abstract
            for field in model._fields.values()
            if isinstance(field, Secret)
        ]

    @api.model
    def _lock_column(self, model, name):
        model.flush_model([name])
        return self.env.execute_query(
            SQL(
                "SELECT id, %(name)s FROM %(table)s WHERE %(name)s IS NOT NULL"
                " ORDER BY id FOR UPDATE",
                name=SQL.identifier(name),
                table=SQL.identifier(model._table),
            )
        )
