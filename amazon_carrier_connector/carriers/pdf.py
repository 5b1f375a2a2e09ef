"""The PDF library that Odoo 19 brings, under one set of names.

Odoo's requirements name PyPDF2 1.26 for Python 3.10, PyPDF2 2.12 for 3.11 and 3.12, and
pypdf 5 from 3.13 on; Debian's package brings pypdf. All are one library at different
ages, so that no dependency of our own is needed.
"""

from __future__ import annotations

import functools
import io
import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator

try:
    import pypdf as _library
    from pypdf.generic import (
        ArrayObject,
        DictionaryObject,
        IndirectObject,
        NameObject,
        StreamObject,
    )
except ImportError:
    import PyPDF2 as _library
    from PyPDF2.generic import (
        ArrayObject,
        DictionaryObject,
        IndirectObject,
        NameObject,
        StreamObject,
    )

__all__ = [
    "PRINTED_KEYS",
    "ArrayObject",
    "DictionaryObject",
    "IndirectObject",
    "StreamObject",
    "call",
    "content_streams",
    "join",
    "one_page",
    "page_text",
    "quietly",
    "read_pages",
    "resolve",
    "visible_annotations",
]

# What a printer needs of a page. Left out are links, outlines, thumbnails and private
# data, through which one page can hold on to the whole document.
PRINTED_KEYS = frozenset(
    (
        *("/Type", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate"),
        *("/UserUnit", "/Group", "/Annots"),
    )
)
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]+)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


library_log = logging.getLogger(_library.__name__)
_quiet_lock = threading.Lock()
_quiet_calls = 0
_usual_level = logging.NOTSET


def quietly(function: Callable) -> Callable:
    """Keep the library silent: it quotes a broken file, which holds an address."""

    @functools.wraps(function)
    def quiet(*arguments, **named):
        global _quiet_calls, _usual_level
        with _quiet_lock:
            if not _quiet_calls:
                _usual_level = library_log.level
                library_log.setLevel(logging.CRITICAL)
            _quiet_calls += 1
        try:
            return function(*arguments, **named)
        finally:
            with _quiet_lock:
                _quiet_calls -= 1
                if not _quiet_calls:
                    library_log.setLevel(_usual_level)

    return quiet


@quietly
def read_pages(data: bytes) -> list:
    """The pages of a document; whatever the library raises when it is broken."""
    stream = io.BytesIO(data)
    if hasattr(_library, "PdfReader"):
        reader = _library.PdfReader(stream, strict=False)
    else:
        # By default this old one replaces the interpreter's display of warnings.
        reader = _library.PdfFileReader(stream, strict=False, overwriteWarnings=False)
    return [reader.pages[number] for number in range(len(reader.pages))]


@quietly
def page_text(page) -> str:
    """The text of a page as far as its fonts tell it."""
    return call(page, "extract_text", "extractText")


@quietly
def one_page(page) -> bytes:
    """A document of this page alone, with the objects it uses and no others.

    Label makers often give all pages one common dictionary of resources; copied as it
    is, each page would carry the images of all. Changes ``page``: use it once.
    """
    for key in set(page) - PRINTED_KEYS:
        del page[key]
    if "/Annots" in page:
        page[NameObject("/Annots")] = ArrayObject(visible_annotations(page))
    if "/Resources" in page:
        page[NameObject("/Resources")] = _used_resources(page)
    return _write([page])


@quietly
def join(documents: Iterable[bytes]) -> bytes:
    """One document of all their pages, in this order."""
    return _write([page for data in documents for page in read_pages(data)])


def _write(pages: Iterable) -> bytes:
    modern = hasattr(_library, "PdfWriter")
    writer = _library.PdfWriter() if modern else _library.PdfFileWriter()
    for page in pages:
        getattr(writer, "add_page" if hasattr(writer, "add_page") else "addPage")(page)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def visible_annotations(page) -> Iterator:
    """Annotations of a page that are printed, as references into their document."""
    for reference in resolve(page.get("/Annots")) or ():
        annotation = resolve(reference)
        if annotation.get("/Subtype") != "/Link":
            yield reference


def _used_resources(page) -> DictionaryObject:
    resources = page["/Resources"]
    kept = DictionaryObject()
    names = _used_names(page, resources)
    for kind in resources:
        entries = resources[kind]
        if isinstance(entries, DictionaryObject) and names is not None:
            used = (key for key in entries if _is_used(key, names))
            kept[NameObject(kind)] = DictionaryObject(
                {key: dict.__getitem__(entries, key) for key in used}
            )
        else:
            kept[NameObject(kind)] = dict.__getitem__(resources, kind)
    return kept


def _is_used(key: str, names: set[str]) -> bool:
    """Older libraries leave the escapes in a name, newer ones decode it as UTF-8."""
    if not key.isascii():
        return True
    return key in names or not names.isdisjoint(_names(key.encode()))


def _used_names(page, resources: DictionaryObject) -> set[str] | None:
    """All names that the page's content can mean; None when that cannot be told.

    A name that only looks like one, inside a text or an image, does no harm.
    """
    if any(_borrows_resources(font) for font in _entries(resources, "/Font")):
        return None
    names: set[str] = set()
    pending = list(content_streams(page.get("/Contents")))
    forms = {
        key: form
        for key, form in _items(resources, "/XObject")
        if form.get("/Subtype") == "/Form" and "/Resources" not in form
    }
    while pending:
        names |= set(_names(call(pending.pop(), "get_data", "getData")))
        # A form without resources of its own uses those of the page.
        used = [key for key in forms if _is_used(key, names)]
        pending.extend(forms.pop(key) for key in used)
    return names


def _borrows_resources(font) -> bool:
    return font.get("/Subtype") == "/Type3" and "/Resources" not in font


def _names(content: bytes) -> Iterator[str]:
    for match in _NAME.finditer(content):
        name = _ESCAPE.sub(lambda escape: bytes((int(escape[1], 16),)), match[1])
        yield "/" + name.decode("latin-1")


def content_streams(contents) -> Iterable:
    """The streams that are a page's content, which may be one or a list."""
    contents = resolve(contents)
    if contents is None:
        return []
    return map(resolve, contents) if isinstance(contents, list) else [contents]


def _entries(resources: DictionaryObject, kind: str) -> Iterator:
    for _key, entry in _items(resources, kind):
        yield entry


def _items(resources: DictionaryObject, kind: str) -> Iterator[tuple[str, object]]:
    entries = resources[kind] if kind in resources else {}
    for key in entries:
        yield key, entries[key]


def resolve(value):
    """What a reference means; anything else is its own meaning."""
    return None if value is None else call(value, "get_object", "getObject")


def call(value, *names: str):
    """Call the first of these methods that this age of the library has."""
    return getattr(value, next(name for name in names if hasattr(value, name)))()
