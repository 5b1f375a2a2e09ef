"""The addon's fields on Odoo's own models: who reads them, and who writes them."""

from collections import defaultdict

from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCommon, report_row

MODULE = "amazon_carrier_connector"
LOGINS = ("employee", "stock_user", "amazon_user", "amazon_manager", "admin")
NOBODY = ()
ADMINS = LOGINS[4:]
SELLERS = LOGINS[2:]
WAREHOUSE = LOGINS[1:]
EVERYBODY = LOGINS
OPTIONS = {
    "label_age_check",
    "label_delivery_type",
    "label_economy",
    "label_express",
    "label_extra_assurance",
    "label_hide_sender",
    "label_insurance",
    "label_large_format",
    "label_letter_box",
    "label_notification",
    "label_only_recipient",
    "label_parcel_shop",
    "label_priority_delivery",
    "label_receipt_code",
    "label_return_label",
    "label_return_undelivered",
    "label_same_day_delivery",
    "label_saturday_delivery",
    "label_signature",
    "label_tracked",
}
# By model, who reads and who writes. What Amazon is told, and what belongs to a
# secret, nobody writes; how a delivery is shipped, whoever ships it decides.
DECISIONS = {
    ("delivery.carrier", NOBODY, NOBODY): {"myparcel_api_key", "myparcel_hook_hash"},
    ("delivery.carrier", ADMINS, NOBODY): {"has_myparcel_api_key"},
    ("delivery.carrier", ADMINS, ADMINS): {
        "myparcel_api_key_entry",
        "myparcel_hook_ref",
    },
    ("delivery.carrier", SELLERS, ADMINS): {"amazon_mapping_ids"},
    ("delivery.carrier", WAREHOUSE, ADMINS): {
        *OPTIONS,
        "gls_confirm",
        "gls_connections",
        "gls_cut_off",
        "gls_label_type",
        "gls_sender_id",
        "label_text",
        "myparcel_carrier",
        "myparcel_key_set_at",
        "myparcel_key_tested_at",
        "myparcel_package_type_id",
    },
    ("product.category", EVERYBODY, ADMINS): {"customs_hs_code", "customs_origin_id"},
    ("res.company", NOBODY, NOBODY): {
        "amazon_client_secret",
        "myparcel_api_key",
        "myparcel_hook_hash",
    },
    ("res.company", ADMINS, NOBODY): {
        "has_amazon_client_secret",
        "has_myparcel_api_key",
        "myparcel_reports",
        "myparcel_silent",
    },
    ("res.company", ADMINS, ADMINS): {
        "amazon_app_is_draft",
        "amazon_application_id",
        "amazon_client_id",
        "amazon_client_secret_entry",
        "amazon_secret_set_at",
        "myparcel_api_key_entry",
        "myparcel_hook_ref",
    },
    ("res.company", EVERYBODY, ADMINS): {
        "amazon_carrier_id",
        "amazon_package_type_id",
        "amazon_retention_days",
        "amazon_shop_ids",
        "customs_eori",
        "customs_uk_vat",
        "customs_voec",
        "myparcel_key_set_at",
        "myparcel_key_tested_at",
    },
    ("res.partner", NOBODY, NOBODY): {"amazon_order_ids"},
    ("res.config.settings", ADMINS, NOBODY): {
        "amazon_login_uri",
        "amazon_redirect_uri",
        "customs_vat",
        "has_amazon_client_secret",
        "has_myparcel_api_key",
        "myparcel_reports",
        "myparcel_silent",
    },
    ("res.config.settings", ADMINS, ADMINS): {
        "amazon_app_is_draft",
        "amazon_application_id",
        "amazon_carrier_id",
        "amazon_client_id",
        "amazon_client_secret_entry",
        "amazon_package_type_id",
        "amazon_retention_days",
        "amazon_secret_set_at",
        "customs_eori",
        "customs_uk_vat",
        "customs_voec",
        "myparcel_api_key_entry",
    },
    ("res.users", EVERYBODY, ADMINS): {
        "label_layout",
        "label_opening",
        "label_start_position",
        "labels_per_sheet",
    },
    ("stock.move", WAREHOUSE, NOBODY): {"amazon_item_id", "amazon_merged_from_id"},
    ("stock.picking", WAREHOUSE, NOBODY): {
        "amazon_address_uncertain",
        "amazon_cancel_requested",
        "amazon_choice_text",
        "amazon_chosen_by_hand",
        "amazon_kind",
        "amazon_market_code",
        "amazon_market_id",
        "amazon_order_ids",
        "amazon_shop_id",
        "amazon_sku",
        "can_be_returned_by_label",
        "is_merged",
        "label_options_text",
        "label_state",
        "merged_into_id",
        "myparcel_carrier",
        "parcel_shop_wanted",
        "push_carrier_id",
        "push_message",
        "push_state",
        "tracking_state",
        "tracking_warning",
    },
    ("stock.picking", WAREHOUSE, WAREHOUSE): {
        *OPTIONS,
        "amazon_choice",
        "amazon_confirmation_ids",
        "amazon_on_hold",
        "amazon_rule_id",
        "merged_move_ids",
        "parcel_ids",
        "parcel_shop_address",
        "parcel_shop_name",
        "parcel_shop_ref",
        "parcel_type_id",
        "parcel_weight",
        "typed_parcel_weight",
    },
    ("stock.picking.type", EVERYBODY, NOBODY): {
        "count_picking_label_problem",
        "count_picking_to_label",
    },
}


@tagged("post_install", "-at_install")
class TestItemsOfMoves(AmazonCommon):
    """Amazon is told what the moves of its items say: people give none an item."""

    def setUp(self):
        super().setUp()
        self.import_rows(report_row(1, quantity_to_ship=3), report_row(2))
        self.delivery = self.find_order(1).picking_ids
        self.move = self.delivery.move_ids
        self.other_item = self.find_order(2).item_ids

    def _get_plain_values(self):
        """What a person enters who adds a product to a delivery."""
        return {
            "product_id": self.bowl.id,
            "product_uom_qty": 9,
            "location_id": self.delivery.location_id.id,
            "location_dest_id": self.delivery.location_dest_id.id,
        }

    def test_people_link_no_move_by_any_way_round(self):
        item = self.other_item.id
        forged = dict(self._get_plain_values(), amazon_item_id=item)
        for user in (self.stock_user, self.amazon_user, self.amazon_manager):
            delivery = self.delivery.with_user(user)
            move = self.move.with_user(user)
            new = dict(forged, picking_id=delivery.id)
            by_default = move.with_context(default_amazon_item_id=item)
            plain = dict(self._get_plain_values(), picking_id=delivery.id)
            ways = {
                "write": lambda m=move: m.write({"amazon_item_id": item}),
                "clear": lambda m=move: m.write({"amazon_item_id": False}),
                "save": lambda m=move: m.web_save({"amazon_item_id": item}, {}),
                "create": lambda m=move, v=new: m.create(v),
                "default": lambda m=by_default, v=plain: m.create(v),
                "copy": lambda m=move: m.copy({"amazon_item_id": item}),
                "delivery": lambda d=delivery: d.write(
                    {"move_ids": [Command.create(forged)]}
                ),
                "merged": lambda m=move: m.write(
                    {"amazon_merged_from_id": self.other_item.move_ids.picking_id.id}
                ),
                "merged there": lambda d=delivery: d.write(
                    {"merged_move_ids": [Command.link(self.other_item.move_ids.id)]}
                ),
                "shop": lambda d=delivery: d.write({"amazon_shop_id": False}),
                "skus": lambda d=delivery: d.write({"amazon_sku": "FORGED"}),
            }
            self.assert_all_refused(user, ways)
            loaded = move.load([".id", "amazon_item_id/.id"], [[str(move.id), item]])
            self.assertTrue(loaded["messages"])
        self.assertEqual(self.move.amazon_item_id, self.find_order(1).item_ids)
        self.assertEqual(self.other_item.move_ids.picking_id.amazon_shop_id, self.shop)

    def test_people_link_no_move_by_a_default_of_their_own(self):
        for user in (self.stock_user, self.amazon_user, self.amazon_manager):
            defaults = self.env["ir.default"].with_user(user)
            item = self.other_item.id
            defaults.set("stock.move", "amazon_item_id", item, user_id=True)
            plain = dict(self._get_plain_values(), picking_id=self.delivery.id)
            self.assertFalse(self.move.with_user(user).create(plain).amazon_item_id)

    def test_warehouse_staff_split_moves_and_make_backorders_of_an_item(self):
        delivery = self.delivery.with_user(self.stock_user)
        delivery.carrier_id = False
        delivery.action_confirm()
        moves = delivery.move_ids
        moves.create(moves._split(1))
        moves[0].write({"quantity": 1, "picked": True})
        delivery.with_context(skip_backorder=True).button_validate()
        order = self.find_order(1)
        self.assertEqual(delivery.state, "done")
        self.assertEqual(sum(order.item_ids.move_ids.mapped("product_uom_qty")), 3)
        self.assertEqual(len(order.picking_ids), 2)
        self.assertEqual(order.picking_ids.amazon_shop_id, self.shop)

    def test_what_warehouse_staff_add_or_duplicate_is_no_items(self):
        delivery = self.delivery.with_user(self.stock_user)
        delivery.write({"move_ids": [Command.create(self._get_plain_values())]})
        self.assertEqual(len(delivery.move_ids.filtered("amazon_item_id")), 1)
        self.assertFalse(delivery.copy().amazon_shop_id)

    def test_warehouse_staff_take_back_what_an_order_was_sent(self):
        delivery = self.delivery.with_user(self.stock_user)
        delivery.carrier_id = False
        delivery.button_validate()
        wizards = self.env["stock.return.picking"].with_user(self.stock_user)
        wizard = wizards.create({"picking_id": delivery.id})
        wizard.product_return_moves.quantity = 1
        returned = delivery.browse(wizard.action_create_returns()["res_id"])
        self.assertTrue(returned.move_ids)
        self.assertFalse(returned.amazon_order_ids)


@tagged("post_install", "-at_install")
class TestEveryField(AmazonCommon):
    """Each field that the addon puts on Odoo's own models has a decision."""

    def _get_own_fields(self):
        """Pairs of a model's name and a field."""
        return [
            (name, field)
            for name, model in self.registry.items()
            if model._original_module != MODULE and not model._abstract
            for field in self.env[name]._fields.values()
            # Inherited ones are decided on where they are from.
            if field._modules[:1] == (MODULE,) and not field.inherited
        ]

    def _find_allowed(self, model, field, operation):
        """The logins that may."""
        if operation == "write" and not (field.store or field.inverse):
            return NOBODY
        records = {
            login: self.env[model].with_user(getattr(self, login)) for login in LOGINS
        }
        return tuple(
            login
            for login, mine in records.items()
            if mine.has_access(operation) and mine._has_field_access(field, operation)
        )

    def test_who_reads_and_who_writes_each_field_is_decided(self):
        found = defaultdict(set)
        for model, field in self._get_own_fields():
            readers = self._find_allowed(model, field, "read")
            writers = self._find_allowed(model, field, "write")
            found[model, readers, writers].add(field.name)
        self.assertEqual(dict(found), DECISIONS)
