from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    myparcel_hook_ref = fields.Char(related="company_id.myparcel_hook_ref")

    def action_subscribe_to_myparcel(self):
        self.company_id._subscribe_to_myparcel()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_unsubscribe_from_myparcel(self):
        self.company_id._unsubscribe_from_myparcel()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
