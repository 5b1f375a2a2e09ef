from odoo import api, fields, models


class AmazonOrderImportWizard(models.TransientModel):
    """The dialog that takes a report; what it makes is an import, *checked*."""

    _name = "amazon.order.import.wizard"
    _description = "Upload Amazon Orders"

    shop_id = fields.Many2one(
        "amazon.shop",
        required=True,
        default=lambda self: self._default_shop_id(),
    )
    region = fields.Selection(related="shop_id.region")
    market_id = fields.Many2one(
        "amazon.market",
        string="Market",
        required=True,
        compute="_compute_market_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('region', '=', region)]",
        help="Where these orders were placed, unless the report says so itself.",
    )
    file = fields.Binary(string="Report", required=True, attachment=False)
    filename = fields.Char()

    def _default_shop_id(self):
        shops = self.env["amazon.shop"].search([], limit=2)
        return shops if len(shops) == 1 else shops.browse()

    @api.depends("shop_id")
    def _compute_market_id(self):
        for wizard in self:
            shop = wizard.shop_id
            wizard.market_id = shop.market_id or shop.market_ids[:1]

    def action_check(self):
        """Read the report and open the check screen; nothing is created but that."""
        self.ensure_one()
        order_import = self.env["amazon.order.import"].create(
            {
                "shop_id": self.shop_id.id,
                "market_id": self.market_id.id,
                "file": self.file,
                "filename": self.filename,
            }
        )
        order_import._check()
        return order_import.action_open()
