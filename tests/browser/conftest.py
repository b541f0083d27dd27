"""Pages that complain when the browser does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.trade_day import PASSWORD, Market, open_market

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Where pictures of the pages are kept, if anywhere: MIDSTREAM_PICTURES=/some/folder
PICTURES = os.environ.get("MIDSTREAM_PICTURES", "")


@pytest.fixture
def market(server: str) -> Market:
    """A small market in the database that the server serves."""
    return open_market()


@pytest.fixture
def sound_page(page: Page) -> Iterator[Page]:
    """A page that fails its test when the browser logs an error or a script breaks."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert not complaints


@pytest.fixture
def sign_in(server: str, sound_page: Page) -> Callable[[str, str], Page]:
    """Sign in at a door and return the page behind it."""

    def enter(username: str, door: str) -> Page:
        sound_page.goto(f"{server}/{door}/")
        sound_page.get_by_label("Username").fill(username)
        sound_page.get_by_label("Password").fill(PASSWORD)
        sound_page.get_by_role("button", name="Log in").click()
        sound_page.wait_for_url(f"{server}/{door}/")
        return sound_page

    return enter


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page when a folder for pictures is named."""
    if PICTURES:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)
