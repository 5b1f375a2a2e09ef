from odoo import api, fields, models
from odoo.fields import Domain

from ..amazon.carrier_names import find_carrier
from ..amazon.selling_partner import OTHER_CARRIER


class AmazonCarrierCode(models.Model):
    """A carrier in Amazon's own spelling: what the mapping of a delivery method takes.

    Amazon publishes no list of the codes that a market takes, so this is what is known
    of it; people correct it, add to it, and archive what their market does not have.
    """

    _name = "amazon.carrier.code"
    _description = "Amazon Carrier"
    _order = "name, id"

    name = fields.Char(required=True, help="As delivery methods usually call it.")
    code = fields.Char(
        required=True, help="Exactly as in Seller Central's list of carriers."
    )
    aliases = fields.Char(
        string="Other Names",
        help="Separated by commas. A delivery method with one of these names is"
        " recognised.",
    )
    market_ids = fields.Many2many(
        "amazon.market", string="Markets", help="Empty: every market."
    )
    note = fields.Char(help="What is not certain about the code.")
    active = fields.Boolean(default=True)

    @api.depends("code")
    def _compute_display_name(self):
        for carrier in self:
            carrier.display_name = (
                carrier.name
                if carrier.code in (carrier.name, OTHER_CARRIER)
                else f"{carrier.name} ({carrier.code})"
            )

    @api.model
    def _get_market_domain(self, market):
        """Carriers in the list of a market; without one, in any list."""
        if not market:
            return Domain.TRUE
        return Domain("market_ids", "in", [*market.ids, False])

    @api.model
    def _propose(self, text, market):
        """The carrier that a delivery method's name speaks of, or none.

        What is in the list of that market only goes before what is in every list;
        for a code of all markets it is the other way round.

        :param market: empty for a code that counts at every market
        """
        carriers = self.search(self._get_market_domain(market))
        names = [
            (name, carrier)
            for carrier in carriers.sorted(
                lambda carrier: bool(carrier.market_ids) != bool(market)
            )
            for name in carrier._get_names()
        ]
        return find_carrier(text, names) or self.browse()

    def _prepare_mapping_values(self):
        """What a mapping has of this carrier: the name goes along with "Other" only."""
        self.ensure_one()
        return {
            "carrier_code": self.code,
            "carrier_name": self.code == OTHER_CARRIER and self.name,
        }

    def _is_only_elsewhere(self, market):
        """Whether the carrier is in the lists of other markets only."""
        self.ensure_one()
        return bool(self.market_ids) and market not in self.market_ids

    def _get_names(self):
        self.ensure_one()
        return [self.name, self.code, *(self.aliases or "").split(",")]
