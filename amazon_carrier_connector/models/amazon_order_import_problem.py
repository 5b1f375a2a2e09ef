from odoo import api, fields, models


class AmazonOrderImportProblem(models.Model):
    _name = "amazon.order.import.problem"
    _inherit = ["amazon.guarded.record"]
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
    is_left_out = fields.Boolean(help="The order could not be imported so far.")

    def _get_key(self):
        """What makes it the same problem as that of another import."""
        return (self.order_ref or "", self.reason)

    @api.model
    def _find_left_out(self, shops):
        """Why orders of these shops were not imported from Amazon, and still are not.

        :rtype: amazon.order.import.problem
        """
        problems = self.search(
            [
                ("import_id.shop_id", "in", shops.ids),
                ("import_id.source", "=", "api"),
                ("is_left_out", "=", True),
            ]
        )
        known = self.env["amazon.order"].search(
            [
                ("company_id", "in", shops.company_id.ids),
                ("name", "in", problems.mapped("order_ref")),
            ]
        )
        names = set(known.mapped("name"))
        return problems.filtered(lambda problem: problem.order_ref not in names)

    def _get_csv_rows(self):
        """The names of the columns, and a row per problem."""
        names = ("filename", "row", "order_ref", "reason")
        labels = self.fields_get(names, ["string"])
        return [
            [labels[name]["string"] for name in names],
            *([problem[name] for name in names] for problem in self),
        ]
