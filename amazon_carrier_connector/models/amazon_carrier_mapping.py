from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..amazon.confirmation_file import LONGEST_CELL
from ..amazon.selling_partner import OTHER_CARRIER


class AmazonCarrierMapping(models.Model):
    """How Amazon calls the carrier that moves the parcel.

    Amazon compares the code to the letter with the list in Seller Central; a carrier
    that it knows, sent as "Other", counts as untracked.
    """

    _name = "amazon.carrier.mapping"
    _description = "Amazon Carrier Code"
    _order = "carrier_id, market_id, id"
    _rec_name = "carrier_code"

    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="carrier_id.company_id", store=True)
    market_id = fields.Many2one(
        "amazon.market", string="Market", help="Empty: every market."
    )
    code_id = fields.Many2one(
        "amazon.carrier.code",
        string="Carrier",
        compute="_compute_code_id",
        readonly=False,
        domain="['|', ('market_ids', '=', False), ('market_ids', '=?', market_id)]",
        help="Fills in the code in Amazon's spelling.",
    )
    carrier_code = fields.Char(
        compute="_compute_carrier_code",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Exactly as in Seller Central's list of carriers.",
    )
    carrier_name = fields.Char(
        size=LONGEST_CELL, help="Sent along when the code is Other."
    )
    shipping_method = fields.Char(
        size=LONGEST_CELL, help="Amazon's wording of the shipping service."
    )
    warning = fields.Char(compute="_compute_warning")

    _carrier_market_uniq = models.UniqueIndex(
        "(carrier_id, COALESCE(market_id, 0))",
        "This delivery method has a code for this market already.",
    )
    _other_needs_name = models.Constraint(
        "CHECK (carrier_code != 'Other' OR carrier_name IS NOT NULL)",
        "Code Other needs the name of the carrier.",
    )

    # === COMPUTE METHODS === #

    @api.depends("carrier_id", "market_id")
    def _compute_carrier_code(self):
        """A proposal: a code that stands there already is left alone."""
        for mapping in self:
            if mapping.carrier_code or not mapping.carrier_id:
                continue
            if proposal := mapping._propose():
                mapping.update(proposal._prepare_mapping_values())

    def _propose(self):
        self.ensure_one()
        return self.env["amazon.carrier.code"]._propose(
            self.carrier_id._get_moving_carrier(), self.market_id
        )

    @api.depends("carrier_code", "carrier_name")
    def _compute_code_id(self):
        known = self.env["amazon.carrier.code"].search(
            [("code", "in", self.mapped("carrier_code"))]
        )
        for mapping in self:
            mapping.code_id = known.filtered(mapping._is_called)[:1]

    def _is_called(self, known):
        self.ensure_one()
        return self.carrier_code == known.code and (
            known.code != OTHER_CARRIER or self.carrier_name == known.name
        )

    @api.depends("carrier_code", "market_id")
    def _compute_warning(self):
        spellings = set(self.filtered("carrier_code").mapped("carrier_code"))
        codes = self.env["amazon.carrier.code"].search(
            Domain.OR(Domain("code", "=ilike", spelling) for spelling in spellings)
        )
        for mapping in self:
            mapping.warning = mapping._find_warning(codes)

    def _find_warning(self, codes):
        """What speaks against the code, for people; False for nothing.

        :param codes: the known ones, in whatever case they are written
        """
        self.ensure_one()
        code, market = self.carrier_code, self.market_id
        if not code:
            return False
        if code == OTHER_CARRIER:
            return self.env._(
                "Amazon counts these parcels as untracked if it knows the carrier: they"
                " lower your valid tracking rate. Choose its own code if there is one."
            )
        known = codes.filtered(lambda known: known.code == code)
        if not known:
            return self._describe_unknown_code(codes)
        if market and all(item._is_only_elsewhere(market) for item in known):
            return self.env._(
                "%(code)s is usual at %(markets)s. Compare with Seller Central's list.",
                code=code,
                markets=", ".join(known.market_ids.mapped("name")),
            )
        return known[0].note

    def _describe_unknown_code(self, codes):
        similar = codes.filtered(
            lambda known: known.code.casefold() == self.carrier_code.casefold()
        )
        if similar:
            return self.env._(
                "Amazon compares to the letter and writes it %s.", similar[0].code
            )
        return self.env._(
            "No code that is known here. Compare to the letter with Seller Central's"
            " list."
        )

    # === ONCHANGE METHODS === #

    @api.onchange("code_id")
    def _onchange_code_id(self):
        if self.code_id:
            self.update(self.code_id._prepare_mapping_values())

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        mappings._resume_push()
        return mappings

    def write(self, vals):
        result = super().write(vals)
        self._resume_push()
        return result

    # === BUSINESS METHODS === #

    def _resume_push(self):
        """What waited for these codes goes on by itself, in every company."""
        waiting = self.env["amazon.shipment.confirmation"].sudo()
        waiting._resume_unmapped(self.carrier_id)

    @api.model
    def _find_all(self, carriers, markets):
        """The code of each delivery method at each market.

        :return: the market's own code, else the general one, else an empty recordset,
            by delivery method and market
        :rtype: dict[tuple[delivery.carrier, amazon.market], amazon.carrier.mapping]
        """
        found = {
            (mapping.carrier_id, mapping.market_id): mapping
            for mapping in self.search([("carrier_id", "in", carriers.ids)])
        }
        nowhere = markets.browse()
        return defaultdict(
            self.browse,
            {
                (carrier, market): found.get((carrier, market))
                or found.get((carrier, nowhere), self.browse())
                for carrier in carriers
                for market in markets
            },
        )
