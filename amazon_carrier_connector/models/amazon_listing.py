from odoo import fields, models


class AmazonListing(models.Model):
    _name = "amazon.listing"
    _description = "Amazon Listing"
    _order = "sku, id"
    _rec_name = "sku"
    _check_company_auto = True

    shop_id = fields.Many2one(
        "amazon.shop", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    sku = fields.Char(string="SKU", required=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        ondelete="cascade",
        index=True,
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )

    _sku_uniq = models.UniqueIndex(
        "(shop_id, sku)", "This SKU is already paired with a product in this shop."
    )
