"""The page about speed: what was measured, and what it means."""

from __future__ import annotations

from pathlib import Path

TEXT = Path(__file__).with_name("page.md")
MARK = "<!-- figures -->\n"


def write(path: Path, table: str) -> None:
    """Write the page with a table of figures in its place."""
    before, _mark, after = TEXT.read_text(encoding="utf-8").partition(MARK)
    path.write_text(f"{before}{table.lstrip()}{after}", encoding="utf-8")
