"""What keeps a parcel from being labelled, found before anything is spent."""

from odoo import models

from .carrier_messages import describe_problems
from .delivery_parcel import LIVING_STATES


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    def _check(self):
        """Write on each draft what keeps it from being labelled, or clear it."""
        for parcel in self:
            # A person may have chosen another one since the run was made.
            carrier = parcel.picking_id.carrier_id
            if parcel.carrier_id != carrier:
                parcel.carrier_id = carrier
            is_test = carrier._has_label_engine() and not carrier.prod_environment
            if parcel.is_test != is_test:
                parcel.is_test = is_test
            error = "\n".join(parcel._find_problems()) or False
            if parcel.error != error:
                parcel.error = error

    def _find_problems(self):
        """
        :return: sentences that say what is wrong and what to do
        :rtype: list[str]
        """
        self.ensure_one()
        picking, carrier = self.picking_id, self.carrier_id
        if picking.state == "cancel":
            return [self.env._("The delivery is cancelled.")]
        if not picking.picking_type_id.print_label:
            return [
                self.env._(
                    "Labels belong to the delivery order, not to this %s.",
                    picking.picking_type_id.name,
                )
            ]
        if not carrier:
            return [self.env._("Choose a delivery method on the delivery.")]
        if not carrier._has_label_engine():
            return [
                self.env._(
                    "Delivery method %s makes no labels here: type the tracking number"
                    " on the delivery.",
                    carrier.name,
                )
            ]
        if picking.amazon_cancel_requested:
            return [
                self.env._(
                    "The buyer asked to cancel. Cancel the delivery, or release the"
                    " order to ship it."
                )
            ]
        if picking.amazon_on_hold:
            return [picking._describe_hold()]
        obstacle = picking.amazon_order_ids._find_label_obstacle()
        if obstacle:
            return [obstacle]
        if self.package_id and picking._has_loose_products():
            return [
                self.env._(
                    "Some products are in no package: pack them too, or unpack the"
                    " delivery."
                )
            ]
        if self._find_living_twins():
            return [
                self.env._(
                    "It has a label already. Cancel that parcel to make a new one."
                )
            ]
        problems = carrier._check_request(carrier._prepare_request(self))
        sentences = describe_problems(self.env, problems)
        if any(problem.code == "outside_eu" for problem in problems):
            sentences.append(self._describe_other_carriers())
        return sentences

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
