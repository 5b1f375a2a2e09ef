"""The page of the addon in Odoo's Apps, made from the fragments in its `readme/`.

`python -m devtools.description [--check]`; `./dev lint --fix` writes the page,
`./dev lint` tells when it is not what the fragments say.
"""

import sys
from pathlib import Path

from markdown_it import MarkdownIt

from .paths import ADDON_FOLDER

FRAGMENTS = ADDON_FOLDER / "readme"
PAGE = ADDON_FOLDER / "static/description/index.html"
# By the name of the fragment, its heading; in the order of the page.
SECTIONS = {
    "DESCRIPTION": "Amazon Carrier Connector",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
}
SECTION = """<section class="oe_container">
<h2>{heading}</h2>
{body}</section>
"""
ADVICE = "The page of the addon is not what its readme says: run ./dev lint --fix."


def main(arguments):
    """Write the page, or only compare it with the fragments; returns the exit code."""
    page = make(FRAGMENTS)
    if arguments == ["--check"]:
        is_made = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page
        if not is_made:
            print(ADVICE)
        return 0 if is_made else 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


def make(fragments: Path) -> str:
    """The page as HTML; pictures lie beside it.

    Odoo puts the path of the addon before a picture without one.
    """
    return "".join(
        SECTION.format(
            heading=heading,
            body=_render((fragments / f"{name}.md").read_text(encoding="utf-8")),
        )
        for name, heading in SECTIONS.items()
    )


def _render(text):
    html = MarkdownIt("commonmark").render(text)
    return html.replace(
        '<img src="../static/description/', '<img class="img-fluid" src="'
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
