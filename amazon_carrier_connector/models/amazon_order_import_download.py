import base64
import csv
import io

from odoo import api, fields, models

# A spreadsheet program would take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AmazonOrderImport(models.Model):
    """The problems as a file that spreadsheet programs open."""

    _inherit = "amazon.order.import"

    problem_file = fields.Binary(compute="_compute_problem_file")

    @api.depends("problem_ids")
    def _compute_problem_file(self):
        for order_import in self:
            rows = order_import.problem_ids._get_csv_rows()
            order_import.problem_file = base64.b64encode(_make_csv(rows))

    def action_download_problems(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/problem_file"
            "?download=true&filename=problems.csv",
            "target": "download",
        }


def _make_csv(rows):
    """With semicolons and a byte order mark: so Excel opens it in Europe as well."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([make_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def make_harmless(cell):
    """
    :return: the text of a cell that no spreadsheet program computes
    :rtype: str
    """
    text = str(cell or "")
    return f"'{text}" if text.startswith(_FORMULA) else text
