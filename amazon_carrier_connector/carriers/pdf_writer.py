"""A PDF written while its pages come, from documents that are forgotten one by one.

The library's own writer holds all documents until the end: 2,000 labels take it half a
gigabyte. What several labels have in common, such as a font or the carrier's logo, is
written once: the name of an object is found by its content.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from . import pdf

# An annotation's ways to its page and others, and so to the whole document.
_BACK_REFERENCES = frozenset(("/P", "/Parent", "/Popup", "/IRT", "/Dest", "/A", "/AA"))
_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class PdfWriter:
    """Takes pages and parts of pages; ``finish`` gives the document.

    Objects are given as bytes, in PDF's notation, and meant by their numbers. The
    methods raise whatever the library does when a source is broken: what was written
    for it by then is in the file and on no page.
    """

    def __init__(self):
        self._file = io.BytesIO()
        self._file.write(_HEAD)
        self._offsets: list[int] = []
        self._known: dict[bytes, int] = {}
        self._pages: list[int] = []
        self._catalogue, self._tree = self._reserve(), self._reserve()

    @property
    def page_count(self) -> int:
        return len(self._pages)

    def add_page(self, entries: Mapping[str, bytes]) -> None:
        """Add a page with these entries beside its type and parent."""
        page = self._reserve()
        kind = {"/Type": b"/Page", "/Parent": b"%d 0 R" % self._tree}
        self._write(page, dictionary({**entries, **kind}))
        self._pages.append(page)

    def add_stream(self, data: bytes) -> int:
        """Store bytes; the object's number."""
        return self._store(_stream(data, {}))

    def copy_entries(self, page, keys: Iterable[str]) -> dict[str, bytes]:
        """The entries of a page of another document, with all that they refer to.

        Of its annotations only those that are printed.
        """
        return _Copy(self).page_entries(page, keys)

    def copy_as_form(self, page, entries: Mapping[str, bytes]) -> int:
        """A page of another document as a part that pages can show; its number."""
        copy = _Copy(self)
        own = copy.page_entries(page, ("/Resources", "/Group"))
        contents = list(pdf.content_streams(page.get("/Contents")))
        if len(contents) == 1:
            data = contents[0]._data
            filtered = copy.entries(contents[0], ("/Filter", "/DecodeParms"))
        else:
            parts = [pdf.call(part, "get_data", "getData") for part in contents]
            data = zlib.compress(b"\n".join(parts))
            filtered = {"/Filter": b"/FlateDecode"}
        kind = {"/Type": b"/XObject", "/Subtype": b"/Form"}
        return self._store(_stream(data, {**own, **filtered, **kind, **entries}))

    def finish(self) -> bytes:
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._write(
            self._tree,
            b"<</Type /Pages /Count %d /Kids [%s]>>" % (len(self._pages), kids),
        )
        self._write(self._catalogue, b"<</Type /Catalog /Pages %d 0 R>>" % self._tree)
        start, size = self._file.tell(), len(self._offsets) + 1
        self._file.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        self._file.writelines(map(_offset, self._offsets))
        self._file.write(
            b"trailer\n<</Size %d /Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
            % (size, self._catalogue, start)
        )
        return self._file.getvalue()

    def _reserve(self) -> int:
        self._offsets.append(0)
        return len(self._offsets)

    def _write(self, number: int, body: bytes) -> None:
        self._offsets[number - 1] = self._file.tell()
        self._file.writelines((b"%d 0 obj\n" % number, body, b"\nendobj\n"))

    def _store(self, body: bytes) -> int:
        """Write an object unless the same is there; its number."""
        digest = blake2b(body, digest_size=16).digest()
        if digest not in self._known:
            self._known[digest] = self._reserve()
            self._write(self._known[digest], body)
        return self._known[digest]


class _Copy:
    """Objects of one document, each copied once."""

    def __init__(self, writer: PdfWriter):
        self._writer = writer
        # None while what the object refers to is being copied.
        self._numbers: dict[tuple[int, int], int | None] = {}

    def page_entries(self, page, keys: Iterable[str]) -> dict[str, bytes]:
        entries = self.entries(page, set(keys) - {"/Annots"})
        if "/Annots" in keys and (shown := list(pdf.visible_annotations(page))):
            entries["/Annots"] = _array(map(self._annotation, shown))
        return entries

    def _annotation(self, reference) -> bytes:
        annotation = pdf.resolve(reference)
        return dictionary(
            self.entries(annotation, annotation.keys() - _BACK_REFERENCES)
        )

    def entries(self, source, keys: Iterable[str]) -> dict[str, bytes]:
        # The dictionary's own methods would resolve the references.
        return {
            key: self._body(value) for key, value in dict.items(source) if key in keys
        }

    def _body(self, value) -> bytes:
        if isinstance(value, pdf.IndirectObject):
            return b"%d 0 R" % self._number(value)
        if isinstance(value, pdf.StreamObject):
            # The bytes as they are in the file: nothing is unpacked and packed again.
            return _stream(value._data, self.entries(value, value.keys()))
        if isinstance(value, pdf.DictionaryObject):
            return dictionary(self.entries(value, value.keys()))
        if isinstance(value, pdf.ArrayObject):
            return _array(map(self._body, list(value)))
        return _plain(value)

    def _number(self, reference) -> int:
        key = (reference.idnum, reference.generation)
        if key not in self._numbers:
            self._numbers[key] = None
            body = self._body(pdf.resolve(reference))
            if self._numbers[key] is None:
                self._numbers[key] = self._writer._store(body)
            else:
                self._writer._write(self._numbers[key], body)
        elif self._numbers[key] is None:
            # It refers to itself in the end: its number is needed before its body.
            self._numbers[key] = self._writer._reserve()
        return self._numbers[key]


def dictionary(entries: Mapping[str, bytes]) -> bytes:
    """A dictionary in PDF's notation."""
    return b"<<%s>>" % b" ".join(
        b"%s %s" % (_plain(name), value) for name, value in entries.items()
    )


def _array(values: Iterable[bytes]) -> bytes:
    return b"[%s]" % b" ".join(values)


def _stream(data: bytes, entries: Mapping[str, bytes]) -> bytes:
    head = dictionary({**entries, "/Length": b"%d" % len(data)})
    return b"%s\nstream\n%s\nendstream" % (head, data)


def _plain(value) -> bytes:
    """A value without parts, as the library writes it; a name may be any string."""
    write = getattr(value, "write_to_stream", None) or getattr(
        value, "writeToStream", None
    )
    if write is None:
        return value.encode()
    buffer = io.BytesIO()
    write(buffer, None)
    return buffer.getvalue()


def _offset(at: int) -> bytes:
    """A line of the table of objects; what was never written is free."""
    return b"%010d 00000 n \n" % at if at else b"0000000000 65535 f \n"
