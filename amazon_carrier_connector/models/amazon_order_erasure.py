"""Buyers' data is erased when its time is over; ids, SKUs, quantities and dates stay.

Amazon's policy: not kept longer than 30 days after delivery (reference, section 7).
"""

from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..carriers.tracking_states import DELIVERED
from .buyer_data import AGED, ATTACHED, CLEARED, DELETED, LINKS, OF_MESSAGES

AMAZON_USER = "amazon_carrier_connector.group_amazon_user"
CRON = "amazon_carrier_connector.cron_erase_buyers"
# Orders per committed step.
BATCH_SIZE = 250
# Rows that are only deleted.
AGED_TOGETHER = 1000
OVER = ("shipped", "cancelled")


class AmazonOrder(models.Model):
    _name = "amazon.order"
    _inherit = ["amazon.order", "amazon.erased.record"]

    erased_at = fields.Datetime(
        string="Erased On",
        readonly=True,
        copy=False,
        help="The buyer's name, address, phone number, e-mail address and labels are"
        " gone.",
    )
    is_contact_kept = fields.Boolean(
        string="Contact Kept",
        readonly=True,
        copy=False,
        help="Other documents use the buyer's contact: it was not made empty. It will"
        " be once they do not any more.",
    )
    is_disputed = fields.Boolean(
        string="Disputed",
        tracking=True,
        copy=False,
        help="A claim, a chargeback or a lost parcel: the buyer's data is kept until"
        " this is switched off.",
    )
    dispute_reason = fields.Char(groups=AMAZON_USER, copy=False)
    erasure_due_on = fields.Date(
        string="Erased From",
        compute="_compute_erasure_due_on",
        help="Empty as long as the order is open or disputed, and once its buyer's"
        " data is erased.",
    )

    _to_erase_idx = models.Index("(company_id, id) WHERE erased_at IS NULL")
    _contact_kept_idx = models.Index("(company_id) WHERE is_contact_kept")

    # === COMPUTE METHODS === #

    @api.depends("state", "is_disputed", "erased_at")
    def _compute_erasure_due_on(self):
        moments = self._get_ends()
        for order in self:
            # Whoever sees the order need not read its company.
            days = order.company_id.sudo().amazon_retention_days
            moment = not order.erased_at and moments.get(order)
            order.erasure_due_on = moment and moment.date() + timedelta(days=days + 1)

    @api.constrains("is_disputed", "dispute_reason")
    def _check_dispute_reason(self):
        for order in self.filtered("is_disputed"):
            # Whoever may dispute may read it; other code need not.
            if not order.sudo().dispute_reason:
                raise ValidationError(
                    self.env._(
                        "Order %s: say why the buyer's data must be kept.", order.name
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        if "is_disputed" not in vals:
            return super().write(vals)
        disputed = self.filtered(lambda o: o.is_disputed != vals["is_disputed"])
        result = super().write(vals)
        self.env["amazon.audit.event"]._log("disputed", disputed)
        return result

    # === WHEN === #

    def _get_ends(self):
        """When the time begins of those that are over and not disputed.

        The day the last delivery left, or arrived where that came first: no later than
        Amazon counts from. A cancelled order's is when it would have been.

        :rtype: dict[amazon.order, datetime]
        """
        ends = {}
        for order in self:
            pickings = order._find_pickings()
            if order.is_disputed or order.state not in OVER:
                continue
            if any(picking.state not in ("done", "cancel") for picking in pickings):
                continue
            done = pickings.filtered(lambda picking: picking.state == "done")
            promised = order.deliver_by or order.ship_by or order.create_date
            ends[order] = max(
                [picking._get_arrival() for picking in done]
                or [order.create_date, promised]
            )
        return ends

    def _filter_expired(self, before):
        """Those whose time began before a moment."""
        ends = self._get_ends()
        return self.filtered(lambda order: order in ends and ends[order] < before)

    # === THE SCHEDULED ACTION === #

    @api.model
    def _cron_erase(self):
        """Scheduled action: erase what is due, company by company."""
        # Companies without a shop have calls of carriers.
        companies = self.env["res.company"].with_context(active_test=False)
        for company in companies.search([]):  # pylint: disable=no-search-all
            model = self.with_company(company).with_context(
                lang=company.partner_id.lang, tracking_disable=True
            )
            before = company._get_retention_limit()
            imports = self.env["amazon.order.import"]
            if not (
                model._erase_expired(company, before)
                and imports._erase_expired(company, before)
            ):
                self.env.ref(CRON)._trigger()
                break
            model._erase_kept_contacts(company)
            model._erase_aged(company, before)
        self.env["ir.cron"]._commit_progress()

    def _erase_expired(self, company, before):
        """
        :return: False when the time of the scheduled action is over
        """
        for orders in self._walk_unerased(company, before):
            expired = orders._filter_expired(before)
            if expired:
                expired._erase_isolated()
            if not self.env["ir.cron"]._commit_progress(len(expired)):
                return False
        return True

    def _walk_unerased(self, company, before):
        """Orders that came before a moment, in batches; nothing left before it came."""
        domain = Domain(
            [
                ("company_id", "=", company.id),
                ("erased_at", "=", False),
                ("create_date", "<", before),
            ]
        )
        orders = self.search(domain, order="id", limit=BATCH_SIZE)
        while orders:
            last = orders[-1].id
            yield orders
            self.env.invalidate_all()
            orders = self.search(
                domain & Domain("id", ">", last), order="id", limit=BATCH_SIZE
            )

    def _erase_kept_contacts(self, company):
        """Contacts that other documents used, and may use no longer."""
        kept = self.search(
            [("company_id", "=", company.id), ("is_contact_kept", "=", True)]
        )
        for start in range(0, len(kept), BATCH_SIZE):
            orders = kept[start : start + BATCH_SIZE]
            found = orders._find_buyer_data()
            cleared = {k: found[k] for k in ("res.partner",) if k in found}
            orders._clear(cleared)
            orders._note_kept_contacts(cleared)
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _erase_aged(self, company, before):
        old = [("company_id", "=", company.id), ("create_date", "<", before)]
        for name in AGED:
            # Nobody may delete them; their time is over.
            model = self.env[name].sudo()
            while aged := model.search(old, limit=AGED_TOGETHER):
                aged.unlink()
                self.env["ir.cron"]._commit_progress()

    # === ON REQUEST === #

    def action_erase_buyer(self):
        """Erase the buyers of these orders now, before their time is over.

        :raises UserError: when one of them is still to be shipped, or disputed
        """
        # Who may delete an order may erase its buyer: managers.
        self.check_access("unlink")
        orders = self.filtered(lambda order: not order.erased_at)
        kept = orders - self.browse().concat(*orders._get_ends())
        if kept:
            raise UserError(
                self.env._(
                    "Still open or disputed: %s. Ship or cancel these orders and their"
                    " returns first, or switch Disputed off.",
                    ", ".join(kept.mapped("name")),
                )
            )
        orders._erase_or_refuse()

    def action_privacy_lookup(self):
        """Look for the buyer in all of Odoo; for administrators, as core's own."""
        self.ensure_one()
        action = self.partner_id.action_privacy_lookup()
        email = {"default_email": self.recipient_email}
        return dict(action, context=action["context"] | email)

    # === ERASING === #

    def _erase(self):
        """Erase the buyers' data of these orders, whatever their time.

        :return: those that nobody else works on just now: they are erased
        """
        # Nobody may write all of that; what is erased is the buyer's alone.
        locked = self.sudo().try_lock_for_update(allow_referencing=True)
        orders = locked.with_context(tracking_disable=True)
        if not orders:
            return self.browse()
        found = orders._find_buyer_data()
        orders._clear(found)
        orders._note_kept_contacts(found)
        self.env["amazon.audit.event"]._log(
            "erased",
            orders,
            self._describe_counts({name: len(items) for name, items in found.items()}),
        )
        return self & locked

    def _erase_or_refuse(self):
        """Erase those that are not erased yet, whatever their time.

        :raises UserError: when somebody else works on one of them just now
        """
        orders = self.filtered(lambda order: not order.erased_at)
        if orders - orders._erase():
            raise UserError(
                self.env._("Somebody works on these orders just now. Try again.")
            )

    def _find_buyer_data(self):
        """
        :return: what holds the data of these orders' buyers, by model
        :rtype: dict[str, models.Model]
        """
        found = {"amazon.order": self, "stock.picking": self._find_own_pickings()}
        contacts = self._find_contacts()
        used = contacts._find_used_beside(self, found["stock.picking"])
        found["res.partner"] = contacts - used
        for name, field_name, target in LINKS:
            found[name] = self.env[name].search([(field_name, "in", found[target].ids)])
        found |= self._find_attached(found)
        return {name: records for name, records in found.items() if records}

    def _find_own_pickings(self):
        """Their deliveries and returns; not those that hold another buyer's order."""
        return self._find_pickings().filtered(
            lambda picking: all(
                order in self or order.erased_at for order in picking.amazon_order_ids
            )
        )

    def _find_pickings(self):
        """Their deliveries, what was sent back of them, and out again."""
        found = new = self.picking_ids
        while new := new.return_ids - found:
            found |= new
        return found

    def _find_contacts(self):
        """The buyers, and what people made for a delivery since its order came.

        An older contact is the merchant's own: a shop where buyers fetch, say.
        """
        contacts = self.partner_id
        for order in self:
            contacts |= order._find_pickings().partner_id.filtered_domain(
                [("create_date", ">=", order.create_date)]
            )
        return contacts

    def _find_attached(self, found):
        documents = {name: records.ids for name, records in found.items() if records}
        attached = {}
        for name, model_field, id_field in ATTACHED:
            attached[name] = (
                self.env[name]
                # Archived activities too, and the files of binary fields.
                .with_context(active_test=False, skip_res_field_check=True)
                .search(
                    Domain.OR(
                        [(model_field, "=", model), (id_field, "in", ids)]
                        for model, ids in documents.items()
                    )
                )
            )
            documents |= {name: attached[name].ids} if attached[name] else {}
        messages = attached["mail.message"].ids
        for name, field_name in OF_MESSAGES:
            # Text messages are another module's.
            if name in self.env:
                attached[name] = self.env[name].search([(field_name, "in", messages)])
        return attached

    def _clear(self, found):
        """Make empty, then delete: what is deleted is not needed any more then."""
        now = fields.Datetime.now()
        for name, records in found.items():
            if name not in CLEARED:
                continue
            written = [
                records._fields[field_name]
                for field_name in CLEARED[name]
                if field_name in records._fields
            ]
            values = {
                field.name: False
                for field in written
                # Computed by name only: nothing fills these in again.
                if field.type == "properties"
                # Files are deleted below.
                or not (field.compute or field.type in ("binary", "image"))
            }
            if "erased_at" in records._fields:
                values["erased_at"] = now
            if name == "res.partner":
                values["name"] = self.env._("Erased buyer")
            records.write(values)
        for name in DELETED:
            if name in found:
                found[name].unlink()

    def _note_kept_contacts(self, found):
        cleared = found.get("res.partner", self.env["res.partner"])
        for order in self:
            is_kept = bool(order._find_contacts() - cleared)
            if order.is_contact_kept != is_kept:
                order.is_contact_kept = is_kept

    @api.model
    def _describe_counts(self, counts):
        """How many of what; no data."""
        return "\n".join(
            f"{self.env[name]._description}: {count}" for name, count in counts.items()
        )

    # === DRY RUN === #

    @api.model
    def _count_expired(self, company, limit):
        """What the next run would erase.

        :param int limit: of orders, so that a dialog answers
        :return: how many records by model, and how many contacts would be kept
        :rtype: tuple[collections.Counter, int]
        """
        counts, kept = Counter(), 0
        contacts = self.env["res.partner"]
        before = company._get_retention_limit()
        for orders in self._walk_unerased(company, before):
            expired = orders._filter_expired(before)
            found = expired._find_buyer_data()
            counts.update({name: len(records) for name, records in found.items()})
            kept += len(expired._find_contacts() - found.get("res.partner", contacts))
            if counts["amazon.order"] >= limit:
                break
        return counts, kept


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_arrival(self):
        """When it left, or arrived where its carrier says so for an earlier moment."""
        self.ensure_one()
        labelled = self.parcel_ids.filtered(lambda parcel: parcel.state == "labelled")
        left = self.date_done or self.write_date
        if not labelled or set(labelled.mapped("tracking_state")) != {DELIVERED}:
            return left
        return min(left, max(labelled.mapped("tracking_state_at")))


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    erased_at = fields.Datetime(string="Label Erased On", readonly=True, copy=False)
