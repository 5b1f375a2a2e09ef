"""Secrets that were stored as they are become encrypted."""

from odoo import SUPERUSER_ID, api
from odoo.tools import config

from odoo.addons.amazon_carrier_connector.key_ring import find_key_ring


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["amazon.secret.mixin"]._convert_secrets(find_key_ring(config).encrypt)
