from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ..models.delivery_parcel_confirmation import CONFIRMED_WITHIN


class DeliveryDayList(models.TransientModel):
    """The parcels that carriers get on a day: to be confirmed, and to be printed."""

    _name = "delivery.day.list"
    _description = "Day List"

    day = fields.Date(required=True, default=fields.Date.context_today)
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        domain=lambda self: [
            (
                "delivery_type",
                "in",
                self.env["delivery.carrier"]._get_label_providers(),
            )
        ],
    )
    parcel_ids = fields.Many2many(
        "delivery.parcel", string="Parcels", compute="_compute_parcel_ids"
    )
    parcel_count = fields.Integer(compute="_compute_parcel_ids")
    weight_kg = fields.Float(
        string="Weight (kg)", digits="Stock Weight", compute="_compute_parcel_ids"
    )
    to_confirm_count = fields.Integer(
        string="To Confirm", compute="_compute_parcel_ids"
    )

    @api.depends("day", "carrier_id")
    def _compute_display_name(self):
        for day_list in self:
            day_list.display_name = self.env._("Day List %s", day_list.day)

    @api.depends("day", "carrier_id")
    def _compute_parcel_ids(self):
        parcels = self.env["delivery.parcel"]
        to_confirm = parcels._get_to_confirm_domain("at_once", "day_list")
        for day_list in self:
            found = parcels.search(
                day_list._get_domain(), order="company_id, carrier_id, labelled_at, id"
            )
            day_list.parcel_ids = found
            day_list.parcel_count = len(found)
            day_list.weight_kg = sum(found.mapped("weight_kg"))
            day_list.to_confirm_count = len(found.filtered_domain(to_confirm))

    def _get_domain(self):
        """Confirmed on the day or still to be; of the others, labelled on the day.

        So what was labelled after the list of one day is on that of the next.
        """
        if not self.day:
            return Domain.FALSE
        begin, end = self._get_bounds()
        to_confirm = self.env["delivery.parcel"]._get_to_confirm_domain(
            "at_once", "day_list"
        )
        of_the_day = (
            Domain([("confirmed_at", ">=", begin), ("confirmed_at", "<", end)])
            | (
                to_confirm
                & Domain("labelled_at", ">=", begin - CONFIRMED_WITHIN)
                & Domain("labelled_at", "<", end)
            )
            | Domain(
                [
                    ("confirmed_at", "=", False),
                    ("carrier_id.gls_confirm", "=", "never"),
                    ("labelled_at", ">=", begin),
                    ("labelled_at", "<", end),
                ]
            )
        )
        if self.carrier_id:
            of_the_day &= Domain("carrier_id", "=", self.carrier_id.id)
        return of_the_day & Domain("state", "=", "labelled")

    def _get_bounds(self):
        """The first moment of the day, where the user is, and that of the next."""
        days = (self.day, self.day + timedelta(days=1))
        return [
            self.env.tz.localize(datetime.combine(day, time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for day in days
        ]

    def _get_sections(self):
        """The parcels of each account apart, as the carrier takes them over.

        :return: carrier, company, customer number, whether a test, parcels
        :rtype: list[dict]
        """
        self.ensure_one()
        return [
            {
                "carrier": carrier,
                "company": company,
                "customer_no": carrier._get_customer_number(company, is_test),
                "is_test": is_test,
                "parcels": parcels,
            }
            for (carrier, company, is_test), parcels in self.parcel_ids.grouped(
                lambda parcel: (parcel.carrier_id, parcel.company_id, parcel.is_test)
            ).items()
        ]

    def _get_audited(self):
        return self.parcel_ids

    # === ACTION METHODS === #

    def action_confirm(self):
        """Confirm at the carrier what is to be, and show the list again.

        :raises UserError: the carrier's reasons, when it did not take all
        """
        self.ensure_one()
        self.parcel_ids.action_confirm()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Day List"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_print(self):
        self.ensure_one()
        report = self.env.ref("amazon_carrier_connector.action_report_day_list")
        return report.report_action(self, config=False)
