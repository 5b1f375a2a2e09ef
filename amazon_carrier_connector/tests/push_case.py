"""What the tests of the push share."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import Form

from .. import models
from .common import item_ref, order_ref
from .label_case import LabelCase


class PushCase(LabelCase):
    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("amazon_carrier_connector.cron_push_confirmations")

    def push(self):
        # As a run does when it begins; but here time stands still.
        self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]).unlink()
        return super().push()

    def import_labelled(self, count=1, first=1, **cells):
        """Labelled deliveries that Amazon knows of."""
        pickings = self.import_deliveries(count, first, **cells)
        self.load_orders(pickings)
        self.label(pickings)
        return pickings

    def let_time_pass(self, pickings):
        """All that waits is due."""
        waiting = self.find_confirmations(pickings)
        waiting.next_attempt_at = fields.Datetime.now() - timedelta(seconds=1)
        waiting.shop_id.push_drain_ids.paused_until = False

    def get_told(self):
        """What Amazon was told: items by order and number."""
        return {
            (confirmation.order_id, confirmation.tracking_number): confirmation.items
            for confirmation in self.amazon.confirmations
        }

    def assert_two_orders_told_apart(self, delivery):
        """Amazon was told one piece of the first order and two of the second."""
        number = delivery.carrier_tracking_ref
        self.assertEqual(
            self.get_told(),
            {
                (order_ref(1), number): {item_ref(1): 1},
                (order_ref(2), number): {item_ref(2): 2},
            },
        )

    def get_last_progress(self):
        return self.env["ir.cron.progress"].search(
            [("cron_id", "=", self.cron.id)], order="id desc", limit=1
        )

    def is_due_again(self):
        """Whether the push is begun again at once, and not at a later time."""
        return bool(
            self.env["ir.cron.trigger"].search_count(
                [
                    ("cron_id", "=", self.cron.id),
                    ("call_at", "<=", fields.Datetime.now()),
                ]
            )
        )

    def answer_backorder(self, action):
        with self.committing(self.amazon_user) as env:
            Form.from_action(env, action).save().process()

    def break_outbox(self, method="_put", **details):
        """The outbox has a bug, which is logged."""
        outbox = self.registry["amazon.shipment.confirmation"]
        details = details or {"side_effect": ValueError("a bug")}
        return patch.object(outbox, method, **details)

    def assert_logged(self):
        return self.assertLogs(models.__name__, "ERROR")


class TypedPushCase(PushCase):
    """Deliveries of a carrier whose numbers people type."""

    def setUp(self):
        super().setUp()
        self.bike = self.create_carrier("Bike courier")
        self.mapping = self.env["amazon.carrier.mapping"].create(
            {
                "carrier_id": self.bike.id,
                "carrier_code": "Other",
                "carrier_name": "Bike",
                "shipping_method": "Standard",
            }
        )

    def import_typed(self, numbers="", count=1, first=1, **cells):
        """Deliveries of the bike courier, with a typed number."""
        self.shop.carrier_id = self.bike
        pickings = self.import_deliveries(count, first, **cells)
        self.load_orders(pickings)
        if numbers:
            pickings.carrier_tracking_ref = numbers
        return pickings
