"""What happens to report files, and worse: each function damages one in one way.

They take the bytes and a random generator, and return other bytes.
"""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable

Dice = random.Random
Damage = Callable[[bytes, Dice], bytes]

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "cp932", "utf-16", "utf-16-be", "cp437")
LINE_ENDS = (b"\r\n", b"\n", b"\r", b"\n\n", b"\r\r\n", b"\x85", b"\x0b")
SEPARATORS = (b"\t", b";", b",", b"|", b'"\t"', b"  ", b"\t\t")
BYTES = b'\t\r\n\0"\xff\xfe\xc3\x81\xef0\x1a<,'
CELLS = (
    "",
    " ",
    "0",
    "-1",
    "1,5",
    "2.0",
    "999999",
    "9" * 400,
    "6,00E+13",
    "17",
    "00000000000017",
    "٣",
    "１２",
    "true",
    "WAAR",
    "2026-02-30T00:00:00+00:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01",
    "16/11/2026",
    "45868",
    "NaN",
    "UK",
    "Nederland",
    "Wroc?aw",
    "Utre\ufffdcht",
    "a\0b",
    "\u2028",
    "=1+1",
    '"27 Zoll',
    '{"a": ["b"]}',
    "x" * 5_000,
    "402-0000001-0000001",
    "山田 太郎",
)
HEADERS = (
    "",
    "order-id",
    "ORDER-ID",
    "amazon-order-id",
    "sku",
    "quantity-to-ship",
    "quantity-purchased",
    "is-prime",
    "is-buyer-requested-cancellation",
    "verge-of-lateShipment",
    "points-granted",
    "asin",
    "\ufefforder-id",
    "<html>",
)
LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)")


# Bytes


def slip(data: bytes, dice: Dice) -> bytes:
    """Some bytes gone, doubled, turned round, replaced."""
    at, length = _place(data, dice), dice.choice((0, 1, 1, 2, 10, 100))
    piece = data[at : at + length]
    other = dice.choice(
        (
            b"",
            piece * 2,
            piece[::-1],
            piece.swapcase(),
            dice.randbytes(length),
            bytes([dice.choice(BYTES)]) * dice.choice((1, 1, 3)),
        )
    )
    return data[:at] + other + data[at + length :]


def cut(data: bytes, dice: Dice) -> bytes:
    return data[: _place(data, dice)]


def lose_beginning(data: bytes, dice: Dice) -> bytes:
    return data[_place(data, dice) :]


def splice(data: bytes, dice: Dice) -> bytes:
    """A piece of the file stands in another place as well."""
    start, end = sorted((_place(data, dice), _place(data, dice)))
    at = _place(data, dice)
    return data[:at] + data[start:end] + data[at:]


def zero(data: bytes, dice: Dice) -> bytes:
    """A block that was never written, as after a power cut."""
    at, length = _place(data, dice), dice.choice((1, 16, 512))
    return data[:at] + bytes(length) + data[at + length :]


# Lines


def swap_lines(data: bytes, dice: Dice) -> bytes:
    lines = _lines(data)
    dice.shuffle(lines)
    return b"".join(lines)


def repeat_lines(data: bytes, dice: Dice) -> bytes:
    lines = _lines(data)
    line = dice.choice(lines) * dice.choice((1, 2, 50))
    lines.insert(dice.randrange(len(lines) + 1), line)
    return b"".join(lines)


def lose_line(data: bytes, dice: Dice) -> bytes:
    lines = _lines(data)
    del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def add_blank_line(data: bytes, dice: Dice) -> bytes:
    lines = _lines(data)
    blank = dice.choice((b"", b" ", b"\t", b"\t" * 27, b"\t" * 60))
    lines.insert(dice.randrange(len(lines) + 1), blank + dice.choice(LINE_ENDS))
    return b"".join(lines)


def change_ends(data: bytes, dice: Dice) -> bytes:
    """Of all lines, or of some."""
    end, share = dice.choice(LINE_ENDS), dice.choice((1, 0.5))
    return b"".join(
        line.rstrip(b"\r\n") + end if dice.random() < share else line
        for line in _lines(data)
    )


def change_separators(data: bytes, dice: Dice) -> bytes:
    """In all lines, or in one."""
    other = dice.choice(SEPARATORS)
    if dice.random() < 0.5:
        return data.replace(b"\t", other)
    lines = _lines(data)
    at = dice.randrange(len(lines))
    lines[at] = lines[at].replace(b"\t", other)
    return b"".join(lines)


# Cells


def change_cell(data: bytes, dice: Dice) -> bytes:
    return _with_line(data, dice, _changed_cell)


def _changed_cell(cells: list[bytes], dice: Dice):
    cells[dice.randrange(len(cells))] = dice.choice(CELLS).encode("utf-8")


def shift_cells(data: bytes, dice: Dice) -> bytes:
    """A cell too many, too few, or in its neighbour's place."""
    return _with_line(data, dice, _shifted)


def _shifted(cells: list[bytes], dice: Dice):
    at = dice.randrange(len(cells))
    action = dice.randrange(3)
    if action == 0:
        cells.insert(at, b"")
    elif action == 1 and len(cells) > 1:
        del cells[at]
    else:
        dice.shuffle(cells)


def change_header(data: bytes, dice: Dice) -> bytes:
    first, *others = _lines(data)
    cells = first.split(b"\t")
    cells[dice.randrange(len(cells))] = dice.choice(HEADERS).encode("utf-8")
    return b"".join([b"\t".join(cells), *others])


def lose_column(data: bytes, dice: Dice) -> bytes:
    lines = [line.split(b"\t") for line in _lines(data)]
    at = dice.randrange(len(lines[0]))
    return b"".join(b"\t".join(cells[:at] + cells[at + 1 :]) for cells in lines)


def save_by_spreadsheet(data: bytes, dice: Dice) -> bytes:
    """Long numbers in scientific notation, or without their zeros; quotes doubled."""
    form = rb"6,00E+13" if dice.random() < 0.5 else rb"\g<digits>"
    data = re.sub(rb"(?<=\t)0*(?P<digits>\d{1,14})(?=\t)", form, data)
    return re.sub(rb'\t([^\t\r\n]*"[^\t\r\n]*)', rb'\t"\1"', data)


# Letters


def write_in(data: bytes, dice: Dice) -> bytes:
    """The text in another encoding; what that one lacks becomes "?"."""
    return data.decode("utf-8", "replace").encode(dice.choice(ENCODINGS), "replace")


def mistake_encoding(data: bytes, dice: Dice) -> bytes:
    """Read as one encoding and written in another, as careless programs do."""
    text = data.decode(dice.choice(ENCODINGS), "replace")
    return text.encode(dice.choice(ENCODINGS), "replace")


def mix_encodings(data: bytes, dice: Dice) -> bytes:
    lines = _lines(data)
    at = dice.randrange(len(lines))
    lines[at] = write_in(lines[at], dice)
    return b"".join(lines)


# Packing


def pack_gzip(data: bytes, dice: Dice) -> bytes:
    at = _place(data, dice) if dice.random() < 0.2 else len(data)
    return b"".join(gzip.compress(part, 1, mtime=0) for part in (data[:at], data[at:]))


def pack_zip(data: bytes, dice: Dice) -> bytes:
    packed = io.BytesIO()
    method = dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(packed, "w", method) as archive:
        for number in range(dice.choice((1, 1, 1, 1, 2))):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), data, method)
    return packed.getvalue()


TEXT_DAMAGES: tuple[Damage, ...] = (
    slip,
    slip,
    cut,
    lose_beginning,
    splice,
    zero,
    swap_lines,
    repeat_lines,
    lose_line,
    add_blank_line,
    change_ends,
    change_separators,
    change_cell,
    change_cell,
    change_cell,
    shift_cells,
    change_header,
    lose_column,
    save_by_spreadsheet,
    write_in,
    mistake_encoding,
    mix_encodings,
)
PACKINGS: tuple[Damage, ...] = (pack_gzip, pack_zip)
BYTE_DAMAGES: tuple[Damage, ...] = (slip, slip, slip, cut, lose_beginning, splice, zero)


def damaged(data: bytes, dice: Dice) -> bytes:
    """The file with one to four damages; one in five is packed, and that damaged."""
    for _time in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        data = dice.choice(TEXT_DAMAGES)(data, dice)
    if dice.random() < 0.2:
        data = dice.choice(PACKINGS)(data, dice)
        if dice.random() < 0.6:
            data = dice.choice(BYTE_DAMAGES)(data, dice)
    return data


def _place(data: bytes, dice: Dice) -> int:
    return dice.randrange(len(data) + 1)


def _lines(data: bytes) -> list[bytes]:
    """The lines with their ends; one at least."""
    return LINE.findall(data)


def _with_line(data: bytes, dice: Dice, change) -> bytes:
    lines = _lines(data)
    at = dice.randrange(len(lines))
    text = lines[at].rstrip(b"\r\n")
    end = lines[at][len(text) :]
    cells = text.split(b"\t")
    change(cells, dice)
    lines[at] = b"\t".join(cells) + end
    return b"".join(lines)
