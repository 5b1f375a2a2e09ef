"""What fails with an account, once labels were asked for, is a person's task, once."""

from datetime import timedelta

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..carriers.errors import PaymentRequired, Unauthorized
from .carrier_messages import describe_standing_error

# What fails so until a person acts; anything else may be over before long.
NEEDS_PERSON = (UserError, Unauthorized, PaymentRequired)
PATIENCE = timedelta(hours=6)
JOBS = [
    ("track", "Tracking"),
    ("confirm", "Confirming"),
    ("settle", "Settling"),
]


class DeliveryCarrierFailure(models.Model):
    """Since when and why parcels of a delivery method are not tracked or confirmed,
    or which of them nobody knows whether they were made.

    Apart from the delivery method, which people edit. Its activity hangs on no record:
    it lists all that fails in a company, as one bad key stops several methods.
    """

    _name = "delivery.carrier.failure"
    _description = "Failure of a Carrier"
    _rec_name = "carrier_id"
    _order = "company_id, job, carrier_id"

    job = fields.Selection(JOBS, required=True, default="track")
    carrier_id = fields.Many2one(
        "delivery.carrier", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    reason = fields.Text(required=True)
    needs_person = fields.Boolean(help="Waiting would not help.")
    is_over = fields.Boolean(help="Its activity is yet to be withdrawn.")
    told_at = fields.Datetime()
    activity_id = fields.Many2one("mail.activity", ondelete="set null")

    _account_uniq = models.UniqueIndex(
        "(company_id, carrier_id, job)", "A delivery method fails once in a company."
    )

    @api.model
    def _begin(self, job, carrier, company, error, came_at=None):
        """Note that an account did not do what it was asked.

        :param error: a ``CarrierError``, or a sentence as ``UserError``
        :param came_at: when the latest part of it came: if nobody was told since, a
            person is told again
        """
        values = {
            "reason": describe_standing_error(self.env, error),
            "needs_person": isinstance(error, NEEDS_PERSON),
            "is_over": False,
        }
        if known := self._find(job, carrier, company):
            if came_at and known.told_at and known.told_at < came_at:
                values["told_at"] = False
            if any(known[name] != value for name, value in values.items()):
                known.write(values)
        else:
            account = {"carrier_id": carrier.id, "company_id": company.id}
            self.create({"job": job, **account, **values})

    @api.model
    def _end(self, job, carrier, company):
        self._find(job, carrier, company).is_over = True

    @api.model
    def _find(self, job, carrier, company):
        account = [("carrier_id", "=", carrier.id), ("company_id", "=", company.id)]
        return self.search([("job", "=", job), *account])

    @api.model
    def _tell_people(self):
        """Keep one activity per company that lists what fails, until nothing does.

        Each job has one of its own. Who has done the activity is told again
        only of what came since. Commits.
        """
        groups = self._read_group([], ["company_id", "job"], ["id:recordset"])
        for company, __, failures in groups:
            try:
                failures.with_context(lang=company.partner_id.lang)._tell_person()
                self.env["ir.cron"]._commit_progress()
            except OperationalError:
                # The person has just saved the activity: the next run tells.
                self.env.cr.rollback()

    def _tell_person(self):
        over = self.filtered(lambda failure: failure._is_over())
        activity = self.activity_id.filtered("active")
        lasting = (self - over).filtered(lambda failure: failure._is_lasting())
        untold = lasting.filtered(lambda failure: not failure.told_at)
        if not lasting:
            activity.unlink()
        elif activity:
            values = lasting._prepare_activity_values()
            # The stored note is not letter for letter what was written.
            if html2plaintext(activity.note) != html2plaintext(values["note"]):
                activity.write(values)
        elif untold:
            activity = lasting._create_activity()
        untold.told_at = fields.Datetime.now()
        lasting.filtered(lambda row: row.activity_id != activity).activity_id = activity
        over.unlink()

    def _is_over(self):
        """Whether the account answered, or has nothing left to be asked for."""
        parcels = self.env["delivery.parcel"]
        waiting = {
            "track": parcels._get_moving_domain,
            "confirm": parcels._get_unconfirmed_domain,
            "settle": parcels._get_unsettled_domain,
        }[self.job]()
        return self.is_over or not parcels.search_count(
            waiting
            & Domain("carrier_id", "=", self.carrier_id.id)
            & Domain("company_id", "=", self.company_id.id),
            limit=1,
        )

    def _is_lasting(self):
        return self.needs_person or self.create_date <= fields.Datetime.now() - PATIENCE

    def _create_activity(self):
        return self.env["mail.activity"].create(
            {
                "activity_type_id": self.env.ref("mail.mail_activity_data_warning").id,
                "user_id": self.company_id._get_amazon_responsible().id,
                "automated": True,
                **self._prepare_activity_values(),
            }
        )

    def _prepare_activity_values(self):
        listed = Markup().join(
            Markup("<li>%s: %s</li>")
            % (failure.carrier_id._get_html_link(), failure.reason)
            for failure in self
        )
        summary, sentence = {
            "track": (
                self.env._("Parcels are not tracked"),
                self.env._(
                    "%s: nothing is known of where the parcels of these delivery"
                    " methods are. This task goes by itself when it works again.",
                    self.company_id.name,
                ),
            ),
            "confirm": (
                self.env._("Parcels are not confirmed"),
                self.env._(
                    "%s: these delivery methods have parcels that their carrier was not"
                    " told of once more, and may not take. This task goes by itself"
                    " when they are confirmed: Labels > Parcels, filter To Confirm.",
                    self.company_id.name,
                ),
            ),
            "settle": (
                self.env._("It is not known whether labels were made"),
                self.env._(
                    "%s: the carrier did not answer clearly, and does not tell what"
                    " became of these parcels. Open Labels > Parcels, filter Unclear."
                    " Check at the Carrier asks once more. When you have looked in its"
                    " portal, Decide: it has the parcel, or it does not and is asked"
                    " again. This task goes by itself when none is left.",
                    self.company_id.name,
                ),
            ),
        }[self[0].job]
        return {
            "summary": summary,
            "note": Markup("<p>%s</p><ul>%s</ul>") % (sentence, listed),
        }
