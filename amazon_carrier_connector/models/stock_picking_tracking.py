from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .delivery_parcel_tracking import TRACKING_STATES

# Of several parcels a delivery shows the first: it is delivered when all of them are.
PRECEDENCE = (
    *("problem", "returned", "at_pickup"),
    *("registered", "in_transit", "delivered"),
)


class StockPicking(models.Model):
    """Where the parcels of a delivery are."""

    _inherit = "stock.picking"

    # Not stored: the label engine writes parcels beside whoever holds the delivery.
    tracking_state = fields.Selection(
        selection=TRACKING_STATES,
        string="Tracking Status",
        compute="_compute_tracking_state",
        search="_search_tracking_state",
    )

    @api.depends("parcel_ids.state", "parcel_ids.tracking_state")
    def _compute_tracking_state(self):
        for picking in self:
            states = set(
                picking.parcel_ids.filtered(lambda p: p.state == "labelled").mapped(
                    "tracking_state"
                )
            )
            picking.tracking_state = next(
                (state for state in PRECEDENCE if state in states), False
            )

    def _search_tracking_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._get_tracking_state_domain(state) for state in value)

    def _get_tracking_state_domain(self, state):
        if not state:
            return ~_has_parcel_in(PRECEDENCE)
        before = PRECEDENCE[: PRECEDENCE.index(state)]
        return _has_parcel_in([state]) & ~_has_parcel_in(before)

    def _field_to_sql(self, alias, field_expr, query=None):
        # So that deliveries can be grouped by it.
        if field_expr != "tracking_state":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "(SELECT parcel.tracking_state FROM delivery_parcel parcel"
            " WHERE parcel.picking_id = %s AND parcel.state = 'labelled'"
            " AND parcel.tracking_state IS NOT NULL"
            " ORDER BY array_position(%s, parcel.tracking_state::text) LIMIT 1)",
            SQL.identifier(alias, "id"),
            list(PRECEDENCE),
        )


def _has_parcel_in(states):
    return Domain(
        "parcel_ids",
        "any",
        [("state", "=", "labelled"), ("tracking_state", "in", [*states])],
    )
