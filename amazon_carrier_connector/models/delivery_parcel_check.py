"""What keeps a parcel from being labelled, found before anything is spent."""

from odoo import fields, models

from .carrier_messages import describe_problems
from .delivery_parcel import LIVING_STATES

# Where a person mends it.
PLACES = [
    ("address", "Address"),
    ("weight", "Weight"),
    ("product", "Product"),
    ("stock", "Stock"),
    ("delivery", "Delivery"),
    ("order", "Order"),
    ("carrier", "Delivery Method"),
    ("company", "Company"),
    ("parcel", "Other Label"),
]
# By a field's name in a request, or its first part; all others are the delivery's.
PLACE_OF_FIELD = {
    **dict.fromkeys(("customs.eori", "customs.vat", "customs.rate"), "company"),
    "recipient": "address",
    "weight_grams": "weight",
    "customs": "product",
    "sender": "carrier",
    "notification": "carrier",
}


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    origin = fields.Char(related="picking_id.origin", string="Order")
    error_place = fields.Selection(
        selection=PLACES, string="To Mend", readonly=True, copy=False
    )
    warning = fields.Text(readonly=True, copy=False)

    # === ACTION METHODS === #

    def action_check(self):
        """Look again at what has no label yet, now that a person has mended it."""
        drafts = self.filtered(lambda parcel: parcel.state == "draft")
        drafts._check()
        drafts._check_stock()

    def action_mend(self):
        """Open what must be mended."""
        self.ensure_one()
        mended = getattr(self, f"_get_{self.error_place or 'delivery'}_to_mend")()
        if mended._name == "amazon.order" and self.error_place == "address":
            return mended.action_open_address()
        return {
            "type": "ir.actions.act_window",
            "res_model": mended._name,
            "res_id": mended.id,
            "view_mode": "form",
            # A parcel's weight is all that is typed there.
            "target": "new" if mended == self else "current",
        }

    def _get_address_to_mend(self):
        contact = self.picking_id.partner_id
        order = self.picking_id.amazon_order_ids[:1]
        if order.partner_id == contact and order.has_access("write"):
            return order
        return contact or self.picking_id

    def _get_weight_to_mend(self):
        return self

    def _get_product_to_mend(self):
        # The sentence names the product.
        return (
            self.picking_id.move_ids.product_id.filtered(
                lambda product: product.display_name in self.error
                or product.name in self.error
            )[:1]
            or self.picking_id
        )

    def _get_company_to_mend(self):
        return self.company_id

    def _get_stock_to_mend(self):
        return self.picking_id

    def _get_delivery_to_mend(self):
        return self.picking_id

    def _get_order_to_mend(self):
        return self.picking_id.amazon_order_ids[:1] or self.picking_id

    def _get_carrier_to_mend(self):
        return self.carrier_id

    def _get_parcel_to_mend(self):
        return self._find_living_twins()[:1] or self.picking_id

    # === WHAT IS WRONG === #

    def _check(self):
        """Write on each draft what keeps it from being labelled, or clear it."""
        self._read_ahead()
        found, accounts = {}, {}
        for parcel in self:
            # A person may have chosen another one since the run was made.
            carrier = parcel.picking_id.carrier_id
            if parcel.carrier_id != carrier:
                parcel._begin_anew()
                parcel._record({"carrier_id": carrier.id})
            is_test = carrier._has_label_engine() and not carrier.prod_environment
            if parcel.is_test != is_test:
                parcel._record({"is_test": is_test})
            found[parcel] = parcel._find_problem() or parcel._find_problem_of_account(
                accounts
            )
        self._set_problems(found)

    def _read_ahead(self):
        """All that is looked at, in the same few queries for any number of parcels."""
        # Only what the buyer may be called by is hidden from warehouse staff.
        orders = self.picking_id.amazon_order_ids.sudo()
        orders.mapped("recipient_phone")

    def _set_problems(self, found):
        """
        :param found: where to mend it and what is wrong, or nothing, by parcel
        """
        for problem, parcels in self.grouped(found.get).items():
            place, sentence = problem or (False, False)
            parcels._write_changed({"error": sentence, "error_place": place})

    def _write_changed(self, values):
        # Automation rules look at every write: the fewer, the better.
        changed = self.filtered(
            lambda parcel: any(parcel[name] != value for name, value in values.items())
        )
        if changed:
            changed._record(values)

    def _check_stock(self):
        """The same for what stock does not hold, as the shop wants it.

        What is only warned of gets its label all the same; so does what has no number.
        """
        fit = self.filtered(lambda parcel: not parcel.error)
        shortages = fit.picking_id._find_shortages()
        problems, warnings = {}, {}
        for parcel in fit.filtered(lambda parcel: parcel.picking_id in shortages):
            names = ", ".join(shortages[parcel.picking_id].mapped("display_name"))
            policy = parcel.picking_id._get_stock_policy()
            if policy == "leave_out":
                problems[parcel] = "stock", self._describe_shortage(names)
            elif policy == "warn":
                warnings[parcel] = self._describe_shortage(names)
        fit._set_problems(problems)
        untracked = fit.filtered(lambda parcel: parcel._is_untracked_order())
        for parcel in untracked:
            warnings[parcel] = "\n".join(
                filter(None, [warnings.get(parcel), self._describe_untracked()])
            )
        for sentence, parcels in self.grouped(warnings.get).items():
            parcels._write_changed({"warning": sentence or False})

    def _is_untracked_order(self):
        """Whether Amazon waits for a number of what nobody can follow."""
        return bool(self.picking_id.amazon_shop_id) and self.carrier_id._is_untracked(
            self
        )

    def _describe_untracked(self):
        return self.env._(
            "This parcel type has no tracking number. Amazon takes no order as shipped"
            " without one: it is told the carrier's own number of the parcel, which"
            " nobody can follow, and counts the order as untracked."
        )

    def _describe_shortage(self, products):
        return self.env._(
            "Missing, as not all products are in stock: %s. Receive them, or change the"
            " delivery, and check again.",
            products,
        )

    def _find_problem(self):
        """
        :return: where to mend it and what is wrong, or nothing
        :rtype: tuple[str, str] | tuple[()]
        """
        self.ensure_one()
        return (
            self._find_problem_of_delivery()
            or self._find_problem_of_order()
            or self._find_problem_of_parcel()
        )

    def _find_problem_of_delivery(self):
        picking, carrier = self.picking_id, self.carrier_id
        if picking.state == "cancel":
            return "delivery", self.env._("The delivery is cancelled.")
        if not picking.picking_type_id.print_label:
            return "delivery", self.env._(
                "Labels belong to the delivery order, not to this %s.",
                picking.picking_type_id.name,
            )
        if not carrier:
            return "delivery", self.env._("Choose a delivery method on the delivery.")
        if not carrier._has_label_engine():
            return "delivery", self.env._(
                "Delivery method %s makes no labels here: type the tracking number"
                " on the delivery.",
                carrier.name,
            )
        return ()

    def _find_problem_of_order(self):
        picking = self.picking_id
        if picking.amazon_cancel_requested:
            return "order", self.env._(
                "The buyer asked to cancel. Cancel the delivery, or release the"
                " order to ship it."
            )
        if picking.amazon_on_hold:
            return "delivery", picking._describe_hold()
        orders = picking.amazon_order_ids
        if obstacle := orders._find_label_obstacle():
            is_closed = any(orders.mapped("closed_status"))
            return "delivery" if is_closed else "address", obstacle
        if len(orders) > 1 and (reason := orders._find_different_recipients()):
            return "delivery", reason
        return ()

    def _find_problem_of_parcel(self):
        if self.package_id and self.picking_id._has_loose_products():
            return "delivery", self.env._(
                "Some products are in no package: pack them too, or unpack the"
                " delivery."
            )
        if twin := self._find_living_twins()[:1]:
            return "parcel", self._describe_twin(twin)
        if number := self.picking_id._get_typed_reference():
            return "delivery", f"{number}: {self._describe_twin(twin)}"
        request = self.carrier_id._prepare_request(self)
        return self._tell_problems(self.carrier_id._check_request(request))

    def _find_problem_of_account(self, known):
        """
        :param dict known: what was found of other parcels' accounts
        """
        account = self.carrier_id, self.company_id, self.is_test
        if account not in known:
            known[account] = self.carrier_id._find_account_problem(*account[1:])
        return ("carrier", known[account]) if known[account] else ()

    def _describe_twin(self, twin):
        if self.picking_id._has_unlabelled_box():
            return self.picking_id._describe_unlabelled_box()
        if not twin.run_id or twin.run_id == self.run_id:
            return self.env._(
                "It has a label already. Cancel that parcel to make a new one."
            )
        return self.env._(
            "It has a label already, by %(run)s of %(user)s. Cancel that parcel to"
            " make a new one.",
            run=twin.run_id.name,
            user=twin.run_id.create_uid.name,
        )

    def _tell_problems(self, problems):
        """
        :param problems: ``carriers.errors.Problem`` dataclasses
        :return: as ``_find_problem``; a person begins with the first
        """
        if not problems:
            return ()
        first = problems[0].field
        place = PLACE_OF_FIELD.get(first) or PLACE_OF_FIELD.get(first.partition(".")[0])
        sentences = describe_problems(self.env, problems)
        if any(problem.code == "outside_eu" for problem in problems):
            place = "delivery"
            sentences.append(self._describe_other_carriers())
        return place or "delivery", "\n".join(sentences)

    def _describe_other_carriers(self):
        """Which delivery methods take what this one does not."""
        picking = self.picking_id
        others = self.env["delivery.carrier"].search(
            [
                *self.env["delivery.carrier"]._check_company_domain(self.company_id),
                ("delivery_type", "in", self.carrier_id._get_label_providers()),
                ("prod_environment", "=", True),
                ("id", "!=", self.carrier_id.id),
            ]
        )
        fitting = others.available_carriers(picking.partner_id, picking).filtered(
            lambda other: not other._check_request(other._prepare_request(self))
        )
        if not fitting:
            return self.env._(
                "No delivery method here takes it as it is: send it from the"
                " carrier's portal and type the tracking number on the delivery."
            )
        return self.env._(
            "Delivery methods that take it: %s.", ", ".join(fitting.mapped("name"))
        )

    def _describe_unlabelled(self):
        """What keeps some of these parcels from having a label, or None."""
        unlabelled = self.filtered(lambda parcel: parcel.state != "labelled")
        if not unlabelled:
            return None
        return unlabelled.filtered("error")[:1].error or self.env._(
            "it is being made just now. Try again in a moment."
        )

    # === THE PHYSICAL PARCEL === #

    def _get_place(self):
        """Which physical parcel it is, whatever number of attempts it took."""
        return self.picking_id.id, self.package_id.id, self.sequence

    def _find_living_twins(self):
        return self.picking_id.parcel_ids.filtered(
            lambda other: other != self
            and other.state in LIVING_STATES
            # One without a package is for all that is in the delivery.
            and (
                other.package_id == self.package_id
                or not (other.package_id and self.package_id)
            )
            and other.sequence == self.sequence
        )
