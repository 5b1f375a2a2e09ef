from odoo import api, fields, models
from odoo.exceptions import UserError


class DeliveryCarrier(models.Model):
    """What the label engine needs of a provider.

    A provider of the engine defines three methods beside core's own:
    ``_<provider>_get_labelling(company)`` returns the object that asks the carrier (see
    ``carriers/labelling.py``), ``_<provider>_prepare_request(parcel)`` its request, and
    ``_<provider>_check_request(request)`` the problems of one. A fourth,
    ``_<provider>_get_carrier_name()``, tells who moves the parcels, for Amazon.
    """

    _name = "delivery.carrier"
    _inherit = ["delivery.carrier", "delivery.carrier.myparcel"]

    delivery_type = fields.Selection(
        selection_add=[("myparcel_nl", "MyParcel (myparcel.nl)")],
        ondelete={"myparcel_nl": lambda carriers: carriers._reset_provider()},
    )

    _myparcel_carrier_required = models.Constraint(
        "CHECK (delivery_type != 'myparcel_nl' OR myparcel_carrier IS NOT NULL)",
        "Choose the MyParcel carrier that moves the parcels.",
    )

    def _reset_provider(self):
        self.write({"delivery_type": "fixed", "fixed_price": 0})

    @api.model
    def _get_label_providers(self):
        return [
            provider
            for provider in self._fields["delivery_type"].get_values(self.env)
            if hasattr(self, f"_{provider}_get_labelling")
        ]

    def _has_label_engine(self):
        return self.delivery_type in self._get_label_providers()

    def _get_labelling(self, company):
        """The object that asks the carrier, with the account of a company.

        :raises UserError: when nothing may or can be asked; says what to do
        """
        self.ensure_one()
        self.env["amazon.shop"]._check_outside_allowed()
        if not self.prod_environment:
            raise UserError(
                self.env._(
                    "Delivery method %s is in its test environment, where no labels are"
                    " made. Switch it to production.",
                    self.name,
                )
            )
        return getattr(self, f"_{self.delivery_type}_get_labelling")(company)

    def _prepare_request(self, parcel):
        self.ensure_one()
        return getattr(self, f"_{self.delivery_type}_prepare_request")(parcel)

    def _check_request(self, request):
        self.ensure_one()
        return getattr(self, f"_{self.delivery_type}_check_request")(request)
