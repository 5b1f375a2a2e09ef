from odoo import models

ACTIVITY = "amazon_carrier_connector.mail_activity_type_cancellation"


class AmazonOrder(models.Model):
    """A buyer who asks to cancel: a person decides, told once by an activity."""

    _name = "amazon.order"
    _inherit = ["amazon.order", "mail.thread", "mail.activity.mixin"]

    def action_release_cancellation(self):
        """Ship although the buyer asked to cancel: a person decided so."""
        self._record({"cancel_released": True})
        self.activity_unlink([ACTIVITY])

    def _request_decision(self):
        """Tell the responsible of the shop, once per order, in the user's list only.

        No e-mail: a report can bring hundreds of them.
        """
        waiting = self.filtered(
            lambda order: order.cancel_requested
            and not order.cancel_released
            and order.state not in ("shipped", "cancelled")
        ).with_context(mail_activity_quick_update=True)
        for shop, orders in waiting.grouped("shop_id").items():
            orders.activity_schedule(
                ACTIVITY,
                summary=orders.env._("The buyer asked to cancel"),
                note=orders.env._(
                    "Cancel the delivery and the order at Amazon, or release the order"
                    " to ship it all the same."
                ),
                # The responsible user may be of another company.
                user_id=shop.sudo()._get_responsible().id,
            )
