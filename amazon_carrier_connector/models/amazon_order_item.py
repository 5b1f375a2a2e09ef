from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import ormcache


class AmazonOrderItem(models.Model):
    _name = "amazon.order.item"
    _inherit = ["amazon.guarded.record"]
    _description = "Amazon Order Item"
    _order = "order_id, id"
    _rec_name = "item_ref"
    _check_company_auto = True

    order_id = fields.Many2one(
        "amazon.order", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    item_ref = fields.Char(
        string="Order Item ID", required=True, help="Amazon's order-item-id."
    )
    sku = fields.Char(string="SKU", required=True, index="btree")
    title = fields.Char()
    quantity_ordered = fields.Integer()
    quantity_to_ship = fields.Integer()
    unit_price = fields.Float(
        digits="Product Price",
        readonly=True,
        help="What a piece was sold for, without shipping and before discounts; known"
        " when there is a currency. The Unshipped Orders report does not tell it.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", check_company=True
    )
    move_ids = fields.One2many("stock.move", "amazon_item_id", string="Stock Moves")

    _item_ref_uniq = models.UniqueIndex(
        "(order_id, item_ref)", "This order item exists already in the order."
    )
    _quantity_to_ship_positive = models.Constraint(
        "CHECK (quantity_to_ship >= 0 AND quantity_ordered >= 0)",
        "Quantities of an order item cannot be negative.",
    )

    @api.depends("item_ref", "sku")
    def _compute_display_name(self):
        for item in self:
            item.display_name = f"{item.sku} ({item.item_ref})"

    @api.model
    def _prepare_price_values(self, source):
        """
        :param source: ``amazon.orders.OrderItem``
        :return: nothing when Amazon does not tell the price
        """
        currency = self._get_currency_id(source.currency)
        if source.unit_price is None or not currency:
            return {}
        return {"unit_price": float(source.unit_price), "currency_id": currency}

    @api.model
    @ormcache("code")
    def _get_currency_id(self, code):
        currencies = self.env["res.currency"].with_context(active_test=False)
        return currencies.search([("name", "=", code)], limit=1).id if code else False

    def _prepare_move_values(self, picking, reference):
        """Values of the draft move that ships what is left of the item.

        The references are given here, because core otherwise writes them move by move
        after the creation.
        """
        self.ensure_one()
        order = self.order_id
        last_step = picking.picking_type_id.warehouse_id.out_type_id
        moment = order.ship_by or fields.Datetime.now()
        return {
            "picking_id": picking.id,
            "picking_type_id": picking.picking_type_id.id,
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.id,
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": self.quantity_to_ship,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
            "location_final_id": last_step.default_location_dest_id.id,
            "origin": order.name,
            "date": moment,
            "date_deadline": order.ship_by,
            "description_picking_manual": self._get_move_description(),
            "reference_ids": [Command.set(reference.ids)],
            "amazon_item_id": self.id,
        }

    def _get_move_description(self):
        return f"{self.sku} {self.title}"
