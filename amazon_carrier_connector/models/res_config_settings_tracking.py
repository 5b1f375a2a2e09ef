from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    myparcel_reports = fields.Boolean(related="company_id.myparcel_reports")
    myparcel_silent = fields.Char(related="company_id.myparcel_silent")

    def action_subscribe_to_myparcel(self):
        failures = self.company_id._subscribe_to_myparcel()
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        if not failures:
            return reload
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": "\n".join(failures),
                "next": reload,
            },
        }

    def action_unsubscribe_from_myparcel(self):
        self.company_id._unsubscribe_from_myparcel()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
