from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command


class AmazonOrderImportWizard(models.TransientModel):
    """The dialog that takes reports; what it makes is one import, *checked*."""

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
    attachment_ids = fields.Many2many("ir.attachment", string="Reports", required=True)
    accept_new_orders = fields.Boolean(
        string="Accept New Orders Reports",
        help="Import a New Orders report as well, although it also lists orders that"
        " are shipped or cancelled.",
    )

    def _default_shop_id(self):
        shops = self.env["amazon.shop"].search([], limit=2)
        return shops if len(shops) == 1 else shops.browse()

    @api.depends("shop_id")
    def _compute_market_id(self):
        for wizard in self:
            shop = wizard.shop_id
            wizard.market_id = shop.market_id or shop.market_ids[:1]

    def action_check(self):
        """Read the reports and open the check screen; nothing is created but that."""
        self.ensure_one()
        order_import = self.env["amazon.order.import"]._begin(
            [
                {
                    "shop_id": self.shop_id.id,
                    "market_id": self.market_id.id,
                    "attachment_ids": [Command.set(self.attachment_ids.ids)],
                    "accept_new_orders": self.accept_new_orders,
                }
            ]
        )
        # From here on they can be read by whoever may read the import, else by nobody.
        self.attachment_ids.write(
            {"res_model": order_import._name, "res_id": order_import.id}
        )
        order_import._check()
        return order_import.action_open()

    @api.autovacuum
    def _gc_unchecked_reports(self):
        """Erase what was uploaded and never checked: it holds buyers' data."""
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.env["ir.attachment"].sudo().search(
            [("res_model", "=", self._name), ("create_date", "<", yesterday)]
        ).unlink()
