"""Where Debian's packages are taken from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devtools import debian
from devtools.debian import Source
from devtools.errors import SetupError

MIRROR = "http://mirror.example/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEBIAN_SOURCES = f"""\
Types: deb deb-src
# A comment in between.
URIs: {MIRROR}
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: {KEYRING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""
UBUNTU_SOURCES = """\
Types: deb
URIs: http://mirror.example/ubuntu/
Suites: noble noble-updates
Components: main universe
"""


@pytest.fixture
def etc(tmp_path):
    (tmp_path / "sources.list.d").mkdir()

    def write(name, text):
        (tmp_path / name).write_text(text)
        return tmp_path

    return write


@pytest.fixture
def keyrings(tmp_path):
    folder = tmp_path / "keyrings"
    folder.mkdir()
    return folder


def test_paragraphs_give_their_archives():
    first, second = debian.parse_deb822(DEBIAN_SOURCES)
    assert first == Source(
        MIRROR, ("bookworm", "bookworm-updates"), ("main", "contrib"), KEYRING
    )
    assert second.suites == ("bookworm-security",)
    assert second.signed_by == ""


@pytest.mark.parametrize("word", ["no", "No", "false", "0", "off"])
def test_disabled_paragraph_is_left_out(word):
    assert debian.parse_deb822(f"Enabled: {word}\n{UBUNTU_SOURCES}") == []


def test_paragraph_for_sources_only_is_left_out():
    assert debian.parse_deb822("Types: deb-src\nURIs: http://a/debian\nSuites: x") == []


def test_every_address_of_a_paragraph_counts():
    text = DEBIAN_SOURCES.replace(MIRROR, f"{MIRROR} http://second.example/debian", 1)
    found = debian.parse_deb822(text)
    assert [source.uri for source in found[:2]] == [
        MIRROR,
        "http://second.example/debian",
    ]


def test_key_inside_a_paragraph_is_kept_whole():
    key = "Signed-By:\n -----BEGIN PGP-----\n .\n abc\n -----END PGP-----"
    (source,) = debian.parse_deb822(f"{UBUNTU_SOURCES}{key}\n")
    assert source.signed_by.splitlines() == [
        "",
        " -----BEGIN PGP-----",
        " .",
        " abc",
        " -----END PGP-----",
    ]
    assert debian.parse_deb822(str(source)) == [source]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"deb {MIRROR} sid main", Source(MIRROR, ("sid",), ("main",))),
        (
            f"deb [arch=amd64 signed-by={KEYRING}] {MIRROR} bookworm main contrib # x",
            Source(MIRROR, ("bookworm",), ("main", "contrib"), KEYRING),
        ),
        (
            f"  deb [trusted=yes] {MIRROR} bookworm main",
            Source(MIRROR, ("bookworm",), ("main",), trusted="yes"),
        ),
    ],
)
def test_line_gives_its_archive(line, expected):
    assert debian.parse_one_line(f"# first\n{line}\n") == [expected]


@pytest.mark.parametrize(
    "line", ["", "# deb a b c", "deb-src http://a sid main", "deb"]
)
def test_line_without_an_archive_gives_none(line):
    assert debian.parse_one_line(line) == []


WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-./:", min_size=1)
NAMES = st.lists(WORDS, min_size=1).map(tuple)


@given(st.builds(Source, WORDS, NAMES, NAMES, WORDS | st.just(""), st.just("yes")))
def test_what_is_written_is_read_back(source):
    assert debian.parse_deb822(str(source)) == [source]


@given(st.text())
def test_no_text_breaks_the_readers(text):
    debian.parse_deb822(text)
    debian.parse_one_line(text)


def test_own_mirror_comes_with_its_key(etc):
    folder = etc("sources.list.d/debian.sources", DEBIAN_SOURCES)
    found = debian.mirror({}, folder)
    assert (found.uri, found.components, found.signed_by) == (
        MIRROR,
        ("main",),
        KEYRING,
    )


def test_own_mirror_is_found_in_the_old_list(etc):
    folder = etc("sources.list", f"deb {MIRROR} trixie main\n")
    assert debian.mirror({}, folder).uri == MIRROR


def test_security_archive_and_other_publishers_are_no_mirror(etc):
    etc("sources.list", "deb http://mirror.example/debian-security sid-security main")
    etc("sources.list.d/a.list", "deb http://other.example/debian stable contrib")
    folder = etc("sources.list.d/b.list", "deb http://browser.example/deb stable main")
    with pytest.raises(SetupError):
        debian.mirror({}, folder)


def test_archive_itself_goes_before_other_publishers_for_debian(etc):
    etc("sources.list.d/a.list", "deb http://a.example/debian/12/prod bookworm main")
    folder = etc("sources.list.d/b.list", f"deb {MIRROR}/ bookworm main")
    assert debian.mirror({}, folder).uri == f"{MIRROR}/"


def test_disabled_file_is_not_read(etc):
    folder = etc("sources.list.d/debian.sources.disabled", DEBIAN_SOURCES)
    assert debian.read_sources(folder) == []


def test_ubuntu_gets_one_sentence_with_what_to_set(etc, is_one_sentence):
    folder = etc("sources.list.d/ubuntu.sources", UBUNTU_SOURCES)
    with pytest.raises(SetupError) as refusal:
        debian.mirror({}, folder)
    assert is_one_sentence(str(refusal.value))
    assert "DEBIAN_MIRROR" in str(refusal.value)
    assert "ODOO_HOME" in str(refusal.value)


def test_named_mirror_is_used_on_ubuntu_with_debians_keyring(etc, keyrings):
    folder = etc("sources.list.d/ubuntu.sources", UBUNTU_SOURCES)
    (keyrings / "debian-archive-keyring.pgp").touch()
    found = debian.mirror({"DEBIAN_MIRROR": MIRROR}, folder, keyrings)
    assert found.uri == MIRROR
    assert found.signed_by == str(keyrings / "debian-archive-keyring.pgp")


def test_named_mirror_without_a_keyring_asks_for_it(etc, keyrings, is_one_sentence):
    folder = etc("sources.list.d/ubuntu.sources", UBUNTU_SOURCES)
    with pytest.raises(SetupError) as refusal:
        debian.mirror({"DEBIAN_MIRROR": MIRROR}, folder, keyrings)
    assert "debian-archive-keyring" in str(refusal.value)
    assert is_one_sentence(str(refusal.value))


def test_named_mirror_goes_before_the_own_one(etc):
    folder = etc("sources.list.d/debian.sources", DEBIAN_SOURCES)
    found = debian.mirror({"DEBIAN_MIRROR": "http://near.example/debian"}, folder)
    assert found.uri == "http://near.example/debian"
    assert found.signed_by == KEYRING
