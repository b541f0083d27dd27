"""Somebody at the gate with a scanner that types: over, short and damaged, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from b2b.contracts.orders import DespatchAdvised, DespatchedLine
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from tests.browser.conftest import picture
from tests.support.trade_day import Market
from warehousing.models import Location, PutawayTask, Quant, Receipt, Warehouse
from warehousing.services import receipt

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEST = system("test")


def expected(market: Market) -> Receipt:
    """Twenty bolts and ten screws are on their way; the house sends people to put away."""
    from b2b.catalog.models import Product

    now = clock.now()
    with acting_as(TEST):
        Warehouse.objects.update(directs_putaway=True)
        lines = [
            DespatchedLine(
                purchase_order_line_id=number, line_number=number, quantity=quantity,
                product_id=Product.objects.get(sku=sku).pk,
            )
            for number, (sku, quantity) in enumerate((("BOLT-8", 20), ("SCREW-4", 10)), start=1)
        ]  # fmt: skip
        return receipt.expect(
            DespatchAdvised(
                occurred_at=now, despatch_advice_id=uuid7(), number="DA-1", purchase_order_id=uuid7(),
                purchase_order_number="PO-1", factory_id=market.maker.pk, warehouse_site_id=market.house.pk,
                expected_at=now, lines=tuple(lines),
            ),
            by=TEST, at=now,
        )  # fmt: skip


def scan_place(page: Page, code: str) -> None:
    """Scan the place goods were carried to."""
    page.get_by_label("Scan the place").press_sequentially(code)
    page.keyboard.press("Enter")


def ready(page: Page, field: str = "code") -> None:
    """Wait until the page has put the focus into its field by itself."""
    page.locator(f"input[name={field}]:focus").wait_for()


def scan(page: Page, code: str, field: str = "code") -> None:
    """Type as a scanner does: wherever the focus is, then Enter."""
    ready(page, field)
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_load_state("load")


def test_a_delivery_is_counted_by_keyboard(
    market: Market, server: str, sign_in: Callable[[str, str], Page]
) -> None:
    due = expected(market)
    page = sign_in("operator", "operator")
    page.goto(f"{server}/operator/warehousing/receipt/{due.pk}/")
    page.locator(".ms-head").get_by_text("Scan at the gate").click()
    page.get_by_role("heading", name=f"Count {due.number}").first.wait_for()

    scan(page, "BOLT-8")
    page.locator(".ms-answer[data-tone=good]", has_text="1 × BOLT-8").wait_for()
    ready(page)

    # Over: twenty more are too many, nothing is written, the field has the focus again.
    page.keyboard.type("BOLT-8")
    page.keyboard.press("Tab")
    page.keyboard.type("21")
    page.keyboard.press("Enter")
    page.locator(".ms-answer[data-tone=bad]", has_text="at most 21 accepted").wait_for()
    picture(page, "gate-over")
    ready(page)

    page.keyboard.type("BOLT-8")
    page.keyboard.press("Tab")
    page.keyboard.type("18")
    page.keyboard.press("Enter")
    page.locator(".ms-answer[data-tone=good]", has_text="18 × BOLT-8").wait_for()
    ready(page)

    # Damaged: two screws, with a reason.
    page.keyboard.type("SCREW-4")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    for key in ("Tab", "Tab", "Space", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("bent")
    page.keyboard.press("Enter")
    page.locator(".ms-answer[data-tone=good]", has_text="Damaged").wait_for()
    picture(page, "gate-damaged")

    scan(page, "4006381333931")
    page.locator(".ms-answer[data-tone=bad]", has_text="nobody knows").wait_for()

    # Short: the rest did not come.
    page.get_by_role("button", name="Close: the rest did not come").press("Enter")
    page.locator(".ms-head", has_text="RECEIVED").or_(
        page.locator(".ms-head", has_text="Received")
    ).wait_for()
    with acting_as(TEST):
        lines = list(due.lines.order_by("line_number").values_list("accepted_quantity", "rejected_quantity"))
        assert lines == [(19, 0), (0, 2)]
        task = PutawayTask.objects.get()
        place = Location.objects.get(pk=task.destination_id).code

    page.goto(f"{server}/operator/warehousing/carry/")
    picture(page, "carry-waiting")
    page.get_by_role("button", name="Take the next").press("Enter")
    scan_place(page, "NO-SUCH")
    page.locator(".ms-answer[data-tone=bad]", has_text="no such place").wait_for()
    scan_place(page, place)
    page.locator(".ms-answer[data-tone=good]", has_text=f"are at {place}").wait_for()
    picture(page, "carry-done")
    with acting_as(TEST):
        assert Quant.objects.get(location__code=place).on_hand == 19
