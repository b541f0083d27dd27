"""A counter with a scanner in a real browser: each Enter leads on, the last one sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from b2b.catalog.models import Product
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from tests.support.trade_day import Market
from warehousing.models import CountLine, Location, Warehouse
from warehousing.services import cycle_count, movement

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BY = system("test")


def counted(market: Market) -> str:
    """Open a round over a hundred bolts without a lot; return their place."""
    with acting_as(BY):
        house = Warehouse.objects.get()
        places = {place.kind: place for place in Location.objects.filter(warehouse=house)}
        bolt = Product.objects.get(sku="BOLT-8")
        move = movement.Move(bolt.pk, places["SUPPLIER"].pk, places["STORAGE"].pk, 100)
        movement.post([move], at=clock.now(), document_type="test", document_id=uuid7())
        cycle_count.open_round(house.pk, by=BY, at=clock.now())
    return str(places["STORAGE"].code)


def test_a_count_goes_field_by_field(
    market: Market, server: str, sign_in: Callable[[str, str], Page]
) -> None:
    place = counted(market)
    page = sign_in("operator", "operator")
    page.goto(f"{server}/operator/warehousing/count/")
    # The lot is passed over with an Enter of its own: goods may have none.
    for field, text in (("location", place), ("goods", "BOLT-8"), ("lot_number", ""), ("counted", "100")):
        page.locator(f"input[name={field}]:focus").wait_for()
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.get_by_text("taken down", exact=False).wait_for()
    # The place is kept: the next scan is of goods.
    page.locator("input[name=goods]:focus").or_(page.get_by_text("No round of counting is open")).wait_for()
    with acting_as(BY):
        assert CountLine.objects.get().status == "BOOKED"
