"""An operator recalls a lot in a real browser; the dealer that got of it reads its notice and answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from b2b.core.actor import DEALER, FACTORY, OPERATOR
from tests.browser.conftest import picture
from tests.house.tenancy_trace import delivered_lot
from tests.support.trade_day import Market

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_lot_is_recalled_and_answered(
    market: Market, server: str, sign_in: Callable[[str, str], Page]
) -> None:
    lot = delivered_lot({OPERATOR: market.operator, DEALER: market.dealer, FACTORY: market.maker})  # type: ignore[arg-type]
    page = sign_in("operator", "operator")
    page.goto(f"{server}/operator/warehousing/lot/{lot.pk}/")
    tree = page.get_by_role("img", name="Where the goods came from and where they went")
    assert market.dealer.code in (tree.text_content() or "")
    picture(page, "lot-trace")
    _ask(page, "Rehearse a recall", "drill")
    page.get_by_text("Would be told").wait_for()
    page.goto(f"{server}/operator/warehousing/lot/{lot.pk}/")
    _ask(page, "Recall this lot", "glass in it")
    page.get_by_text("Time it took").wait_for()
    address = page.url
    picture(page, "recall")
    page.context.clear_cookies()

    page = sign_in("rival", "dealer")
    page.goto(f"{server}/dealer/warehousing/recallnotice/")
    assert page.locator("#result_list tbody tr").count() == 0
    page.context.clear_cookies()

    page = sign_in("dealer", "dealer")
    page.goto(f"{server}/dealer/warehousing/recallnotice/")
    page.locator("#result_list a:not([href^='?'])").first.click()
    page.get_by_text("glass in it").first.wait_for()
    picture(page, "recall-notice")
    page.locator(".ms-head").get_by_text("Answer", exact=True).click()
    page.get_by_label("Still held, blocked from sale").fill("3")
    page.get_by_label("Sold or used").fill("1")
    page.locator("form[data-once]").get_by_role("button", name="Answer").click()
    page.get_by_text("ask for a return of their order").wait_for()
    page.context.clear_cookies()

    page = sign_in("operator", "operator")
    page.goto(address)
    row = page.locator("tr", has_text=market.dealer.name).first
    assert "Answered" in row.inner_text()


def _ask(page: Page, button: str, reason: str) -> None:
    page.locator(".ms-head").get_by_text(button, exact=True).click()
    page.get_by_label("Reason").fill(reason)
    page.locator("form[data-once]").get_by_role("button", name=button).click()
