from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AmazonShopImportWizard(models.TransientModel):
    """The dialog that has the orders of shops read, a switch for each."""

    _name = "amazon.shop.import.wizard"
    _description = "Import from Shops"

    line_ids = fields.One2many(
        "amazon.shop.import.wizard.line",
        "wizard_id",
        default=lambda self: self._default_line_ids(),
    )

    def _default_line_ids(self):
        shops = self.env["amazon.shop"].search([("active", "=", True)])
        return [
            Command.create(
                {"shop_id": shop.id, "is_selected": shop.state == "connected"}
            )
            for shop in shops
        ]

    def action_start(self):
        """Queue the shops that are switched on.

        :raises UserError: when none is
        """
        self.ensure_one()
        shops = self.line_ids.filtered("is_selected").shop_id
        if not shops:
            raise UserError(self.env._("Switch on at least one shop."))
        return shops.action_start_import()


class AmazonShopImportWizardLine(models.TransientModel):
    _name = "amazon.shop.import.wizard.line"
    _description = "Shop to Import from"

    wizard_id = fields.Many2one(
        "amazon.shop.import.wizard", required=True, ondelete="cascade"
    )
    shop_id = fields.Many2one("amazon.shop", required=True, ondelete="cascade")
    is_selected = fields.Boolean(string="Import")
    shop_state = fields.Selection(related="shop_id.state", string="Connection")
    feed_state = fields.Selection(related="shop_id.feed_ids.state", string="Status")
    last_import_at = fields.Datetime(
        related="shop_id.feed_ids.last_import_at", string="Last Import"
    )
    last_new_count = fields.Integer(
        related="shop_id.feed_ids.last_new_count", string="New"
    )
