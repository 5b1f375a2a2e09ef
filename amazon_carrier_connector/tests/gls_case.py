"""What the tests of GLS share."""

import base64
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

from ..carriers import gls, gls_tracking
from .label_case import LabelCase

CREATE, DELETE = "Label/Create", "Label/Delete"
SEARCH = "tt/search"


class GlsCase(LabelCase):
    """The shop ships with GLS, in production, and Track & Trace is switched on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.env.ref("amazon_carrier_connector.delivery_carrier_gls")
        cls.carrier.prod_environment = True
        cls.shop.carrier_id = cls.carrier
        parameters = cls.env["ir.config_parameter"]
        service = cls.standins.gls
        for name, address in (
            ("gls_url", service.url),
            ("gls_test_url", service.test_url),
            ("gls_tracking_url", service.tracking_url),
            ("gls_test_tracking_url", f"{service.base_url}/tt-test"),
        ):
            parameters.set_param(f"amazon_carrier_connector.{name}", address)
        cls.account = cls.create_account()
        cls.test_account = cls.create_account(
            is_test=True,
            username=service.test_username,
            password_entry=service.test_password,
        )

    @classmethod
    def create_account(cls, **values):
        return cls.env["gls.account"].create(
            {
                "company_id": cls.company.id,
                "username": cls.standins.gls.username,
                "password_entry": cls.standins.gls.password,
                **values,
            }
        )

    def setUp(self):
        super().setUp()
        self.gls = self.standins.gls

    @contextmanager
    def impatient(self, seconds=0.4):
        hasty = {"timeout": (2, seconds)}
        with (
            patch.object(gls, "Gls", partial(gls.Gls, **hasty)),
            patch.object(
                gls_tracking, "GlsTracking", partial(gls_tracking.GlsTracking, **hasty)
            ),
        ):
            yield

    def get_bought(self):
        bought = {}
        for unit in self.gls.units.values():
            if not unit.deleted:
                bought.setdefault(unit.unit_id, []).append(unit.unit_no)
        return bought

    def lose(self, pickings, moment="after", **values):
        """Let the answers to their creation be lost; their run."""
        self.gls.faults.add(CREATE, "cut", moment=moment, times=None)
        run = self.label(pickings, **values)
        self.gls.faults.clear()
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
        return run

    def decide(self, parcel, answer="made", label=None, **values):
        """Answer the dialog on an unclear parcel, as somebody of the warehouse."""
        with self.committing(self.stock_user) as env:
            action = parcel.with_env(env).action_decide()
            decision = (
                env["delivery.parcel.decision"]
                .with_context(**action["context"])
                .create(
                    {
                        "answer": answer,
                        "label": label and base64.b64encode(label),
                        **values,
                    }
                )
            )
            return decision.action_decide()

    def print_again(self, number):
        """What a person gets from the carrier's portal: a PDF of the same label."""
        from tests.standins import labels

        unit = self.gls.units[number]
        recipient = unit.recipient
        lines = (recipient["name1"], recipient["street"])
        return labels.pdf_a6(
            [labels.Label("GLS", number, lines, unit.reference, "BusinessParcel", 400)]
        )

    def check_unclear(self, parcels):
        with self.committing(self.amazon_user) as env:
            parcels.with_env(env).action_check_unclear()
