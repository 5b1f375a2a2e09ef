"""Orders that may travel in one parcel, and those that leave it again."""

from odoo import models

from ..amazon.recipients import buyer_key, postal_code_key, recipient_key


class AmazonOrder(models.Model):
    _inherit = "amazon.order"

    def _get_recipient_key(self):
        """What orders have in common that go to the same person at the same door.

        :rtype: tuple[str, ...]
        """
        self.ensure_one()
        # What belongs to the buyer is not for all of the warehouse's staff.
        order = self.sudo()
        address = order._get_street_address()
        return (
            *recipient_key(
                (
                    order.recipient_name or "",
                    order.recipient_company or "",
                    address.street,
                    address.number,
                    address.suffix,
                    address.box_number,
                    address.additional,
                    order.recipient_city or "",
                    order.recipient_state_id.code or "",
                    order.recipient_country_id.code or "",
                )
            ),
            postal_code_key(order.recipient_zip or ""),
        )

    def _get_buyer_key(self):
        """The same, and the buyer: somebody else's present is a parcel of its own.

        :rtype: tuple[str, ...]
        """
        email = self.sudo().recipient_email or ""
        return (*self._get_recipient_key(), buyer_key(email))

    def _may_be_merged(self):
        """Whether the order may share a parcel with others of its buyer.

        Amazon rates each Prime parcel, and confirms some orders itself.
        """
        self.ensure_one()
        return not (
            self.is_prime
            or self.is_confirmed_by_amazon
            or self.closed_status
            or (self.cancel_requested and not self.cancel_released)
            or self.address_state == "missing"
        )

    def _leave_merged(self):
        """Take orders out of the deliveries they share, unless these have a label.

        The others stay together.
        """
        for order in self:
            for picking in order.picking_ids:
                if len(picking.amazon_order_ids) > 1 and picking._is_splittable():
                    picking._take_out(order)

    def _find_different_recipients(self):
        """Why these orders cannot travel in one parcel: a sentence, or None."""
        if len({order._get_recipient_key() for order in self}) < 2:
            return None
        return self.env._(
            "The orders in this delivery go to different addresses: %s. Undo the"
            " merge, or correct the addresses.",
            ", ".join(self.mapped("name")),
        )
