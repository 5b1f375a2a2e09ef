"""Orders that Amazon has as cancelled, or as shipped by somebody else."""

import logging

from psycopg2 import OperationalError

from odoo import api, fields, models

from .amazon_order_cancellation import ACTIVITY

_logger = logging.getLogger(__name__)

SHIPPED_STATUSES = ("SHIPPED", "NOTHING_LEFT", "BY_AMAZON")


class AmazonOrder(models.Model):
    """Deliveries follow: drafts without a label are cancelled, of others people are
    told, once.
    """

    _inherit = "amazon.order"

    closed_status = fields.Selection(
        selection=[
            ("cancelled", "Cancelled at Amazon"),
            ("shipped", "Shipped Elsewhere"),
        ],
        string="Closed",
        readonly=True,
        help="Amazon waits for no parcel of it any more.",
    )

    @api.model
    def _close_all(self, company, closed):
        """Take over which orders are not to be shipped any more, each committed.

        :param dict closed: Amazon's status by order id
        :return: what a person must do, as dicts of ``order_ref`` and ``reason``
        """
        problems = []
        for order in self._find_to_close(company, closed):
            status = "cancelled" if closed[order.name] == "CANCELLED" else "shipped"
            try:
                reason = order._close(status)
            except OperationalError:
                # Somebody works on its delivery: the caller tries again.
                raise
            except Exception as error:
                self.env.cr.rollback()
                _logger.info("Order %s: %s", order.name, type(error).__name__)
                reason = order._flag(status)
            if reason:
                problems.append({"order_ref": order.name, "reason": reason})
            self.env["ir.cron"]._commit_progress()
        return problems

    @api.model
    def _find_to_close(self, company, closed):
        """Those that are open here, and that are no news of our own."""
        cancelled = [ref for ref, status in closed.items() if status == "CANCELLED"]
        shipped = [r for r, status in closed.items() if status in SHIPPED_STATUSES]
        if not cancelled and not shipped:
            return self.browse()
        known = self.browse().concat(
            *self._find_by_refs(company, cancelled + shipped).values()
        )
        known = known.filtered(lambda order: not order.closed_status)
        return known.filtered(
            lambda order: order.state in ("held", "to_ship", "labelled")
            and (
                order.name in cancelled
                # Amazon's own comes before the parcel leaves.
                or (not order.is_confirmed_by_amazon and order._is_shipped_by_others())
            )
        )

    def _is_shipped_by_others(self):
        """Whether Amazon has it as shipped, and not because of our parcels alone."""
        self.ensure_one()
        return self._has_rest() if self.confirmation_ids else self.state != "labelled"

    def _has_rest(self):
        """Whether some of it neither left nor is labelled here, nor was Amazon told."""
        return any(item._count_ours() < item.quantity_to_ship for item in self.item_ids)

    def _close(self, status):
        """
        :return: what a person must do, or None
        """
        self.ensure_one()
        self._leave_merged()
        pickings = self.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        if not all(self._is_free(picking) for picking in pickings):
            return self._flag(status)
        self._record({"closed_status": status})
        pickings.with_context(skip_sms=True).action_cancel()
        body = self._describe_closed(status)
        for record in (self, *pickings):
            record._message_log(body=body)
        return None

    def _is_free(self, picking):
        """Whether nobody has worked on it, and it holds nothing else."""
        return (
            picking.state == "draft"
            and picking.amazon_order_ids == self
            and not picking.parcel_ids.filtered(lambda p: p.state != "cancelled")
        )

    def _flag(self, status):
        """Tell the responsible of the shop, and let no label be made.

        :return: what a person must do
        """
        self._record({"closed_status": status})
        reason = f"{self._describe_closed(status)} {self._advise_closed(status)}"
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            ACTIVITY,
            summary=self._describe_closed(status),
            note=reason,
            # The responsible user may be of another company.
            user_id=self.shop_id.sudo()._get_responsible().id,
        )
        return reason

    def _describe_open_again(self):
        return self.env._(
            "Amazon waits for it again, but its delivery is cancelled: make another"
            " one in Seller Central, or by hand."
        )

    def _describe_closed(self, status):
        if status == "cancelled":
            return self.env._("The order was cancelled at Amazon.")
        return self.env._("Amazon has the order as shipped already, not by us.")

    def _advise_closed(self, status):
        """What a person does with the delivery that is worked on."""
        if status == "cancelled":
            return self.env._("Cancel its delivery, with its label.")
        return self.env._(
            "If you confirmed the shipment there yourself, remove the delivery method"
            " from its delivery and validate it. Else cancel the delivery, with its"
            " label."
        )
