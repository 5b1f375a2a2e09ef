from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.myparcel import (
    BASE_URL,
    RATE_LIMITS,
    RATE_SECONDS,
    MyParcel,
    check_request,
    user_agent,
)
from ..carriers.myparcel_colli import join_colli
from ..carriers.myparcel_customs import is_declared
from ..carriers.myparcel_labelling import MyParcelLabelling, delete_concepts
from ..carriers.myparcel_services import (
    CARRIER_NAMES,
    DATED_DELIVERY_TYPES,
    DIGITAL_STAMP,
    LETTER,
    PACKAGE,
    next_delivery_day,
)
from ..carriers.myparcel_trial import MyParcelTrial
from ..carriers.shipments import ParcelRequest
from ..carriers.windows import WindowsByKey

# Every worker counts what it asks itself.
WINDOWS = WindowsByKey(RATE_LIMITS, RATE_SECONDS)
MYPARCEL_CARRIERS = [(str(number), name) for number, name in CARRIER_NAMES.items()]


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

    @api.private
    def myparcel_nl_rate_shipment(self, order):
        """MyParcel tells no price before a label is made."""
        return {
            "success": True,
            "price": 0.0,
            "error_message": False,
            "warning_message": False,
        }

    @api.private
    def myparcel_nl_send_shipping(self, pickings):
        return pickings._get_shipping_results()

    @api.private
    def myparcel_nl_get_tracking_link(self, picking):
        return self._get_parcel_links(picking)

    @api.private
    def myparcel_nl_cancel_shipment(self, pickings):
        # Core passes the whole recordset once per picking.
        pickings.parcel_ids.filtered(lambda p: p.carrier_id == self).action_cancel()

    def _myparcel_nl_get_default_custom_package_code(self):
        return str(PACKAGE)

    # === THE LABEL ENGINE'S PROVIDER METHODS === #

    def _myparcel_nl_get_labelling(self, company, is_test):
        client = self._myparcel_nl_get_client(company)
        return MyParcelTrial(client) if is_test else MyParcelLabelling(client)

    def _myparcel_nl_get_client(self, company):
        """
        :raises UserError: when no key was entered, or in a copy of the database
        """
        self.env["amazon.shop"]._check_outside_allowed()
        api_key = self._reveal_secret("myparcel_api_key") or company._reveal_secret(
            "myparcel_api_key"
        )
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
        return MyParcel(
            api_key,
            base_url=base_url,
            user_agent=user_agent(version),
            windows=WINDOWS.of(api_key),
        )

    def _myparcel_nl_prepare_request(self, parcel):
        recipient = parcel.picking_id._prepare_recipient()
        declared = is_declared(recipient.country_code, recipient.postal_code)
        return ParcelRequest(
            reference=parcel.reference,
            carrier_id=int(self.myparcel_carrier),
            package_type=self._myparcel_nl_get_package_type(parcel),
            recipient=recipient,
            weight_grams=parcel._get_grams(),
            options=self._myparcel_nl_prepare_options(parcel.picking_id),
            label_description=self._get_label_text(parcel),
            customs=parcel._prepare_declaration() if declared else None,
        )

    def _myparcel_nl_prepare_options(self, picking):
        options = picking._get_label_options()
        if options.get("delivery_type") in DATED_DELIVERY_TYPES:
            today = fields.Date.context_today(picking)
            day = next_delivery_day(today, options["delivery_type"])
            options["delivery_date"] = f"{day} 00:00:00"
        return options

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

    def _myparcel_nl_is_untracked(self, parcel):
        package_type = self._myparcel_nl_get_package_type(parcel)
        return package_type in (LETTER, DIGITAL_STAMP)

    def _myparcel_nl_is_asked_alone(self, parcel):
        """A customs form has as many pages as it needs, and makes all pages A4."""
        contact = parcel.picking_id.partner_id
        return is_declared(contact.country_id.code or "", contact.zip or "")

    def _myparcel_nl_check_request(self, request):
        return check_request(request)

    def _myparcel_nl_join_requests(self, requests):
        return join_colli(requests)

    def _myparcel_nl_delete_concepts(self, company, remote_refs, references):
        """Delete what is still a concept.

        :param references: ours, of those whose id at MyParcel is not known
        :raises CarrierError: when MyParcel does not
        """
        client = self._myparcel_nl_get_client(company)
        found = [s for ref in references for s in client.find_shipments(ref)]
        delete_concepts(client, [*remote_refs, *(s.remote_ref for s in found)])

    def _myparcel_nl_get_carrier_name(self):
        """Who moves the parcels, for Amazon."""
        return dict(MYPARCEL_CARRIERS).get(self.myparcel_carrier, "")
