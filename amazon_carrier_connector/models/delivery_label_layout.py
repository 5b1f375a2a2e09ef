from odoo import fields, models

from .res_users import LABEL_LAYOUTS, LABELS_PER_SHEET, START_POSITIONS


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
    labels_per_sheet = fields.Selection(
        LABELS_PER_SHEET,
        string="Labels on a Sheet",
        required=True,
        default=lambda self: self.env.user.labels_per_sheet,
        help="For plain paper and sheets with fewer labels.",
    )

    def _get_layout(self):
        """How labels are laid out, as ``carriers.label_sheets.lay_out`` takes it.

        :rtype: tuple[str, int, int]
        """
        self.ensure_one()
        return self.layout, int(self.start_position), int(self.labels_per_sheet)
