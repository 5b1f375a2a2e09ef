from odoo import fields, models

from ..carriers.label_sheets import ROLL, SHEETS

LABEL_LAYOUTS = [(ROLL, "Label roll (A6)"), (SHEETS, "A4 sheets")]
START_POSITIONS = [
    ("1", "Top left"),
    ("2", "Top right"),
    ("3", "Bottom left"),
    ("4", "Bottom right"),
]
LABELS_PER_SHEET = [
    ("1", "One, top left"),
    ("2", "Two, one above the other"),
    ("3", "Three, none bottom right"),
    ("4", "Four"),
]
LABEL_OPENINGS = [("save", "Save the file"), ("open", "Open in the browser")]
PREFERENCES = [
    "label_layout",
    "label_start_position",
    "labels_per_sheet",
    "label_opening",
]


class ResUsers(models.Model):
    """How somebody prints labels: what the last dialog said."""

    _inherit = "res.users"

    label_layout = fields.Selection(
        LABEL_LAYOUTS, string="Label Paper", required=True, default=ROLL
    )
    label_start_position = fields.Selection(
        START_POSITIONS, string="First Label on the Sheet", required=True, default="1"
    )
    labels_per_sheet = fields.Selection(
        LABELS_PER_SHEET, string="Labels on a Sheet", required=True, default="4"
    )
    label_opening = fields.Selection(
        LABEL_OPENINGS, string="Labels as PDF", required=True, default="save"
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + PREFERENCES

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + PREFERENCES

    def _get_document_action(self, url):
        """Open a stored document, or save it, as this user likes it."""
        if self.label_opening == "open":
            return {"type": "ir.actions.act_url", "url": url, "target": "new"}
        return {
            "type": "ir.actions.act_url",
            "url": f"{url}?download=true",
            "target": "download",
        }
