"""A dealer in a real browser: a list with a fault, mended in place, ordered, delivered and invoiced in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from b2b.core import clock
from tests.browser.conftest import picture
from tests.support.trade_day import Market

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIST = b"sku,quantity,unit\nBOLT-8,48,\nNO-SUCH,24,\nSCREW-4,2,CT\nDRILL-18,many,\n"


def upload(page: Page) -> None:
    page.get_by_role("link", name="Bulk order", exact=True).click()
    page.set_input_files(
        "input[type=file]", files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": LIST}]
    )
    page.get_by_role("button", name="Show prices and stock").click()


def place(page: Page) -> str:
    """Upload the list, mend it, order it; return the order's number."""
    upload(page)
    page.get_by_text("2 rows cannot be ordered yet").wait_for()
    page.get_by_label("SKU, 3").fill("BOLT-8")
    page.get_by_label("Quantity, 5").fill("3")
    page.get_by_role("button", name="Check again").click()
    page.get_by_text("Every row can be ordered").wait_for()
    page.get_by_role("button", name="Order", exact=True).click()
    page.get_by_text("is confirmed: 4 lines").wait_for()
    return page.locator(".ms-head h2").inner_text().split()[0]


def test_faults_are_shown_in_place_with_prices_and_credit(
    market: Market, sign_in: Callable[[str, str], Page]
) -> None:
    page = sign_in("dealer", "dealer")
    picture(page, "dealer-home")
    upload(page)

    page.get_by_text("2 rows cannot be ordered yet").wait_for()
    picture(page, "bulk-preview")
    fault = page.locator("#row-3-sku-fault")
    assert "NO-SUCH is no product on sale" in fault.inner_text()
    assert page.get_by_label("SKU, 3").get_attribute("aria-describedby") == "row-3-sku-fault"
    assert "600.00 CNY" in page.locator("tr", has_text="Hex bolt M8").inner_text()
    assert "Credit left after this" in page.locator(".ms-sticky").inner_text()


def test_an_order_placed_in_the_browser_is_delivered_and_invoiced(
    market: Market, server: str, sign_in: Callable[[str, str], Page]
) -> None:
    page = sign_in("dealer", "dealer")
    number = place(page)
    address = page.url
    picture(page, "order-confirmed")
    _sign_out(page)

    page = sign_in("operator", "operator")
    _run_the_day(page, server, market)
    picture(page, "operator-home")
    _sign_out(page)

    page = sign_in("dealer", "dealer")
    page.goto(address)
    page.get_by_text("Delivered and signed for").wait_for()
    picture(page, "order-invoiced")
    assert number in page.locator(".ms-head").inner_text()
    assert page.get_by_text("Invoiced", exact=True).count() >= 4
    page.get_by_role("link", name="INV-").first.click()
    page.get_by_text("Quote this when you pay").wait_for()
    picture(page, "invoice")


def test_a_phone_is_wide_enough(market: Market, sign_in: Callable[[str, str], Page]) -> None:
    page = sign_in("dealer", "dealer")
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("", "orders/bulk/", "orders/order/", "finance/invoice/"):
        page.goto(f"{page.url.partition('/dealer/')[0]}/dealer/{name}")
        page.wait_for_load_state("networkidle")
        picture(page, f"phone-{name.replace('/', '-') or 'home'}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


def _sign_out(page: Page) -> None:
    page.context.clear_cookies()


def _run_the_day(page: Page, server: str, market: Market) -> None:
    from b2b.outbox.dispatch import drain

    def press(path: str, button: str, *, confirmed: bool = True) -> None:
        page.goto(f"{server}/operator/{path}")
        page.locator("#result_list a:not([href^='?'])").first.click()
        page.locator(".ms-head").get_by_text(button, exact=True).click()
        if confirmed:
            page.locator("form[data-once]").get_by_role("button", name=button).click()
        page.locator(".ms-head").wait_for()
        drain()

    drain()
    press("orders/ordercycle/", "Close now")
    press("orders/purchaseorder/", "Answer for the factory")
    market.advise(at=clock.now())
    press("warehousing/receipt/", "Receive as advised")
    press("warehousing/warehouse/", "Release a wave")
    press("warehousing/wave/", "All picked")
    press("warehousing/wave/", "Pack", confirmed=False)
    page.goto(f"{server}/operator/logistics/plan/")
    picture(page, "plan-trips")
    page.get_by_role("button", name="Plan trips").click()
    page.get_by_text("1 trips are planned").wait_for()
    press("logistics/trip/", "Depart")
    page.goto(f"{server}/operator/logistics/shipment/")
    page.locator("#result_list a:not([href^='?'])").first.click()
    page.get_by_role("link", name="Confirm delivery").click()
    page.get_by_label("Signed by").fill("Li Na")
    page.get_by_role("button", name="Confirm delivery").click()
    page.get_by_text("is delivered; it will be invoiced").wait_for()
    drain()
    page.goto(f"{server}/operator/")
