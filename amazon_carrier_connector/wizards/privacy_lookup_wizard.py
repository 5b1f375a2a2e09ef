"""Core's privacy lookup finds Amazon's buyers, and erases them order by order."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class PrivacyLookupWizard(models.TransientModel):
    _inherit = "privacy.lookup.wizard"

    def _get_query(self):
        """An order keeps the e-mail address, under a name that core does not know."""
        return SQL(
            """%s
            UNION ALL
            SELECT %s AS res_model_id, id AS res_id, True AS is_active
            FROM amazon_order
            WHERE recipient_email ILIKE %s
              AND COALESCE(partner_id, 0) NOT IN (SELECT id FROM indirect_references)
            """,
            super()._get_query(),
            self.env["ir.model"]._get_id("amazon.order"),
            self.email.strip(),
        )


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    def action_erase_buyer(self):
        """
        :raises UserError: when the order is still to be shipped, or disputed
        """
        self.ensure_one()
        self.check_access("write")
        # As core deletes and archives here: an administrator may not be a manager of
        # Amazon's.
        order = self.env["amazon.order"].sudo()
        if self.res_model != order._name:
            raise UserError(self.env._("This is no Amazon order."))
        order = order.browse(self.res_id).exists()
        order.action_erase_buyer()
        self.res_name = order.name
        self.execution_details = self.env._(
            "Erased the buyer of Amazon order #%s", self.res_id
        )
