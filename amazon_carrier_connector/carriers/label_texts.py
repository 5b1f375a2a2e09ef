"""The merchant's own text on a label; placeholders as MyParcel's plugins name them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .texts import clean

PLACEHOLDERS = ("ORDER_ID", "PRODUCT_SKU", "PRODUCT_QTY", "DELIVERY")
_PLACEHOLDER = re.compile(r"\[([A-Za-z_]+)\]")


def unknown_placeholders(template: str) -> list[str]:
    """What looks like a placeholder and is none, in order."""
    names = _PLACEHOLDER.findall(template)
    return [name for name in names if name.upper() not in PLACEHOLDERS]


def fill_label_text(template: str, values: Mapping[str, str], length: int) -> str:
    """The text of one label, cut to what its carrier prints.

    :param values: by placeholder; one that is missing leaves nothing
    :param length: in characters; the cut shows as "…"
    """
    text = clean(
        _PLACEHOLDER.sub(lambda match: values.get(match[1].upper(), ""), template)
    )
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
