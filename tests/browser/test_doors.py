"""The doors in a real browser: the second factor by telephone, and pages that load nothing they should not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from b2b.core.actor import acting_as, system
from tests.browser.conftest import picture
from tests.support.trade_day import PASSWORD, Market

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
SCHEMA_MS = 120_000  # describing some hundred operations takes a busy machine its time


def test_a_second_factor_is_set_up_and_asked(
    server: str, market: Market, sign_in: Callable[[str, str], Page]
) -> None:
    page = sign_in("operator", "operator")
    page.set_viewport_size(PHONE)
    page.goto(f"{server}/operator/security/")
    page.get_by_role("link", name="Set it up").click()
    page.get_by_label("Code", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture(page, "second-factor")
    with acting_as(system("test")):
        device = TOTPDevice.objects.get(user__username="operator")
    page.get_by_label("Code", exact=True).fill(f"{totp(device.bin_key):06d}")
    page.get_by_role("button", name="Go on").click()
    recovery = page.locator(".ms-codes li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(f"{server}/operator/")
    page.context.clear_cookies()
    page.goto(f"{server}/operator/")
    page.get_by_label("Username").fill("operator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{server}/operator/second-factor/")
    page.get_by_label("Code", exact=True).fill(recovery)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"{server}/operator/")


def test_the_reader_of_the_api_obeys_the_policy(server: str, sound_page: Page) -> None:
    sound_page.goto(f"{server}/api/v1/docs/")
    sound_page.get_by_text("Orders, stock, shipments and money").first.wait_for(timeout=SCHEMA_MS)


def test_what_is_slipped_into_a_page_does_not_run(
    server: str, market: Market, sign_in: Callable[[str, str], Page], page: Page
) -> None:
    sign_in("operator", "operator")
    other = page.context.new_page()
    other.goto(f"{server}/operator/")
    other.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.broken = true\">');"
        "const s = document.createElement('script'); s.textContent = 'window.broken = true';"
        "document.body.append(s)"
    )
    other.wait_for_load_state("networkidle")
    assert other.evaluate("window.broken") is None
