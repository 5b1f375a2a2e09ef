"""Cutting one label per parcel out of the PDF of many."""

import io
import logging
import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from carriers import pdf
from carriers.errors import LabelMismatch
from carriers.labels import check_pdf, split_labels
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from tests.plain.pdf_maker import FONT, raw_pdf, stream

A6 = (297.6, 419.5)
BARCODES = [f"3SMYPA{number:09d}" for number in range(1, 6)]


def label_sheet(texts, image_size=0):
    """A PDF of one page per text; each page has an image of its own when asked."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer, pagesize=A6)
    for text in texts:
        if image_size:
            noise = os.urandom(3 * image_size * image_size)
            image = Image.frombytes("RGB", (image_size, image_size), noise)
            sheet.drawImage(ImageReader(image), 10, 10, 100, 100)
        for line, words in enumerate(text.splitlines()):
            sheet.drawString(20, 300 - 20 * line, words)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 50 50]"


def shared_resources_pdf(
    barcodes, form_head=b"", page_extra=b"", font=FONT, filler=20_000
):
    """All pages share one dictionary of resources, as several label makers write it.

    Each page draws its own form, which draws its own form of ``filler`` bytes.
    """
    count = len(barcodes)
    first_page = 5
    first_content = first_page + count
    first_outer = first_content + count
    first_inner = first_outer + count

    def references(start):
        return b" ".join(b"%d 0 R" % (start + n) for n in range(count))

    forms = b" ".join(
        b"/Outer%d %d 0 R /In#6eer%d %d 0 R" % (n, first_outer + n, n, first_inner + n)
        for n in range(count)
    )
    pages = [
        b"<</Type /Page /Parent 2 0 R /Contents %d 0 R %s>>"
        % (first_content + n, page_extra)
        for n in range(count)
    ]
    contents = [
        stream(
            b"BT /F1 12 Tf 20 300 Td (%s) Tj ET /Outer%d Do" % (code.encode(), number)
        )
        for number, code in enumerate(barcodes)
    ]
    outers = [stream(b"q /Inner%d Do Q" % n, FORM + form_head) for n in range(count)]
    inners = [
        stream(b"%" + bytes([65 + n]) * filler + b"\n0 0 10 10 re f", FORM)
        for n in range(count)
    ]
    return raw_pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 298 420] "
            b"/Rotate 90 /Resources 3 0 R>>" % (count, references(first_page)),
            b"<</ProcSet [/PDF /Text] /Font <</F1 4 0 R>> /XObject <<%s>>>>" % forms,
            font,
            *pages,
            *contents,
            *outers,
            *inners,
        ]
    )


def text_of(label):
    (page,) = pdf.read_pages(label)
    return pdf.page_text(page)


def test_every_parcel_gets_the_page_that_shows_its_barcode():
    labels = split_labels(label_sheet(BARCODES), BARCODES)
    assert [text_of(label).strip() for label in labels] == BARCODES


def test_each_label_is_a_whole_pdf_that_can_be_cut_again():
    for label, barcode in zip(
        split_labels(label_sheet(BARCODES), BARCODES), BARCODES, strict=True
    ):
        check_pdf(label)
        (again,) = split_labels(label, [barcode])
        assert barcode in text_of(again)


@given(order=st.permutations(BARCODES))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_pages_does_not_matter(order):
    labels = split_labels(label_sheet(order), BARCODES)
    assert [text_of(label).strip() for label in labels] == BARCODES


def in_groups(code):
    return " ".join((code[:4], code[4:8], code[8:]))


@pytest.mark.parametrize(
    "written",
    [
        "Barcode {}".format,
        "MyParcel\n{}\nVoorbeeldstraat 12".format,
        lambda code: f"{code}\n{code}",
        in_groups,
        lambda code: in_groups(code).replace(" ", "\n"),
    ],
)
def test_the_barcode_is_found_among_other_text_and_in_groups(written):
    pages = [written(code) for code in reversed(BARCODES)]
    labels = split_labels(label_sheet(pages), BARCODES)
    joined = ["".join(text_of(label).split()) for label in labels]
    assert all(code in text for code, text in zip(BARCODES, joined, strict=True))


def test_a_pdf_of_one_parcel_stays_whole_however_many_pages_it_has():
    sheet = label_sheet(["customs form", BARCODES[0], "invoice"])
    assert split_labels(sheet, BARCODES[:1]) == [sheet]


@pytest.mark.parametrize("text", ["", "\n"])
def test_a_label_without_text_is_the_one_that_was_asked_for(text):
    sheet = label_sheet([text], image_size=10)
    assert split_labels(sheet, BARCODES[:1]) == [sheet]


def test_a_label_that_only_a_printer_can_read_is_kept():
    data = b"%PDF-1.4\nrubbish\n%%EOF"
    assert split_labels(data, BARCODES[:1]) == [data]


def test_a_label_of_a_stranger_is_refused_when_it_was_asked_for_alone():
    with pytest.raises(LabelMismatch) as caught:
        split_labels(label_sheet(["first page", BARCODES[1]]), BARCODES[:1])
    assert caught.value.reason == "barcode"


def test_a_barcode_that_begins_like_another_goes_to_its_own_page():
    codes = ["3SAB1", "3SAB12", "3SAB123"]
    labels = split_labels(label_sheet(reversed(codes)), codes)
    assert [text_of(label).strip() for label in labels] == codes


def test_a_barcode_glued_to_other_text_never_gets_a_foreign_page():
    with pytest.raises(LabelMismatch):
        split_labels(label_sheet(["3SAB1 2KD", "nothing"]), ["3SAB1", "3SAB12"])


@pytest.mark.parametrize(
    ("texts", "barcodes", "reason", "page"),
    [
        (BARCODES[:2], BARCODES[:3], "pages", None),
        (BARCODES[:3], BARCODES[:2], "pages", None),
        (BARCODES[:2], [], "pages", None),
        (["no number", BARCODES[1]], BARCODES[:2], "barcode", 1),
        ([BARCODES[0], BARCODES[2]], BARCODES[:2], "barcode", 2),
        ([BARCODES[0], BARCODES[0]], BARCODES[:2], "barcode", 2),
        (["{} {}".format(*BARCODES), BARCODES[1]], BARCODES[:2], "barcode", 1),
        ([BARCODES[0], BARCODES[1]], [BARCODES[0]] * 2, "barcode", 1),
        ([BARCODES[0], BARCODES[1]], [BARCODES[0], ""], "barcode", 2),
    ],
)
def test_pages_that_do_not_fit_the_parcels_give_no_label(texts, barcodes, reason, page):
    with pytest.raises(LabelMismatch) as caught:
        split_labels(label_sheet(texts), barcodes)
    assert (caught.value.reason, caught.value.page) == (reason, page)


# --- size -----------------------------------------------------------------------------


def test_a_label_carries_its_own_image_only():
    sheet = label_sheet(BARCODES, image_size=100)
    for label in split_labels(sheet, BARCODES):
        assert len(label) < len(sheet) / len(BARCODES) * 1.1


@pytest.mark.parametrize("form_head", [b"", b" /Resources 3 0 R"])
def test_resources_shared_by_all_pages_are_not_copied_into_each(form_head):
    sheet = shared_resources_pdf(BARCODES, form_head)
    labels = split_labels(sheet, BARCODES)
    assert [text_of(label).strip() for label in labels] == BARCODES
    for number, label in enumerate(labels):
        assert bytes([65 + number]) * 20_000 in label
        if not form_head:
            assert len(label) < 25_000


def test_a_link_to_another_page_does_not_bring_that_page():
    extra = (
        b"/Annots [<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [6 0 R /Fit]>>]"
    )
    for label in split_labels(shared_resources_pdf(BARCODES, b"", extra), BARCODES):
        assert len(label) < 25_000


def test_a_visible_annotation_stays_on_the_label():
    extra = b"/Annots [<</Type /Annot /Subtype /Square /Rect [0 0 9 9]>>]"
    for label in split_labels(shared_resources_pdf(BARCODES, b"", extra), BARCODES):
        assert b"/Square" in label


def test_a_font_that_borrows_resources_keeps_all_of_them():
    font = (
        b"<</Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] "
        b"/CharProcs <<>> /Encoding /WinAnsiEncoding /FirstChar 0 /LastChar 0 "
        b"/Widths [1]>>"
    )
    sheet = shared_resources_pdf(BARCODES, font=font)
    (page, *_others) = pdf.read_pages(sheet)
    assert pdf.one_page(page).count(b"/BBox") >= len(BARCODES)


def test_size_and_rotation_that_a_page_inherits_stay():
    (label, *_others) = split_labels(shared_resources_pdf(BARCODES), BARCODES)
    (page,) = pdf.read_pages(label)
    assert [float(value) for value in page["/MediaBox"]] == [0, 0, 298, 420]
    assert page["/Rotate"] == 90


# --- broken files ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_pdf"),
        (b"<html></html>%%EOF", "not_pdf"),
        (b"\n%PDF-1.4 %%EOF", "not_pdf"),
        (b"%PDF-1.4\n", "truncated_pdf"),
        (b"%PDF-1.4\n%%EOF" + b"x" * 5000, "truncated_pdf"),
    ],
)
def test_data_that_is_no_whole_pdf_is_named(data, reason):
    with pytest.raises(LabelMismatch) as caught:
        check_pdf(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r\n\r\n", b"\0" * 100, b"<!-- 12 -->"])
def test_bytes_after_the_end_mark_do_no_harm(tail):
    sheet = label_sheet(BARCODES[:1]) + tail
    check_pdf(sheet)
    assert len(split_labels(sheet, BARCODES[:1])) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_off_document_gives_no_label(share):
    sheet = label_sheet(BARCODES, image_size=20)
    with pytest.raises(LabelMismatch) as caught:
        split_labels(sheet[: int(len(sheet) * share)], BARCODES)
    assert caught.value.reason == "truncated_pdf"


def test_a_frame_with_nothing_in_it_is_unreadable():
    with pytest.raises(LabelMismatch) as caught:
        split_labels(b"%PDF-1.4\nrubbish\n%%EOF", BARCODES)
    assert caught.value.reason in ("unreadable_pdf", "pages")


def test_the_library_quotes_no_broken_file_in_the_log(caplog):
    library = pdf.library_log
    caplog.set_level(logging.DEBUG)
    level = library.level
    broken = raw_pdf([b"<</Type /Catalog /Pages \xa9 Geheim 2 0 R>>"])
    with pytest.raises(LabelMismatch) as caught:
        split_labels(broken, ["Eva", "Jan"])
    assert caught.value.__suppress_context__
    assert "Geheim" not in caplog.text
    assert library.level == level


def test_labels_are_cut_in_several_threads_at_once():
    sheet = label_sheet(BARCODES)
    with ThreadPoolExecutor(4) as threads:
        sheets = list(threads.map(split_labels, [sheet] * 20, [BARCODES] * 20))
    assert {len(labels) for labels in sheets} == {len(BARCODES)}
    assert [text_of(label).strip() for label in sheets[-1]] == BARCODES


SMALL = shared_resources_pdf(BARCODES, filler=10)


@given(seed=st.integers(0, 1_000_000), count=st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_a_damaged_document_gives_the_right_labels_or_none(seed, count):
    damage = random.Random(seed)
    data = bytearray(SMALL)
    for _time in range(count):
        data[damage.randrange(len(data))] = damage.randrange(256)
    try:
        labels = split_labels(bytes(data), BARCODES)
    except LabelMismatch:
        return
    for code, label in zip(BARCODES, labels, strict=True):
        assert code in "".join(text_of(label).split())
