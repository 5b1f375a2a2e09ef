from odoo import fields, models


class ResCompany(models.Model):
    """The numbers that customs know the company by, besides its VAT number."""

    _inherit = "res.company"

    customs_eori = fields.Char(string="EORI Number")
    customs_uk_vat = fields.Char(string="UK VAT Number")
    customs_voec = fields.Char(string="VOEC Number")
