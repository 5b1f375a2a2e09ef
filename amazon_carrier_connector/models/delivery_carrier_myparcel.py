from odoo import fields, models
from odoo.exceptions import UserError

from ..carriers.myparcel import BASE_URL, MyParcel, check_request, user_agent
from ..carriers.myparcel_labelling import MyParcelLabelling
from ..carriers.shipments import ParcelRequest

# Numbers of MyParcel (reference, section 5.1).
MYPARCEL_CARRIERS = [
    ("1", "PostNL"),
    ("4", "DPD"),
    ("9", "DHL For You"),
    ("10", "DHL Parcel Connect"),
    ("11", "DHL Europlus"),
    ("12", "UPS Standard"),
    ("13", "UPS Express Saver"),
    ("14", "GLS"),
    ("16", "Trunkrs"),
]
PACKAGE = 1


class DeliveryCarrierMyparcel(models.AbstractModel):
    """The provider ``myparcel_nl`` of delivery methods."""

    _name = "delivery.carrier.myparcel"
    _description = "MyParcel Delivery Method"

    myparcel_carrier = fields.Selection(
        selection=MYPARCEL_CARRIERS,
        string="MyParcel Carrier",
        help="Who moves the parcel. One delivery method per carrier.",
    )
    myparcel_package_type_id = fields.Many2one(
        "stock.package.type",
        string="Default Parcel Type",
        domain="[('package_carrier_type', '=', 'myparcel_nl')]",
    )

    # === CORE'S PROVIDER METHODS === #

    def myparcel_nl_rate_shipment(self, order):
        """MyParcel tells no price before a label is made."""
        return {
            "success": True,
            "price": 0.0,
            "error_message": False,
            "warning_message": False,
        }

    def myparcel_nl_send_shipping(self, pickings):
        return pickings._get_shipping_results()

    def myparcel_nl_get_tracking_link(self, picking):
        return self._get_parcel_links(picking)

    def myparcel_nl_cancel_shipment(self, pickings):
        # Core passes the whole recordset once per picking.
        pickings.parcel_ids.filtered(lambda p: p.carrier_id == self).action_cancel()

    def _myparcel_nl_get_default_custom_package_code(self):
        return str(PACKAGE)

    # === THE LABEL ENGINE'S PROVIDER METHODS === #

    def _myparcel_nl_get_labelling(self, company, is_test):
        if is_test:
            raise UserError(
                self.env._(
                    "Delivery method %s is in its test environment, where no labels are"
                    " made. Switch it to production.",
                    self.name,
                )
            )
        return MyParcelLabelling(self._myparcel_nl_get_client(company))

    def _myparcel_nl_get_client(self, company):
        """
        :raises UserError: when no key was entered
        """
        api_key = company.sudo().myparcel_api_key
        if not api_key:
            raise UserError(
                self.env._(
                    "No MyParcel API key is set for %s. Enter it in Settings >"
                    " Inventory > Amazon Carrier Connector.",
                    company.name,
                )
            )
        base_url = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("amazon_carrier_connector.myparcel_url", BASE_URL)
        )
        version = self.env.ref("base.module_amazon_carrier_connector").latest_version
        return MyParcel(api_key, base_url=base_url, user_agent=user_agent(version))

    def _myparcel_nl_prepare_request(self, parcel):
        return ParcelRequest(
            reference=parcel.reference,
            carrier_id=int(self.myparcel_carrier),
            package_type=self._myparcel_nl_get_package_type(parcel),
            recipient=parcel.picking_id._prepare_recipient(),
            weight_grams=max(1, round(parcel.weight_kg * 1000)),
            options=parcel.picking_id._get_label_options(),
            label_description=parcel.picking_id.origin or parcel.picking_id.name,
        )

    def _myparcel_nl_get_package_type(self, parcel):
        types = (
            parcel.package_id.package_type_id,
            parcel.picking_id.parcel_type_id,
            self.myparcel_package_type_id,
        )
        for package_type in types:
            if package_type.package_carrier_type == "myparcel_nl":
                return int(package_type.shipper_package_code or PACKAGE)
        return PACKAGE

    def _myparcel_nl_check_request(self, request):
        return check_request(request)

    def _myparcel_nl_get_carrier_name(self):
        """Who moves the parcels, for Amazon."""
        return dict(MYPARCEL_CARRIERS).get(self.myparcel_carrier, "")
