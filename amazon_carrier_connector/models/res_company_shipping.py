from odoo import fields, models


class ResCompany(models.Model):
    """How orders are shipped of which neither a rule nor the shop says it."""

    _inherit = "res.company"

    amazon_carrier_id = fields.Many2one(
        "delivery.carrier", string="Amazon Delivery Method", check_company=True
    )
    amazon_package_type_id = fields.Many2one(
        "stock.package.type",
        string="Amazon Parcel Type",
        help="Empty: that of the delivery method.",
    )
