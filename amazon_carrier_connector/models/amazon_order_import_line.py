from datetime import timedelta

from odoo import api, fields, models

LINE_STATUSES = [
    ("new", "New"),
    ("known", "Already Known"),
    ("changed", "Changed"),
    ("labelled_changed", "Changed after the Label"),
    ("shipped_here", "Already Shipped"),
]

# Every import lists every order again; the counts on the import stay.
KEPT = timedelta(days=30)
GC_LIMIT = 100_000


class AmazonOrderImportLine(models.Model):
    """What the check found about one order of the reports: no buyer's data."""

    _name = "amazon.order.import.line"
    _inherit = ["amazon.guarded.record"]
    _description = "Order of an Amazon Import"
    _order = "import_id, id"

    import_id = fields.Many2one(
        "amazon.order.import", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="import_id.company_id", store=True, precompute=True
    )
    name = fields.Char(string="Order ID", required=True)
    order_id = fields.Many2one(
        "amazon.order", index="btree_not_null", ondelete="set null"
    )
    status = fields.Selection(selection=LINE_STATUSES, required=True)
    is_partly_shipped = fields.Boolean(string="Partly Shipped")
    cancel_requested = fields.Boolean()
    ship_by = fields.Datetime()
    market_id = fields.Many2one("amazon.market", string="Market")
    carrier_id = fields.Many2one("delivery.carrier", string="Delivery Method")
    package_type_id = fields.Many2one("stock.package.type", string="Parcel Type")
    rule_id = fields.Many2one("amazon.shipping.rule", string="Shipping Rule")
    is_on_hold = fields.Boolean(string="On Hold")
    changes = fields.Text(help="What Amazon says differently now, in words.")

    def action_open_order(self):
        """The order, once it is imported."""
        self.ensure_one()
        return bool(self.order_id) and {
            "type": "ir.actions.act_window",
            "res_model": "amazon.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }

    @api.autovacuum
    def _gc_lines(self):
        old = self.search(
            [
                ("create_date", "<", fields.Datetime.now() - KEPT),
                ("import_id.state", "in", ("checked", "done", "failed")),
            ],
            limit=GC_LIMIT,
        )
        old.unlink()
        return len(old), len(old) == GC_LIMIT
