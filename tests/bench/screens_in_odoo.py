"""Pages are read as the web client reads them, inside an Odoo; see `screens`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from lxml import etree

from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .imports_in_odoo import ADDON, Measure
from .validate_in_odoo import label, prepare_imported

GROUPS = (f"{ADDON}.group_amazon_manager", "stock.group_stock_manager")
LIST_LIMIT, COUNT_LIMIT = 80, 10_001
TAGS = ("many2many_tags", "many2many_avatar_user", "x2many_buttons")
# Further than any id reaches: so references can be reckoned.
STEP = 1_000_000
# Tables in the order of their references; columns that refer to a copied row, and
# columns whose text may stand in one row only.
COPIED = {
    "res_partner": (("commercial_partner_id",), ()),
    "amazon_order": (("partner_id",), ("name",)),
    "amazon_order_item": (("order_id",), ()),
    "stock_picking": (("partner_id",), ("name",)),
    "stock_move": (("picking_id", "amazon_item_id"), ()),
    "delivery_parcel": (("picking_id",), ("reference",)),
    "amazon_shipment_confirmation": (("order_id", "picking_id", "parcel_id"), ()),
}


@dataclass(frozen=True)
class Screen:
    """A page: an action, the kind of its view, and what is searched for."""

    action: str
    view_type: str = "list"
    domain: Callable | None = None


def _by_order(env):
    order = env["amazon.order"].search([], limit=1, order="id")
    return [("origin", "ilike", order.name[4:])]


def _by_recipient(env):
    order = env["amazon.order"].search([], limit=1, order="id")
    return [("partner_id.name", "ilike", order.partner_id.name)]


def _by_sku(env):
    return [("move_ids.amazon_item_id.sku", "ilike", "mug")]


def _filtered(name):
    def domain(env):
        view = env.ref(f"{ADDON}.stock_picking_view_search_amazon")
        arch = env["stock.picking"].get_view(view.id, "search")["arch"]
        (found,) = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")
        return safe_eval(found.get("domain"))

    return domain


DELIVERIES = f"{ADDON}.amazon_delivery_action"
CORE = "core's inventory overview"
SCREENS = {
    CORE: Screen("stock.stock_picking_type_action", "kanban"),
    "core's list of deliveries": Screen("stock.action_picking_tree_all"),
    "overview": Screen(f"{ADDON}.amazon_overview_action", "kanban"),
    "deliveries": Screen(DELIVERIES),
    "deliveries as cards": Screen(DELIVERIES, "kanban"),
    "to do": Screen(DELIVERIES, domain=_filtered("to_do")),
    "to label": Screen(DELIVERIES, domain=_filtered("to_label")),
    "to push": Screen(DELIVERIES, domain=_filtered("to_push")),
    "search: an order": Screen(DELIVERIES, domain=_by_order),
    "search: a recipient": Screen(DELIVERIES, domain=_by_recipient),
    "search: a SKU": Screen(DELIVERIES, domain=_by_sku),
}


def main(env, report: bytes, copies: int, repetitions: int) -> dict:
    """Fill the database, read each page several times."""
    shop, pickings = prepare_imported(env, report)
    label(env, pickings[: len(pickings) // 2])
    _copy(env, copies)
    user = env.ref("base.user_admin")
    user.write({"group_ids": [Command.link(env.ref(name).id) for name in GROUPS]})
    env.cr.commit()
    companies = {"allowed_company_ids": shop.company_id.ids}
    env = env(user=user.id, su=False, context=companies)
    told = {
        name: _read_often(env, screen, repetitions) for name, screen in SCREENS.items()
    }
    told["deliveries in all"] = env["stock.picking"].search_count([])
    return told


def _copy(env, copies: int) -> None:
    """Multiply what is there in the database itself: imports would take an hour."""
    env.flush_all()
    for table, (references, unique) in COPIED.items():
        _copy_table(env, table, references, unique, copies)
    env.cr.commit()
    env.invalidate_all()
    env.cr.execute("ANALYZE")
    env.cr.commit()


def _copy_table(env, table, references, unique, copies) -> None:
    stored = env.execute_query(
        SQL(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            table,
        )
    )
    columns = [name for (name,) in stored]
    values = []
    for name in columns:
        column = SQL.identifier("old", name)
        if name in ("id", *references):
            column = SQL("%s + %s * copy", column, STEP)
        elif name in unique:
            column = SQL("%s || '-' || copy", column)
        values.append(column)
    env.execute_query(
        SQL(
            "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s"
            " FROM %(table)s AS old, generate_series(1, %(copies)s) AS copy"
            " RETURNING 1",
            table=SQL.identifier(table),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(values),
            copies=copies,
        )
    )


def _read_often(env, screen: Screen, repetitions: int) -> dict[str, float]:
    """Once to warm up; what is cached between requests is cached in a worker too."""
    action = env["ir.actions.act_window"]._for_xml_id(screen.action)
    model = env[action["res_model"]].with_context(
        **_evaluate(env, action["context"] or "{}")
    )
    views = {kind: view for view, kind in action["views"]}
    view = model.get_view(views.get(screen.view_type), screen.view_type)
    specification = _get_specification(model, view["arch"])
    domain = _evaluate(env, action["domain"] or "[]")
    if screen.domain:
        domain = [*domain, *screen.domain(env)]
    turns = [_read(model, domain, specification) for _ in range(repetitions + 1)][1:]
    return {name: median(turn[name] for turn in turns) for name in turns[0]}


def _evaluate(env, text: str):
    names = {"uid": env.uid, "active_id": False, **env.context}
    return safe_eval(text, names)


def _read(model, domain, specification) -> dict[str, float]:
    model.env.cr.commit()
    with Measure(model.env) as measured:
        read = model.web_search_read(
            domain, specification, limit=LIST_LIMIT, count_limit=COUNT_LIMIT
        )
    return {
        "seconds": measured.seconds,
        "queries": measured.queries,
        "found": read["length"],
    }


def _get_specification(model, arch: str) -> dict:
    """The fields that the web client asks for when it shows a view."""
    wanted = {}
    for node in etree.fromstring(arch).iter("field"):
        name = node.get("name")
        if name not in model._fields or node.get("column_invisible") in ("1", "True"):
            continue
        is_shown = model._fields[name].type == "many2one" or node.get("widget") in TAGS
        wanted[name] = {"fields": {"display_name": {}}} if is_shown else {}
    return wanted
