"""A run that cannot go on: it waits for its carrier, or stops and tells who made it."""

import math
from datetime import timedelta

from odoo import fields, models

# How long a run waits for a carrier that says it is asked too much, and gives nothing.
PATIENCE = timedelta(hours=1)
WARNING = "mail.mail_activity_data_warning"


class DeliveryLabelRun(models.Model):
    _name = "delivery.label.run"
    _inherit = ["delivery.label.run", "mail.activity.mixin"]

    resume_at = fields.Datetime(
        string="Goes on at",
        readonly=True,
        copy=False,
        help="The carrier was asked too much at once: the run waits, and goes on by"
        " itself.",
    )
    waiting_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the carrier began to say that it is asked too much.",
    )

    def _halt(self, error):
        """Stop; or wait, where a carrier that was asked too much says for how long."""
        wait = getattr(error, "retry_after", None)
        since = self._get_waiting_since()
        is_patient = fields.Datetime.now() - since < PATIENCE
        if wait is not None and is_patient and self.state != "stopped":
            self._wait_until(since, timedelta(seconds=math.ceil(wait)))
        elif wait is not None and self.state != "stopped":
            self._stop(
                self.env._(
                    "The carrier has given no label for an hour, as it is asked too"
                    " much. Start again later; when it goes on, ask the carrier for a"
                    " higher limit."
                )
            )
        else:
            self._stop(str(error))

    def _get_waiting_since(self):
        """Since when its carrier gives nothing and wants to be left alone."""
        labelled = self.parcel_ids.filtered("labelled_at").mapped("labelled_at")
        since = self.waiting_since
        if not since or max(labelled, default=since) > since:
            return fields.Datetime.now()
        return since

    def _wait_until(self, since, wait):
        resume_at = fields.Datetime.now() + wait
        self._record(
            {"state": "queued", "resume_at": resume_at, "waiting_since": since}
        )
        self.env.ref("amazon_carrier_connector.cron_label_runs")._trigger(at=resume_at)

    def _stop(self, reason):
        """Stop for a reason; who made the run may look at something else by now."""
        is_watched = self.state in ("draft", "stopped")
        self._record({"state": "stopped", "error": reason, "waiting_since": False})
        if not is_watched:
            user = self.create_uid.filtered("active")
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                WARNING,
                summary=self.env._("%s stopped: see what it says", self.name),
                user_id=(user or self.company_id._get_amazon_responsible()).id,
            )

    def _withdraw_task(self):
        # Who starts it again has seen it, whoever was to.
        self.sudo().activity_unlink([WARNING])
