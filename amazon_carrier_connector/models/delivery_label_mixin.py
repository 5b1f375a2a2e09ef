from odoo import fields, models


class DeliveryLabelMixin(models.AbstractModel):
    """A label that a carrier has made: its number, where it is, what it costs."""

    _name = "delivery.label.mixin"
    _inherit = ["amazon.guarded.record"]
    _description = "Label of a Carrier"

    tracking_number = fields.Char(copy=False, readonly=True)
    tracking_url = fields.Char(copy=False, readonly=True)
    price = fields.Float(digits="Product Price", copy=False, readonly=True)
    label_attachment_id = fields.Many2one(
        "ir.attachment",
        string="Label",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        readonly=True,
    )

    # === ACTION METHODS === #

    def action_open_label(self):
        """Show or save the stored label: free, and as often as wanted."""
        self.ensure_one()
        return self.env.user._get_document_action(
            f"/web/content/{self.label_attachment_id.id}"
        )

    def action_track(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self.tracking_url,
            "target": "new",
        }
