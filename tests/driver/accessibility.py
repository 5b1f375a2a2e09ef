"""What keeps people from using a page without a mouse or good eyes: axe-core.

Odoo's own views have faults of their own. What is ours is what a comparable page of
Odoo's does not have: the same rule broken by an element with the same tag and classes
(but for numbers in them), or by the same two colours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page

from devtools import node_packages

GRAVE = ("serious", "critical")
# Below the menus; not what Odoo makes there, whatever a view says.
PLACES = (".o_action_manager",)
NOT_THERE = (".o-mail-Form-chatter", ".o_field_tags")
RUN = """async ([include, exclude]) => {
    const told = await axe.run({include, exclude}, {resultTypes: ["violations"]});
    const describe = ({html, any}) => {
        const colours = any.map(({data}) => data && data.fgColor && data)[0];
        if (colours) {
            return `${colours.fgColor} on ${colours.bgColor}`;
        }
        // Not the element itself, which may be gone by now.
        const template = document.createElement("template");
        template.innerHTML = html;
        const element = template.content.firstElementChild;
        const classes = [...element.classList].sort().join(".");
        return `${element.tagName}.${classes}`.replace(/\\d+/g, "0");
    };
    return told.violations.flatMap(({id, impact, help, nodes}) =>
        nodes.map((node) => ({
            rule: id, impact, help,
            kind: describe(node),
            place: node.target.join(" "),
        }))
    );
}"""

# What fades in has other colours meanwhile; a spinner never ends.
SETTLED = """() => document.getAnimations().every(
    ({effect, playState}) =>
        playState !== "running" || effect.getComputedTiming().endTime === Infinity
)"""


@dataclass(frozen=True, order=True)
class Fault:
    """One element that breaks a rule; the same kind of element breaks it alike."""

    rule: str
    kind: str
    place: str = field(compare=False)
    help: str = field(compare=False)


def find_faults(page: Page, *places: str) -> set[Fault]:
    """The grave faults of what a page shows now, one of each kind.

    ``places``: where to look, by selectors; without one, at all below the menus.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(node_packages.axe().read_text("utf-8"))
    page.wait_for_function(SETTLED)
    return {
        Fault(told["rule"], told["kind"], told["place"], told["help"])
        for told in page.evaluate(RUN, [places or PLACES, NOT_THERE])
        if told["impact"] in GRAVE
    }
