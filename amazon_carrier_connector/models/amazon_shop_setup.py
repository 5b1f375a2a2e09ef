from odoo import api, fields, models


class AmazonShop(models.Model):
    """The steps until a shop works; its card shows them to who is in charge."""

    _inherit = "amazon.shop"

    hide_setup = fields.Boolean(
        string="Hide the Steps",
        copy=False,
        help="The overview no longer shows the steps of the installation.",
    )
    has_app_keys = fields.Boolean(string="Keys of the App", compute="_compute_setup")
    has_carrier_account = fields.Boolean(
        string="Carrier's Account", compute="_compute_setup"
    )
    has_shipping_choice = fields.Boolean(
        string="Shipping Rules", compute="_compute_setup"
    )
    has_import = fields.Boolean(string="First Import", compute="_compute_setup")
    shows_setup = fields.Boolean(compute="_compute_setup")

    # === COMPUTE METHODS === #

    @api.depends("state", "carrier_id", "hide_setup")
    def _compute_setup(self):
        with_gls = self._find_with("gls.account", "company_id", self.company_id)
        with_rules = self._find_with(
            "amazon.shipping.rule", "company_id", self.company_id
        )
        with_import = self._find_with("amazon.order.import", "shop_id", self)
        for shop in self:
            company = shop.company_id
            shop.has_app_keys = not company._get_missing_app_keys(
                ["amazon_client_id", "amazon_client_secret"]
            )
            # That a key is there is no secret; its value is not read.
            shop.has_carrier_account = (
                company.sudo().has_myparcel_api_key or company.id in with_gls
            )
            shop.has_shipping_choice = bool(shop.carrier_id) or company.id in with_rules
            shop.has_import = shop.id in with_import
            shop.shows_setup = not shop.hide_setup and not (
                shop.has_app_keys
                and shop.state == "connected"
                and shop.has_carrier_account
                and shop.has_shipping_choice
                and shop.has_import
            )

    def _find_with(self, model, field, records):
        """The ids of those of the records to which records of a model belong."""
        # Stock users see the shop, not all that belongs to it.
        groups = (
            self.env[model].sudo()._read_group([(field, "in", records.ids)], [field])
        )
        return {record.id for (record,) in groups}

    # === ACTION METHODS === #

    def action_hide_setup(self):
        self.hide_setup = True

    def action_enter_keys(self):
        """Open the settings; who may not enter keys reads how they are made."""
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            return self.action_open_guide()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_stock_config_settings"
        )

    def action_view_shipping_rules(self):
        return self._open_records("amazon_shipping_rule_action", [])
