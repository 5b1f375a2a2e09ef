from odoo import api, fields, models


class DeliveryLabelRun(models.Model):
    """What people are told of a run: what it waits for, and what came of it."""

    _inherit = "delivery.label.run"

    warning_count = fields.Integer(compute="_compute_warning_count")
    result = fields.Char(compute="_compute_result")

    @api.depends("parcel_ids.warning")
    def _compute_warning_count(self):
        for run in self:
            run.warning_count = len(run.parcel_ids.filtered("warning"))

    @api.depends("state", "labelled_count", "parcel_count", "problem_count")
    def _compute_result(self):
        for run in self:
            run.result = run.state == "done" and run._describe_result()

    def _describe_result(self):
        if not self.problem_count:
            return self.env._(
                "All labels are there: %(labelled)s of %(selected)s.",
                labelled=self.labelled_count,
                selected=self.parcel_count,
            )
        return self.env._(
            "%(labelled)s of %(selected)s labels are there. What keeps the others, or"
            " keeps a delivery from being validated, stands under Problems:"
            " %(problems)s.",
            labelled=self.labelled_count,
            selected=self.parcel_count,
            problems=self.problem_count,
        )

    def action_view_problems(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.delivery_parcel_action"
        )
        domain = [("run_id", "=", self.id), ("error", "!=", False)]
        return dict(action, domain=domain, context={})
