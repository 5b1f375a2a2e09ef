"""The text of a report: its encoding, found from the bytes, and its rows.

Nothing in a file downloaded by hand says how it is encoded. UTF-8 comes first: text
in another encoding practically never passes for it. The Japanese code page and
Windows-1252 take almost any bytes, so what Japanese would make of them is looked at.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from .errors import ReportRefused
from .report_file import Opener, chunks

UTF8, JAPANESE, WESTERN = "utf-8", "cp932", "cp1252"
REPLACEMENT = "\ufffd"

# Far beyond any report, so that no file can take all memory or an hour.
MAX_LINES = 2_000_000
MAX_LINE_CHARS = 16_000_000
_MAX_HEADER_CHARS = 1_000_000
# So many letters beyond ASCII are evidence enough.
_ENOUGH = 2_000
# Byte order marks; two letters of a header that has none.
_MARKS = (
    (re.compile(codecs.BOM_UTF8), "utf-8-sig"),
    (re.compile(codecs.BOM_UTF16_LE + b"|" + codecs.BOM_UTF16_BE), "utf-16"),
    (re.compile(rb"[A-Za-z]\0[A-Za-z]\0"), "utf-16-le"),
    (re.compile(rb"\0[A-Za-z]\0[A-Za-z]"), "utf-16-be"),
)
# Without a meaning inside a row, unlike tab and line ends.
_CONTROLS = tuple(bytes([c]) for c in (*range(0x20), 0x7F) if c not in b"\t\n\r")
_CLEANED = str.maketrans({c.decode(): " " for c in (*_CONTROLS, b"\n", b"\r")})
_CLEANED[0] = REPLACEMENT
# Windows-1252 has no letters for these.
_GAPS = tuple(bytes([c]) for c in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
_LINE_ENDS = re.compile("[\r\n]+")
# Kana, punctuation and the common kanji, of which Japanese writes several in a row.
# The accents of western text begin other Japanese letters, its dashes and apostrophes
# single ones.
_COMMON_JAPANESE = re.compile(rb"(?:[\x81-\x97][\x40-\x7e\x80-\xfc]){2,}")


@dataclass(frozen=True, slots=True)
class ReportText:
    """A report to be read as text, again and again, without holding all of it.

    ``encoding`` is Python's name for it. ``is_whole``: no letter is lost.
    """

    encoding: str
    has_controls: bool
    is_whole: bool
    _opener: Opener

    def head(self, size: int) -> str:
        """The first ``size`` characters."""
        with self._open("") as stream:
            return stream.read(size)

    def header(self) -> str:
        """The first line that is not blank, "" in a file without any.

        Raises ReportRefused: ``not_a_report``.
        """
        with self._open_lines() as lines:
            return _header(lines)

    def rows(self, width: int) -> Iterator[tuple[int, list[str]]]:
        """Numbered rows below the header (which is 1), as cells.

        ``width`` is the number of columns. Cells come without outer blanks; a blank
        line gives one blank cell. Raises ReportRefused: ``too_large``.
        """
        with self._open_lines() as lines:
            _header(lines)
            number = 1
            for line in iter(partial(lines.readline, MAX_LINE_CHARS), ""):
                number += 1
                if number > MAX_LINES or len(line) == MAX_LINE_CHARS:
                    raise ReportRefused("too_large", str(number))
                line = line.rstrip("\r\n")
                cells = line.split("\t")
                if self.has_controls or "\n" in line or "\r" in line:
                    pieces = _LINE_ENDS.split(line)
                    yield from _mended(number, cells, pieces, width)
                    number += len(pieces) - 1
                elif " " in (line[:1], line[-1:]) or " \t" in line or "\t " in line:
                    yield number, [*map(str.strip, cells)]
                else:
                    yield number, cells

    def _open_lines(self) -> io.TextIOWrapper:
        """The lines with their ends.

        When the first one ends in CRLF, only CRLF ends a line: a lone CR or LF belongs
        to what a buyer typed.
        """
        with self._open("") as lines:
            is_crlf = _header(lines, keep_end=True).endswith("\r\n")
        return self._open("\r\n" if is_crlf else None)

    def _open(self, newline: str | None) -> io.TextIOWrapper:
        return io.TextIOWrapper(
            self._opener(), self.encoding, errors="replace", newline=newline
        )


def _header(lines: io.TextIOWrapper, *, keep_end: bool = False) -> str:
    line = lines.readline(_MAX_HEADER_CHARS)
    blank_lines = 0
    while line.isspace() and blank_lines < MAX_LINES:
        line = lines.readline(_MAX_HEADER_CHARS)
        blank_lines += 1
    if len(line) == _MAX_HEADER_CHARS:
        raise ReportRefused("not_a_report")
    return line if keep_end else line.rstrip("\r\n")


def _mended(number: int, cells: list[str], pieces: list[str], width: int):
    """The row or rows of a line with control characters or line ends inside."""
    if len(cells) == width:
        yield number, _cleaned(cells)
        return
    # No line end inside a row, but rows that end differently.
    for line_number, piece in enumerate(pieces, number):
        yield line_number, _cleaned(piece.split("\t"))


def _cleaned(cells: list[str]) -> list[str]:
    return [cell.translate(_CLEANED).strip() for cell in cells]


def read_text(opener: Opener, *, japanese: bool, max_bytes: int) -> ReportText:
    """Look through the bytes once and say how to read them.

    ``japanese``: the file is from the Japanese marketplace. Raises ReportRefused as
    ``report_file.chunks`` does.
    """
    survey = _Survey()
    for chunk in chunks(opener, max_bytes):
        survey.take(chunk)
    encoding = survey.encoding or _guess(opener, japanese, max_bytes)
    is_whole = survey.is_whole_in(encoding)
    return ReportText(encoding, survey.has_controls, is_whole, opener)


class _Survey:
    """What all of the bytes say."""

    def __init__(self):
        self.has_controls = False
        self._decoder = codecs.getincrementaldecoder(UTF8)()
        self._start = b""
        self._is_utf8 = self._has_all_letters = True
        self._has_gaps = False

    def take(self, chunk: bytes):
        self._start = self._start or chunk[:4]
        self.has_controls = self.has_controls or any(c in chunk for c in _CONTROLS)
        if self._is_utf8:
            try:
                if REPLACEMENT in self._decoder.decode(chunk):
                    self._has_all_letters = False
            except UnicodeDecodeError:
                self._is_utf8 = False
        self._has_gaps = self._has_gaps or any(c in chunk for c in _GAPS)

    @property
    def encoding(self) -> str:
        """What can be told for certain, else ""."""
        for mark, encoding in _MARKS:
            if mark.match(self._start):
                return encoding
        half_a_letter = self._decoder.getstate()[0]
        return UTF8 if self._is_utf8 and not half_a_letter else ""

    def is_whole_in(self, encoding: str) -> bool:
        """Whether no letter is lost for certain, when it is read so."""
        # A NUL stands for a lost letter.
        if self.has_controls:
            return False
        if encoding == WESTERN:
            return not self._has_gaps
        return self._has_all_letters and encoding == self.encoding


def _guess(opener: Opener, japanese: bool, max_bytes: int) -> str:
    """The best reading of bytes that are not strictly UTF-8.

    UTF-8 with a few broken letters (a cut download, a careless editor) is still
    best read as UTF-8.
    """
    letters, broken, _common = _weigh(opener, UTF8, max_bytes)
    if letters > 2 * broken:
        return UTF8
    letters, broken, common = _weigh(opener, JAPANESE, max_bytes)
    if 2 * common > letters or (japanese and not broken):
        return JAPANESE
    return WESTERN


def _weigh(opener: Opener, encoding: str, max_bytes: int) -> tuple[int, int, int]:
    """Letters beyond ASCII when read so, those of them that are broken, and how many
    would be common Japanese ones.
    """
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    letters = broken = common = 0
    for chunk in chunks(opener, max_bytes):
        text = decoder.decode(chunk)
        letters += len(text) - len(text.encode("ascii", "ignore"))
        broken += text.count(REPLACEMENT)
        if encoding == JAPANESE:
            common += sum(map(len, _COMMON_JAPANESE.findall(chunk))) // 2
        if letters > _ENOUGH:
            break
    return letters, broken, common
