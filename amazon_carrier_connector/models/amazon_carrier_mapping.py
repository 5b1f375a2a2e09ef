from collections import defaultdict

from odoo import api, fields, models


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
    carrier_code = fields.Char(
        required=True, help="Exactly as in Seller Central's list of carriers."
    )
    carrier_name = fields.Char(help="Sent along when the code is Other.")
    shipping_method = fields.Char(help="Amazon's wording of the shipping service.")

    _carrier_market_uniq = models.UniqueIndex(
        "(carrier_id, COALESCE(market_id, 0))",
        "This delivery method has a code for this market already.",
    )
    _other_needs_name = models.Constraint(
        "CHECK (carrier_code != 'Other' OR carrier_name IS NOT NULL)",
        "Code Other needs the name of the carrier.",
    )

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
