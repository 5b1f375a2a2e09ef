from odoo import api, models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _is_for_people(self, name):
        """Not to be filled in by somebody's own default, see ``ir.default``.

        Visitors would read each label that is made for him.
        """
        return name not in ("public", "access_token")
