"""Labels of many parcels on a roll or on A4 sheets.

Whatever a page of the source is like, its text stands in the middle of what is seen of
it, so that a placed label can be found by that point; a second point is its upper edge.
"""

import logging
import re
from dataclasses import dataclass
from itertools import count

import pytest
from carriers import pdf
from carriers.label_sheets import POSITIONS, ROLL, SHEETS, lay_out
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plain.pdf_maker import FONT, raw_pdf, stream

A4 = (595.276, 841.89)
LABEL_SIZES = [
    (297.6, 419.5),  # A6
    (419.5, 297.6),  # A6, lying
    (283.5, 425.2),  # 10 x 15 cm
    (288, 432),  # 4 x 6 inches
    (432, 288),
    (150, 200),
]
LARGER_SIZES = [A4, A4[::-1], (419.5, 595.3), (100, 600)]
MATRIX = re.compile(rb"q (.*?) cm /(L\d+) Do Q")
TEXT = re.compile(rb"([-\d.]+) ([-\d.]+) Td \(([^)]*)\) Tj")


@dataclass(frozen=True)
class Page:
    """A page that is seen ``size`` large, in points, after it was turned."""

    text: str
    size: tuple = LABEL_SIZES[0]
    turn: int = 0
    unit: float = 1
    corner: tuple = (0, 0)
    crop: int = 0
    parts: int = 1
    more: bytes = b""

    def objects(self, number):
        """Its objects, to be numbered from ``number`` on; the first is the page."""
        left, bottom, right, top = self.seen_box()
        crop = self.crop
        whole = (left - crop, bottom - crop, right + crop, top + crop)
        references = b" ".join(b"%d 0 R" % (number + 1 + n) for n in range(self.parts))
        page = (
            b"<</Type /Page /Parent 2 0 R /MediaBox [%s] /CropBox [%s] /Rotate %d"
            b" /UserUnit %s /Contents [%s] %s>>"
            % (
                *(numbers(whole), numbers((left, bottom, right, top))),
                *(self.turn, numbers([self.unit]), references, self.more),
            )
        )
        middle, edge = self.points()
        text = b"BT /F1 12 Tf %s Td (%s) Tj ET" % (numbers(middle), self.text.encode())
        mark = b"BT /F1 12 Tf %s Td (^%s) Tj ET" % (numbers(edge), self.text.encode())
        contents = [text + b"\n" + mark, *[b"q Q"] * (self.parts - 1)]
        return [page, *map(stream, contents)]

    def seen_box(self):
        """Left, bottom, right and top in the page's own units."""
        size = self.size if self.turn % 180 == 0 else self.size[::-1]
        left, bottom = self.corner
        width, height = (side / self.unit for side in size)
        return left, bottom, left + width, bottom + height

    def points(self):
        """The middle of what is seen, and of its upper edge."""
        left, bottom, right, top = self.seen_box()
        middle = (left + right) / 2, (bottom + top) / 2
        edge = {
            0: (middle[0], top),
            90: (left, middle[1]),
            180: (middle[0], bottom),
            270: (right, middle[1]),
        }[self.turn % 360]
        return middle, edge


def document(*pages):
    """The PDF of one parcel."""
    objects, kids = [], []
    for page in pages:
        kids.append(len(objects) + 4)
        objects += page.objects(kids[-1])
    tree = b"<</Type /Pages /Count %d /Kids [%s] /Resources <</Font <</F1 3 0 R>>>>>>"
    kids_text = b" ".join(b"%d 0 R" % kid for kid in kids)
    return raw_pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            tree % (len(kids), kids_text),
            FONT,
            *objects,
        ]
    )


def numbers(values):
    return " ".join(f"{value:.4f}" for value in values).encode()


def read_sheets(data):
    """What stands where on each page of a document of ours.

    A sheet is a list of (text, middle, edge, matrix), a page of its own is its text.
    """
    return [_read_sheet(page) for page in pdf.read_pages(data)]


def _read_sheet(page):
    content = b"\n".join(map(data_of, pdf.content_streams(page["/Contents"])))
    placed = MATRIX.findall(content)
    if not placed:
        return TEXT.findall(content)[0][2].decode()
    forms = pdf.resolve(pdf.resolve(page["/Resources"])["/XObject"])
    sheet = []
    for matrix, name in placed:
        matrix = tuple(map(float, matrix.split()))
        form = pdf.resolve(forms["/" + name.decode()])
        (x, y, text), (edge_x, edge_y, _mark) = TEXT.findall(data_of(form))
        middle = moved(matrix, float(x), float(y))
        edge = moved(matrix, float(edge_x), float(edge_y))
        sheet.append((text.decode(), middle, edge, matrix))
    return sheet


def data_of(source):
    return pdf.call(pdf.resolve(source), "get_data", "getData")


def moved(matrix, x, y):
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def middle_of(quarter):
    """Of a position from 0 to 3, in points from the lower left of the sheet."""
    column, row = quarter % 2, quarter // 2
    return A4[0] * (1 + 2 * column) / 4, A4[1] * (3 - 2 * row) / 4


# Written anew: 0 and 1 are the upper quarters, 2 and 3 the lower ones.
QUARTERS = {1: [0], 2: [0, 2], 3: [0, 1, 2], 4: [0, 1, 2, 3]}


def expected_pages(parcels, start, per_sheet):
    """Quarter and text of each label on each sheet, and the texts of the others."""
    pages, sheet, others = [], [], []
    quarters = [quarter for quarter in QUARTERS[per_sheet] if quarter >= start - 1]
    quarters = quarters or [start - 1]

    def finish():
        pages.extend([sheet.copy()] if sheet else [])
        pages.extend(others)
        sheet.clear()
        others.clear()

    for parcel in parcels:
        for page in parcel:
            if page.size in LARGER_SIZES:
                continue
            if not quarters:
                finish()
                quarters = QUARTERS[per_sheet].copy()
            sheet.append((quarters.pop(0), page.text))
        others += [page.text for page in parcel if page.size in LARGER_SIZES]
    finish()
    return pages


@st.composite
def parcels(draw):
    number = count(1)
    page = st.builds(
        Page,
        text=st.builds(lambda: f"3SMYPA{next(number):09d}"),
        size=st.sampled_from(LABEL_SIZES * 2 + LARGER_SIZES),
        turn=st.sampled_from([0, 90, 180, 270, -90, 450]),
        unit=st.sampled_from([1, 1, 2, 0.5]),
        corner=st.sampled_from([(0, 0), (-20, 35.5), (300, 0)]),
        crop=st.sampled_from([0, 0, 15]),
        parts=st.integers(1, 3),
    )
    return draw(st.lists(st.lists(page, min_size=1, max_size=3), max_size=9))


@given(
    parcels=parcels(), start=st.integers(1, 4), per_sheet=st.sampled_from([4, 1, 2, 3])
)
@settings(max_examples=150, deadline=None)
def test_every_label_stands_once_in_order_in_the_middle_of_its_quarter(
    parcels, start, per_sheet
):
    laid_out = lay_out(
        [document(*pages) for pages in parcels], SHEETS, start, per_sheet
    )
    expected = expected_pages(parcels, start, per_sheet)
    assert (laid_out.page_count, laid_out.left_out) == (len(expected), ())
    if not expected:
        assert laid_out.pdf == b""
        return
    sheets = read_sheets(laid_out.pdf)
    sizes = {page.text: page.size for pages in parcels for page in pages}
    for sheet, wanted in zip(sheets, expected, strict=True):
        if isinstance(wanted, str):
            assert sheet == wanted
            continue
        for (text, middle, edge, matrix), (quarter, name) in zip(
            sheet, wanted, strict=True
        ):
            assert text == name
            assert middle == pytest.approx(middle_of(quarter), abs=0.05)
            assert_upright_and_inside(middle, edge, sizes[text])
            a, b, c, d = matrix[:4]
            assert a * d - b * c > 0, "mirrored"


def assert_upright_and_inside(middle, edge, size):
    across, up = edge[0] - middle[0], edge[1] - middle[1]
    if size[0] <= size[1]:
        assert across == pytest.approx(0, abs=0.05)
        height, seen = 2 * up, size[1]
    else:
        # A lying label is turned, so that its upper edge is at a side.
        assert up == pytest.approx(0, abs=0.05)
        height, seen = 2 * abs(across), size[1]
    assert 0.95 * seen - 0.1 <= height <= seen + 0.1
    scale = height / seen
    assert scale * min(size) <= A4[0] / 2 + 0.1
    assert scale * max(size) <= A4[1] / 2 + 0.1


@given(parcels=parcels())
@settings(max_examples=50, deadline=None)
def test_on_a_roll_every_page_stays_as_it_is_and_in_order(parcels):
    laid_out = lay_out([document(*pages) for pages in parcels], ROLL)
    wanted = [page for pages in parcels for page in pages]
    assert laid_out.page_count == len(wanted)
    for page, source in zip(
        pdf.read_pages(laid_out.pdf) if wanted else (), wanted, strict=True
    ):
        assert _read_sheet(page) == source.text
        box = [float(side) for side in pdf.resolve(page["/CropBox"])]
        assert box == pytest.approx(source.seen_box(), abs=0.001)
        assert page["/Rotate"] == source.turn
        assert float(page["/UserUnit"]) == source.unit


def test_the_first_sheet_begins_where_labels_are_left():
    labels = [document(Page(f"LABEL{number}")) for number in range(3)]
    counts = {
        start: [len(sheet) for sheet in read_sheets(lay_out(labels, SHEETS, start).pdf)]
        for start in (1, 2, 3, 4)
    }
    assert counts == {1: [3], 2: [3], 3: [2, 1], 4: [1, 2]}


@pytest.mark.parametrize(
    "per_sheet, counts",
    [
        (1, {1: [1, 1, 1, 1, 1], 3: [1, 1, 1, 1, 1], 4: [1, 1, 1, 1, 1]}),
        (2, {1: [2, 2, 1], 2: [1, 2, 2], 3: [1, 2, 2], 4: [1, 2, 2]}),
        (3, {1: [3, 2], 2: [2, 3], 3: [1, 3, 1], 4: [1, 3, 1]}),
        (4, {1: [4, 1], 2: [3, 2], 4: [1, 4]}),
    ],
)
def test_a_sheet_takes_as_many_labels_as_were_chosen(per_sheet, counts):
    labels = [document(Page(f"LABEL{number}")) for number in range(5)]
    assert len(POSITIONS[per_sheet]) == per_sheet
    for start, wanted in counts.items():
        laid_out = lay_out(labels, SHEETS, start, per_sheet)
        sheets = read_sheets(laid_out.pdf)
        assert [len(sheet) for sheet in sheets] == wanted
        assert laid_out.page_count == len(wanted)
        texts = [text for sheet in sheets for text, *_ in sheet]
        assert texts == [f"LABEL{number}" for number in range(5)]
        # The first stands where it was wanted, or on the next place there is.
        begins = [middle_of(quarter) for quarter in range(start - 1, 4)]
        assert sheets[0][0][1] in [pytest.approx(begin, abs=0.05) for begin in begins]


def test_customs_forms_follow_the_sheet_of_their_parcel():
    customs = document(Page("FORM1", A4), Page("LABEL1"), Page("FORM2", A4))
    labels = [document(Page(f"LABEL{number}")) for number in (0, 2, 3, 4)]
    pages = read_sheets(lay_out([labels[0], customs, *labels[1:]], SHEETS).pdf)
    assert [page if isinstance(page, str) else len(page) for page in pages] == [
        *(4, "FORM1", "FORM2"),
        1,
    ]


def test_customs_forms_follow_each_sheet_of_a_single_label():
    parcels = [
        document(Page("LABEL0")),
        document(Page("FORM1", A4), Page("LABEL1")),
        document(Page("LABEL2")),
    ]
    pages = read_sheets(lay_out(parcels, SHEETS, per_sheet=1).pdf)
    assert [page if isinstance(page, str) else page[0][0] for page in pages] == [
        *("LABEL0", "LABEL1", "FORM1", "LABEL2"),
    ]


def test_a_parcel_of_large_pages_only_takes_no_quarter():
    customs = document(Page("FORM", A4))
    labels = [document(Page(f"LABEL{number}")) for number in range(4)]
    pages = read_sheets(
        lay_out([customs, *labels[:2], customs, *labels[2:]], SHEETS).pdf
    )
    assert [page if isinstance(page, str) else len(page) for page in pages] == [
        *(4, "FORM", "FORM"),
    ]


def test_a_label_that_cannot_be_read_is_named_and_keeps_no_other_back():
    good = document(Page("LABEL"))
    broken = [b"^XA^FDzpl^XZ", b"", b"%PDF-1.4\nrubbish\n%%EOF", document()]
    for layout in (ROLL, SHEETS):
        laid_out = lay_out([good, *broken, good], layout)
        assert laid_out.left_out == (1, 2, 3, 4)
        texts = [
            text
            for page in read_sheets(laid_out.pdf)
            for text in ([page] if isinstance(page, str) else [t for t, *_ in page])
        ]
        assert texts == ["LABEL", "LABEL"]


def test_a_parcel_of_which_one_page_is_broken_is_left_out_whole():
    parcel = document(Page("LABEL"), Page("OTHER"))
    broken = parcel.replace(b"/UserUnit 1.0000", b"/UserUnit (ab)  ", 2).replace(
        b"/UserUnit (ab)  ", b"/UserUnit 1.0000", 1
    )
    assert broken != parcel
    laid_out = lay_out([broken, document(Page("GOOD"))], SHEETS)
    assert laid_out.left_out == (0,)
    ((label,),) = read_sheets(laid_out.pdf)
    assert label[0] == "GOOD"


def with_annotation(subtype):
    annotation = b"/Annots [<</Subtype /%s /Rect [0 0 9 9] /P 4 0 R>>]"
    return document(Page("LABEL", more=annotation % subtype))


def test_a_visible_annotation_stays_on_its_page():
    for layout in (ROLL, SHEETS):
        (page,) = pdf.read_pages(lay_out([with_annotation(b"Stamp")], layout).pdf)
        (annotation,) = page["/Annots"]
        assert pdf.resolve(annotation)["/Subtype"] == "/Stamp"
    assert isinstance(
        read_sheets(lay_out([with_annotation(b"Link")], SHEETS).pdf)[0], list
    )


def test_what_labels_have_in_common_is_written_once():
    logo = stream(bytes(range(256)) * 40, b"/Type /XObject /Subtype /Image")
    labels = [
        raw_pdf(
            [
                b"<</Type /Catalog /Pages 2 0 R>>",
                b"<</Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 298 420]>>",
                b"<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources"
                b" <</XObject <</Logo 5 0 R>>>>>>",
                stream(b"/Logo Do %% %d" % number),
                logo,
            ]
        )
        for number in range(20)
    ]
    for layout in (ROLL, SHEETS):
        data = lay_out(labels, layout).pdf
        assert data.count(bytes(range(256)) * 40) == 1
        assert all(b"/Logo Do %% %d\n" % number in data for number in range(20))


def test_an_object_that_refers_to_itself_is_copied():
    source = raw_pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 298 420]>>",
            b"<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources 5 0 R>>",
            stream(b"BT 1 1 Td (LABEL) Tj ET"),
            b"<</ExtGState <</G 6 0 R>>>>",
            b"<</Type /ExtGState /SMask <</G 7 0 R>>>>",
            stream(b"", b"/Subtype /Form /Resources 5 0 R"),
        ]
    )
    (page,) = pdf.read_pages(lay_out([source, source], ROLL).pdf)[:1]
    resources = pdf.resolve(page["/Resources"])
    state = pdf.resolve(resources["/ExtGState"])["/G"]
    inner = pdf.resolve(pdf.resolve(pdf.resolve(state)["/SMask"])["/G"])
    assert pdf.resolve(inner["/Resources"]) == resources


def test_the_library_quotes_no_broken_label_in_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    lay_out([raw_pdf([b"<</Type /Catalog /Pages \xa9 Geheim 2 0 R>>"])], SHEETS)
    assert "Geheim" not in caplog.text
