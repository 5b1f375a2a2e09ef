"""A label that no carrier moves: to try the printer and the way of working."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A6
from reportlab.pdfgen.canvas import Canvas

_MARGIN = 14
_LINE = 14
_GREY = 0.85


def draw_specimen(
    *, carrier: str, number: str, address: Sequence[str], reference: str, text: str
) -> bytes:
    """An A6 page as a label would be, with TEST across it."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A6, invariant=1)
    canvas.setTitle(number)
    width, height = A6
    _draw_test(canvas, width, height)
    canvas.rect(_MARGIN / 2, _MARGIN / 2, width - _MARGIN, height - _MARGIN)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(_MARGIN, height - 34, _printable(carrier))
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawRightString(width - _MARGIN, height - 32, "TEST")
    canvas.line(_MARGIN / 2, height - 46, width - _MARGIN / 2, height - 46)
    canvas.setFont("Helvetica", 11)
    for row, line in enumerate(address):
        canvas.drawString(_MARGIN, height - 66 - row * _LINE, _printable(line))
    _draw_barcode(canvas, number, width)
    canvas.setFont("Helvetica", 8)
    canvas.drawString(_MARGIN, 28, _printable(text))
    canvas.drawString(_MARGIN, 16, _printable(reference))
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_test(canvas: Canvas, width: float, height: float) -> None:
    canvas.saveState()
    canvas.translate(width / 2, height * 0.56)
    canvas.rotate(50)
    canvas.setFillGray(_GREY)
    canvas.setFont("Helvetica-Bold", 120)
    canvas.drawCentredString(0, -40, "TEST")
    canvas.restoreState()


def _draw_barcode(canvas: Canvas, number: str, width: float) -> None:
    modules = Code128(number, barWidth=1.0, quiet=False).width
    thin = min(1.2, (width - 4 * _MARGIN) / modules)
    bars = Code128(number, barHeight=60, barWidth=thin, quiet=False)
    bars.drawOn(canvas, (width - bars.width) / 2, 66)
    canvas.setFont("Courier-Bold", 11)
    canvas.drawCentredString(width / 2, 50, number)


def _printable(text: str) -> str:
    """The text in what the built-in fonts hold: Windows-1252, else the bare letter."""
    shown = []
    for letter in text:
        candidates = (letter, unicodedata.normalize("NFKD", letter)[0], "?")
        shown.append(next(sign for sign in candidates if _is_known(sign)))
    return "".join(shown)


def _is_known(sign: str) -> bool:
    return bool(sign.encode("cp1252", "ignore"))
