from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Domain

from ..carriers.address import split_street, take_company
from ..carriers.phone import clean_phone
from ..carriers.shipments import Recipient


class StockPickingAddress(models.AbstractModel):
    """Where the parcels of a delivery go."""

    _name = "stock.picking.address"
    _description = "Address of a Delivery"

    amazon_address_uncertain = fields.Boolean(
        string="Address Uncertain",
        compute="_compute_amazon_address_uncertain",
        search="_search_amazon_address_uncertain",
    )

    @api.depends("move_ids.amazon_item_id.order_id.address_state")
    def _compute_amazon_address_uncertain(self):
        for picking in self:
            picking.amazon_address_uncertain = bool(picking._get_uncertain_orders())

    def _search_amazon_address_uncertain(self, operator, value):
        if operator != "in":
            return NotImplemented
        path = "move_ids.amazon_item_id.order_id.address_state"
        uncertain = Domain(path, "=", "uncertain")
        return Domain.OR(uncertain if wanted else ~uncertain for wanted in value)

    def _get_uncertain_orders(self):
        return self.amazon_order_ids.filtered(
            lambda order: order.address_state == "uncertain"
        )

    def action_check_addresses(self):
        """Open the uncertain addresses of these deliveries."""
        return self._get_uncertain_orders()._get_address_action()

    def _prepare_recipient(self):
        """Who gets the parcel, for any carrier.

        :rtype: carriers.shipments.Recipient
        """
        self.ensure_one()
        # Warehouse staff may not read what belongs to the buyer.
        order = self.amazon_order_ids[:1].sudo()
        company, address = self._get_street_address()
        recipient = self._make_recipient(self.partner_id, company, address)
        return replace(
            recipient,
            phone=clean_phone(order.recipient_phone or "") or recipient.phone,
            email=order.recipient_email or recipient.email,
        )

    @api.model
    def _prepare_sender(self, contact):
        """Where a carrier gets parcels.

        :rtype: carriers.shipments.Recipient
        """
        return self._make_recipient(contact, *self._split_contact(contact))

    @api.model
    def _make_recipient(self, contact, company, address):
        return Recipient(
            name=contact.name or "",
            company=company,
            street=address.street,
            number=address.number,
            number_suffix=address.suffix,
            box_number=address.box_number,
            street_additional=address.additional,
            postal_code=contact.zip or "",
            city=contact.city or "",
            region=contact.state_id.name or "",
            country_code=contact.country_id.code or "",
            phone=clean_phone(contact.phone or ""),
            email=contact.email or "",
            certain=address.certain,
        )

    def _get_street_address(self):
        """The split of the order; a contact that is no order's is split here.

        :return: the company and the rest of the address
        :rtype: tuple[str, carriers.address.StreetAddress]
        """
        contact = self.partner_id
        order = self.amazon_order_ids.filtered(lambda o: o.partner_id == contact)[:1]
        if order:
            order = order.sudo()
            return order.recipient_company or "", order._get_street_address()
        return self._split_contact(contact)

    @api.model
    def _split_contact(self, contact):
        """Nobody is asked about a contact: it is the merchant's own."""
        lines = filter(None, (contact.street, contact.street2))
        address = split_street([*lines], contact.country_id.code or "")
        company = contact.commercial_company_name
        if not company:
            company, address = take_company(address)
        return company, replace(address, certain=True)
