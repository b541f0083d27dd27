"""The dispatch board in a real browser: drag a stop, move one by keyboard, lock, plan anew, play and save."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as
from logistics.models import Drop, Shipment, Stop, Vehicle
from logistics.services import plan_worker
from tests.browser.conftest import picture
from tests.factories import catalog, directory
from tests.factories import logistics as make
from tests.support.trade_day import Market

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def shipments(market: Market) -> list[Shipment]:
    """Have shipments for three shops wait, and two vehicles that drive all day."""
    with acting_as(make.PLATFORM):
        Vehicle.objects.update(is_active=False)
        for code in ("RED", "BLUE"):
            make.vehicle(market.carrier, code=code, shift_start="00:00", shift_end="23:59:59")
        product = catalog.product()
        shops = [
            directory.site(
                market.dealer,
                latitude=f"31.{25 + 4 * row}",
                longitude="121.30",
                opens="00:00",
                closes="23:59:59",
            )
            for row in range(3)
        ]
        return [
            make.shipments(market.house, [make.packed_unit(shop, product)], at=clock.now())[0]
            for shop in shops
        ]


def card(page: Page, code: str) -> Locator:
    return page.locator(f".ms-round[aria-label='{code}']")


def numbers(round_: Locator) -> list[str]:
    return [
        str(key)
        for key in round_.locator("li[data-job]").evaluate_all("all => all.map(one => one.dataset.job)")
    ]


def laid(page: Page) -> None:
    """Wait until the server has said what it thinks of the last change."""
    page.locator("#ms-board-say", has_text="Not saved yet.").wait_for()
    page.wait_for_function("!document.querySelector('#ms-rounds').textContent.includes('leaves …')")


def test_a_dispatcher_lays_rounds_and_saves_them(
    market: Market, shipments: list[Shipment], server: str, sign_in: Callable[[str, str], Page]
) -> None:
    keys = [str(one.pk) for one in shipments]
    page = sign_in("operator", "operator")
    page.goto(f"{server}/operator/logistics/board/")
    assert page.locator("#ms-map circle.ms-map-waits").count() == 3
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()
    for key in keys[:2]:
        card(page, "Not planned").locator(f"[data-job='{key}']").drag_to(card(page, "RED").locator("h3"))
        laid(page)
    assert numbers(card(page, "RED")) == keys[:2]
    choice = card(page, "Not planned").get_by_label("Move to")
    choice.focus()
    choice.select_option(label="BLUE")
    laid(page)
    card(page, "RED").locator(f"[data-job='{keys[1]}']").drag_to(
        card(page, "RED").locator(f"[data-job='{keys[0]}']")
    )
    page.wait_for_function(
        "key => document.querySelector('.ms-round[aria-label=RED] li').dataset.job === key", arg=keys[1]
    )
    laid(page)
    card(page, "RED").get_by_role("button", name="Lock up to here").first.press("Enter")
    card(page, "RED").get_by_role("button", name="Unlock").wait_for()
    laid(page)
    picture(page, "dispatch-board")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("2 trips are planned.").wait_for()
    with acting_as(make.PLATFORM):
        red = Drop.objects.filter(trip__vehicle__code="RED").order_by("stop__sequence")
        assert [str(drop.shipment_id) for drop in red] == [keys[1], keys[0]]
        assert list(Stop.objects.filter(trip__vehicle__code="RED").values_list("is_locked", flat=True)) == [
            True,
            False,
        ]


def test_the_planner_works_on_and_the_day_can_be_played(
    market: Market, shipments: list[Shipment], server: str, sign_in: Callable[[str, str], Page]
) -> None:
    page = sign_in("operator", "operator")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{server}/operator/logistics/board/")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Plan anew").click()
    page.get_by_text("Planning…", exact=False).wait_for()
    with acting_as(make.PLATFORM) as platform:
        assert plan_worker.work_all(by=platform) == 1
    page.get_by_text("The planner found other rounds", exact=False).wait_for()
    assert card(page, "Not planned").locator("[data-job]").count() == 0
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator(".ms-map-van").first.wait_for(state="attached")
    page.get_by_role("button", name="Pause").click()
    picture(page, "dispatch-board")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("trips are planned.", exact=False).wait_for()
    with acting_as(make.PLATFORM):
        assert set(Shipment.objects.values_list("status", flat=True)) == {"PLANNED"}
