from odoo import models

from ..carriers.address import split_street
from ..carriers.shipments import Recipient


class StockPickingAddress(models.AbstractModel):
    """Where the parcels of a delivery go."""

    _name = "stock.picking.address"
    _description = "Address of a Delivery"

    def _prepare_recipient(self):
        """Who gets the parcel, for any carrier.

        :rtype: carriers.shipments.Recipient
        """
        self.ensure_one()
        contact = self.partner_id
        # Warehouse staff may not read what belongs to the buyer.
        order = self.amazon_order_ids[:1].sudo()
        address = self._get_street_address()
        return Recipient(
            name=contact.name or "",
            company=contact.commercial_company_name or "",
            street=address.street,
            number=address.number,
            number_suffix=address.suffix,
            box_number=address.box_number,
            street_additional=address.additional,
            postal_code=contact.zip or "",
            city=contact.city or "",
            region=order.recipient_region or contact.state_id.name or "",
            country_code=contact.country_id.code or "",
            phone=order.recipient_phone or contact.phone or "",
            email=order.recipient_email or contact.email or "",
        )

    def _get_street_address(self):
        """The split of the order; a contact that is no order's is split here.

        :rtype: carriers.address.StreetAddress
        """
        contact = self.partner_id
        order = self.amazon_order_ids.filtered(lambda o: o.partner_id == contact)[:1]
        if order:
            return order.sudo()._get_street_address()
        lines = filter(None, (contact.street, contact.street2))
        return split_street([*lines], contact.country_id.code or "")
