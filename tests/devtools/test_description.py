"""The page of the addon in Odoo's Apps is made from its readme."""

import pytest

from devtools import description


@pytest.fixture
def fragments(tmp_path):
    for name in description.SECTIONS:
        (tmp_path / f"{name}.md").write_text(f"Words of *{name}*.\n", "utf-8")
    return tmp_path


@pytest.fixture
def page(monkeypatch, fragments):
    monkeypatch.setattr(description, "FRAGMENTS", fragments)
    monkeypatch.setattr(description, "PAGE", fragments / "index.html")
    return fragments / "index.html"


def test_each_fragment_is_a_section_below_its_heading(fragments):
    page = description.make(fragments)
    for name, heading in description.SECTIONS.items():
        assert f"<h2>{heading}</h2>\n<p>Words of <em>{name}</em>.</p>" in page


def test_picture_is_looked_for_beside_the_page(fragments):
    text = "![A list](../static/description/list.png)"
    (fragments / "USAGE.md").write_text(text, "utf-8")
    assert 'class="img-fluid" src="list.png" alt="A list"' in description.make(
        fragments
    )


def test_page_of_other_words_is_told_and_made_anew(page, capsys):
    assert description.main(["--check"]) == 1
    assert description.ADVICE in capsys.readouterr().out
    assert description.main([]) == 0
    assert description.main(["--check"]) == 0
    (page.parent / "USAGE.md").write_text("Other words.", "utf-8")
    assert description.main(["--check"]) == 1
