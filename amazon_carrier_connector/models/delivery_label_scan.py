"""Scan-to-print: what is scanned finds the next delivery and makes its label."""

from datetime import datetime

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# So many deliveries of a scanned product are tried, when the first cannot be labelled.
CANDIDATES = 5
WAITING = ("to_label", "refused", "requested", "unclear")


class DeliveryLabelScan(models.AbstractModel):
    """What the screen with the barcode field asks; it keeps nothing.

    An answer is a dict of *status* (``labelled``, ``known`` for what has its label
    already, ``problem`` or ``unknown``), *title* and *message*; of a delivery also
    *delivery* (its id), *recipient*, *lines* and *parcels* (the ids of those that have
    a label); *waiting* is the number of further deliveries of a scanned product.
    """

    _name = "delivery.label.scan"
    _description = "Scan to Print"

    # === WHAT THE SCREEN CALLS === #

    @api.model
    def scan(self, code):
        """Make the label of the delivery that a barcode means.

        :param str code: order id, name or tracking number of a delivery, SKU, internal
            reference or barcode of a product
        """
        self.env["stock.picking"].check_access("write")
        code = code.strip()
        if pickings := self._find_by_name(code):
            return self._label_named(pickings)
        domain = self._get_product_domain(code)
        if domain is None:
            return self._answer_unknown(code)
        return self._label_next(code, domain)

    @api.model
    def print_labels(self, parcel_ids):
        """
        :return: the actions that open or save the labels, as the user likes it
        :rtype: list[dict]
        """
        parcels = self.env["delivery.parcel"].browse(parcel_ids).exists()
        return [parcel.action_open_label() for parcel in parcels._get_printable()]

    # === FINDING === #

    def _find_by_name(self, code):
        """The deliveries that a code names, of those that get labels; soonest first."""
        mine = Domain("company_id", "=", self.env.company.id)
        named = Domain("name", "=", code)
        found = (
            self.env["stock.picking"].search(mine & named)
            | self.env["amazon.order"].search(mine & named).picking_ids
            | self.env["delivery.parcel"]
            .search(mine & Domain("tracking_number", "=", code))
            .picking_id
        )
        return found.filtered("picking_type_id.print_label").sorted(_by_urgency)

    def _get_product_domain(self, code):
        """The deliveries to label that hold what a code is on.

        :return: None when it is on nothing
        """
        mine = Domain("company_id", "=", self.env.company.id)
        sku = Domain("sku", "=", code)
        products = self.env["product.product"].search(
            Domain("barcode", "=", code) | Domain("default_code", "=", code)
        )
        if not products and not self.env["amazon.order.item"].search_count(
            mine & sku, limit=1
        ):
            return None
        content = Domain("product_id", "in", products.ids)
        content |= Domain("amazon_item_id", "any", sku)
        return (
            mine
            & Domain("state", "not in", ("done", "cancel"))
            & Domain("move_ids", "any", content & Domain("state", "!=", "cancel"))
            & Domain("amazon_on_hold", "=", False)
            & Domain("amazon_cancel_requested", "=", False)
            & Domain("label_state", "=", "to_label")
        )

    # === LABELLING === #

    def _label_named(self, pickings):
        waiting = pickings.filtered(lambda picking: picking.label_state in WAITING)
        if not waiting:
            return self._answer_known(pickings)
        problem, __ = self._create_label(waiting[0])
        if problem:
            return self._answer(waiting[0], "problem", problem)
        return self._answer_labelled(waiting[0])

    def _label_next(self, code, domain):
        """Label the soonest; what cannot be labelled is told, and the next tried."""
        pickings = self.env["stock.picking"]
        skipped = None
        for picking in pickings.search(
            domain, order="date_deadline, id", limit=CANDIDATES
        ):
            problem, is_its_own = self._create_label(picking)
            if not problem:
                return {
                    **self._answer_labelled(picking),
                    "waiting": pickings.search_count(domain),
                    "skipped": skipped,
                }
            skipped = skipped or self._answer(picking, "problem", problem)
            if not is_its_own:
                break
        return skipped or {
            "status": "unknown",
            "title": code,
            "message": self.env._("No delivery with this product waits for a label."),
        }

    def _create_label(self, picking):
        """Reserve and label one delivery; commits.

        :return: what keeps it from having its label, or None, and whether another
            delivery may have one all the same
        :rtype: tuple[str | None, bool]
        """
        try:
            picking._reserve_for_label()
        except UserError as error:
            return str(error), True
        # Who validates the delivery may wait for its claim: the claim waits for nobody.
        self.env["ir.cron"]._commit_progress()
        runs = self.env["delivery.label.run"]
        try:
            parcels = picking._complete_labels()
            problem = parcels._describe_unlabelled()
        except Exception as error:
            # Odoo would repeat the scan, and label another delivery besides.
            self.env.cr.rollback()
            return runs._describe_failure(picking, error), False
        runs._tell_deliveries(parcels)
        states = set(parcels.mapped("state"))
        return problem, states <= {"draft", "refused", "labelled"}

    def _validate(self, picking):
        """Validate it when its shop wants that.

        :return: why it was not, or an empty text
        """
        if not picking.amazon_shop_id.validate_after:
            return ""
        problems = self.env["delivery.label.run"]._do_each(
            picking, lambda pickings: pickings._validate_labelled()
        )
        return "".join(
            self.env._("Not validated: %s", reason) for reason in problems.values()
        )

    # === ANSWERING === #

    def _answer_labelled(self, picking):
        problem = self._validate(picking)
        return self._answer(
            picking, "labelled", problem or self.env._("The label is being printed.")
        )

    def _answer_known(self, pickings):
        """Nothing is bought for what has its label: it can be printed again."""
        labelled = pickings.filtered(lambda p: p.parcel_ids._get_printable())
        if labelled:
            message = self.env._("It has its label already.")
            return self._answer(labelled[0], "known", message)
        return self._answer(
            pickings[0],
            "problem",
            self.env._(
                "It waits for no label: it is %(state)s.",
                state=dict(pickings._fields["state"]._description_selection(self.env))[
                    pickings[0].state
                ].lower(),
            ),
        )

    def _answer(self, picking, status, message):
        partner = picking.partner_id
        town = " ".join(filter(None, (partner.city, partner.country_id.code)))
        return {
            "status": status,
            "title": picking.origin or picking.name,
            "message": message,
            "delivery": picking.id,
            "name": picking.name,
            "carrier": picking.carrier_id.name or "",
            "recipient": ", ".join(filter(None, (partner.name, town))),
            "lines": picking._get_packing_slip_lines(),
            "parcels": picking.parcel_ids._get_printable().ids,
        }

    def _answer_unknown(self, code):
        return {
            "status": "unknown",
            "title": code,
            "message": self.env._(
                "No order, delivery or product of %s has this code.",
                self.env.company.name,
            ),
        }


def _by_urgency(picking):
    return picking.date_deadline or datetime.max, picking.id
