from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError, Unclear
from ..carriers.gls import check_shipment
from ..carriers.gls_address import shortened
from ..carriers.gls_answers import tracking_url
from ..carriers.gls_labelling import GlsLabelling
from ..carriers.gls_options import SHOP_ID, goes_to_shop
from ..carriers.gls_shipments import GlsNotification, GlsShipment, GlsUnit
from .carrier_messages import describe_carrier_error

SENDER_NAME_LENGTH = 30
# No holiday closes a company for longer than this.
FAR_AHEAD = timedelta(days=21)


class DeliveryCarrierGls(models.AbstractModel):
    """The provider ``gls_nl`` of delivery methods."""

    _name = "delivery.carrier.gls"
    _description = "GLS Delivery Method"

    gls_confirm = fields.Selection(
        selection=[
            ("never", "Never"),
            ("at_once", "At Once"),
            ("day_list", "By the Day List"),
        ],
        string="Confirm Labels at GLS",
        default="never",
        help="Ask GLS what your contract needs. Day list: somebody confirms the"
        " parcels of the day in Labels > Day List.",
    )
    gls_label_type = fields.Selection(
        selection=[
            ("pdfA6U", "PDF"),
            ("zplUtf8", "ZPL, 203 dpi"),
            ("zpl300Utf8", "ZPL, 300 dpi"),
        ],
        string="Label Format",
        default="pdfA6U",
        help="ZPL is for label printers that print no PDF: those labels are in a file"
        " of their own.",
    )
    gls_sender_id = fields.Many2one(
        "res.partner",
        string="Pick-Up Address",
        check_company=True,
        help="Where GLS gets the parcels. Empty: the address of the GLS account.",
    )
    gls_cut_off = fields.Float(
        string="Cut-Off Time",
        default=17.0,
        help="Labels made later are for the next working day. Working days are those"
        " of the company's working schedule, in its time zone.",
    )
    gls_connections = fields.Integer(
        string="Labels at Once",
        default=4,
        help="So many labels are asked for at the same moment.",
    )

    _gls_connections_sensible = models.Constraint(
        "CHECK (gls_connections BETWEEN 1 AND 16)",
        "Between 1 and 16 labels can be asked for at once.",
    )

    # === CORE'S PROVIDER METHODS === #

    @api.private
    def gls_nl_rate_shipment(self, order):
        """GLS tells no price."""
        return {
            "success": True,
            "price": 0.0,
            "error_message": False,
            "warning_message": False,
        }

    @api.private
    def gls_nl_send_shipping(self, pickings):
        return pickings._get_shipping_results()

    @api.private
    def gls_nl_get_tracking_link(self, picking):
        return self._get_parcel_links(picking)

    @api.private
    def gls_nl_cancel_shipment(self, pickings):
        # Core passes the whole recordset once per picking.
        pickings.parcel_ids.filtered(lambda p: p.carrier_id == self).action_cancel()

    def _gls_nl_get_default_custom_package_code(self):
        return False

    # === THE LABEL ENGINE'S PROVIDER METHODS === #

    def _gls_nl_get_labelling(self, company, is_test):
        account = self.env["gls.account"]._find(self, company, is_test)
        return GlsLabelling(
            account._connect(),
            account._connect_tracking(),
            connections=self.gls_connections,
        )

    def _gls_nl_is_look_up_sure(self):
        """What GLS's tracking does not show may exist all the same."""
        return False

    def _gls_nl_prepare_request(self, parcel):
        picking = parcel.picking_id
        sender = self.gls_sender_id
        return GlsShipment(
            # GLS's mail reaches Amazon's buyers under the order id and nothing else.
            order_ref=picking.amazon_order_ids[:1].name or picking.name,
            units=(GlsUnit(parcel.reference, max(1, round(parcel.weight_kg * 1000))),),
            recipient=picking._prepare_recipient(),
            sender=picking._prepare_sender(sender) if sender else None,
            options=self._gls_nl_get_options(picking),
            shipping_date=self._gls_nl_get_shipping_date(picking.company_id),
            notification=GlsNotification(
                shortened(picking.company_id.name, SENDER_NAME_LENGTH)
            ),
            label_type=self.gls_label_type,
        )

    def _gls_nl_get_options(self, picking):
        options = picking._get_label_options()
        if goes_to_shop(options):
            options[SHOP_ID] = picking.parcel_shop_ref or ""
        return options

    def _gls_nl_get_shipping_date(self, company):
        """The day on which GLS gets what is labelled now.

        :rtype: datetime.date
        """
        # Working days are no secret, whoever makes labels.
        calendar = company.sudo().resource_calendar_id
        zone = pytz.timezone(calendar.tz or "Europe/Amsterdam")
        now = pytz.utc.localize(fields.Datetime.now()).astimezone(zone)
        day = now.date()
        if now.hour + now.minute / 60 >= self.gls_cut_off:
            day += timedelta(days=1)
        if not calendar:
            return day
        # Asked for each parcel of a run, and the same for all of a day.
        known = self.env.cr.cache.setdefault("amazon_working_days", {})
        key = calendar.id, day
        if key not in known:
            start = zone.localize(datetime.combine(day, time.min))
            intervals = calendar._work_intervals_batch(start, start + FAR_AHEAD)[False]
            known[key] = next((opens.date() for opens, __, __ in intervals), day)
        return known[key]

    def _gls_nl_find_account_problem(self, company, is_test):
        try:
            account = self.env["gls.account"]._find(self, company, is_test)
        except UserError as error:
            return str(error)
        return account.needs_customer and account._describe_needs_customer()

    def _gls_nl_check_request(self, request):
        return check_shipment(request)

    def _gls_nl_get_carrier_name(self):
        """Who moves the parcels, for Amazon."""
        return "GLS"

    def _gls_nl_get_customer_number(self, company, is_test):
        """By which number GLS knows who ships, "" when none was chosen."""
        try:
            account = self.env["gls.account"]._find(self, company, is_test)
        except UserError:
            return ""
        return account.customer_id.number or ""

    def _gls_nl_get_parcel_link(self, parcel, number):
        return tracking_url(number, parcel.picking_id.partner_id.zip or "")

    def _gls_nl_find_parcel_shops(self, company, address):
        """
        :param carriers.shipments.Recipient address: what they are to be near to
        :return: ``carriers.gls_shipments.GlsParcelShop``, the nearest first
        :raises UserError: when GLS does not say
        """
        is_test = not self.prod_environment
        account = self.env["gls.account"]._find(self, company, is_test)
        try:
            return account._connect().find_parcel_shops(address)
        except CarrierError as error:
            raise UserError(describe_carrier_error(self.env, error)) from None

    def _gls_nl_cancel_label(self, parcel):
        """Delete a parcel at GLS, for good.

        :raises UserError: when GLS does not
        """
        self._gls_nl_delete_unit(parcel, parcel.tracking_number)

    def _gls_nl_cancel_return(self, parcel_return):
        """The same for what lies in the parcel for its way back."""
        self._gls_nl_delete_unit(parcel_return.parcel_id, parcel_return.tracking_number)

    def _gls_nl_delete_unit(self, parcel, number):
        account = self.env["gls.account"]._find(self, parcel.company_id, parcel.is_test)
        try:
            account._connect().delete_label(number)
        except Unclear:
            raise UserError(
                self.env._(
                    "GLS did not answer clearly and may have deleted parcel %s: do not"
                    " use its label. Cancel it once more to know.",
                    number,
                )
            ) from None
        except CarrierError as error:
            raise UserError(
                self.env._(
                    "GLS did not delete parcel %(number)s: %(reason)s",
                    number=number,
                    reason=describe_carrier_error(self.env, error),
                )
            ) from None
