"""Deliveries are validated only with their label, whoever validates them."""

import logging

from odoo import models
from odoo.exceptions import UserError

from .base_automation import WITHIN_VALIDATION
from .delivery_parcel import LIVING_STATES

# Plain validation makes so many labels within its request; more become a run.
VALIDATION_LIMIT = 5


class StockPicking(models.Model):
    _inherit = "stock.picking"

    # === AFTER THE LABELS OF A RUN === #

    def _validate_labelled(self):
        """Validate deliveries that have their label.

        :raises UserError: when one of them is not done afterwards
        """
        pickings = self.with_context(skip_sms=True)
        # The shop labels what stock does not show: the parcel holds all of it.
        beyond_stock = pickings.filtered(lambda p: p._get_stock_policy() != "leave_out")
        for move in beyond_stock.move_ids:
            quantity = move._get_leaving_quantity()
            if move.product_uom.compare(move.quantity, quantity) < 0:
                move.quantity = quantity
        if batch := pickings._get_whole_batch():
            # It takes out what is not picked; these leave with it.
            pickings._mark_picked()
            batch.action_done()
        else:
            pickings.button_validate()
        # A wizard is returned, not raised: what counts is what happened.
        if undone := pickings.filtered(lambda picking: picking.state != "done"):
            raise UserError(
                self.env._(
                    "%s needs an answer that only a person can give: open it and press"
                    " Validate.",
                    ", ".join(undone.mapped("name")),
                )
            )

    def _get_whole_batch(self):
        """The batch transfer of which these are all that is to leave; else none.

        Alone, a delivery is taken out of its batch when it is validated.
        """
        batch = self.batch_id if "batch_id" in self._fields else self.browse()
        if len(batch) != 1:
            return batch.browse()
        rest = batch.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        is_whole = self <= rest and not any(
            move.picked and move.quantity for move in (rest - self).move_ids
        )
        return batch if is_whole else batch.browse()

    def _mark_picked(self):
        """As core does when nothing was picked by hand."""
        for picking in self:
            if not any(picking.move_ids.mapped("picked")):
                picking.move_ids.picked = True

    # === PLAIN VALIDATION === #

    def button_validate(self):
        res = super().button_validate()
        if res is True:
            for picking in self.filtered("carrier_id"):
                # Beside the delivery method, which core hands to the next step.
                steps = picking._get_next_transfers().filtered(
                    lambda step, picking=picking: not step.parcel_type_id
                    and not step.amazon_choice
                    and step.carrier_id == picking.carrier_id
                )
                if steps:
                    steps.write(picking._prepare_next_shipping())
        return res

    def _pre_action_done_hook(self):
        res = super()._pre_action_done_hook()
        if res is not True:
            return res
        self._check_boxes_labelled()
        unlabelled = self.filtered(lambda picking: picking._is_labelled_by_validation())
        uncommitted = unlabelled._find_uncommitted()
        waiting = unlabelled.filtered(lambda picking: not picking._has_all_labels())
        is_many = len(waiting) > VALIDATION_LIMIT
        if later := waiting if is_many else uncommitted:
            return self._validate_others(later, start=bool(uncommitted))
        # Before anything is done: a refusal leaves the deliveries unvalidated.
        for picking, result in zip(
            unlabelled, unlabelled._get_shipping_results(), strict=True
        ):
            picking._take_shipment(result["tracking_number"], result["exact_price"])
        return res

    def _is_labelled_by_validation(self):
        self.ensure_one()
        return (
            self.carrier_id._has_label_engine()
            and self.carrier_id.integration_level == "rate_and_ship"
            and self.picking_type_id.print_label
            and (not self.carrier_tracking_ref or self._has_unlabelled_package())
        )

    def _has_unlabelled_package(self):
        """Whether a package came after the others were labelled.

        A number without any label from here was typed: it is for the whole delivery.
        """
        labelled = self.parcel_ids.filtered(lambda parcel: parcel.state == "labelled")
        return bool(labelled and self._get_uncovered_packages(labelled))

    def _has_all_labels(self):
        """Whether the carrier has nothing left to be asked for."""
        labelled = self.parcel_ids.filtered(lambda parcel: parcel.state == "labelled")
        return bool(labelled) and not self._get_uncovered_packages(labelled)

    def _has_unlabelled_box(self):
        """Whether it was labelled as a whole, and packed into several boxes since."""
        self.ensure_one()
        boxes = len(self.move_line_ids.result_package_id) + self._has_loose_products()
        whole = self.parcel_ids.filtered(
            lambda parcel: parcel.state == "labelled" and not parcel.package_id
        )
        return bool(whole) and boxes > len(whole)

    def _check_boxes_labelled(self):
        """
        :raises UserError: when a box would leave without a label
        """
        if bad := self.filtered(lambda picking: picking._has_unlabelled_box()):
            raise UserError(bad[0]._describe_unlabelled_box())

    def _describe_unlabelled_box(self):
        return self.env._(
            "%s was labelled before it was packed into several boxes. Cancel its label"
            " to get one for each package, or put all of it into one package.",
            self.name,
        )

    def _find_uncommitted(self):
        """Those of which a label could outlive the delivery itself."""
        if not self:
            return self
        with self.env.registry.cursor() as cr:
            committed = self.with_env(self.env(cr=cr, su=True)).exists().ids
        return self.filtered(lambda picking: picking.id not in committed)

    def _validate_others(self, later, start):
        """Validate at once what needs no label, and the rest by a run after its labels.

        :param start: nobody has to press a button, for who makes and validates a
            delivery in one go is no person
        :return: the action that says so
        """
        others = self - later
        # A batch transfer is validated as a whole, by its run.
        along = others if self.env.context.get("batches_to_validate") else self.browse()
        now, result = others - along, True
        if now:
            result = now.button_validate()
            if any(picking.state != "done" for picking in now):
                # A question comes first; with its answer all are validated again.
                return result
        run = later._create_label_run()
        # Of some packages the label is there already. Their drafts were made just now:
        # who may not delete parcels loses nothing by it.
        twins = run.parcel_ids.filtered(lambda parcel: parcel._find_living_twins())
        twins.sudo().unlink()
        run._record({"validate_after": True, "other_picking_ids": along.ids})
        if start:
            run._queue()
        else:
            run.action_check()
        return run._tell_validated(now, result) if now else run._get_form_action()

    def _take_shipment(self, tracking_number, price):
        """Do with a carrier's answer what core does when it asks the carrier itself."""
        self.ensure_one()
        # As in core: a sale is none of the warehouse's business.
        picking = self.sudo()
        picking.write(
            {
                "carrier_tracking_ref": tracking_number,
                "carrier_price": picking.carrier_id._apply_margins(
                    price, picking.sale_id
                ),
            }
        )
        picking._add_delivery_cost_to_so()

    def _get_shipping_results(self):
        """What core's ``send_shipping`` returns, from the labels of the engine.

        :raises UserError: when a label could not be made
        :raises AccessError: from whoever may only read the deliveries; core asks for
            a label first and writes later
        """
        self.check_access("write")
        results = self._label_in_own_transaction() if self else {}
        return [results[picking.id] for picking in self]

    def _label_in_own_transaction(self):
        """Label in a cursor of its own, so that no rollback forgets a paid label.

        That cursor writes only parcels and attachments: this transaction may have
        written the deliveries already and would wait for itself for ever.

        :return: core's dict of price and tracking number by delivery id
        """
        with self.env.registry.cursor() as cr:
            context = {
                key: value
                for key, value in self.env.context.items()
                if key in ("lang", "tz", "allowed_company_ids")
            }
            context[WITHIN_VALIDATION] = True
            pickings = self.with_env(self.env(cr=cr, su=True, context=context)).exists()
            if len(pickings) != len(self):
                raise UserError(
                    self.env._(
                        "Save the new delivery before it is validated: a label can only"
                        " be made for a delivery that exists."
                    )
                )
            results = {}
            for picking in pickings:
                # Parcels may be claimed by somebody who waits for these deliveries;
                # the limit ends with each commit.
                cr.execute("SET LOCAL lock_timeout = '5s'")
                results[picking.id] = picking._label_now()
            return results

    def _label_now(self):
        """
        :return: core's dict of price and tracking number
        :raises UserError: when there is no label; what the carrier made is kept
        """
        parcels = self._complete_labels()
        if reason := parcels._describe_unlabelled():
            error = UserError(
                self.env._(
                    "%(delivery)s has no label, so it was not validated: %(reason)s",
                    delivery=self.name,
                    reason=reason,
                )
            )
            # A carrier quotes what it refuses, and Odoo logs what users are told.
            error.loglevel = logging.DEBUG
            raise error
        return {
            "exact_price": sum(parcels.mapped("price")),
            "tracking_number": self._get_tracking_reference(),
        }

    def _complete_labels(self):
        """Ask for the labels that are missing, each once; commits.

        :return: the parcels of all that is in the delivery, labelled or not
        """
        self.ensure_one()
        parcels = self.parcel_ids.filtered(lambda p: p.state in LIVING_STATES)
        parcels._settle()
        parcels = parcels.filtered(lambda p: p.state in LIVING_STATES)
        if not parcels or self._get_uncovered_packages(parcels):
            drafts = self._prepare_drafts(parcels)
            drafts._check()
            # One that cannot be labelled keeps the delivery here: buy none of them.
            if not any(drafts.mapped("error")):
                for group in drafts._claim()._grouped_by_account():
                    try:
                        group._ask()
                    finally:
                        group._run_rules()
            parcels |= drafts
        return parcels

    def _prepare_drafts(self, living):
        """Drafts of what no living parcel is: those of earlier attempts, else new."""
        attempts = {
            parcel.package_id.id: parcel
            for parcel in self.parcel_ids
            if parcel.state == "draft" and not parcel.run_id
        }
        drafts = self.env["delivery.parcel"]
        for vals in self._prepare_parcel_values():
            if vals["package_id"] in attempts:
                attempts[vals["package_id"]]._record(vals)
                drafts |= attempts[vals["package_id"]]
            elif vals["package_id"] not in living.package_id.ids:
                drafts |= drafts._begin(vals)
        return drafts

    def _has_own_label(self):
        """Whether the engine made the number of this delivery.

        Plain validation has it made in a cursor of its own: what that one committed is
        not in the snapshot of this transaction.
        """
        self.ensure_one()
        if "labelled" in self.parcel_ids.mapped("state"):
            return True
        if not self.carrier_id._has_label_engine():
            return False
        with self.env.registry.cursor() as cr:
            parcels = self.env(cr=cr, su=True)["delivery.parcel"]
            return bool(
                parcels.search_count(
                    [("picking_id", "=", self.id), ("state", "=", "labelled")]
                )
            )
