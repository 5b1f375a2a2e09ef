from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

# Not "neither done nor cancelled": of these the database has an index.
OPEN_STATES = ("draft", "waiting", "confirmed", "assigned")


class StockPicking(models.Model):
    """Which deliveries the overviews count; their buttons open the same ones."""

    _inherit = "stock.picking"

    @api.model
    def _get_overview_domains(self):
        """The deliveries behind each number of an overview.

        :rtype: dict[str, Domain]
        """
        is_open = self._get_open_domain()
        is_to_label = Domain("label_state", "=", "to_label")
        return {
            "to_label": is_open & is_to_label,
            "late": is_open & Domain("date_deadline", "<", "now"),
            "due_today": is_open
            & Domain("date_deadline", ">=", "now")
            & Domain("date_deadline", "<", "today +1d"),
            "problem": is_open
            & (
                Domain("label_state", "in", ("refused", "unclear"))
                | Domain("amazon_cancel_requested", "=", True)
                | is_to_label
                & (
                    Domain("carrier_id", "=", False)
                    | Domain("amazon_on_hold", "=", True)
                    | Domain("amazon_address_uncertain", "=", True)
                )
            ),
            "labelled": is_open & Domain("label_state", "=", "labelled"),
        }

    @api.model
    def _get_open_domain(self):
        return Domain("state", "in", OPEN_STATES)

    @api.model
    def _count_overview(self, name, group, records):
        """How many deliveries a number of an overview shows for each record.

        :param name: of the number, as in ``_get_overview_domains``
        :param group: the field of the delivery that points to the records
        :rtype: dict[odoo.models.Model, int]
        """
        domain = self._get_overview_domains()[name] & Domain(group, "in", records.ids)
        return dict(self._read_group(domain, [group], ["__count"]))

    # === SHIP-BY DAYS === #

    @api.model
    def _get_ship_by_domain(self, day):
        """The deliveries to be shipped on a day of the user.

        :param day: days from today; past the last one: all that come later, and those
            without a day; -1: all of the days before today
        """
        first, end = self._get_day_start(day), self._get_day_start(day + 1)
        field = "date_deadline"
        if day < 0:
            return Domain(field, "<", end)
        if day >= SHIP_BY_DAYS:
            return Domain(field, ">=", first) | Domain(field, "=", False)
        return Domain(field, ">=", first) & Domain(field, "<", end)

    @api.model
    def _get_day_start(self, day):
        """The midnight at which a day of the user begins, in UTC.

        :param day: days from today
        """
        date = fields.Date.context_today(self) + timedelta(days=day)
        zone = pytz.timezone(self.env.context.get("tz") or self.env.user.tz or "UTC")
        start = zone.localize(datetime.combine(date, time.min))
        return start.astimezone(pytz.utc).replace(tzinfo=None)


# So many days, today included, have a bar of their own.
SHIP_BY_DAYS = 5
