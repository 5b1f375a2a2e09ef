"""``odoo-bin amazon_keys``: another key for the secrets of the Amazon connector."""

import logging
import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

_logger = logging.getLogger(__name__)

OWNER = "amazon.secret.mixin"


class AmazonKeys(Command):
    """Encrypt the secrets of the Amazon Carrier Connector with a new key.

    For each database of -d: Amazon's client secrets and refresh tokens, MyParcel's
    API keys, GLS's passwords. A key file gets one more key first. Where the keys are in
    the environment variable, add the new one at its end before. Former keys stay: take
    them out when no database of this server, and no backup, needs them.
    """

    name = "amazon_keys"

    def run(self, args):
        config.parser.prog = self.prog
        config.parse_config(args, setup_logging=True)
        if not config["db_name"]:
            sys.exit("Name the databases: -d DATABASE[,DATABASE]")
        # Only here is the addon on the path.
        from odoo.addons.amazon_carrier_connector import key_ring

        keys = key_ring.find_key_ring(config)
        try:
            if keys.may_grow:
                keys.add_key()
            left = [line for name in config["db_name"] for line in _rotate(name, keys)]
        except key_ring.KeyRingError as error:
            sys.exit(f"There is no usable key, or none can be added, at {error.place}.")
        if left:
            sys.exit("\n".join(left))


def _rotate(database, keys):
    """Encrypt all of a database again; returns a sentence for each that was left."""
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if OWNER not in env:
            return [f"The Amazon Carrier Connector is not installed in {database}."]
        count, left = env[OWNER]._convert_secrets(keys.rotate)
    _logger.info("%s: %s secrets are encrypted with the newest key", database, count)
    return [f"{database}: {sentence}" for sentence in left]
