"""Return labels for what has left."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.countries import EU
from ..carriers.myparcel_services import RETURN_CARRIERS


class StockPicking(models.Model):
    _inherit = "stock.picking"

    can_be_returned_by_label = fields.Boolean(
        compute="_compute_can_be_returned_by_label"
    )

    @api.depends("state", "parcel_ids.state", "partner_id.country_id")
    def _compute_can_be_returned_by_label(self):
        for picking in self:
            picking.can_be_returned_by_label = bool(picking._get_returnable_parcels())

    def _get_returnable_parcels(self):
        """Of a done delivery in the EU: MyParcel's, by carriers that take returns."""
        self.ensure_one()
        if self.state != "done" or self.partner_id.country_id.code not in EU:
            return self.parcel_ids.browse()
        return self.parcel_ids.filtered(
            lambda parcel: parcel.state == "labelled"
            and not parcel.is_test
            and parcel.remote_ref
            and parcel.carrier_id.delivery_type == "myparcel_nl"
            and int(parcel.carrier_id.myparcel_carrier) in RETURN_CARRIERS
        )

    def action_create_return_labels(self):
        """Make the return labels of a delivery, and open them.

        :raises UserError: when there can be none, or the carrier gives none
        """
        self.ensure_one()
        parcels = self._get_returnable_parcels()
        if not parcels:
            raise UserError(
                self.env._(
                    "%s has no parcel that MyParcel takes back by a label: it must be"
                    " done, have a label of MyParcel and be within the EU.",
                    self.name,
                )
            )
        returns = parcels.return_ids | self.env["delivery.parcel.return"]._begin(
            [
                {"parcel_id": parcel.id}
                for parcel in parcels.filtered(lambda p: not p.return_ids)
            ]
        )
        # A second press of the button finds them.
        self.env["ir.cron"]._commit_progress()
        returns.action_make()
        if len(returns) == 1:
            return returns.action_open_label()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Return Labels"),
            "res_model": "delivery.parcel.return",
            "view_mode": "list",
            "domain": [("id", "in", returns.ids)],
        }
