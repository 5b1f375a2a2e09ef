"""A field for what can be set and used, and never be read back."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS
from odoo.tools import config

from ..key_ring import KeyRingError, find_key_ring


class Sealed(str):
    """An encrypted value, as it is in the database."""

    __slots__ = ()


class Secret(fields.Char):
    """Encrypted as soon as it is assigned; its model has ``amazon.secret.mixin``.

    Reading gives what is stored: true when there is something, and of no use to
    anybody. ``_reveal_secret`` decrypts it where it is used.
    """

    # Nothing is no secret: only NULL stands for none.
    falsy_value = None

    def __init__(self, string):
        super().__init__(string, groups=NO_ACCESS, copy=False, prefetch=False)

    def convert_to_cache(self, value, record, validate=True):
        if isinstance(value, Sealed):
            return value
        value = super().convert_to_cache(value, record, validate)
        return Sealed(_encrypt(record.env, value)) if value else None

    def convert_to_column(self, value, record, values=None, validate=True):
        sealed = self.convert_to_cache(value, record, validate)
        return sealed and str(sealed)

    def _insert_cache(self, records, values):
        sealed = [value and Sealed(value) for value in values]
        return super()._insert_cache(records, sealed)


def _encrypt(env, value):
    try:
        return find_key_ring(config).encrypt(value)
    except KeyRingError as error:
        raise UserError(
            env._(
                "Secrets are kept encrypted, and this server has no usable key for"
                " that: nothing was stored. Have an administrator of the server look"
                " at %s.",
                error.place,
            )
        ) from error
