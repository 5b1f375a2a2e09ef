"""What a shop shows of its push, and the file that takes its place."""

from odoo import api, fields, models
from odoo.fields import Domain


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    confirmation_to_push_count = fields.Integer(
        string="Confirmations To Push", compute="_compute_confirmation_counts"
    )
    confirmation_late_count = fields.Integer(
        string="Late Confirmations", compute="_compute_confirmation_counts"
    )
    confirmation_failed_count = fields.Integer(
        string="Failed Pushes", compute="_compute_confirmation_counts"
    )
    unmapped_carrier_ids = fields.Many2many(
        "delivery.carrier",
        string="Without Amazon's Code",
        compute="_compute_unmapped_carrier_ids",
        help="Delivery methods whose parcels wait for the code of their carrier.",
    )

    # === COMPUTE METHODS === #

    def _compute_confirmation_counts(self):
        for name, domain in self._get_confirmation_domains().items():
            counts = dict(
                self.env["amazon.shipment.confirmation"]._read_group(
                    domain & Domain("shop_id", "in", self.ids), ["shop_id"], ["__count"]
                )
            )
            for shop in self:
                shop[f"confirmation_{name}_count"] = counts.get(shop, 0)

    @api.model
    def _get_confirmation_domains(self):
        """What the counts count, and their buttons open."""
        return {
            "to_push": Domain("state", "=", "to_push"),
            "late": self.env["amazon.shipment.confirmation"]._get_late_domain(),
            "failed": Domain("state", "=", "failed"),
        }

    def _compute_unmapped_carrier_ids(self):
        carriers = dict(
            self.env["amazon.shipment.confirmation"]._read_group(
                [
                    ("shop_id", "in", self.ids),
                    ("state", "=", "failed"),
                    ("is_unmapped", "=", True),
                ],
                ["shop_id"],
                ["carrier_id:recordset"],
            )
        )
        for shop in self:
            shop.unmapped_carrier_ids = carriers.get(shop, False)

    # === ACTION METHODS === #

    def action_view_confirmations_to_push(self):
        return self._open_confirmations("to_push")

    def action_view_late_confirmations(self):
        return self._open_confirmations("late")

    def action_view_failed_confirmations(self):
        return self._open_confirmations("failed")

    def _open_confirmations(self, name):
        domain = self._get_confirmation_domains()[name]
        return self._open_records(
            "amazon_shipment_confirmation_action",
            list(domain & Domain("shop_id", "=", self.id)),
        )

    def action_add_carrier_code(self):
        """Open the code of the first delivery method that lacks one."""
        self.ensure_one()
        return self.unmapped_carrier_ids[:1].action_add_amazon_code()

    def action_hand_over(self):
        """Download a confirmation file of all that is to be pushed or has failed."""
        self.ensure_one()
        confirmations = self.env["amazon.shipment.confirmation"]
        domain = confirmations._get_hand_over_domain() & Domain("shop_id", "=", self.id)
        return confirmations.search(domain, order="ship_by, id").action_hand_over()
