"""Labels of many parcels as one document: a roll of pages, or A4 sheets."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import pdf
from .pdf_writer import PdfWriter, dictionary

_logger = logging.getLogger(__name__)

ROLL, SHEETS = "a6", "a4"
# In points, of which an inch has 72.
SHEET_WIDTH, SHEET_HEIGHT = 595.276, 841.89
QUARTER_WIDTH, QUARTER_HEIGHT = SHEET_WIDTH / 2, SHEET_HEIGHT / 2
# Lower left corners, by position: 1 top left, 2 top right, 3 and 4 below.
_CORNERS = {
    1: (0, QUARTER_HEIGHT),
    2: (QUARTER_WIDTH, QUARTER_HEIGHT),
    3: (0, 0),
    4: (QUARTER_WIDTH, 0),
}
# The positions that are used, by the number of labels on a sheet. One is on the front
# of a sheet that is folded twice; two are on the halves of paper with two labels.
POSITIONS = {1: (1,), 2: (1, 3), 3: (1, 2, 3), 4: (1, 2, 3, 4)}
# 10 x 15 cm and 4 x 6 inches are labels too. A scanner may not read what shrank more.
_SMALLEST_SCALE = 0.95


@dataclass(frozen=True, slots=True)
class LabelDocument:
    """Labels in one PDF.

    :param pdf: b"" when there is no page
    :param left_out: places in the list, from 0, of what could not be read
    """

    pdf: bytes
    page_count: int
    left_out: tuple[int, ...]


@pdf.quietly
def lay_out(
    labels: Iterable[bytes], layout: str, start_position: int = 1, per_sheet: int = 4
) -> LabelDocument:
    """Lay labels out in their order; each is a PDF with all pages of one parcel.

    On a roll (:data:`ROLL`) each page stays as it is. On sheets (:data:`SHEETS`) a
    page of a label's size takes the next quarter: upright, in its middle, shrunk when
    it is a little too large, never enlarged. Larger pages, such as customs forms,
    follow the sheet of their parcel as they are. A sheet takes ``per_sheet`` labels
    (1-4), at its :data:`POSITIONS`; the first one is filled from ``start_position``
    (1-4) on, and on that position where none of them is left.
    """
    writer = PdfWriter()
    if layout == ROLL:
        pages = _Roll(writer)
    else:
        pages = _Sheets(writer, start_position, POSITIONS[per_sheet])
    left_out = []
    for place, label in enumerate(labels):
        try:
            pages.add(_read(label))
        except Exception as error:  # the library raises what a broken file makes it
            # Its error quotes the file, and so the recipient.
            _logger.info("A label cannot be laid out: %s", type(error).__name__)
            left_out.append(place)
    pages.close()
    return LabelDocument(
        pdf=writer.finish() if writer.page_count else b"",
        page_count=writer.page_count,
        left_out=tuple(left_out),
    )


def _read(label: bytes) -> list:
    pages = pdf.read_pages(label)
    if not pages:
        raise ValueError("no pages")
    return pages


class _Roll:
    """Every page as the carrier made it, one after the other."""

    def __init__(self, writer: PdfWriter):
        self._writer = writer

    def add(self, pages: list) -> None:
        for entries in [
            self._writer.copy_entries(page, pdf.PRINTED_KEYS) for page in pages
        ]:
            self._writer.add_page(entries)

    def close(self) -> None:
        pass


class _Sheets:
    """A4 sheets that are filled quarter by quarter."""

    def __init__(
        self, writer: PdfWriter, start_position: int, positions: Sequence[int]
    ):
        self._writer, self._positions = writer, positions
        left = [position for position in positions if position >= start_position]
        self._free = left or [start_position]
        self._placed: list[tuple[int, tuple[float, ...]]] = []
        self._larger: list[dict[str, bytes]] = []

    def add(self, pages: list) -> None:
        """Add one parcel's pages: those of a label's size, then the others."""
        small, larger = [], []
        # All are copied before one is placed: a parcel is there whole or not at all.
        for page in pages:
            frame = Frame.of(page)
            # A part of a page has no annotations: its page must stay one.
            if frame.is_label and not any(pdf.visible_annotations(page)):
                box = {"/BBox": b"[%s]" % _numbers(frame.box)}
                small.append((self._writer.copy_as_form(page, box), frame))
            else:
                larger.append(self._writer.copy_entries(page, pdf.PRINTED_KEYS))
        for form, frame in small:
            self._place(form, frame)
        self._larger += larger

    def _place(self, form: int, frame: Frame) -> None:
        if not self._free:
            self.close()
            self._free = list(self._positions)
        matrix = frame.fit(*_CORNERS[self._free.pop(0)])
        self._placed.append((form, matrix))

    def close(self) -> None:
        """Finish the sheet, and add the larger pages of its parcels."""
        if self._placed:
            self._add_sheet()
        for entries in self._larger:
            self._writer.add_page(entries)
        self._placed, self._larger = [], []

    def _add_sheet(self) -> None:
        drawn = b"\n".join(
            b"q %s cm /L%d Do Q" % (_numbers(matrix), form)
            for form, matrix in self._placed
        )
        forms = {f"/L{form}": b"%d 0 R" % form for form, _matrix in self._placed}
        self._writer.add_page(
            {
                "/MediaBox": b"[%s]" % _numbers((0, 0, SHEET_WIDTH, SHEET_HEIGHT)),
                "/Resources": dictionary({"/XObject": dictionary(forms)}),
                "/Contents": b"%d 0 R" % self._writer.add_stream(drawn),
            }
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """What is seen of a page.

    :param box: left, bottom, right and top in the page's own units
    :param turn: degrees clockwise, 0, 90, 180 or 270
    :param unit: points in one of the page's units
    """

    box: tuple[float, float, float, float]
    turn: int
    unit: float

    @classmethod
    def of(cls, page) -> Frame:
        whole = _box(page, "/MediaBox")
        cropped = _box(page, "/CropBox") if "/CropBox" in page else whole
        box = (
            *(max(whole[side], cropped[side]) for side in (0, 1)),
            *(min(whole[side], cropped[side]) for side in (2, 3)),
        )
        return cls(
            box=box if box[0] < box[2] and box[1] < box[3] else whole,
            turn=int(pdf.resolve(page.get("/Rotate")) or 0) % 360,
            unit=float(pdf.resolve(page.get("/UserUnit")) or 1),
        )

    @property
    def is_label(self) -> bool:
        return self._upright._scale >= _SMALLEST_SCALE

    def fit(self, x: float, y: float) -> tuple[float, ...]:
        """The matrix that puts it into the quarter with this lower left corner."""
        upright = self._upright
        scale = min(1, upright._scale)
        width, height = (side * scale for side in upright._size)
        a, b, c, d, e, f = upright._to_origin()
        factor = scale * self.unit
        return (
            *(factor * number for number in (a, b, c, d)),
            factor * e + x + (QUARTER_WIDTH - width) / 2,
            factor * f + y + (QUARTER_HEIGHT - height) / 2,
        )

    @property
    def _upright(self) -> Frame:
        width, height = self._size
        turn = self.turn + 90 if width > height else self.turn
        return Frame(self.box, turn % 360, self.unit)

    @property
    def _size(self) -> tuple[float, float]:
        """Width and height as seen, in points."""
        left, bottom, right, top = self.box
        size = (right - left) * self.unit, (top - bottom) * self.unit
        return size if self.turn in (0, 180) else size[::-1]

    @property
    def _scale(self) -> float:
        width, height = self._size
        return min(QUARTER_WIDTH / width, QUARTER_HEIGHT / height)

    def _to_origin(self) -> tuple[float, ...]:
        """The matrix that turns it and puts its lower left corner at 0, 0."""
        left, bottom, right, top = self.box
        return {
            0: (1, 0, 0, 1, -left, -bottom),
            90: (0, -1, 1, 0, -bottom, right),
            180: (-1, 0, 0, -1, right, top),
            270: (0, 1, -1, 0, top, -left),
        }[self.turn]


def _box(page, key: str) -> tuple[float, ...]:
    sides = [float(pdf.resolve(side)) for side in list(pdf.resolve(page[key]))]
    left, right = sorted((sides[0], sides[2]))
    bottom, top = sorted((sides[1], sides[3]))
    return left, bottom, right, top


def _numbers(numbers: Iterable[float]) -> bytes:
    return b" ".join(f"{number:.4f}".encode() for number in numbers)
