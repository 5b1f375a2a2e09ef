from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..amazon.selling_partner import Credentials, SellingPartner
from .secret_field import Secret


class AmazonShop(models.Model):
    """One seller account, authorised in one region."""

    _name = "amazon.shop"
    _description = "Amazon Shop"
    _inherit = ["mail.thread", "mail.activity.mixin", "amazon.secret.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    region = fields.Selection(
        selection=[("eu", "Europe"), ("na", "North America"), ("fe", "Far East")],
        required=True,
        default="eu",
    )
    selling_partner_id = fields.Char(
        string="Seller ID", copy=False, help="Amazon's merchant token of the seller."
    )
    market_ids = fields.Many2many(
        "amazon.market",
        string="Markets",
        domain="[('region', '=', region)]",
        compute="_compute_market_ids",
        store=True,
        readonly=False,
        help="Orders of the other markets are not imported from Amazon.",
    )
    market_id = fields.Many2one(
        "amazon.market",
        string="Main Market",
        domain="[('region', '=', region)]",
        compute="_compute_market_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Proposed when a report does not say where its orders were placed.",
    )
    state = fields.Selection(
        selection=[("draft", "Not Connected"), ("connected", "Connected")],
        compute="_compute_state",
        string="Connection",
    )
    refresh_token = Secret("Stored Refresh Token")
    refresh_token_entry = fields.Char(
        string="Refresh Token",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="amazon_carrier_connector.group_amazon_manager",
        help="From the self-authorisation of your Amazon app. Can be set, never read"
        " back.",
    )
    has_refresh_token = fields.Boolean(
        compute="_compute_secrets",
        groups="amazon_carrier_connector.group_amazon_manager",
    )
    push_tracking = fields.Boolean(
        string="Update Tracking at Amazon",
        default=True,
        help="Carrier and tracking number are sent to Amazon, so that the order"
        " becomes Shipped.",
    )
    push_moment = fields.Selection(
        selection=[
            ("label", "When the label exists"),
            ("validation", "When the delivery is done"),
        ],
        required=True,
        default="label",
    )
    apply_rules = fields.Boolean(string="Apply Shipping Rules", default=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        check_company=True,
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        check_company=True,
        help="Used when no shipping rule decides.",
    )
    package_type_id = fields.Many2one(
        "stock.package.type",
        string="Parcel Type",
        help="Used when no shipping rule decides; empty: that of the delivery method.",
    )
    unknown_sku_policy = fields.Selection(
        selection=[
            ("placeholder", "Use the placeholder product"),
            ("create", "Create a product"),
            ("hold", "Hold the order"),
        ],
        string="Unknown SKUs",
        required=True,
        default="placeholder",
    )
    stock_policy = fields.Selection(
        selection=[
            ("leave_out", "Leave the delivery out"),
            ("warn", "Label it and warn"),
            ("ignore", "Label it"),
        ],
        string="Missing Stock",
        required=True,
        default="leave_out",
        help="What creating labels does with a delivery that is not reserved in full.",
    )
    validate_after = fields.Boolean(
        string="Validate after Labelling",
        default=True,
        help="Deliveries are validated as soon as their label exists.",
    )
    default_weight = fields.Float(
        string="Default Parcel Weight",
        digits="Stock Weight",
        default=1.0,
        help="In kg. For labels and shipping rules of deliveries whose products have no"
        " weight.",
    )
    import_ids = fields.One2many("amazon.order.import", "shop_id")
    order_count = fields.Integer(compute="_compute_order_count")

    _selling_partner_uniq = models.UniqueIndex(
        "(region, selling_partner_id)",
        "This seller account is already connected in this region.",
    )
    _default_weight_positive = models.Constraint(
        "CHECK (default_weight > 0)",
        "The default weight of a parcel must be more than zero.",
    )

    # === COMPUTE METHODS === #

    @api.depends("selling_partner_id")
    def _compute_name(self):
        for shop in self:
            # None without a seller: a form that is left untouched is then not saved.
            if not shop.name and shop.selling_partner_id:
                shop.name = f"Amazon {shop.selling_partner_id}"

    @api.depends("region")
    def _compute_market_ids(self):
        for shop in self:
            shop.market_ids = shop.market_ids.filtered_domain(
                [("region", "=", shop.region)]
            )

    @api.depends("region")
    def _compute_market_id(self):
        for shop in self:
            if shop.market_id.region != shop.region:
                shop.market_id = False

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        for shop in self:
            if shop.warehouse_id.company_id != shop.company_id:
                shop.warehouse_id = self.env["stock.warehouse"].search(
                    [("company_id", "=", shop.company_id.id)], limit=1
                )

    @api.depends("refresh_token")
    def _compute_state(self):
        for shop in self:
            shop.state = "connected" if shop.sudo().refresh_token else "draft"

    def _enter_secret(self, name, value):
        self._store_consent(value)

    def _compute_order_count(self):
        orders = dict(
            self.env["amazon.order"]._read_group(
                [("shop_id", "in", self.ids)], ["shop_id"], ["__count"]
            )
        )
        for shop in self:
            shop.order_count = orders.get(shop, 0)

    # === CONSTRAINT METHODS === #

    @api.constrains("company_id")
    def _check_company_of_orders(self):
        for shop in self:
            # Those of a company that is switched off count as well.
            stranger = (
                self.env["amazon.order"]
                .sudo()
                .search(
                    [
                        ("shop_id", "=", shop.id),
                        ("company_id", "!=", shop.company_id.id),
                    ],
                    limit=1,
                )
            )
            if stranger:
                raise ValidationError(
                    self.env._(
                        "Shop %(shop)s has orders of %(company)s and stays there."
                        " Create another shop for the other company.",
                        shop=shop.name,
                        company=stranger.company_id.name,
                    )
                )

    # === ACTION METHODS === #

    def action_disconnect(self):
        self.check_access("write")
        self._store_consent(False)
        self._message_log_batch(
            {shop.id: self.env._("Disconnected from Amazon.") for shop in self}
        )

    def action_upload_report(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_order_import_wizard_action"
        )
        return dict(action, context={"default_shop_id": self.id})

    def action_open_guide(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_shop_guide_action"
        )
        return dict(action, res_id=self.id)

    def action_view_orders(self):
        return self._open_records("amazon_order_action", [("shop_id", "=", self.id)])

    def _open_records(self, action_name, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"amazon_carrier_connector.{action_name}"
        )
        return dict(action, domain=domain, context={})

    # === BUSINESS METHODS === #

    def _get_selling_partner(self):
        """The gateway to Amazon for this shop.

        :raises UserError: when something is missing that a person must enter.
        """
        self.ensure_one()
        self._check_outside_allowed()
        # Nobody may read the keys.
        company, shop = self.company_id.sudo(), self.sudo()
        missing = company._get_missing_app_keys(
            ["amazon_client_id", "amazon_client_secret"]
        )
        if not shop.refresh_token:
            missing.append(self.env._("refresh token"))
        if missing:
            raise UserError(
                self.env._(
                    "Shop %(shop)s is not connected to Amazon. Missing: %(fields)s."
                    " The keys of the app are entered in the settings; the shop itself"
                    " is connected on its page Connection.",
                    shop=self.name,
                    fields=", ".join(missing),
                )
            )
        parameters = self.env["ir.config_parameter"].sudo()
        return SellingPartner(
            Credentials(
                client_id=company.amazon_client_id,
                client_secret=company._reveal_secret("amazon_client_secret"),
                refresh_token=shop._reveal_secret("refresh_token"),
            ),
            self.region,
            endpoint=parameters.get_param("amazon_carrier_connector.spapi_url"),
            token_url=parameters.get_param("amazon_carrier_connector.lwa_url"),
        )

    @api.model
    def _check_outside_allowed(self):
        """Refuse to call anybody from a neutralized copy of a database."""
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param("database.is_neutralized"):
            raise UserError(
                self.env._(
                    "This is a neutralized copy of a database: Amazon and the carriers"
                    " are not called from here."
                )
            )

    def _get_responsible(self):
        """Who is told of what a person must mend: never a robot or an archived user."""
        self.ensure_one()
        return self.company_id._get_amazon_responsible(self.create_uid)

    def _get_parcel_weight(self, weight):
        """What a parcel weighs in kg, for labels and shipping rules.

        :param weight: of its products, in their unit; 0 when they have none
        """
        if not weight:
            return self.default_weight or 1.0
        return self.env["stock.picking"]._convert_to_kilograms(weight)

    def _get_first_picking_type(self):
        """The operation type a delivery of this shop starts with."""
        self.ensure_one()
        warehouse = self.warehouse_id
        one_step = warehouse.delivery_steps == "ship_only"
        return warehouse.out_type_id if one_step else warehouse.pick_type_id
