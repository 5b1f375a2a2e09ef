from odoo import fields, models
from odoo.tools import SQL

from .delivery_parcel_tracking import TRACKING_STATES


class DeliveryParcelReport(models.Model):
    """What was shipped, to be counted: a row per label, and per Amazon delivery that
    left with a number typed by a person.

    Nothing in it tells of the buyer but the country.
    """

    _name = "delivery.parcel.report"
    _description = "Shipment Analysis"
    _auto = False
    _rec_name = "picking_id"
    _order = "date desc, id desc"
    _depends = {
        "delivery.parcel": [
            *("picking_id", "company_id", "carrier_id", "state", "is_test"),
            *("labelled_at", "price", "weight_kg", "tracking_state"),
        ],
        "stock.picking": [
            *("amazon_shop_id", "partner_id", "picking_type_id", "date_deadline"),
            *("date_done", "state", "carrier_tracking_ref", "weight"),
        ],
        "stock.move": ["picking_id", "amazon_item_id"],
        "amazon.order.item": ["order_id"],
        "amazon.order": ["market_id"],
        "res.partner": ["country_id"],
    }

    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    shop_id = fields.Many2one("amazon.shop", readonly=True)
    market_id = fields.Many2one("amazon.market", string="Market", readonly=True)
    carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", readonly=True
    )
    country_id = fields.Many2one("res.country", string="Country", readonly=True)
    picking_type_id = fields.Many2one(
        "stock.picking.type", string="Operation Type", readonly=True
    )
    date = fields.Datetime(
        string="Label Date",
        readonly=True,
        help="When the label was made; without one of ours, when the delivery left.",
    )
    ship_by = fields.Datetime(readonly=True)
    shipped_at = fields.Datetime(string="Shipped on", readonly=True)
    tracking_state = fields.Selection(
        selection=TRACKING_STATES, string="Tracking Status", readonly=True
    )
    # Whatever the company's currency: only MyParcel tells a price, and only in euros.
    cost = fields.Float(
        string="Cost (EUR)",
        digits="Product Price",
        readonly=True,
        help="What the carrier charges in euros, where it tells.",
    )
    average_cost = fields.Float(
        string="Average Cost (EUR)",
        digits="Product Price",
        readonly=True,
        aggregator="avg",
        help="Of the labels whose carrier tells what it charges.",
    )
    weight_kg = fields.Float(string="Weight (kg)", digits="Stock Weight", readonly=True)
    late_rate = fields.Float(
        readonly=True,
        aggregator="avg",
        help="The part that left after its ship-by moment, or is past it and here.",
    )

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._select_parcels(), self._select_others())

    def _select_parcels(self):
        return SQL(
            """
            SELECT parcel.id,
                   parcel.company_id,
                   parcel.carrier_id,
                   parcel.labelled_at AS date,
                   parcel.tracking_state,
                   NULLIF(parcel.price, 0) AS cost,
                   NULLIF(parcel.price, 0) AS average_cost,
                   parcel.weight_kg,
                   %s
              FROM delivery_parcel parcel
              JOIN stock_picking picking ON picking.id = parcel.picking_id
             WHERE parcel.state = 'labelled'
               AND parcel.is_test IS NOT TRUE
            """,
            self._select_of_delivery(),
        )

    def _select_others(self):
        return SQL(
            """
            SELECT -picking.id AS id,
                   picking.company_id,
                   picking.carrier_id,
                   picking.date_done AS date,
                   NULL AS tracking_state,
                   NULL AS cost,
                   NULL AS average_cost,
                   picking.weight AS weight_kg,
                   %s
              FROM stock_picking picking
             WHERE picking.amazon_shop_id IS NOT NULL
               AND picking.state = 'done'
               AND picking.carrier_tracking_ref IS NOT NULL
               AND NOT EXISTS (
                   SELECT FROM delivery_parcel parcel
                    WHERE parcel.picking_id = picking.id
                      AND parcel.state = 'labelled')
            """,
            self._select_of_delivery(),
        )

    def _select_of_delivery(self):
        # Sub-selects, not joins: what is not asked for costs nothing.
        return SQL(
            """
            picking.id AS picking_id,
            picking.picking_type_id,
            picking.amazon_shop_id AS shop_id,
            picking.date_deadline AS ship_by,
            CASE WHEN picking.state = 'done' THEN picking.date_done END AS shipped_at,
            (CASE WHEN picking.state = 'done' THEN picking.date_done
                  ELSE now() AT TIME ZONE 'UTC' END
             > picking.date_deadline)::int AS late_rate,
            (SELECT country_id FROM res_partner
              WHERE id = picking.partner_id) AS country_id,
            (SELECT item_order.market_id
               FROM stock_move move
               JOIN amazon_order_item item ON item.id = move.amazon_item_id
               JOIN amazon_order item_order ON item_order.id = item.order_id
              WHERE move.picking_id = picking.id
              LIMIT 1) AS market_id
            """
        )
