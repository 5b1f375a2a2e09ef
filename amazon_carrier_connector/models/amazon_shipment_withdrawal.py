"""A label or number is given up: before Amazon was told of it, or afterwards."""

from odoo import models


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    def _is_living(self):
        """Whether the parcel still goes to the buyer under this number."""
        self.ensure_one()
        if self.picking_id.state == "cancel":
            return False
        if self.parcel_id:
            return self.parcel_id.state == "labelled"
        # Before the delivery is done, its number may not be written there yet.
        return (
            self.picking_id.state != "done"
            or self.tracking_number in self.picking_id._get_tracking_numbers()
        )

    def _is_told(self):
        """Whether Amazon knows it: by the push, or by a file that was downloaded."""
        self.ensure_one()
        return bool(self.pushed_at or self.file_id)

    def _withdraw(self):
        """Leave out what was not sent; a person is told of what Amazon knows.

        What Amazon may know is looked up when its turn comes.
        """
        dead = self.filtered(
            lambda row: row.state != "cancelled" and not row._is_living()
        )
        for row in dead:
            if row._is_told():
                row._withdraw_told()
            elif not row.is_unclear:
                row._leave_out(row._describe_death())
        if dead:
            self._trigger_push()

    def _withdraw_dead(self):
        """
        :return: what is still to be sent, or to be looked up
        """
        self._withdraw()
        return self.filtered(lambda row: row.state == "to_push")

    def _withdraw_told(self):
        """Amazon knows a parcel that is none: only a person can say what it becomes."""
        reason = self.env._(
            "%(reason)s Amazon was told %(number)s before. Create a new label: its"
            " number then takes the place of this one. Or correct the order in Seller"
            " Central.",
            reason=self._describe_death(),
            number=self.tracking_number,
        )
        if (self.state, self.error) != ("failed", reason):
            self._fail(reason)
            self._record({"is_unclear": False, "told_at": False})

    def _describe_death(self):
        if self.picking_id.state == "cancel":
            return self.env._("The delivery was cancelled.")
        if self.parcel_id:
            return self.env._("The label was cancelled.")
        return self.env._("The tracking number was removed from the delivery.")
