"""One label per parcel, cut from the PDF of many."""

from __future__ import annotations

from collections.abc import Sequence

from . import pdf
from .errors import LabelMismatch

MIMETYPES = {"pdf": "application/pdf", "zpl": "application/zpl"}

ZPL_START = b"^XA"

_TAIL_BYTES = 2048


def check_pdf(data: bytes) -> None:
    """Raise :class:`LabelMismatch` unless ``data`` begins and ends as a PDF does.

    Some makers add bytes after the end mark; they do no harm.
    """
    if not data.startswith(b"%PDF-"):
        raise LabelMismatch("not_pdf")
    if b"%%EOF" not in data[-_TAIL_BYTES:]:
        raise LabelMismatch("truncated_pdf")


def split_labels(
    pdf_data: bytes, barcodes: Sequence[str], *, numbered: bool = True
) -> list[bytes]:
    """A PDF of one page for each of ``barcodes``, in their order.

    A page belongs to the barcode that its text shows, wherever it stands in the
    document. Raises :class:`LabelMismatch` unless pages and barcodes fit one to one;
    then ask for the labels one by one: a PDF of one parcel stays whole, however many
    pages it has. Not ``numbered``, it need not show the barcode.
    """
    check_pdf(pdf_data)
    if len(barcodes) == 1:
        if numbered:
            _check_own(pdf_data, barcodes[0])
        return [pdf_data]
    pages, texts = _read(pdf_data)
    if len(pages) != len(barcodes):
        raise LabelMismatch("pages")
    page_of = {}
    for number, text in enumerate(texts, start=1):
        shown = _shown(text, barcodes)
        if len(shown) != 1 or shown[0] in page_of:
            raise LabelMismatch("barcode", page=number)
        page_of[shown[0]] = pages[number - 1]
    return [_cut(page_of[barcode]) for barcode in barcodes]


def _check_own(pdf_data: bytes, barcode: str) -> None:
    """Raise unless it is the parcel's own, as far as its text can be read.

    A label may be an image, and a printer may read what the library cannot.
    """
    try:
        _pages, texts = _read(pdf_data)
    except LabelMismatch:
        return
    if any(map(str.strip, texts)) and not any(_shown(t, [barcode]) for t in texts):
        raise LabelMismatch("barcode", page=1)


def _read(pdf_data: bytes) -> tuple[list, list[str]]:
    try:
        pages = pdf.read_pages(pdf_data)
        return pages, [pdf.page_text(page) for page in pages]
    except Exception:  # the library raises whatever a broken file makes it
        # Its error quotes the file, and so the recipient.
        raise LabelMismatch("unreadable_pdf") from None


def _cut(page) -> bytes:
    """The page as a document that can be read again, whatever the source was like."""
    try:
        label = pdf.one_page(page)
        is_readable = len(pdf.read_pages(label)) == 1
    except Exception:
        is_readable = False
    if not is_readable:
        raise LabelMismatch("unreadable_pdf")
    return label


def _shown(text: str, barcodes: Sequence[str]) -> list[str]:
    """The barcodes in ``text``, which may be printed in groups ("3SABC 12 34").

    A barcode inside a longer one that is there as well does not count.
    """
    words = set(text.split())
    if found := [barcode for barcode in barcodes if barcode in words]:
        return found
    joined = "".join(text.split())
    found = [barcode for barcode in barcodes if barcode and barcode in joined]
    return [
        barcode
        for barcode in found
        if not any(barcode in other and barcode != other for other in found)
    ]
