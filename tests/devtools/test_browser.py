"""Which Chromium is taken, and how it is started."""

import subprocess

import pytest

from devtools import browser

SPEAKS = 'echo "<p>It speaks.</p>"'


@pytest.fixture
def command(checkout, monkeypatch):
    path = checkout.dev / "bin" / "chromium"
    monkeypatch.setattr(browser, "COMMAND", path)
    monkeypatch.setattr(browser, "OTHER_NAME", path.with_name("google-chrome"))
    monkeypatch.setattr(browser, "BIN", path.parent)
    return path


def test_browser_that_the_user_names_goes_first(checkout):
    checkout.program("chromium", "")
    mine = checkout.program("mine", "")
    found = browser.find({"CHROMIUM": str(mine), "PATH": str(checkout.programs)})
    assert found == str(mine)


@pytest.mark.parametrize("name", browser.NAMES)
def test_browser_on_the_path_is_found(checkout, name):
    program = checkout.program(name, "")
    assert browser.find({"PATH": str(checkout.programs)}) == str(program)


def test_own_command_is_not_taken_for_a_browser_of_the_machine(checkout, command):
    checkout.program("chromium", "").rename(checkout.root / "chromium")
    command.parent.mkdir(parents=True)
    (checkout.root / "chromium").rename(command)
    variables = {"CHROMIUM": str(command), "PATH": str(command.parent)}
    assert browser.find(variables) == ""


def test_command_starts_the_browser_without_its_sandbox(checkout, command):
    program = checkout.program("my browser", f'echo "$@" > "$0.asked"\n{SPEAKS}')
    browser._use(str(program))
    subprocess.run([command, "--headless", "a b"], cwd=checkout.root, check=True)
    asked = (checkout.programs / "my browser.asked").read_text()
    assert asked == "--no-sandbox --headless a b\n"


def test_command_has_the_name_that_odoo_looks_for_first(checkout, command):
    browser._use(str(checkout.program("browser", SPEAKS)))
    assert command.with_name("google-chrome").resolve() == command


def test_libraries_are_looked_for_where_packages_put_them(tmp_path):
    for name in (
        "usr/lib/x86_64-linux-gnu/libone.so.1",
        "usr/lib/x86_64-linux-gnu/nss/libtwo.so",
        "lib/x86_64-linux-gnu/libthree.so.3",
        "usr/lib/x86_64-linux-gnu/notes/readme",
        "usr/lib/other/libfour.so",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [
        str(path.relative_to(tmp_path)) for path in browser.library_folders(tmp_path)
    ]
    assert found == [
        "usr/lib/x86_64-linux-gnu",
        "usr/lib/x86_64-linux-gnu/nss",
        "lib/x86_64-linux-gnu",
    ]
