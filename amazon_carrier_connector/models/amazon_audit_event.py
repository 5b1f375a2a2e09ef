from odoo import api, fields, models
from odoo.tools import format_datetime

AUDIT_EVENTS = [
    ("connected", "Connected"),
    ("disconnected", "Disconnected"),
    ("imported", "Imported"),
    ("exported", "Exported"),
    ("printed", "Printed"),
    ("disputed", "Dispute Changed"),
    ("erased", "Erased"),
]
# A table can be grouped by these, and by what belongs to one.
BUYERS = ("amazon.order", "delivery.parcel", "res.partner", "stock.picking")


class AmazonAuditEvent(models.Model):
    """Who did what with buyers' data, or with a shop's access: ids and counts only.

    Amazon asks for such a log without buyers' data. The addon alone writes it; nobody
    has the right to change or delete a row.
    """

    _name = "amazon.audit.event"
    _inherit = ["amazon.guarded.record"]
    _description = "Event of the Audit Trail"
    _order = "id desc"

    create_date = fields.Datetime(string="Date", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    event = fields.Selection(
        selection=AUDIT_EVENTS, required=True, readonly=True, index=True
    )
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_ids = fields.Json(string="IDs", readonly=True)
    record_count = fields.Integer(string="Records", readonly=True)
    model_name = fields.Char(string="What", compute="_compute_model_name")
    note = fields.Text(string="Details", readonly=True)

    @api.depends("event", "create_date")
    def _compute_display_name(self):
        labels = dict(self._fields["event"]._description_selection(self.env))
        for event in self:
            moment = format_datetime(self.env, event.create_date)
            event.display_name = f"{labels.get(event.event)}, {moment}"

    @api.depends("res_model")
    def _compute_model_name(self):
        for event in self:
            model = self.env.get(event.res_model)
            event.model_name = event.res_model if model is None else model._description

    @api.model
    def _log(self, event, records, note=False):
        """One row per company of the records; nothing for no records.

        :param records: of a model with a company
        :param note: a sentence without a buyer's data
        """
        # Whoever acts need not read the company.
        records = records.sudo()
        records.env[self._name]._store(
            {
                "event": event,
                "company_id": company.id,
                "res_model": records._name,
                "res_ids": group.ids,
                "record_count": len(group),
                "note": note,
            }
            for company, group in records.grouped("company_id").items()
            if company
        )

    @api.model
    def _log_pivot(self, model_name):
        """A table of sums was saved: whose, its rows do not tell by ids."""
        model = self.env.get(model_name)
        if model is None or {model_name, *_get_comodels(model)}.isdisjoint(BUYERS):
            return
        # Which of his companies he looks at is not told either.
        companies = self.env.user.sudo().company_ids.with_context(active_test=False)
        self._store(
            {
                "event": "exported",
                "company_id": company.id,
                "res_model": model_name,
                "note": self.env._("Pivot table"),
            }
            for company in companies
            if company.amazon_shop_ids
        )

    @api.model
    def _store(self, values):
        values = [*values]
        if not values:
            return
        if not self.env.cr.readonly:
            # Nobody may write the log himself.
            self.sudo().create(values)
            return
        # Where the database has a replica, links are followed and pages are printed in
        # transactions that may only read.
        with self.env.registry.cursor() as cr:
            self.with_env(self.env(cr=cr)).sudo().create(values)

    # === ACTION METHODS === #

    def action_open_records(self):
        """What of it is still there and may be read."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.model_name,
            "res_model": self.res_model,
            "view_mode": "list,form",
            "domain": [("id", "in", self.res_ids or [])],
            "context": {"active_test": False},
        }


def _get_comodels(model):
    return {field.comodel_name for field in model._fields.values() if field.store}
