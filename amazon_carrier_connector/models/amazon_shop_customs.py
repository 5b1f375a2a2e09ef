from odoo import fields, models

from ..carriers.customs import Numbers


class AmazonShop(models.Model):
    """What customs are told of the shop's parcels.

    Where Amazon is the deemed supplier it collects the tax of the destination, and the
    tax number of the declaration is Amazon's.
    """

    _name = "amazon.shop"
    _inherit = ["amazon.shop", "customs.defaults"]

    customs_uk_vat = fields.Char(
        string="UK VAT Number",
        help="On customs declarations of parcels to Great Britain. Amazon's, where"
        " Amazon collects the tax; empty: that of the company.",
    )
    customs_voec = fields.Char(
        string="VOEC Number",
        help="On customs declarations of parcels to Norway. Amazon's, where Amazon"
        " collects the tax; empty: that of the company.",
    )

    def _prepare_customs_numbers(self, company):
        """The sender's numbers; those of the company where there is no shop.

        :rtype: carriers.customs.Numbers
        """
        return Numbers(
            eori=company.customs_eori or "",
            vat=company.vat or "",
            uk_vat=self.customs_uk_vat or company.customs_uk_vat or "",
            voec=self.customs_voec or company.customs_voec or "",
        )
