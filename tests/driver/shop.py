"""What a person in charge sets up once: keys, a shop, its users, products in stock."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from devtools.processes import PARAMETERS

from .client import OdooClient

ADDON = "amazon_carrier_connector"
USER, MANAGER = f"{ADDON}.group_amazon_user", f"{ADDON}.group_amazon_manager"
PLACEHOLDER = f"{ADDON}.product_placeholder"
GLS = f"{ADDON}.delivery_carrier_gls"
POSTNL = f"{ADDON}.delivery_carrier_myparcel_postnl"


@dataclass(frozen=True)
class Product:
    """A product of the seller; its SKU is the internal reference."""

    sku: str
    name: str
    weight_kg: float
    quantity: int = 1000


def point_to_standins(admin: OdooClient, connection: Mapping[str, str]) -> None:
    """Make the addon ask the stand-ins at the addresses of ``connection``."""
    for parameter, name in PARAMETERS.items():
        admin.call("ir.config_parameter", "set_param", parameter, connection[name])


def enter_keys(admin: OdooClient, connection: Mapping[str, str]) -> None:
    """Fill in the settings page and save it."""
    (settings,) = admin.create(
        "res.config.settings",
        {
            "amazon_application_id": connection["application_id"],
            "amazon_client_id": connection["client_id"],
            "amazon_client_secret_entry": connection["client_secret"],
            "myparcel_api_key_entry": connection["myparcel_key"],
        },
    )
    admin.press("res.config.settings", settings, "execute")


def connect_shop(
    admin: OdooClient, connection: Mapping[str, str], *, market="NL", **values
) -> int:
    """Connect the stand-in's seller; PostNL through MyParcel, in production."""
    carrier = admin.ref(POSTNL)
    if not admin.read("delivery.carrier", carrier, "prod_environment")[
        "prod_environment"
    ]:
        admin.press("delivery.carrier", carrier, "toggle_prod_environment")
    markets = admin.search("amazon.market", [("code", "in", ["NL", "DE", "FR", "BE"])])
    (main_market,) = admin.search("amazon.market", [("code", "=", market)])
    (shop,) = admin.create(
        "amazon.shop",
        {
            "selling_partner_id": connection["selling_partner_id"],
            "refresh_token_entry": connection["refresh_token"],
            "market_ids": [(6, 0, markets)],
            "market_id": main_market,
            "carrier_id": carrier,
            **values,
        },
    )
    return shop


def connect_gls(
    admin: OdooClient, connection: Mapping[str, str], shop_id: int, **values
) -> int:
    """The shop ships with GLS, in production; ``values`` are of the delivery method."""
    admin.create(
        "gls.account",
        {
            "username": connection["gls_username"],
            "password_entry": connection["gls_password"],
        },
    )
    carrier = admin.ref(GLS)
    admin.write("delivery.carrier", carrier, prod_environment=True, **values)
    admin.write("amazon.shop", shop_id, carrier_id=carrier)
    return carrier


def set_up(admin: OdooClient, connection: Mapping[str, str], **values) -> int:
    """All that a shop needs before its first import; returns the shop's id."""
    point_to_standins(admin, connection)
    enter_keys(admin, connection)
    return connect_shop(admin, connection, **values)


def create_user(admin: OdooClient, login: str, *groups: str, name: str = "") -> int:
    """A user whose password is the login, with these groups by external id."""
    (user,) = admin.create(
        "res.users",
        {
            "name": name or login,
            "login": login,
            "password": login,
            "email": f"{login}@example.com",
            "group_ids": [(4, admin.ref(group)) for group in groups],
        },
    )
    return user


def put_in_stock(admin: OdooClient, products: list[Product]) -> None:
    """Create the products and count them into the main warehouse."""
    ids = admin.create(
        "product.product",
        *(
            {
                "name": product.name,
                "default_code": product.sku,
                "weight": product.weight_kg,
                "type": "consu",
                "is_storable": True,
            }
            for product in products
        ),
    )
    (warehouse,) = admin.search("stock.warehouse", [], limit=1)
    location = admin.read("stock.warehouse", warehouse, "lot_stock_id")["lot_stock_id"]
    quants = admin.call(
        "stock.quant",
        "create",
        [
            {
                "product_id": product_id,
                "location_id": location,
                "inventory_quantity": product.quantity,
            }
            for product_id, product in zip(ids, products, strict=True)
        ],
        context={"inventory_mode": True},
    )
    admin.call("stock.quant", "action_apply_inventory", quants)


def encode(data: bytes) -> str:
    """A file as Odoo's binary fields take it."""
    return base64.b64encode(data).decode()
