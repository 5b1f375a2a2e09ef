import json

from odoo import api, fields, models
from odoo.exceptions import UserError


class DeliveryCarrier(models.Model):
    """What the label engine needs of a provider.

    A provider of the engine defines three methods beside core's own:
    ``_<provider>_get_labelling(company, is_test)`` returns the object that asks the
    carrier (see ``carriers/labelling.py``), ``_<provider>_prepare_request(parcel)`` its
    request, and ``_<provider>_check_request(request)`` the problems of one.
    ``_<provider>_get_carrier_name()`` tells who moves the parcels, for Amazon.

    Where they are needed: ``_<provider>_cancel_label(parcel)`` gives a label up at the
    carrier, ``_<provider>_cancel_return(parcel_return)`` the one for its way back,
    ``_<provider>_delete_concepts(company, remote_refs)`` what was announced to
    it and not bought, ``_<provider>_is_asked_alone(parcel)`` is True where its label
    must come in a document of its own, ``_<provider>_is_untracked(parcel)`` where
    nobody can follow it, ``_<provider>_join_requests(requests)`` makes one shipment
    of the parcels of a delivery, ``_<provider>_is_look_up_sure()`` is False where a
    carrier cannot tell for sure that it has not made a label,
    ``_<provider>_find_account_problem(company, is_test)`` says what keeps an account
    from making labels, and ``_<provider>_get_parcel_link(parcel, number)`` is where the
    recipient follows a parcel whose number a person has typed.
    """

    _name = "delivery.carrier"
    _inherit = [
        "delivery.carrier",
        "delivery.carrier.gls",
        "delivery.carrier.myparcel",
    ]

    delivery_type = fields.Selection(
        selection_add=[
            ("myparcel_nl", "MyParcel (myparcel.nl)"),
            ("gls_nl", "GLS Netherlands"),
        ],
        ondelete={
            "myparcel_nl": lambda carriers: carriers._reset_provider(),
            "gls_nl": lambda carriers: carriers._reset_provider(),
        },
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

    def _get_labelling(self, company, is_test):
        """The object that asks the carrier, with the account of a company.

        :raises UserError: when nothing may or can be asked; says what to do
        """
        self.ensure_one()
        self.env["amazon.shop"]._check_outside_allowed()
        if not self._has_label_engine():
            # Its provider was changed while parcels waited for an answer.
            raise UserError(
                self.env._(
                    "Delivery method %s makes no labels here any more. Look for its"
                    " parcels in the carrier's portal, then press Decide on each.",
                    self.name,
                )
            )
        return getattr(self, f"_{self.delivery_type}_get_labelling")(company, is_test)

    def _get_customer_number(self, company, is_test):
        """By which number the carrier knows who ships, "" where it has none."""
        self.ensure_one()
        method = f"_{self.delivery_type}_get_customer_number"
        return getattr(self, method)(company, is_test) if hasattr(self, method) else ""

    def _find_account_problem(self, company, is_test):
        """What keeps the account from making any label, as far as is known here.

        :return: a sentence, or nothing
        """
        self.ensure_one()
        method = f"_{self.delivery_type}_find_account_problem"
        return hasattr(self, method) and getattr(self, method)(company, is_test)

    def _is_look_up_sure(self):
        """Whether a label that the carrier does not find was certainly not made."""
        is_sure = getattr(self, f"_{self.delivery_type}_is_look_up_sure", None)
        return self._has_label_engine() and (is_sure is None or is_sure())

    def _is_asked_alone(self, parcel):
        """Whether its label has pages that cannot be told from those of others."""
        is_alone = getattr(self, f"_{self.delivery_type}_is_asked_alone", None)
        return is_alone is not None and is_alone(parcel)

    def _is_untracked(self, parcel):
        """Whether its type of parcel has no number by which it can be followed."""
        is_untracked = getattr(self, f"_{self.delivery_type}_is_untracked", None)
        return is_untracked is not None and is_untracked(parcel)

    def _get_parcel_link(self, parcel, number):
        method = f"_{self.delivery_type}_get_parcel_link"
        return hasattr(self, method) and getattr(self, method)(parcel, number)

    def _get_parcel_links(self, picking):
        """What core's ``get_tracking_link`` returns: one link, or several as JSON."""
        links = [
            [parcel.tracking_number, parcel.tracking_url]
            for parcel in picking.parcel_ids
            if parcel.state == "labelled" and parcel.tracking_url
        ]
        if len(links) > 1:
            return json.dumps(links)
        return links[0][1] if links else False

    def _prepare_request(self, parcel):
        self.ensure_one()
        return getattr(self, f"_{self.delivery_type}_prepare_request")(parcel)

    def _join_requests(self, requests):
        """Those of one delivery, as one shipment where the carrier makes such ones."""
        join = getattr(self, f"_{self.delivery_type}_join_requests", None)
        return join(requests) if join else requests

    def _check_request(self, request):
        self.ensure_one()
        return getattr(self, f"_{self.delivery_type}_check_request")(request)
