"""Whatever can be called from outside is closed to those whose business it is not."""

import inspect
from collections import defaultdict

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import new_test_user, tagged

from .test_security import SecurityCase

OURS = "odoo.addons.amazon_carrier_connector."
# Checked by Odoo itself, for each record and field.
ORM = frozenset(("create", "write", "unlink", "copy_data", "export_data"))
# What a method is called with, beside the record.
ARGUMENTS = {"action_view_ship_by": [0]}
PAGE_TYPES = {"act_window", "act_url", "client", "report"}
# Whoever calls these gets a page to open, on which stands what he may read, or is told
# that of what he may read nothing is concerned. A new method is closed, or comes here.
PAGES = {
    "amazon.confirmation.file": {"action_view_confirmations"},
    "amazon.order": {"action_open_address"},
    "amazon.order.import": {"action_download_problems", "action_open"},
    "amazon.shop": {
        *("action_add_carrier_code", "action_hand_over", "action_open_guide"),
        *("action_upload_report", "action_view_confirmations_to_push"),
        *("action_view_deliveries_to_label", "action_view_failed_confirmations"),
        *("action_view_late_confirmations", "action_view_orders"),
        *("action_view_skus_to_match", "action_view_deliveries", "action_enter_keys"),
        *("action_view_late_deliveries", "action_view_deliveries_due_today"),
        *("action_view_problem_deliveries", "action_view_labelled_deliveries"),
        *("action_view_ship_by", "action_view_imports", "action_view_shipping_rules"),
    },
    "stock.picking.type": {
        *("action_view_pickings_to_label", "action_view_pickings_with_label_problem"),
    },
    "amazon.erasure.wizard": {"action_view_kept"},
    "delivery.carrier": {"action_add_amazon_code"},
    "delivery.day.list": {"action_print"},
    # Those of the caller, whichever record he names.
    "delivery.parcel": {"action_print_new_labels"},
    "stock.picking": {"action_print_new_labels", "get_empty_list_help"},
    "delivery.label.run": {"action_check_addresses", "action_view_problems"},
}


@tagged("post_install", "-at_install")
class TestMethods(SecurityCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outsiders = (
            cls.employee,
            cls.other_manager,
            new_test_user(cls.env, "portal_caller", "base.group_portal"),
        )

    def _get_methods(self):
        """Each method of ours that a remote call reaches, by model."""
        for name, model in self.registry.items():
            ours = [c for c in model.mro() if c.__module__.startswith(OURS)]
            for method in {n for c in ours for n in vars(c)} - ORM:
                if method.startswith("_") or not inspect.isfunction(
                    inspect.unwrap(getattr(model, method))
                ):
                    continue
                try:
                    get_public_method(self.env[name], method)
                except AccessError:
                    continue
                if not model._abstract:
                    yield name, method

    def _create_dialogs(self, records):
        """One of each dialog, opened by an Amazon user of the main company."""
        shop, parcel = records["amazon.shop"], records["delivery.parcel"]
        values = {
            "amazon.consent.wizard": {"shop_id": shop.id},
            "amazon.order.fetch.wizard": {"shop_id": shop.id, "order_refs": "1"},
            "amazon.order.import.wizard": {"shop_id": shop.id},
            "delivery.parcel.decision": {"parcel_id": parcel.id},
            "gls.parcel.shop.wizard": {"picking_id": parcel.picking_id.id},
        }
        dialogs = {
            name: self.env[name].with_user(self.admin).create(values.get(name, {}))
            for name in self._own_models()
            if self.env[name]._transient and not name.endswith(".line")
        }
        line = "gls.parcel.shop.wizard.line"
        wizard = dialogs["gls.parcel.shop.wizard"]
        dialogs[line] = self.env[line].create({"wizard_id": wizard.id, "ref": "NL1"})
        return dialogs

    def _create_lookup(self, order):
        model = self.env["ir.model"]._get(order._name)
        return self.env["privacy.lookup.wizard.line"].create(
            {"res_model_id": model.id, "res_id": order.id}
        )

    def _get_records(self):
        records = self._create_one_of_each()
        delivery = records["amazon.order"].picking_ids
        return {
            **records,
            **self._create_dialogs(records),
            "stock.picking": delivery,
            "stock.picking.type": delivery.picking_type_id,
            "privacy.lookup.wizard.line": self._create_lookup(records["amazon.order"]),
            "delivery.carrier": delivery.carrier_id.copy(
                {"company_id": self.company.id}
            ),
            "res.company": self.company,
            "res.config.settings": self.env["res.config.settings"].create({}),
        }

    def test_outsiders_get_pages_by_remote_calls_and_nothing_else(self):
        records = self._get_records()
        opened = defaultdict(set)
        for model, method in sorted(self._get_methods()):
            for user in self.outsiders:
                self.env.invalidate_all()
                if not self._is_closed(records[model].with_user(user), method):
                    opened[model].add(method)
        self.assertEqual(dict(opened), PAGES)

    def _is_closed(self, record, method):
        arguments = ARGUMENTS.get(method, ())
        try:
            with self.env.cr.savepoint():
                answer = call_kw(record.browse(), method, [record.ids, *arguments], {})
        except AccessError:
            return True
        except (UserError, ValueError):
            # Got past the rights, though not to an answer.
            return False
        if isinstance(answer, dict):
            self.assertIn(answer["type"].rpartition(".")[2], PAGE_TYPES, method)
        return False

    def test_the_methods_of_carriers_are_not_for_remote_calls(self):
        for provider in ("gls_nl", "myparcel_nl"):
            for job in ("rate_shipment", "send_shipping", "cancel_shipment"):
                with self.assertRaisesRegex(AccessError, "Private"):
                    get_public_method(self.carrier, f"{provider}_{job}")
