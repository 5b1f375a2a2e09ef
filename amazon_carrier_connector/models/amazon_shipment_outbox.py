"""What Amazon must be told is written down: with the label, or the typed number."""

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import groupby, reset_cached_properties

from .base_automation import PUSH_LATER

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
                "package_id": parcel.package_id.id,
                "carrier_id": parcel.carrier_id.id,
                "tracking_number": parcel.tracking_number,
                "ship_date": parcel.labelled_at,
            }
            for parcel in parcels
            if parcel.state == "labelled" and not parcel.is_test
            for order in parcel.picking_id._get_amazon_orders(parcel.package_id)
        )

    @api.model
    def _create_for_pickings(self, pickings):
        """The same for whole deliveries: our labels, else the numbers people typed."""
        typed = pickings.filtered(
            lambda picking: picking.state == "done"
            and picking.picking_type_id.code == "outgoing"
            and picking._get_tracking_numbers()
            and not picking._has_own_label()
        )
        written = self._put(
            {
                "order_id": order.id,
                "picking_id": picking.id,
                "parcel_id": False,
                "package_id": package.id,
                "carrier_id": picking.carrier_id.id,
                "tracking_number": number,
                # The rule runs while core is setting the delivery to done.
                "ship_date": picking.date_done or fields.Datetime.now(),
            }
            for picking in typed
            for package, number in picking._get_typed_parcels()
            for order in picking._get_amazon_orders(package)
        )
        written.picking_id._log_unsent_numbers()
        return written | self._create_for_parcels(pickings.parcel_ids)

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
        wanted = set(orders.ids)
        values = [vals for vals in values if vals["order_id"] in wanted]
        known = self.search([("order_id", "in", orders.ids)])
        by_place = {row._get_place(): row for row in known}
        places = set(map(_get_place_of, values))
        # Packed anew, a delivery first edits what Amazon knows of it.
        given_up = known.filtered(
            lambda row: row._is_told()
            and not row._is_living()
            and row._get_place() not in places
        )
        changed, new = self.browse(), []
        for vals in values:
            row = (
                by_place.get(_get_place_of(vals))
                or given_up.filtered(
                    lambda row, vals=vals: (row.order_id.id, row.picking_id.id)
                    == (vals["order_id"], vals["picking_id"])
                )[:1]
            )
            given_up -= row
            if not row:
                new.append(vals)
            elif row._replace(vals):
                changed |= row
        changed = (changed | self._begin(new))._leave_out_amazons_own()
        if changed:
            changed._trigger_push()
        return changed

    def _get_place(self):
        return self.order_id.id, self.picking_id.id, self.package_id.id

    def _leave_out_amazons_own(self):
        """Amazon refuses what it confirms itself.

        :return: the others
        """
        own = self.filtered("order_id.is_confirmed_by_amazon")
        own._leave_out(
            self.env._(
                "Bought as Ship+ or with a label of Amazon's: Amazon confirms the"
                " shipment itself."
            )
        )
        return self - own

    def _replace(self, vals):
        """Take over another label or number, or another content, of the same parcel.

        :return: whether there was anything to take over
        """
        self.ensure_one()
        is_same_label = (self.parcel_id.id, self.tracking_number) == (
            vals["parcel_id"],
            vals["tracking_number"],
        )
        if is_same_label and not self._is_content_outdated():
            return False
        if is_same_label or self.parcel_id.id != vals["parcel_id"]:
            # Counted anew: it is another parcel, or the delivery has left with it.
            self._record({"line_ids": [Command.clear()]})
        self._record({**vals, **self._prepare_push_values()})
        return True

    def _is_content_outdated(self):
        """Whether the delivery left with something else than Amazon was, or would be,
        told. Until then quantities are as they were at the first attempt."""
        self.ensure_one()
        told = {line.item_id: line.quantity for line in self.line_ids}
        return (
            self.picking_id.state == "done"
            and (bool(told) or self.state == "cancelled")
            and not self.order_id.is_confirmed_by_amazon
            and told != self._count_items()
        )

    @api.model
    def _create_forgotten(self):
        """Fill in what an error kept the automation rules from writing.

        A run that is under way runs them a while after it has stored its labels.
        """
        since = fields.Datetime.now() - MEMORY
        shops = self.env["amazon.shop"].search([("push_tracking", "=", True)])
        if self._is_rule_active("automation_parcel_labelled"):
            self._push_each_safely(
                self.env["delivery.parcel"].search(
                    [
                        ("state", "=", "labelled"),
                        ("is_test", "=", False),
                        ("labelled_at", ">=", since),
                        ("confirmation_ids", "=", False),
                        ("picking_id.amazon_shop_id", "in", shops.ids),
                        "|",
                        ("run_id", "=", False),
                        ("run_id.state", "not in", ("queued", "running")),
                    ]
                )
            )
        if self._is_rule_active("automation_picking_done"):
            self._push_each_safely(
                self.env["stock.picking"].search(
                    [
                        ("state", "=", "done"),
                        ("date_done", ">=", since),
                        ("carrier_tracking_ref", "!=", False),
                        ("picking_type_id.code", "=", "outgoing"),
                        ("amazon_confirmation_ids", "=", False),
                        ("amazon_shop_id", "in", shops.ids),
                    ]
                )
            )

    def _is_rule_active(self, name):
        rule = self.env.ref(f"amazon_carrier_connector.{name}", False)
        return bool(rule and rule.active)

    @api.model
    def _push_safely(self, records):
        """What the automation rules call: whatever goes wrong here is logged, for no
        delivery may fail to be validated, and no label be forgotten, because of
        Amazon. The scheduled action fills in what is missing.

        :return: whether all went well
        """
        if wait := self.env.context.get(PUSH_LATER):
            wait(records)
            return True
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
        else:
            return True
        return False

    @api.model
    def _push_together(self, waiting):
        """Push at once what an automation rule was run on record by record.

        :param waiting: recordsets, in the environment of the rule's action; none of
            them are left
        """
        together = [
            group[0].concat(*group[1:]).with_context(**{PUSH_LATER: None})
            for __, group in groupby(waiting, lambda records: records._name)
        ]
        # An environment for each, which its user and this list keep alive: Odoo looks
        # through all there are for each new one, a third of a long validation's time.
        for records in waiting:
            reset_cached_properties(records.env)
        waiting.clear()
        for records in together:
            self.with_env(records.env)._push_each_safely(records)

    @api.model
    def _push_each_safely(self, records):
        """The same for many; one that goes wrong does not keep the others."""
        if not records or self._push_safely(records) or len(records) == 1:
            return
        middle = len(records) // 2
        self._push_each_safely(records[:middle])
        self._push_each_safely(records[middle:])


def _get_place_of(vals):
    return vals["order_id"], vals["picking_id"], vals["package_id"]
