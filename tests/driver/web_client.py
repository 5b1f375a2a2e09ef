"""What people do at Odoo's web client, and where they see what."""

from __future__ import annotations

import re
from contextlib import contextmanager

from playwright.sync_api import Page, expect


def menu(page: Page, *names: str) -> None:
    """Choose a menu of the app, then an entry of it."""
    section, *entries = names
    page.locator(".o_menu_sections").get_by_text(section, exact=True).click()
    for entry in entries:
        page.get_by_role("menuitem", name=entry, exact=True).click()


def open_menu(page: Page, section: str, entry: str) -> None:
    """Choose an entry of a menu by its names, in whatever language and width: where
    there is no room for all menus, the last ones are in one."""
    more = page.locator(".o_menu_sections_more button:visible")
    find_menu(page, section).or_(more).first.click()
    find_menu(page, entry).click()


def find_menu(page: Page, name: str):
    return page.locator(f"[data-menu-xmlid$='.{name}']:visible")


@contextmanager
def leaving(page: Page):
    """What is clicked in here opens another page: ends when its address is there too,
    which changes a moment after the page. Too early, "back" goes too far."""
    left = page.url
    yield
    expect(page).not_to_have_url(left)


def press(page: Page, name: str) -> None:
    """Press the button of a method, whatever it is called in the user's language."""
    page.locator(f"button[name={name}]").locator("visible=true").first.click()


def show_tab(page: Page, name: str) -> None:
    """Open a page of a form's notebook by its name, and wait until it is there."""
    tab = page.locator(f".o_notebook .nav-link[name={name}]")
    tab.click()
    expect(tab).to_have_class(re.compile("active"))
    expect(page.locator(".o_notebook .tab-pane")).to_have_css("opacity", "1")


def press_on_tab(page: Page, tab: str, name: str) -> None:
    show_tab(page, tab)
    press(page, name)


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True).locator("visible=true")


def field(page: Page, name: str):
    return page.locator(f".o_form_view .o_field_widget[name={name}]")


def entry(page: Page, name: str):
    """Where a field of a form is typed."""
    return field(page, name).locator("input")


def cells(page: Page, name: str, text: str):
    """The cells of a list's column with a text in them."""
    return page.locator(f".o_data_row td[name={name}]", has_text=text)


def choose_files(page: Page, files: dict[str, bytes]) -> None:
    """In the open dialog; bytes by file name."""
    page.locator(".modal input[type=file]").set_input_files(
        [
            {"name": name, "mimeType": "text/plain", "buffer": content}
            for name, content in files.items()
        ]
    )


def drop_files(page: Page, target: str, files: dict[str, bytes]) -> None:
    """Drag files from outside over an element, and drop them where Odoo offers it."""
    texts = [[name, content.decode()] for name, content in files.items()]
    transfer = page.evaluate_handle(MAKE_TRANSFER, texts)
    page.locator(target).first.dispatch_event("dragenter", {"dataTransfer": transfer})
    page.locator(".o-Dropzone").dispatch_event("drop", {"dataTransfer": transfer})


MAKE_TRANSFER = """files => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) {
        transfer.items.add(new File([text], name, {type: "text/plain"}));
    }
    return transfer;
}"""
