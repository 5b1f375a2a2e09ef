from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Tells the rule on who sees Amazon's buyers which contacts are.
    amazon_order_ids = fields.One2many(
        "amazon.order", "partner_id", groups=fields.NO_ACCESS
    )
