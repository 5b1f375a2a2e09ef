"""Shipping labels as the carriers' printers would like them: PDF with real text, ZPL.

A label is an A6 page, or a quarter of an A4 sheet.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4, A6
from reportlab.pdfgen.canvas import Canvas

QUARTERS = ((0, A6[1]), (A6[0], A6[1]), (0, 0), (A6[0], 0))
MARGIN = 16


@dataclass(frozen=True)
class Label:
    carrier: str
    barcode: str
    address: tuple[str, ...]
    reference: str = ""
    product: str = ""
    weight_grams: int = 0


def pdf_a6(labels: list[Label]) -> bytes:
    """One A6 page per label."""
    canvas, buffer = _canvas(A6)
    for label in labels:
        _draw(canvas, label, 0, 0)
        canvas.showPage()
    return _finished(canvas, buffer)


def pdf_a4(labels: list[Label], positions=(1, 2, 3, 4)) -> bytes:
    """Four labels per A4 sheet; ``positions`` (1-4) are those free on the first one.

    1 is top left, 2 top right, 3 bottom left, 4 bottom right.
    """
    canvas, buffer = _canvas(A4)
    free = list(positions)
    for label in labels:
        if not free:
            canvas.showPage()
            free = [1, 2, 3, 4]
        x, y = QUARTERS[free.pop(0) - 1]
        _draw(canvas, label, x, y)
    canvas.showPage()
    return _finished(canvas, buffer)


def pdf_a4_single(labels: list[Label], customs_forms: list[bool]) -> bytes:
    """One label per A4 page, and after it the customs form of those that have one."""
    canvas, buffer = _canvas(A4)
    for label, has_form in zip(labels, customs_forms, strict=True):
        _draw(canvas, label, *QUARTERS[0])
        canvas.showPage()
        if has_form:
            canvas.setFont("Helvetica", 12)
            canvas.drawString(MARGIN, 800, "CN23 Customs declaration")
            canvas.drawString(MARGIN, 780, label.barcode)
            canvas.showPage()
    return _finished(canvas, buffer)


def zpl(label: Label) -> str:
    address = "".join(f"^FD{line}^FS" for line in label.address)
    return f"^XA^FO50,50^BCN,150,Y^FD{label.barcode}^FS{address}^XZ"


def _canvas(size):
    buffer = io.BytesIO()
    return Canvas(buffer, pagesize=size, pageCompression=1, invariant=1), buffer


def _finished(canvas, buffer) -> bytes:
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, label: Label, x: float, y: float) -> None:
    width, height = A6
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rect(MARGIN / 2, MARGIN / 2, width - MARGIN, height - MARGIN)
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(MARGIN, height - 38, label.carrier)
    canvas.setFont("Helvetica", 9)
    weight = f"{label.weight_grams / 1000:.2f} kg" if label.weight_grams else ""
    canvas.drawRightString(width - MARGIN, height - 32, label.product)
    canvas.drawRightString(width - MARGIN, height - 44, weight)
    canvas.line(MARGIN / 2, height - 54, width - MARGIN / 2, height - 54)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(label.address):
        canvas.drawString(MARGIN, height - 76 - 15 * number, printable(line))
    if label.barcode:
        _draw_barcode(canvas, label.barcode, width)
    canvas.setFont("Helvetica", 9)
    canvas.drawString(MARGIN, MARGIN, printable(label.reference))
    canvas.restoreState()


def _draw_barcode(canvas: Canvas, barcode: str, width: float) -> None:
    modules = Code128(barcode, barWidth=1.0, quiet=False).width
    thin = min(1.2, (width - 3 * MARGIN) / modules)
    bars = Code128(barcode, barHeight=72, barWidth=thin, quiet=False)
    bars.drawOn(canvas, (width - bars.width) / 2, 70)
    canvas.setFont("Courier-Bold", 12)
    canvas.drawCentredString(width / 2, 52, barcode)


def printable(text: str) -> str:
    """The text in what the printer's built-in font holds (Windows-1252)."""
    bare = (
        one if one.encode("cp1252", "ignore") else unicodedata.normalize("NFKD", one)[0]
        for one in text
    )
    return "".join(bare).encode("cp1252", "replace").decode("cp1252")
