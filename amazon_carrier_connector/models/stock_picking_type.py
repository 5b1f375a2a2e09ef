from odoo import fields, models


class StockPickingType(models.Model):
    """The inventory overview counts labels as well."""

    _inherit = "stock.picking.type"

    count_picking_to_label = fields.Integer(compute="_compute_count_picking_labels")
    count_picking_label_problem = fields.Integer(
        compute="_compute_count_picking_labels"
    )

    def _compute_count_picking_labels(self):
        deliveries = self.env["stock.picking"]
        for field, name in (
            ("count_picking_to_label", "to_label"),
            ("count_picking_label_problem", "problem"),
        ):
            counts = deliveries._count_overview(name, "picking_type_id", self)
            for picking_type in self:
                picking_type[field] = counts.get(picking_type, 0)

    def action_view_pickings_to_label(self):
        return self._open_overview("to_label")

    def action_view_pickings_with_label_problem(self):
        return self._open_overview("problem")

    def _open_overview(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_delivery_action"
        )
        domain = self.env["stock.picking"]._get_overview_domains()[name]
        return dict(
            action, domain=[("picking_type_id", "=", self.id), *domain], context={}
        )
