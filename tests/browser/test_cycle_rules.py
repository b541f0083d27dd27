"""An operator changes what a cycle declares in a real browser, and a dealer reads it; the first cycle is planned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from b2b.core import clock
from tests.browser.conftest import picture
from tests.browser.test_bulk_order import _sign_out
from tests.support.trade_day import Market

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def field(days: int) -> str:
    return timezone.localtime(clock.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def test_rules_are_changed_and_read(market: Market, server: str, sign_in: Callable[[str, str], Page]) -> None:
    address = f"orders/ordercycle/{market.cycle.pk}/"
    page = sign_in("operator", "operator")
    page.goto(f"{server}/operator/{address}")
    page.get_by_role("link", name="Change the rules").click()
    picture(page, "cycle-rules-form")
    page.get_by_label("A shortage is shared").select_option("equal")
    page.get_by_label("Dealers' part of a saving, %").fill("90")
    page.get_by_role("button", name="Change the rules").click()
    page.get_by_text("come to 100 %").wait_for()
    assert page.get_by_label("A shortage is shared").input_value() == "equal"
    page.get_by_label("The platform's part, %").fill("5")
    page.get_by_label("The factory's part, %").fill("5")
    page.get_by_label("Why").fill("voted in March")
    page.get_by_role("button", name="Change the rules").click()
    page.get_by_text("are declared").wait_for()
    page.get_by_text("voted in March").first.wait_for()
    picture(page, "cycle-rules")

    page.goto(f"{server}/operator/orders/ordercycle/")
    page.get_by_role("link", name="Plan a cycle").click()
    page.get_by_label("Or a product category").fill("Lamps")
    page.get_by_label("Warehouse (code)").fill(market.house.code)
    page.get_by_label("Opens").fill(field(1))
    page.get_by_label("Cut-off").fill(field(3))
    picture(page, "cycle-new")
    page.get_by_role("button", name="Plan a cycle").click()
    page.get_by_text("is planned and opens by itself").wait_for()
    _sign_out(page)

    page = sign_in("dealer", "dealer")
    page.goto(f"{server}/dealer/{address}")
    page.get_by_text("dealers 90 %").wait_for()
    assert page.get_by_text("equally", exact=True).count() == 1
    picture(page, "cycle-rules-dealer")
