from odoo import fields, models


class AmazonOrderImportProblem(models.Model):
    _name = "amazon.order.import.problem"
    _description = "Problem of an Amazon Import"
    _order = "import_id, filename, row, id"
    _rec_name = "reason"

    import_id = fields.Many2one(
        "amazon.order.import", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="import_id.company_id", store=True)
    filename = fields.Char(string="File")
    row = fields.Integer(help="Row of the report; the header is row 1.")
    order_ref = fields.Char(string="Order ID")
    reason = fields.Char(required=True)

    def _get_csv_rows(self):
        """The names of the columns, and a row per problem."""
        names = ("filename", "row", "order_ref", "reason")
        labels = self.fields_get(names, ["string"])
        return [
            [labels[name]["string"] for name in names],
            *([problem[name] for name in names] for problem in self),
        ]
