"""Users at the web client: pages of a Chromium, and what went wrong in them."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page, Request

WINDOW = {"width": 1366, "height": 768}
# What is kept of the requests before an error: so many, and so much of each.
LAST_REQUESTS = 6
BODY_LENGTH = 160


class Browsing:
    """Opens a page per user; ``errors`` collects what their consoles say."""

    def __init__(self, browser: Browser, url: str, pictures: Path):
        self._browser, self._url, self._pictures = browser, url, pictures
        self._pages: list[Page] = []
        self.errors: list[str] = []

    def log_in(self, login: str, password: str) -> Page:
        """A page on which this user has just logged in, as if for the first time."""
        context = self._browser.new_context(viewport=WINDOW, accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(60_000)
        asked: list[str] = []
        page.on("request", lambda request: _remember(request, asked))
        page.on("pageerror", lambda error: self._keep("script", error, page, asked))
        page.on("console", lambda message: self._hear(message, page, asked))
        self._pages.append(page)
        page.goto(f"{self._url}/web/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        page.wait_for_selector(".o_web_client .o_navbar, .o_web_client .o_main_navbar")
        return page

    def take_picture(self, page: Page, name: str) -> None:
        """Keep what the page shows, for people to look at."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self._pictures / f"{name}.png", animations="disabled")

    def take_pictures(self, name: str) -> None:
        """Of all pages; for a test that failed, so it never fails itself."""
        name = re.sub(r"\W+", "-", name)
        for number, page in enumerate(self._pages, start=1):
            with contextlib.suppress(Error):
                self.take_picture(page, f"{name}-{number}")

    def close(self) -> None:
        for page in self._pages:
            page.context.close()

    def _hear(self, message, page: Page, asked: list[str]) -> None:
        if message.type == "error":
            self._keep("console", message.text, page, asked)

    def _keep(self, kind: str, text: object, page: Page, asked: list[str]) -> None:
        """An error alone does not tell which of the page's requests it is about."""
        last = "; ".join(asked[-LAST_REQUESTS:])
        self.errors.append(f"{kind}: {text} (on {page.url}, after {last})")


def _remember(request: Request, asked: list[str]) -> None:
    if request.method == "POST":
        body = (request.post_data_buffer or b"").decode(errors="replace")
        asked.append(f"{urlsplit(request.url).path} {body[:BODY_LENGTH]}")
