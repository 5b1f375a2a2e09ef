"""The bytes of an uploaded report: unpacked, and told from what is no text at all."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from .errors import ReportRefused

# About half a million rows of the widest report.
MAX_BYTES = 256 * 1024 * 1024
CHUNK_BYTES = 256 * 1024

Opener = Callable[[], BinaryIO]

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SPREADSHEET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SPREADSHEET_MEMBERS = ("[content_types].xml", "mimetype", "content.xml")
_FURNITURE = ("__macosx/", ".ds_store")
_ENCRYPTED = 0x1
# Others need a decompressor whose memory the file itself may choose.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
)


def open_report(data: bytes) -> Opener:
    """How to read the report's bytes from their beginning, as often as needed.

    A gzip file and a zip file of one member are unpacked while they are read.
    Raises ReportRefused: ``archive``, ``spreadsheet``.
    """
    if data.startswith(_SPREADSHEET):
        raise ReportRefused("spreadsheet")
    if data.startswith(_GZIP):
        return lambda: gzip.GzipFile(fileobj=io.BytesIO(data))
    if data.startswith(_ZIP):
        return _zip_opener(data)
    return lambda: io.BytesIO(data)


def chunks(opener: Opener, max_bytes: int) -> Iterator[bytes]:
    """The unpacked bytes, piece by piece.

    Raises ReportRefused: ``too_large`` past ``max_bytes``, ``archive`` where the
    packing is damaged.
    """
    size = 0
    try:
        with opener() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                size += len(chunk)
                if size > max_bytes:
                    raise ReportRefused("too_large", str(max_bytes))
                yield chunk
    except _DAMAGE:
        raise ReportRefused("archive") from None


def _zip_opener(data: bytes) -> Opener:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = [info for info in archive.infolist() if not _is_furniture(info)]
    except _DAMAGE:
        raise ReportRefused("archive") from None
    names = [info.filename.lower() for info in members]
    if any(name in _SPREADSHEET_MEMBERS for name in names):
        raise ReportRefused("spreadsheet")
    if len(members) != 1:
        raise ReportRefused("archive", str(len(members)))
    member = members[0]
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise ReportRefused("archive")
    return lambda: archive.open(member)


def _is_furniture(info: zipfile.ZipInfo) -> bool:
    """A folder, or what macOS adds to every archive."""
    name = info.filename.lower()
    return info.is_dir() or name.startswith(_FURNITURE) or name.endswith(_FURNITURE)
