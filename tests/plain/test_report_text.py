"""Encodings and line ends of a report that says nothing about either."""

import io

import pytest
from amazon.report_text import _guess
from amazon.unshipped_report import read_unshipped_report

from tests.plain.report_maker import STANDARD, order, report, row, text_of

EUROPEAN = [
    row(recipient_name="Jürgen Müßig", ship_address_1="Straße des 17. Juni 5"),
    order(2, recipient_name="Hélène Lefèvre", ship_address_1="12 bis, rue d’Été"),
    order(3, ship_city="’s-Hertogenbosch", product_name="Koffer – 20 € „blauw“"),
]
JAPANESE = [
    row(
        recipient_name="山田 太郎",
        ship_address_1="東京都千代田区丸の内１－２－３",
        ship_address_2="グランドﾏﾝｼｮﾝ ５０１号室",
        product_name="タブ\u3000ソ 表示能 十貼暴",
    )
]


def texts(result):
    return [
        (o.recipient.name, o.recipient.line1, o.recipient.city, o.items[0].title)
        for o in result.orders
    ]


def written(rows):
    return [
        (r["recipient-name"], r["ship-address-1"], r["ship-city"], r["product-name"])
        for r in rows
    ]


# Encodings


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_european_files_are_read_in_any_encoding(encoding, found, end):
    result = read_unshipped_report(report(*EUROPEAN, end=end, encoding=encoding))
    assert result.encoding == found
    assert texts(result) == written(EUROPEAN)
    assert result.problems == ()


@pytest.mark.parametrize("marketplace", [None, "NL", "JP", "A1VC38T7YXB528"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_japanese_files_are_read_in_any_encoding(marketplace, encoding, end):
    data = report(*JAPANESE, end=end, encoding=encoding)
    result = read_unshipped_report(data, marketplace=marketplace)
    assert result.encoding == encoding
    assert texts(result) == written(JAPANESE)
    assert result.problems == ()


def test_a_file_without_a_letter_beyond_ascii_is_utf8_everywhere():
    data = report(row(recipient_name="Jansen"))
    for marketplace in (None, "JP"):
        assert read_unshipped_report(data, marketplace=marketplace).encoding == "utf-8"


@pytest.mark.parametrize(
    "text",
    [
        "Müller",
        "Générique",
        "l’Orée",
        "d’Artagnan",
        "Café",
        "naïf…",
        "Ångström ÄÖÜ",
        "“Quoted”",
        "Créée à Nîmes",
        "?ód?",
        "Señor Núñez ½ º",
        "20 €",
        "ÿþ",
    ],
)
def test_western_words_are_never_read_as_japanese(text):
    data = report(row(recipient_name=text), encoding="cp1252")
    result = read_unshipped_report(data)
    assert result.orders[0].recipient.name == text


def test_half_width_katakana_is_read_where_the_marketplace_says_so():
    data = report(row(recipient_name="ﾔﾏﾀﾞ ﾀﾛｳ"), encoding="cp932")
    result = read_unshipped_report(data, marketplace="JP")
    assert result.orders[0].recipient.name == "ﾔﾏﾀﾞ ﾀﾛｳ"


def test_a_european_file_uploaded_for_japan_is_still_western():
    """Its last letters before a blank are no Japanese ones."""
    data = report(row(recipient_name="René Frère"), encoding="cp1252")
    result = read_unshipped_report(data, marketplace="JP")
    assert result.encoding == "cp1252"


def test_one_broken_letter_does_not_spoil_a_utf8_file():
    good, bad = report(*EUROPEAN), report(order(9, ship_city="Köln"))
    rows = bad.split(b"\r\n")[1].replace("ö".encode(), b"\xc3")
    result = read_unshipped_report(good + rows + b"\r\n")
    assert result.encoding == "utf-8"
    assert texts(result) == written(EUROPEAN)
    assert [found.code for found in result.problems] == ["undecodable"]


def test_a_utf8_file_cut_inside_a_letter_keeps_its_encoding():
    data = report(*EUROPEAN, order(9, product_name="é"))
    cut = data[: data.rindex("é".encode()) + 1]
    result = read_unshipped_report(cut)
    assert result.encoding == "utf-8"
    assert texts(result)[:3] == written(EUROPEAN)


def test_bytes_that_windows_does_not_use_are_lost_letters():
    data = report(*EUROPEAN, encoding="cp1252").replace(b"Utrecht", b"Utr\x81cht")
    result = read_unshipped_report(data)
    assert result.encoding == "cp1252"
    assert {found.code for found in result.problems} == {"undecodable"}


def test_such_bytes_are_noticed_before_the_file_is_known_to_be_western(monkeypatch):
    """As the end of a letter in UTF-8, which the beginning of the file looks like."""
    monkeypatch.setattr("amazon.report_file.CHUNK_BYTES", 500)
    early = order(9, ship_city="Utr\u00c3\0cht")
    data = report(early, *EUROPEAN, *map(order, range(10, 30)), encoding="cp1252")
    data = data.replace(b"\xc3\0", b"\xc3\x81", 1)
    result = read_unshipped_report(data)
    assert result.encoding == "cp1252"
    assert [(p.code, p.row) for p in result.problems] == [("undecodable", 2)]


def test_a_large_file_is_told_by_its_beginning():
    streams = []

    class Stream(io.BytesIO):
        def close(self):
            streams.append(self.tell())
            super().close()

    data = report(row(), encoding="cp1252") + "é".encode("cp1252") * 5_000_000
    assert _guess(lambda: Stream(data), False, len(data)) == "cp1252"
    assert len(streams) == 2
    assert max(streams) < len(data) / 4


def test_a_letter_on_the_border_of_two_chunks_is_whole(monkeypatch):
    for size in range(1, 9):
        monkeypatch.setattr("amazon.report_file.CHUNK_BYTES", size)
        result = read_unshipped_report(report(*EUROPEAN))
        assert (result.encoding, result.problems) == ("utf-8", ())
    for size in range(97, 105):
        monkeypatch.setattr("amazon.report_file.CHUNK_BYTES", size)
        result = read_unshipped_report(report(*JAPANESE, encoding="cp932"))
        assert (result.encoding, result.problems) == ("cp932", ())


# Lines


def test_blank_lines_before_the_header_are_skipped():
    data = b"\r\n\r\n" + report(row())
    assert [found.rows for found in read_unshipped_report(data).orders] == [(2,)]


def test_the_last_line_may_end_without_an_end():
    for end in ("\r\n", "\n", "\r"):
        data = report(row(), order(2), end=end)[: -len(end)]
        assert len(read_unshipped_report(data).orders) == 2


def test_a_line_end_inside_a_cell_belongs_to_the_text():
    """A buyer's gift message, in a file whose rows end in CRLF."""
    columns = (*STANDARD, "gift-message-text", "last")
    for inner in ("\n", "\r", "\n\n"):
        gift = row(gift_message_text=f"Happy{inner}birthday")
        result = read_unshipped_report(report(gift, order(2), columns=columns))
        assert result.problems == ()
        (details, _other) = (found.items[0].details for found in result.orders)
        assert dict(details)["gift-message-text"].split() == ["Happy", "birthday"]
        assert "\n" not in dict(details)["gift-message-text"]


def test_rows_with_other_ends_than_the_header_are_read_all_the_same():
    header, *rows = text_of(row(), order(2), order(3), end="\n").splitlines(True)
    result = read_unshipped_report(
        (header[:-1] + "\r\n" + rows[0] + rows[1] + rows[2]).encode()
    )
    assert len(result.orders) == 3
    assert result.problems == ()


def test_files_put_together_with_different_ends_are_read_whole():
    unix = "".join(text_of(order(2), order(3), end="\n").splitlines(True)[1:])
    result = read_unshipped_report((text_of(row()) + unix + text_of(order(4))).encode())
    found = [order.order_ref[4:11] for order in result.orders]
    assert found == ["0000001", "0000002", "0000003", "0000004"]
    # The second header is a row without an order.
    assert [problem.column for problem in result.problems] == ["order-id"]


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_nothing_but_cr_and_lf_ends_a_line(mark):
    data = report(row(product_name=f"a{mark}b"))
    result = read_unshipped_report(data)
    assert result.problems == ()
    assert len(result.orders[0].items[0].title) == 3
