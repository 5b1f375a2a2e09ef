"""The text on a label."""

import pytest
from carriers.label_texts import fill_label_text, unknown_placeholders

VALUES = {
    "ORDER_ID": "404-0000001-0000001",
    "PRODUCT_SKU": "MUG-1, MUG-2",
    "PRODUCT_QTY": "3",
    "DELIVERY": "WH/OUT/00012",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("[ORDER_ID]", "404-0000001-0000001"),
        ("[order_id]", "404-0000001-0000001"),
        ("[PRODUCT_QTY] x [PRODUCT_SKU]", "3 x MUG-1, MUG-2"),
        ("Fragile!", "Fragile!"),
        ("", ""),
        ("[DELIVERY]\n[UNKNOWN]!", "WH/OUT/00012 !"),
        ("[1] [ORDER_ID", "[1] [ORDER_ID"),
    ],
)
def test_placeholders_are_filled_in(template, text):
    assert fill_label_text(template, VALUES, 45) == text


def test_what_is_too_long_is_cut_and_shows_it():
    text = fill_label_text("[PRODUCT_SKU]", {"PRODUCT_SKU": "SKU-123, " * 9}, 45)
    assert len(text) <= 45
    assert text.startswith("SKU-123, SKU-123")
    assert text.endswith("…")
    assert fill_label_text("x" * 45, {}, 45) == "x" * 45
    assert fill_label_text("x" * 46, {}, 45) == "x" * 44 + "…"


def test_a_value_with_a_placeholder_in_it_is_printed_as_it_is():
    assert fill_label_text("[PRODUCT_SKU]", {"PRODUCT_SKU": "[ORDER_ID]"}, 45) == (
        "[ORDER_ID]"
    )


def test_mistyped_placeholders_are_found():
    assert unknown_placeholders("[ORDER_ID] [SKU] [product_qty]") == ["SKU"]
    assert unknown_placeholders("no placeholder [1]") == []
