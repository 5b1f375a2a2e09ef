"""An order is deleted: what it holds of its buyer goes first."""

from odoo import api, models
from odoo.exceptions import UserError

from .amazon_order_import_document import READ


class AmazonOrder(models.Model):
    _inherit = "amazon.order"

    # === CRUD METHODS === #

    def unlink(self):
        self.check_access("unlink")
        # Erasure finds everything from the order: what it left would stay for ever.
        self._erase_or_refuse()
        # The lines with which erasure finds them lose their order.
        lines = self.env["amazon.order.import.line"].sudo()
        imports = lines.search([("order_id", "in", self.ids)]).import_id
        imports.filtered(lambda i: i.state in READ)._erase()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        kept = self.filtered(lambda order: order.is_disputed or order.is_contact_kept)
        if kept:
            raise UserError(
                self.env._(
                    "These orders cannot be deleted yet, because they are disputed or"
                    " other documents use their contact: %s.",
                    ", ".join(kept.mapped("name")),
                )
            )
