from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DeliveryMerge(models.TransientModel):
    """Proposes which deliveries become one parcel; a person switches off what not."""

    _name = "delivery.merge"
    _description = "Merge Deliveries"

    line_ids = fields.One2many("delivery.merge.line", "merge_id")

    def _open(self, groups):
        """Open the dialog.

        :param groups: lists of deliveries that can be one parcel, the soonest first
        """
        dialog = self.create(
            {
                "line_ids": [
                    Command.create({"picking_refs": pickings.ids})
                    for pickings in groups
                ]
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge Deliveries"),
            "res_model": self._name,
            "res_id": dialog.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_merge(self):
        """Merge what is switched on, and show it.

        :raises UserError: when nothing is
        """
        self.ensure_one()
        chosen = self.line_ids.filtered("is_chosen")
        if not chosen:
            raise UserError(self.env._("Switch on at least one proposal."))
        merged = self.env["stock.picking"].concat(*(line._merge() for line in chosen))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_delivery_action"
        )
        return dict(action, domain=[("id", "in", merged.ids)], context={})


class DeliveryMergeLine(models.TransientModel):
    _name = "delivery.merge.line"
    _description = "Deliveries That Can Be One Parcel"

    merge_id = fields.Many2one(
        "delivery.merge", string="Dialog", required=True, ondelete="cascade"
    )
    is_chosen = fields.Boolean(string="Merge", default=True)
    # A many2many would not keep the order: all comes into the first.
    picking_refs = fields.Json(required=True)
    picking_ids = fields.Many2many(
        "stock.picking", string="Deliveries", compute="_compute_picking_ids"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Recipient", compute="_compute_picking_ids"
    )
    city = fields.Char(related="partner_id.city")
    order_names = fields.Text(string="Orders", compute="_compute_picking_ids")
    order_count = fields.Integer(string="Number", compute="_compute_picking_ids")
    carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", compute="_compute_picking_ids"
    )
    ship_by = fields.Datetime(compute="_compute_picking_ids")
    parcel_weight = fields.Float(
        string="Weight (kg)", digits="Stock Weight", compute="_compute_picking_ids"
    )

    def _compute_picking_ids(self):
        for line in self:
            pickings = self.env["stock.picking"].browse(line.picking_refs).exists()
            orders = pickings.amazon_order_ids
            line.picking_ids = pickings
            line.partner_id = pickings[:1].partner_id
            line.order_names = "\n".join(orders.mapped("name"))
            line.order_count = len(orders)
            line.carrier_id = pickings[:1].carrier_id
            line.ship_by = pickings[:1].date_deadline
            line.parcel_weight = sum(pickings.mapped("parcel_weight"))

    def _merge(self):
        pickings = self.env["stock.picking"].browse(self.picking_refs).exists()
        return pickings._merge()
