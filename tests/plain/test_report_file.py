"""Reports as they are downloaded: packed, damaged, or something else."""

import gzip
import io
import zipfile
import zlib

import pytest
from amazon.unshipped_report import ReportRefused, read_unshipped_report

from tests.plain.report_maker import order, report, row

REPORT = report(row(), order(2))


def zipped(members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def refusal(data, **options):
    with pytest.raises(ReportRefused) as refused:
        read_unshipped_report(data, **options)
    return refused.value


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(REPORT),
        gzip.compress(REPORT[:500]) + gzip.compress(REPORT[500:]),
        gzip.compress(REPORT) + bytes(8),
        zipped({"report.txt": REPORT}),
        zipped({"report.txt": REPORT}, zipfile.ZIP_STORED),
        zipped({"a/": b"", "a/report.txt": REPORT, "__MACOSX/a/._report.txt": b"x"}),
        zipped({".DS_Store": b"x", "report.txt": REPORT}),
    ],
)
def test_a_packed_report_is_the_same_report(data):
    assert read_unshipped_report(data) == read_unshipped_report(REPORT)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(REPORT)[:-10],
        gzip.compress(REPORT)[:20],
        b"\x1f\x8b",
        gzip.compress(REPORT) + b"more",
        zipped({"a.txt": REPORT, "b.txt": REPORT}),
        zipped({}),
        zipped({"report.txt": REPORT})[:-30],
        zipped({"report.txt": REPORT}, zipfile.ZIP_LZMA),
        zipped({"report.txt": REPORT}, zipfile.ZIP_BZIP2),
        b"PK\x03\x04",
    ],
)
def test_a_damaged_or_other_archive_is_refused(data):
    assert refusal(data).code == "archive"


@pytest.mark.parametrize("position", range(0, 400, 3))
def test_a_changed_byte_in_an_archive_is_never_an_uncaught_error(position):
    for whole in (gzip.compress(REPORT), zipped({"report.txt": REPORT})):
        for flip in (0x01, 0x80, 0xFF):
            data = bytearray(whole)
            data[position % len(data)] ^= flip
            try:
                assert read_unshipped_report(bytes(data)).row_count <= 2
            except ReportRefused:
                pass


def test_an_encrypted_archive_is_refused():
    data = bytearray(zipped({"report.txt": REPORT}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert refusal(bytes(data)).code == "archive"


def test_an_archive_that_points_beyond_its_end_is_refused():
    data = bytearray(zipped({"report.txt": REPORT}))
    offset = data.index(b"PK\x01\x02") + 42
    data[offset : offset + 4] = (len(data) - 5).to_bytes(4, "little")
    assert refusal(bytes(data)).code == "archive"


@pytest.mark.parametrize(
    "members",
    [
        {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"},
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"},
        {"content.xml": b"<x/>", "meta.xml": b"<x/>"},
    ],
)
def test_a_spreadsheet_is_refused_by_name(members):
    assert refusal(zipped(members)).code == "spreadsheet"


@pytest.mark.parametrize(
    "pack", [gzip.compress, lambda data: zipped({"report.txt": data})]
)
def test_a_bomb_is_refused_before_it_goes_off(pack):
    bomb = pack(REPORT + bytes(20_000_000))
    assert len(bomb) < 100_000
    assert refusal(bomb, max_bytes=1_000_000).code == "too_large"


def test_only_as_much_is_unpacked_as_the_limit_allows(monkeypatch):
    unpacked = []
    read = gzip.GzipFile.read

    def counted(self, size=-1):
        data = read(self, size)
        unpacked.append(len(data))
        return data

    monkeypatch.setattr(gzip.GzipFile, "read", counted)
    refusal(gzip.compress(bytes(20_000_000)), max_bytes=1_000_000)
    assert sum(unpacked) < 2_000_000


def test_an_archive_in_an_archive_is_no_report():
    assert refusal(zipped({"a.gz": gzip.compress(REPORT)})).code == "not_a_report"


def test_raw_deflate_is_no_report():
    assert refusal(zlib.compress(REPORT)).code == "not_a_report"
