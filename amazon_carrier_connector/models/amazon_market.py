import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Sellers enter their password there. Every country's domain is Amazon's own.
_SELLER_CENTRAL = re.compile(
    r"sellercentral(-[a-z]+)?\.amazon\.(com|[a-z]{2}|com?\.[a-z]{2})"
)


class AmazonMarket(models.Model):
    _name = "amazon.market"
    _description = "Amazon Marketplace"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    code = fields.Char(
        string="Country Code", required=True, help="ISO 3166-1 alpha-2 country code."
    )
    marketplace_ref = fields.Char(
        string="Marketplace ID", required=True, help="Amazon's own identifier."
    )
    domain = fields.Char(
        required=True,
        help="Web address of the shop window, as reports name the sales channel.",
    )
    region = fields.Selection(
        selection=[("eu", "Europe"), ("na", "North America"), ("fe", "Far East")],
        required=True,
    )
    seller_central_host = fields.Char(string="Seller Central", required=True)
    currency = fields.Char(required=True, help="ISO 4217 code.")

    _marketplace_ref_uniq = models.UniqueIndex(
        "(marketplace_ref)", "This Amazon marketplace exists already."
    )

    # The companies share the markets: none leads another's sellers astray.
    @api.constrains("seller_central_host")
    def _check_seller_central_host(self):
        for market in self:
            if not _SELLER_CENTRAL.fullmatch(market.seller_central_host):
                raise ValidationError(
                    self.env._(
                        "Market %s: Seller Central is at an address such as"
                        " sellercentral.amazon.nl.",
                        market.name,
                    )
                )
