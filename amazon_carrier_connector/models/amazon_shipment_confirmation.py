import logging
from collections import defaultdict
from datetime import timedelta, timezone

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import plaintext2html

from ..amazon.errors import (
    AmazonError,
    MissingRole,
    NotFound,
    Rejected,
    Throttled,
    Unauthorized,
)
from ..amazon.pace import Pace
from ..amazon.selling_partner import ConfirmedItem, ShipmentConfirmation
from .amazon_messages import describe_amazon_error

_logger = logging.getLogger(__name__)

# Amazon's published rate of confirmShipment, per second and seller (reference, 2.4).
CONFIRM_RATE = 2.0
BATCH_SIZE = 100
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
# What is due again before a run has ended would be asked again at once.
SHORTEST_WAIT = timedelta(seconds=10)
# Doubled so often, the first interval is past the longest one.
MOST_DOUBLINGS = 9
# After so many attempts, about an hour, a person is told.
PATIENCE = 6
# Amazon shows a confirmed parcel some minutes later.
READ_BACK_DELAY = timedelta(minutes=5)
# After so long a parcel that Amazon accepted and does not show needs a person.
READ_BACK_PATIENCE = timedelta(days=1)
# How far back forgotten parcels are looked for.
MEMORY = timedelta(days=7)


class AmazonShipmentConfirmation(models.Model):
    """One parcel to confirm at Amazon: the outbox.

    Its own id as text is Amazon's ``packageReferenceId``, so that sending it again
    edits the parcel there and never adds a second one.
    """

    _name = "amazon.shipment.confirmation"
    _description = "Amazon Shipment Confirmation"
    _order = "id desc"
    _rec_name = "tracking_number"
    _check_company_auto = True

    order_id = fields.Many2one(
        "amazon.order", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    shop_id = fields.Many2one(related="order_id.shop_id", store=True, index=True)
    ship_by = fields.Datetime(related="order_id.ship_by", store=True)
    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", required=True, index=True
    )
    parcel_id = fields.Many2one("delivery.parcel", index="btree_not_null")
    carrier_id = fields.Many2one("delivery.carrier", string="Delivery Method")
    carrier_code = fields.Char(readonly=True)
    carrier_name = fields.Char(readonly=True)
    tracking_number = fields.Char(required=True)
    ship_date = fields.Datetime(required=True)
    line_ids = fields.One2many("amazon.shipment.confirmation.line", "confirmation_id")
    state = fields.Selection(
        selection=[
            ("to_push", "To Push"),
            ("pushed", "Pushed"),
            ("confirmed", "Confirmed"),
            ("failed", "Failed"),
            ("handed_over", "Handed Over"),
        ],
        string="Status",
        required=True,
        default="to_push",
        index=True,
    )
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    next_attempt_at = fields.Datetime(string="Next Attempt", index=True)
    pushed_at = fields.Datetime(readonly=True)
    request_id = fields.Char(
        readonly=True, help="Amazon's id of the last request, for its support."
    )
    error = fields.Text(readonly=True)

    _parcel_uniq = models.UniqueIndex(
        "(order_id, parcel_id) WHERE parcel_id IS NOT NULL",
        "This parcel is in the outbox already.",
    )
    _number_uniq = models.UniqueIndex(
        "(order_id, picking_id, tracking_number) WHERE parcel_id IS NULL",
        "This tracking number is in the outbox already.",
    )

    # === ACTION METHODS === #

    def action_retry(self):
        """Send what failed again, now that a person has mended it."""
        failed = self.filtered(lambda item: item.state in ("failed", "to_push"))
        failed.write(
            {
                "state": "to_push",
                "attempt_count": 0,
                "next_attempt_at": False,
                "error": False,
            }
        )
        self._trigger_push()

    def action_read_back(self):
        """Ask Amazon now what it holds, instead of waiting for the schedule."""
        for shop, confirmations in self.grouped("shop_id").items():
            try:
                confirmations._read_back(shop)
            except AmazonError as error:
                raise UserError(describe_amazon_error(self.env, error)) from None

    # === FILLING THE OUTBOX === #

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

    def _trigger_push(self):
        self.env.ref("amazon_carrier_connector.cron_push_confirmations")._trigger()

    # === DRAINING THE OUTBOX === #

    @api.model
    def _cron_push(self):
        """Scheduled action: push what is due, nearest ship-by first, shop by shop."""
        self._create_forgotten()
        for shop in self.env["amazon.shop"].search([("push_tracking", "=", True)]):
            # What is written for people is in the language of who reads it.
            lang = shop._get_responsible().lang
            due = self.with_context(lang=lang).search(
                self._get_due_domain(shop), order="ship_by, id"
            )
            if due and not due._push_isolated(shop):
                break
        self.env["ir.cron"]._commit_progress(
            remaining=self.search_count(self._get_due_domain())
        )

    @api.model
    def _get_due_domain(self, shop=None):
        domain = (
            Domain("state", "=", "to_push")
            & (
                Domain("next_attempt_at", "=", False)
                | Domain("next_attempt_at", "<=", fields.Datetime.now())
            )
            & (
                Domain("shop_id.push_moment", "=", "label")
                | Domain("picking_id.state", "=", "done")
            )
            # A label that was given up is on no parcel.
            & (
                Domain("parcel_id", "=", False)
                | Domain("parcel_id.state", "=", "labelled")
            )
            & Domain("shop_id.push_tracking", "=", True)
            & Domain("shop_id.active", "=", True)
        )
        return domain & Domain("shop_id", "=", shop.id) if shop else domain

    def _push_isolated(self, shop):
        """One shop never stops the others."""
        try:
            return self._push(shop)
        except Exception as error:
            self.env.cr.rollback()
            _logger.error("Push of shop %s failed: %s", shop.id, type(error).__name__)
            unsent = self.filtered(lambda item: item.state == "to_push")
            unsent._postpone(
                self.env._("An unexpected error: %s.", type(error).__name__)
            )
            unsent._tell_person(shop)
            return bool(self.env["ir.cron"]._commit_progress(1))

    def _push(self, shop):
        """Push confirmations of one shop, each committed.

        :return: False when the time of the scheduled action is over
        """
        try:
            with shop._get_selling_partner() as gateway:
                return self._push_through(gateway)
        except (UserError, AmazonError) as error:
            # The account cannot be used at all: that needs a person at once.
            unsent = self.filtered(lambda item: item.state == "to_push")
            unsent._postpone(describe_amazon_error(self.env, error))
            unsent._tell_person(shop)
            return bool(self.env["ir.cron"]._commit_progress(len(self)))

    def _push_through(self, gateway):
        pace = Pace(CONFIRM_RATE)
        for start in range(0, len(self), BATCH_SIZE):
            batch = self[start : start + BATCH_SIZE]
            # Everything is read and frozen for the batch, because each commit below
            # forgets what was read.
            requests = batch._prepare_requests()
            self.env["ir.cron"]._commit_progress()
            finished, wait = batch._push_batch(gateway, pace, requests)
            # What failed is not due any more: it is told now or never.
            batch._tell_if_needed()
            if wait:
                self._wait(wait)
                return True
            if not finished:
                return False
        return True

    def _push_batch(self, gateway, pace, requests):
        """
        :return: whether there is time for more, and the seconds for which Amazon
            wants to be left alone
        """
        for confirmation, request in requests:
            wait = confirmation._push_one(gateway, pace, request)
            if wait:
                return True, wait
            if not self.env["ir.cron"]._commit_progress(1):
                return False, None
        return True, None

    def _push_one(self, gateway, pace, request):
        """Send one; its state says afterwards what became of it.

        :return: seconds for which Amazon wants to be left alone, if it says so
        """
        mine = self.try_lock_for_update(allow_referencing=True)
        if mine.state != "to_push":
            return None
        pace.wait()
        try:
            receipt = gateway.confirm_shipment(request)
        except Throttled as error:
            return error.retry_after
        except (Rejected, NotFound) as error:
            self._fail(describe_amazon_error(self.env, error))
        except (Unauthorized, MissingRole) as error:
            # Should it be this order alone, the others go before it next time.
            self._postpone(describe_amazon_error(self.env, error))
            raise
        except AmazonError as error:
            self._postpone(describe_amazon_error(self.env, error))
        else:
            pace.adopt(receipt.rate_limit)
            self._store_receipt(receipt)
        return None

    def _store_receipt(self, receipt):
        now = fields.Datetime.now()
        self.write(
            {
                "state": "pushed",
                "pushed_at": now,
                "attempt_count": self.attempt_count + 1,
                "request_id": receipt.request_id,
                "next_attempt_at": now + READ_BACK_DELAY,
                "error": False,
            }
        )

    def _prepare_requests(self):
        """Freeze the quantities of each and build what is sent.

        :return: pairs of confirmation and request; those that a person must mend
            first are failed and left out
        """
        mappings = self.env["amazon.carrier.mapping"]._find_all(
            self.carrier_id, self.order_id.market_id
        )
        ready = []
        for confirmation in self:
            mapping = mappings[confirmation.carrier_id, confirmation.order_id.market_id]
            problem = confirmation._freeze(mapping)
            if problem:
                confirmation._fail(problem)
            else:
                request = confirmation._prepare_confirmation(mapping)
                ready.append((confirmation, request))
        return ready

    def _freeze(self, mapping):
        """Fix the quantities before the first attempt: later ones say the same.

        The carrier's code is not frozen: a person may correct it and send again.

        :return: what a person must do first, or None
        """
        self.ensure_one()
        if not mapping:
            return self.env._(
                "Amazon's code for %(carrier)s at %(market)s is not known. Add it under"
                " Amazon > Configuration > Carrier Codes and retry.",
                carrier=self.carrier_id.name or self.env._("no delivery method"),
                market=self.order_id.market_id.name,
            )
        self.carrier_code = mapping.carrier_code
        self.carrier_name = mapping.carrier_name
        if not self.line_ids:
            self.line_ids = [
                Command.create({"item_id": item.id, "quantity": quantity})
                for item, quantity in self._count_items().items()
            ]
        if not self.line_ids:
            return self.env._("There is nothing of this order in the delivery.")
        return None

    def _count_items(self):
        """What of the order is in this parcel.

        :return: whole pieces by order item
        :rtype: dict[amazon.order.item, int]
        """
        quantities = defaultdict(float)
        package = self.parcel_id.package_id
        for move in self.picking_id.move_ids.filtered(
            lambda move: move.state != "cancel"
            and move.amazon_item_id.order_id == self.order_id
        ):
            if package:
                lines = move.move_line_ids.filtered(
                    lambda line: line.result_package_id == package
                )
                quantities[move.amazon_item_id] += sum(lines.mapped("quantity"))
            else:
                quantities[move.amazon_item_id] += move._get_leaving_quantity()
        return {item: round(q) for item, q in quantities.items() if round(q) > 0}

    def _prepare_confirmation(self, mapping):
        return ShipmentConfirmation(
            order_ref=self.order_id.name,
            marketplace_ref=self.order_id.market_id.marketplace_ref,
            package_ref=str(self.id),
            carrier_code=mapping.carrier_code,
            carrier_name=mapping.carrier_name or "",
            shipping_method=mapping.shipping_method or "",
            tracking_number=self.tracking_number,
            ship_date=self.ship_date.replace(tzinfo=timezone.utc),
            items=tuple(
                ConfirmedItem(line.item_id.item_ref, line.quantity)
                for line in self.line_ids
            ),
        )

    def _fail(self, reason):
        for confirmation in self:
            confirmation.write(
                {
                    "state": "failed",
                    "error": reason,
                    "attempt_count": confirmation.attempt_count + 1,
                }
            )

    def _postpone(self, reason):
        """Try again later, each time twice as long."""
        for confirmation in self.filtered(lambda item: item.state == "to_push"):
            doublings = min(confirmation.attempt_count, MOST_DOUBLINGS)
            delay = min(FIRST_RETRY * 2**doublings, LONGEST_RETRY)
            confirmation.write(
                {
                    "next_attempt_at": fields.Datetime.now() + delay,
                    "attempt_count": confirmation.attempt_count + 1,
                    "error": reason,
                }
            )

    def _wait(self, seconds):
        """Leave Amazon alone: nothing of the shop is due before that."""
        delay = max(timedelta(seconds=seconds), SHORTEST_WAIT)
        moment = fields.Datetime.now() + delay
        self.filtered(lambda item: item.state == "to_push").next_attempt_at = moment
        self.env.ref("amazon_carrier_connector.cron_push_confirmations")._trigger(
            moment
        )
        self.env["ir.cron"]._commit_progress(1)

    # === TELLING A PERSON === #

    def _tell_if_needed(self):
        """Tell of what failed, and of what has been tried often."""
        concerned = self.filtered(
            lambda item: item.state == "failed"
            or (item.state == "to_push" and item.attempt_count >= PATIENCE)
        )
        for shop, confirmations in concerned.grouped("shop_id").items():
            confirmations._tell_person(shop)
        self.env["ir.cron"]._commit_progress()

    def _tell_person(self, shop):
        """One activity per shop until a person has done it, never one per order."""
        warning = "mail.mail_activity_data_warning"
        if not self or shop.activity_search([warning]):
            return
        shop.activity_schedule(
            warning,
            summary=self.env._("Tracking numbers did not reach Amazon"),
            note=plaintext2html(
                self.env._(
                    "%(count)s of them, the first: order %(order)s: %(reason)s",
                    count=len(self),
                    order=self[:1].order_id.name,
                    reason=self[:1].error,
                )
            ),
            user_id=shop._get_responsible().id,
        )

    # === READING BACK === #

    @api.model
    def _cron_read_back(self):
        """Scheduled action: compare what was pushed with what Amazon shows."""
        due = self.search(
            [
                ("state", "=", "pushed"),
                ("next_attempt_at", "<=", fields.Datetime.now()),
            ]
        )
        for shop, confirmations in due.grouped("shop_id").items():
            try:
                confirmations._read_back(shop)
            except (UserError, AmazonError) as error:
                _logger.info("Shop %s could not be read back: %s", shop.id, error)
                confirmations._read_back_later()
            self.env["ir.cron"]._commit_progress()

    def _read_back(self, shop):
        """Compare with what Amazon shows; what it does not show yet is asked later."""
        pushed = self.filtered(lambda item: item.state == "pushed")
        if not pushed:
            return
        since = min(pushed.mapped("pushed_at")).replace(tzinfo=timezone.utc)
        with shop._get_selling_partner() as gateway:
            packages = gateway.read_packages(
                pushed.order_id.market_id.mapped("marketplace_ref"),
                since - READ_BACK_DELAY,
            )
        shown = {
            (package.order_ref, package.package_ref, package.tracking_number)
            for package in packages
        }
        confirmed = pushed.filtered(
            lambda item: (item.order_id.name, str(item.id), item.tracking_number)
            in shown
        )
        confirmed.write({"state": "confirmed", "next_attempt_at": False})
        (pushed - confirmed)._read_back_later()

    def _read_back_later(self):
        """Ask again after a while, but not for ever: each time reads all since then."""
        now = fields.Datetime.now()
        missing = self.filtered(
            lambda item: item.pushed_at and item.pushed_at < now - READ_BACK_PATIENCE
        )
        for shop, confirmations in missing.grouped("shop_id").items():
            confirmations._fail(
                self.env._(
                    "Amazon accepted it and does not show it. Look the order up in"
                    " Seller Central, then retry."
                )
            )
            confirmations._tell_person(shop)
        (self - missing).next_attempt_at = now + 3 * READ_BACK_DELAY


def _first_number(picking):
    numbers = (picking.carrier_tracking_ref or "").split(",")
    return next((number.strip() for number in numbers if number.strip()), "")
