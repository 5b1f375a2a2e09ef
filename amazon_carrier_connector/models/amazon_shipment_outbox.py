"""What Amazon must be told is written down: with the label, or the typed number."""

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

# How far back forgotten parcels are looked for.
MEMORY = timedelta(days=7)


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    @api.model
    def _create_for_parcels(self, parcels):
        """Write what Amazon must be told about parcels that have their label."""
        return self._put(
            {
                "order_id": order.id,
                "picking_id": parcel.picking_id.id,
                "parcel_id": parcel.id,
                "carrier_id": parcel.carrier_id.id,
                "tracking_number": parcel.tracking_number,
                "ship_date": parcel.labelled_at,
            }
            for parcel in parcels
            if parcel.state == "labelled"
            for order in parcel.picking_id.amazon_order_ids
        )

    @api.model
    def _create_for_pickings(self, pickings):
        """The same for whole deliveries: our labels, else the number people typed.

        Of several typed numbers the first is sent: which items travel under which of
        them is not known.
        """
        return self._create_for_parcels(pickings.parcel_ids) | self._put(
            {
                "order_id": order.id,
                "picking_id": picking.id,
                "parcel_id": False,
                "carrier_id": picking.carrier_id.id,
                "tracking_number": _first_number(picking),
                # The rule runs while core is setting the delivery to done.
                "ship_date": picking.date_done or fields.Datetime.now(),
            }
            for picking in pickings
            if picking.state == "done"
            and picking.picking_type_id.code == "outgoing"
            and _first_number(picking)
            and not picking._has_own_label()
            for order in picking.amazon_order_ids
        )

    @api.model
    def _put(self, values):
        """Write what is new; what replaces something becomes an edit of it.

        A delivery, or a package of it, is one package at Amazon, whatever becomes of
        its number or its label.

        :param values: values of confirmations, one per order and physical parcel
        :return: the confirmations that must be pushed because of it
        """
        values = list(values)
        orders = self.env["amazon.order"].browse(vals["order_id"] for vals in values)
        orders = orders.filtered("shop_id.push_tracking")
        known = {
            (item.order_id.id, item.picking_id.id, item.parcel_id.package_id.id): item
            for item in self.search([("order_id", "in", orders.ids)])
        }
        parcels = self.env["delivery.parcel"]
        changed, new = self.browse(), []
        for vals in values:
            package = parcels.browse(vals["parcel_id"]).package_id
            place = (vals["order_id"], vals["picking_id"], package.id)
            if vals["order_id"] not in orders.ids:
                continue
            if place not in known:
                new.append(vals)
            elif known[place]._replace(vals):
                changed |= known[place]
        changed |= self.create(new)
        if changed:
            changed._trigger_push()
        return changed

    def _replace(self, vals):
        """Take over another label or number of the same parcel.

        :return: whether there was anything to take over
        """
        self.ensure_one()
        if (self.parcel_id.id, self.tracking_number) == (
            vals["parcel_id"],
            vals["tracking_number"],
        ):
            return False
        self.write(
            {
                **vals,
                "state": "to_push",
                "attempt_count": 0,
                "next_attempt_at": False,
                "error": False,
            }
        )
        return True

    @api.model
    def _create_forgotten(self):
        """Fill in what an error kept the automation rule from writing."""
        rule = self.env.ref(
            "amazon_carrier_connector.automation_parcel_labelled", False
        )
        if rule and rule.active:
            self._create_for_parcels(
                self.env["delivery.parcel"].search(
                    [
                        ("state", "=", "labelled"),
                        ("labelled_at", ">=", fields.Datetime.now() - MEMORY),
                        ("confirmation_ids", "=", False),
                        ("picking_id.move_ids.amazon_item_id", "!=", False),
                    ]
                )
            )

    @api.model
    def _push_safely(self, records):
        """What the automation rules call: whatever goes wrong here is logged, for no
        delivery may fail to be validated, and no label be forgotten, because of
        Amazon. The scheduled action fills in what is missing."""
        create = {
            "delivery.parcel": self._create_for_parcels,
            "stock.picking": self._create_for_pickings,
        }[records._name]
        # What fails while it is written belongs to the delivery and must be seen.
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                create(records)
        except OperationalError:
            # Odoo repeats a validation that met somebody else's; a label that was
            # paid for must be stored now.
            if records._name == "stock.picking":
                raise
            _logger.info("Amazon's outbox is filled later for %s", records)
        except Exception as error:
            # No traceback: the database quotes the row, and with it the buyer.
            name = type(error).__name__
            _logger.error("Amazon's outbox was not filled for %s: %s", records, name)


def _first_number(picking):
    numbers = (picking.carrier_tracking_ref or "").split(",")
    return next((number.strip() for number in numbers if number.strip()), "")
