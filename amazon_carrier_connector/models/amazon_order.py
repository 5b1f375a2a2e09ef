from odoo import api, fields, models
from odoo.fields import Command

from ..amazon.own_shipping import is_confirmed_by_amazon
from .order_changes import naive_utc

AMAZON_USER = "amazon_carrier_connector.group_amazon_user"

ORDER_STATES = [
    ("held", "Held"),
    ("to_ship", "To Ship"),
    ("labelled", "Labelled"),
    ("shipped", "Shipped"),
    ("cancelled", "Cancelled"),
]


class AmazonOrder(models.Model):
    """One Amazon order; created by an import, never by hand."""

    _name = "amazon.order"
    _inherit = ["amazon.guarded.record"]
    _description = "Amazon Order"
    _order = "ship_by, id"
    _check_company_auto = True

    name = fields.Char(string="Order ID", required=True, readonly=True)
    shop_id = fields.Many2one(
        "amazon.shop", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    market_id = fields.Many2one("amazon.market", string="Market", required=True)
    import_id = fields.Many2one(
        "amazon.order.import", index="btree_not_null", ondelete="set null"
    )
    purchase_date = fields.Datetime()
    ship_by = fields.Datetime(index=True)
    deliver_by = fields.Datetime()
    service_level = fields.Char()
    is_prime = fields.Boolean(string="Prime")
    is_business = fields.Boolean(string="Business")
    is_confirmed_by_amazon = fields.Boolean(
        string="Confirmed by Amazon",
        readonly=True,
        help="Bought as Ship+ or with a label of Amazon's: Amazon is not told its"
        " tracking number.",
    )
    cancel_requested = fields.Boolean(
        help="The buyer asked to cancel. No label is created until a person releases"
        " the order."
    )
    cancel_released = fields.Boolean(
        string="Released", help="A person decided to ship it all the same."
    )
    cancel_reason = fields.Char(groups=AMAZON_USER)
    item_ids = fields.One2many("amazon.order.item", "order_id", string="Items")
    picking_ids = fields.Many2many(
        "stock.picking", compute="_compute_picking_ids", string="Deliveries"
    )
    picking_count = fields.Integer(compute="_compute_picking_ids")
    confirmation_ids = fields.One2many("amazon.shipment.confirmation", "order_id")
    state = fields.Selection(
        selection=ORDER_STATES,
        string="Status",
        compute="_compute_state",
    )

    _name_uniq = models.UniqueIndex(
        "(name, company_id)", "This Amazon order exists already in this company."
    )
    _cancel_requested_idx = models.Index(
        "(company_id) WHERE cancel_requested IS TRUE AND cancel_released IS NOT TRUE"
    )

    # === COMPUTE METHODS === #

    @api.depends("item_ids.move_ids.picking_id")
    def _compute_picking_ids(self):
        # Read at once: setting a many2many checks the access delivery by delivery.
        self.item_ids.move_ids.picking_id.mapped("company_id")
        for order in self:
            order.picking_ids = order.item_ids.move_ids.picking_id
            order.picking_count = len(order.picking_ids)

    @api.depends(
        "item_ids.move_ids.picking_id.state",
        "item_ids.move_ids.picking_id.parcel_ids.state",
        "closed_status",
    )
    def _compute_state(self):
        # Computed at once: below, each order would compute its own deliveries'.
        self.picking_ids.mapped("label_state")
        for order in self:
            pickings = order.picking_ids
            living = pickings.filtered(lambda picking: picking.state != "cancel")
            if not pickings:
                order.state = "cancelled" if order.closed_status else "held"
            elif not living:
                order.state = "cancelled"
            elif all(picking.state == "done" for picking in living):
                order.state = "shipped"
            elif any(picking.label_state == "labelled" for picking in living):
                order.state = "labelled"
            else:
                order.state = "to_ship"

    # === ACTION METHODS === #

    def action_view_pickings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_delivery_action"
        )
        action.update(domain=[("id", "in", self.picking_ids.ids)], context={})
        if len(self.picking_ids) == 1:
            action.update(
                res_id=self.picking_ids.id,
                view_mode="form",
                views=[(False, "form")],
            )
        return action

    def action_create_deliveries(self):
        self._create_held_deliveries()

    # === IMPORT === #

    @api.model
    def _import_orders(self, order_import, orders, filenames=None):
        """Create what is new, refresh what is known. The caller holds the shop's lock.

        :param order_import: the ``amazon.order.import`` the orders come from
        :param orders: ``amazon.orders.Order`` dataclasses, each id once
        :param dict filenames: the file of each, by order id
        :return: the new orders, and the known ones that changed
        :rtype: tuple[amazon.order, amazon.order]
        """
        known = self._find_known(order_import.company_id, orders)
        changed, problems = self._refresh_all(
            (known[order.order_ref], order)
            for order in orders
            if order.order_ref in known
        )
        order_import._report(problems, filenames or {})
        new = self._create_orders(
            order_import, [order for order in orders if order.order_ref not in known]
        )
        new._create_deliveries()
        new._request_decision()
        return new, changed

    @api.model
    def _find_known(self, company, orders):
        """
        :return: the known orders by their Amazon order id
        :rtype: dict[str, amazon.order]
        """
        return self._find_by_refs(company, [order.order_ref for order in orders])

    @api.model
    def _find_by_refs(self, company, order_refs):
        """
        :return: the orders by their Amazon order id
        :rtype: dict[str, amazon.order]
        """
        # The shop and the record rules do not narrow this: an order id is Amazon's.
        known = self.sudo().search(
            [("company_id", "=", company.id), ("name", "in", [*order_refs])]
        )
        return {order.name: order.sudo(False) for order in known}

    @api.model
    def _create_orders(self, order_import, orders):
        if not orders:
            return self.browse()
        shop = order_import.shop_id
        products = shop._match_products(
            {item.sku: item.title for order in orders for item in order.items}
        )
        contacts = self._create_contacts(shop.company_id, orders)
        markets = order_import._get_markets(orders)
        new = self.with_context(tracking_disable=True, mail_create_nosubscribe=True)
        return new._begin(
            [
                {
                    **self._prepare_order_values(order),
                    "shop_id": shop.id,
                    "company_id": shop.company_id.id,
                    "import_id": order_import.id,
                    "market_id": market.id,
                    "partner_id": contact.id,
                    "item_ids": [
                        Command.create(
                            self._prepare_item_values(item, products.get(item.sku))
                        )
                        for item in order.items
                    ],
                }
                for order, contact, market in zip(
                    orders, contacts, markets, strict=True
                )
            ]
        ).with_env(self.env)

    @api.model
    def _prepare_order_values(self, order):
        return {
            "name": order.order_ref,
            "recipient_phone": order.buyer_phone,
            "recipient_email": order.buyer_email,
            **self._prepare_address_values(order.recipient),
            "purchase_date": naive_utc(order.purchase_date),
            "ship_by": naive_utc(order.ship_by),
            "deliver_by": naive_utc(order.deliver_by),
            "service_level": order.service_level,
            "is_prime": order.is_prime,
            "is_business": order.is_business,
            "is_confirmed_by_amazon": is_confirmed_by_amazon(order),
            "cancel_requested": order.cancel_requested,
            "cancel_reason": order.cancel_reason,
        }

    @api.model
    def _prepare_item_values(self, item, product):
        return {
            "item_ref": item.item_ref,
            "sku": item.sku,
            "title": item.title,
            "quantity_ordered": item.quantity_ordered,
            "quantity_to_ship": item.quantity_to_ship,
            "quantity_shipped_elsewhere": item.quantity_shipped,
            "product_id": product.id if product else False,
            **self.env["amazon.order.item"]._prepare_price_values(item),
        }

    # === DELIVERIES === #

    def _create_held_deliveries(self):
        """Make the deliveries of held orders whose SKUs have a product by now.

        :return: the new deliveries
        """
        # Two people at once would ship it twice.
        locked = self.try_lock_for_update(allow_referencing=True)
        held = locked.filtered(lambda order: order.state == "held")
        for shop, orders in held.grouped("shop_id").items():
            items = orders.item_ids.filtered(lambda item: not item.product_id)
            products = shop._match_products({item.sku: item.title for item in items})
            for item in items:
                product = products.get(item.sku)
                item._record({"product_id": product and product.id})
        return held._create_deliveries()

    def _create_deliveries(self):
        """Make one draft delivery for each order of which every item has a product.

        Pickings and moves are created in one call each. The scheduled date is left
        to be computed from the moves: writing it on a picking makes core search the
        reordering rules once per move.
        """
        orders = self.filtered(
            lambda order: any(order.item_ids.mapped("quantity_to_ship"))
            and all(item.product_id for item in order.item_ids)
        )
        if not orders:
            return self.env["stock.picking"]
        template = self.env["product.template"]
        unit = template._get_weight_uom_name_from_ir_config_parameter()
        # Core's default looks the unit up for each delivery.
        orders = orders.with_context(
            tracking_disable=True, default_weight_uom_name=unit
        )
        pickings = orders.env["stock.picking"].create(
            [order._prepare_picking_values() for order in orders]
        )
        references = orders.env["stock.reference"].create(
            [{"name": order.name} for order in orders]
        )
        # Nobody gives a move its item by hand.
        orders.env["stock.move"].sudo().create(
            [
                item._prepare_move_values(picking, reference)
                for order, picking, reference in zip(
                    orders, pickings, references, strict=True
                )
                for item in order.item_ids
                if item.quantity_to_ship
            ]
        )
        orders._choose_carriers(pickings)
        return pickings

    def _prepare_picking_values(self):
        self.ensure_one()
        picking_type = self.shop_id._get_first_picking_type()
        return {
            "partner_id": self.partner_id.id,
            "picking_type_id": picking_type.id,
            "location_id": picking_type.default_location_src_id.id,
            "location_dest_id": picking_type.default_location_dest_id.id,
            "origin": self.name,
            "company_id": self.company_id.id,
            "user_id": False,
        }
