from odoo import fields, models

from .res_users import LABEL_LAYOUTS, START_POSITIONS


class DeliveryLabelLayout(models.AbstractModel):
    """On what labels are printed; as the user did it last."""

    _name = "delivery.label.layout"
    _description = "Layout of Labels"

    layout = fields.Selection(
        LABEL_LAYOUTS,
        string="Paper",
        required=True,
        default=lambda self: self.env.user.label_layout,
    )
    start_position = fields.Selection(
        START_POSITIONS,
        string="First Label",
        required=True,
        default=lambda self: self.env.user.label_start_position,
        help="Where the first sheet has its first free label.",
    )
