from hmac import compare_digest

from odoo import api, fields, models

from ..carriers.myparcel_hooks import read_hook
from .myparcel_hook_owner import hash_token

# So many calls wait at most; the schedule reads what the others would have told.
MAX_WAITING = 500
# So many are looked into at once.
MAX_TAKEN = 2000


class MyparcelHook(models.Model):
    """A call of MyParcel's that nobody has looked into yet.

    Anybody may call, so nothing in it is believed: it only brings forward when the
    parcels that it names are read at MyParcel.
    """

    _name = "myparcel.hook"
    _description = "Call of MyParcel"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    body = fields.Text(required=True)

    @api.model
    def _is_called_by_myparcel(self, company_id, token):
        """Whether the address is one that this company has told MyParcel."""
        # The hashes are nobody's to read, and a visitor may read no company.
        company = self.env["res.company"].sudo().browse(company_id).exists()
        carriers = company.env["delivery.carrier"].with_context(active_test=False)
        with_hook = carriers.search(
            [
                ("myparcel_hook_hash", "!=", False),
                ("company_id", "in", (company.id, False)),
            ]
        )
        token_hash = hash_token(token)
        return any(
            compare_digest(owner.myparcel_hook_hash or "", token_hash)
            for owner in (*company, *with_hook)
        )

    @api.model
    def _receive(self, company_id, body):
        """Keep a call and wake the scheduled action.

        :return: False when too many wait already
        """
        # Nobody may read or write calls.
        hooks = self.sudo()
        waiting = hooks.search_count(
            [("company_id", "=", company_id)], limit=MAX_WAITING
        )
        if waiting >= MAX_WAITING:
            return False
        # The database takes no null characters, and no number needs one.
        hooks.create({"company_id": company_id, "body": body.replace("\0", "")})
        if not waiting:
            self.env.ref(
                "amazon_carrier_connector.cron_track_parcels"
            ).sudo()._trigger()
        return True

    @api.model
    def _take(self):
        """Look into the calls that came; commits."""
        hooks = self.search([], order="id", limit=MAX_TAKEN)
        if not hooks:
            return
        # Several companies may ship with one key, and MyParcel's numbers are its own.
        named = {ref for call in hooks for ref in read_hook(call.body)}
        self.env["delivery.parcel"].search(
            [
                ("remote_ref", "in", [*named]),
                ("carrier_id.delivery_type", "=", "myparcel_nl"),
                ("state", "=", "labelled"),
            ]
        )._record({"tracking_due_at": False})
        hooks.unlink()
        self.env["ir.cron"]._commit_progress()
