from odoo import fields, models


class AmazonShipmentConfirmationLine(models.Model):
    _name = "amazon.shipment.confirmation.line"
    _inherit = ["amazon.guarded.record"]
    _description = "Line of an Amazon Shipment Confirmation"
    _order = "confirmation_id, id"
    _rec_name = "item_id"

    confirmation_id = fields.Many2one(
        "amazon.shipment.confirmation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="confirmation_id.company_id", store=True)
    item_id = fields.Many2one(
        "amazon.order.item", required=True, index=True, ondelete="restrict"
    )
    quantity = fields.Integer(required=True)

    _item_uniq = models.UniqueIndex(
        "(confirmation_id, item_id)", "An item stands once in a confirmation."
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a confirmed item is at least one."
    )
