from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..amazon.regions import index_regions, region_key
from ..carriers.address import (
    StreetAddress,
    format_street,
    split_street,
    take_company,
)
from .delivery_parcel import LIVING_STATES

AMAZON_USER = "amazon_carrier_connector.group_amazon_user"

# What of the delivery contact is shown and corrected on the order.
CONTACT_FIELDS = {
    "recipient_name": "name",
    "recipient_street": "street",
    "recipient_street2": "street2",
    "recipient_zip": "zip",
    "recipient_city": "city",
    "recipient_state_id": "state_id",
    "recipient_country_id": "country_id",
}
# The parts of ``carriers.address.StreetAddress``: what the label gets.
SPLIT_FIELDS = {
    "recipient_street_name": "street",
    "recipient_number": "number",
    "recipient_suffix": "suffix",
    "recipient_box": "box_number",
    "recipient_additional": "additional",
}
# What is read in the contact's lines, and written into them when it is corrected.
LABEL_FIELDS = ("recipient_company", *SPLIT_FIELDS)
ADDRESS_STATES = [
    ("certain", "Certain"),
    ("uncertain", "Uncertain"),
    ("checked", "Checked"),
    ("missing", "Missing"),
    ("erased", "Erased"),
]
# Orders that wait for the address that Amazon did not give.
WITHHELD = [
    ("address_state", "=", "missing"),
    ("is_address_open", "=", True),
    ("closed_status", "=", False),
]


def contact_field(kind, name, **options):
    """A field of the order's contact, which staff may not write themselves.

    The contact is this order's alone: an import makes one per order.
    """
    contact_name = CONTACT_FIELDS[name]

    # One method per field: a new town must not split the street anew.
    @api.depends(f"partner_id.{contact_name}")
    def compute(orders):
        for order in orders:
            order[name] = order.partner_id[contact_name]

    def inverse(orders):
        orders._check_address_open()
        for order in orders:
            # Warehouse staff may not edit contacts; this one is the order's own.
            order.partner_id.sudo()[contact_name] = order[name]

    return kind(compute=compute, inverse=inverse, groups=AMAZON_USER, **options)


def split_field(**options):
    """A part of the split street: read from the contact's lines, or corrected."""
    return fields.Char(
        compute="_compute_split",
        inverse="_inverse_split",
        store=True,
        readonly=False,
        groups=AMAZON_USER,
        **options,
    )


class AmazonOrder(models.Model):
    """Where an order goes: as Amazon wrote it, as the contact shows it, split.

    The contact and the split say the same: lines that change are split anew, a split
    that a person corrects is written into the lines.
    """

    _inherit = "amazon.order"

    # What Amazon said, and what became of it, is written by who read it.
    _written_by_people = frozenset(
        (
            *CONTACT_FIELDS,
            *LABEL_FIELDS,
            *("dispute_reason", "is_disputed", "recipient_phone"),
        )
    )

    address_source = fields.Text(
        string="Address at Amazon",
        readonly=True,
        groups=AMAZON_USER,
        help="The whole address as Amazon last gave it.",
    )
    address_state = fields.Selection(
        selection=ADDRESS_STATES,
        string="Address",
        compute="_compute_split",
        store=True,
        help="Uncertain: street and number were told apart by guessing, and nobody has"
        " looked at it yet. Missing: Amazon did not give it.",
    )
    is_address_open = fields.Boolean(
        compute="_compute_is_address_open",
        search="_search_is_address_open",
        help="No label has the address yet: it can be corrected.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Delivery Address",
        index="btree_not_null",
        ondelete="restrict",
        context={"active_test": False},
    )
    recipient_name = contact_field(fields.Char, "recipient_name", string="Recipient")
    recipient_street = contact_field(fields.Char, "recipient_street", string="Street")
    recipient_street2 = contact_field(
        fields.Char, "recipient_street2", string="Street 2"
    )
    recipient_zip = contact_field(fields.Char, "recipient_zip", string="Postal Code")
    recipient_city = contact_field(fields.Char, "recipient_city", string="City")
    recipient_state_id = contact_field(
        fields.Many2one,
        "recipient_state_id",
        comodel_name="res.country.state",
        string="State",
        domain="[('country_id', '=?', recipient_country_id)]",
    )
    recipient_country_id = contact_field(
        fields.Many2one,
        "recipient_country_id",
        comodel_name="res.country",
        string="Country",
    )
    recipient_company = split_field(string="Company Name")
    recipient_street_name = split_field(string="Street Name")
    recipient_number = split_field(string="House Number")
    recipient_suffix = split_field(string="Addition to the Number")
    recipient_box = split_field(string="Box Number")
    recipient_additional = split_field(string="Additional Line")
    recipient_phone = fields.Char(string="Phone", groups=AMAZON_USER)
    recipient_email = fields.Char(string="E-mail", groups=AMAZON_USER)

    _address_uncertain_idx = models.Index(
        "(company_id) WHERE address_state = 'uncertain'"
    )
    _address_missing_idx = models.Index("(shop_id) WHERE address_state = 'missing'")

    # === COMPUTE METHODS === #

    @api.depends(
        "recipient_street", "recipient_street2", "recipient_country_id", "erased_at"
    )
    def _compute_split(self):
        for order in self:
            if order.erased_at:
                order.update(dict.fromkeys(LABEL_FIELDS, False))
                order.address_state = "erased"
                continue
            lines = filter(None, (order.recipient_street, order.recipient_street2))
            country_code = order.recipient_country_id.code or ""
            company, address = take_company(split_street([*lines], country_code))
            order.recipient_company = company
            for name, part in SPLIT_FIELDS.items():
                order[name] = getattr(address, part)
            if not order.recipient_street and not order.recipient_street2:
                order.address_state = "missing"
            else:
                order.address_state = "certain" if address.certain else "uncertain"

    def _inverse_split(self):
        """Write a corrected split into the contact's lines, which people see."""
        self._check_address_open()
        split = [self._fields[name] for name in (*LABEL_FIELDS, "address_state")]
        for order in self:
            address = order._get_street_address()
            beside = filter(None, (order.recipient_company, address.additional))
            address = replace(address, additional=", ".join(beside))
            lines = format_street(address, order.recipient_country_id.code or "")
            street, street2 = (*lines, False, False)[:2]
            # What the person wrote holds, not what would be read in the lines.
            with self.env.protecting(split, order):
                # As above: the contact is the order's own.
                order.partner_id.sudo().write({"street": street, "street2": street2})
                order.address_state = "checked"

    @api.depends(
        "item_ids.move_ids.picking_id.state",
        "item_ids.move_ids.picking_id.parcel_ids.state",
    )
    def _compute_is_address_open(self):
        for order in self:
            pickings = order.picking_ids
            open_pickings = pickings.filtered(
                lambda picking: picking.state not in ("done", "cancel")
            )
            order.is_address_open = (not pickings or open_pickings) and not any(
                parcel.state in LIVING_STATES for parcel in open_pickings.parcel_ids
            )

    def _search_is_address_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        is_open = Domain("state", "not in", ("done", "cancel"))
        is_living = Domain("parcel_ids.state", "in", LIVING_STATES)
        path = "item_ids.move_ids.picking_id"
        domain = Domain(path, "any", is_open) | Domain("item_ids.move_ids", "=", False)
        domain &= ~Domain(path, "any", is_open & is_living)
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    # === CRUD METHODS === #

    def write(self, vals):
        if not vals.keys().isdisjoint(LABEL_FIELDS):
            # A form sends lines beside the split that was read in them and corrected.
            lines = ("recipient_street", "recipient_street2")
            vals = {name: value for name, value in vals.items() if name not in lines}
        return super().write(vals)

    # === ACTION METHODS === #

    def action_confirm_address(self):
        """A person has compared the split with the address: the label may have it."""
        uncertain = self.filtered(lambda order: order.address_state == "uncertain")
        uncertain._record({"address_state": "checked"})

    def action_open_address(self):
        """Open the address, to be corrected."""
        return self._get_address_action() | {"domain": []}

    def _get_address_action(self):
        """The action that walks through the addresses of these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_order_address_action"
        )
        action["domain"] = [
            ("id", "in", self.ids),
            ("address_state", "=", "uncertain"),
        ]
        if len(self) == 1:
            action.update(res_id=self.id, view_mode="form")
            action["views"] = [v for v in action["views"] if v[1] == "form"]
        return action

    def _check_address_open(self):
        """
        :raises UserError: when a label has the address of one of the orders already
        """
        for order in self:
            if not order.is_address_open:
                raise UserError(
                    self.env._(
                        "Order %s: its label has the address already, or it is"
                        " shipped. Cancel the parcel to correct the address.",
                        order.name,
                    )
                )

    # === WHAT AMAZON SAYS === #

    @api.model
    def _prepare_address_values(self, address):
        """
        :param address: ``amazon.orders.PostalAddress``
        :return: what an order keeps of it besides its contact
        :rtype: dict
        """
        town = " ".join(filter(None, (address.postal_code, address.city)))
        lines = (
            *(address.name, address.line1, address.line2, address.line3),
            *(town, address.region, address.country_code),
        )
        return {"address_source": "\n".join(filter(None, lines))}

    def _is_address_changed(self, address):
        """Whether Amazon has another address than it had, whatever was made of it."""
        self.ensure_one()
        if address.is_missing:
            # An answer without it says nothing.
            return False
        source = self._prepare_address_values(address)["address_source"]
        return source != (self.address_source or "")

    def _take_address(self, address):
        """Take over an address that changed at Amazon; the caller knows of no label.

        What a person corrected stays as long as Amazon's address stays the same.

        :param address: ``amazon.orders.PostalAddress``
        :return: whether it changed
        """
        if not self._is_address_changed(address):
            return False
        # Warehouse staff may not edit contacts; this one is the order's own.
        contact = self.partner_id.sudo()
        places = self._find_places([address])
        values = self._prepare_contact_address(address, *places)
        known = contact._convert_to_write({name: contact[name] for name in values})
        # Writing a street that is the same would split it anew.
        changed = {n: value for n, value in values.items() if known[n] != value}
        contact.write(changed)
        if not changed.keys().isdisjoint(("zip", "city", "country_id")):
            self.picking_ids._forget_parcel_shops()
        self._record(self._prepare_address_values(address))
        return True

    # === THE CONTACT === #

    @api.model
    def _create_contacts(self, company, orders):
        """One archived contact per order: name and address only.

        No phone and no e-mail, so that Odoo never texts or mails Amazon's buyers;
        archived and without a parent, so that it appears in no list of contacts.
        """
        places = self._find_places([order.recipient for order in orders])
        # Warehouse staff may not create contacts; this is the only one they need.
        contacts = (
            self.env["res.partner"]
            .sudo()
            .with_context(tracking_disable=True, mail_create_nosubscribe=True)
        )
        return contacts.create(
            [
                {
                    "name": order.buyer_name or order.order_ref,
                    "type": "delivery",
                    "active": False,
                    "company_id": company.id,
                    **self._prepare_contact_address(order.recipient, *places),
                }
                for order in orders
            ]
        ).sudo(False)

    @api.model
    def _find_places(self, addresses):
        """Two queries, whatever the number of addresses.

        :return: the countries of the addresses by code; by the same code the ids of
            their states by ``region_key``
        :rtype: tuple[dict[str, res.country], dict[str, dict[str, int]]]
        """
        codes = {address.country_code for address in addresses}
        found = self.env["res.country"].search([("code", "in", [*codes])])
        regional = {address.country_code for address in addresses if address.region}
        states = self.env["res.country.state"].search_fetch(
            [("country_id", "in", found.filtered(lambda c: c.code in regional).ids)],
            ["country_id", "code", "name"],
        )
        return {country.code: country for country in found}, {
            country.code: index_regions((s.id, s.code, s.name) for s in group)
            for country, group in states.grouped("country_id").items()
        }

    @api.model
    def _prepare_contact_address(self, address, countries, states):
        lines = [line for line in (address.line1, address.line2, address.line3) if line]
        country = countries.get(address.country_code)
        region = region_key(address.region)
        state_id = states.get(address.country_code, {}).get(region, False)
        city = address.city
        # A region that Odoo does not know stays readable.
        if not state_id and region not in ("", region_key(city)):
            city = ", ".join(filter(None, (city, address.region)))
        values = {
            "street": lines[0] if lines else False,
            "street2": ", ".join(lines[1:]) or False,
            "zip": address.postal_code,
            "city": city,
            "state_id": state_id,
            "country_id": country.id if country else False,
        }
        return dict(values, name=address.name) if address.name else values

    # === LABELS === #

    def _find_label_obstacle(self):
        """Why no label can be made for these orders: a sentence, or None."""
        closed = self.filtered("closed_status")[:1]
        if closed:
            status = closed.closed_status
            return f"{closed._describe_closed(status)} {closed._advise_closed(status)}"
        if "missing" in self.mapped("address_state"):
            return self.env._(
                "The address is missing. Amazon gives it only to apps with the role"
                " Direct-to-Consumer Delivery (Restricted): add the role in Seller"
                " Central, authorise the app again and import again, or enter the"
                " address on the order."
            )
        return None

    def _get_street_address(self):
        """The split that the label gets.

        :rtype: carriers.address.StreetAddress
        """
        self.ensure_one()
        parts = {part: self[name] or "" for name, part in SPLIT_FIELDS.items()}
        return StreetAddress(**parts, certain=self.address_state != "uncertain")
