"""A run validates its deliveries, each as soon as it has its label."""

from odoo import fields, models

# Deliveries, together.
VALIDATION_BATCH = 50


class DeliveryLabelRun(models.Model):
    _inherit = "delivery.label.run"

    validate_after = fields.Boolean(
        string="Validate the Deliveries",
        default=True,
        help="Each delivery is validated as soon as its label exists.",
    )
    other_picking_ids = fields.Many2many(
        "stock.picking",
        string="Without a Label from Here",
        readonly=True,
        help="They need no label, or their number was typed. They are validated with"
        " the others.",
    )

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _tell_validated(self, pickings, result):
        """Say what was validated without a label, and what this run is for.

        :param result: what their validation returned: it may print something
        """
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "%(done)s deliveries were validated. %(waiting)s need a label"
                    " first: they are validated as soon as it exists. See %%s.",
                    done=len(pickings),
                    waiting=len(self.parcel_ids.picking_id),
                ),
                "links": [{"label": self.name, "url": f"/odoo/{self._name}/{self.id}"}],
                "next": result if isinstance(result, dict) else self._get_form_action(),
            },
        }

    def _validate_deliveries(self):
        """
        :return: False when the time of the scheduled action is over
        """
        for group in self._get_validation_groups():
            # Not otherwise: each would look through all parcels of the run.
            if problems := self._do_each(group, self._validate_together):
                self._tell_problems(group, problems)
            if not self._go_on(len(group)):
                return False
        return True

    def _validate_together(self, pickings):
        # Those with a label were reserved before it was bought.
        (pickings & self.other_picking_ids)._reserve_for_label()
        pickings._validate_labelled()

    def _get_validation_groups(self):
        """What is validated together: batch transfers as a whole, the rest by fifties.

        :rtype: list
        """
        pickings = self._get_validatable_pickings()
        groups = []
        if "batch_id" in pickings._fields:
            by_batch = pickings.grouped("batch_id")
            pickings = by_batch.pop(self.env["stock.picking.batch"], pickings.browse())
            groups = list(by_batch.values())
        return groups + [
            pickings[start : start + VALIDATION_BATCH]
            for start in range(0, len(pickings), VALIDATION_BATCH)
        ]

    def _get_validatable_pickings(self):
        labelled = self.parcel_ids.filtered(
            lambda parcel: parcel.state == "labelled" and not parcel.error
        )
        # One that a person gave up may have been labelled anew.
        covered = {parcel._get_place() for parcel in labelled}
        unfit = self.parcel_ids.filtered(lambda p: p._get_place() not in covered)
        pickings = self.parcel_ids.picking_id - unfit.picking_id
        return (pickings | self.other_picking_ids).filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )

    def _tell_problems(self, pickings, problems):
        """Write why deliveries were not validated on their parcels, else on the run."""
        for parcel in self.parcel_ids:
            if reason := problems.get(parcel.picking_id.id):
                parcel._record({"error": self.env._("Not validated: %s", reason)})
        lines = [
            self.env._(
                "%(delivery)s was not validated: %(reason)s",
                delivery=picking.name,
                reason=problems[picking.id],
            )
            for picking in pickings & self.other_picking_ids
            if picking.id in problems
        ]
        if lines:
            self._record({"error": "\n".join(filter(None, [self.error, *lines]))})
