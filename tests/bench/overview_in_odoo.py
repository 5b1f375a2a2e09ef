"""The overview read as the web client reads it, inside an Odoo; see `overview`."""

from __future__ import annotations

from dataclasses import dataclass

from .imports_in_odoo import ADDON, Measure
from .many_deliveries import fill

GROUPS = ["market_id", "date:day"]
SUMS = ["__count", "cost:sum", "late_rate:avg"]


@dataclass(frozen=True)
class Kanban:
    """A kanban view by model and external id."""

    model: str
    view: str

    def read(self, env) -> None:
        records = env[self.model]
        view = env.ref(self.view)
        shown = records.get_views([(view.id, "kanban")])["models"][self.model]
        names = set(shown["fields"]) - {"activity_ids", "message_ids"}
        records.web_search_read([], dict.fromkeys(names, {}))


OVERVIEW = Kanban("amazon.shop", f"{ADDON}.amazon_shop_view_kanban")
CORE = Kanban("stock.picking.type", "stock.stock_picking_type_kanban")


def main(env, report: bytes, copies: int) -> dict:
    fill(env, report, copies)
    return {
        "overview": _measure(env, lambda: OVERVIEW.read(env)),
        "core": _measure(env, lambda: CORE.read(env)),
        "statistics": _measure(
            env, lambda: env["delivery.parcel.report"]._read_group([], GROUPS, SUMS)
        ),
    }


def _measure(env, work) -> dict[str, float]:
    """The second time: what is kept for all requests is there already."""
    work()
    env.invalidate_all()
    with Measure(env) as measured:
        work()
    return {"seconds": measured.seconds, "queries": measured.queries}
