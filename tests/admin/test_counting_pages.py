"""Counting with a scanner that types, and the page of full places and old stock."""

from __future__ import annotations

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from tests.admin.test_day import Desk
from tests.support.trade_day import TEST, open_market
from warehousing.models import CountLine, CycleCount, Location, Quant, Warehouse
from warehousing.services import movement
from warehousing.services.movement import Move


@pytest.fixture
def desk(db: None) -> Desk:
    market = open_market()
    with acting_as(TEST):
        from b2b.catalog.models import Product
        from warehousing.services import warehouse

        house = warehouse.open_at(market.house.pk)
        places = dict(house.locations.values_list("kind", "pk"))
        Location.objects.filter(kind="STORAGE").update(capacity_units=200)
        goods = Product.objects.get(sku="BOLT-8")
        moves = [Move(goods.pk, places["SUPPLIER"], places["STORAGE"], 100)]
        movement.post(moves, at=clock.now(), document_type="test", document_id=uuid7())
    return Desk("operator", "operator")


def test_a_round_is_counted_field_by_field(desk: Desk) -> None:
    with acting_as(TEST):
        house, place = Location.objects.filter(kind="STORAGE").values_list("warehouse_id", "code").get()
    assert "No round of counting is open" in desk.page("count_stock")
    assert "1 lines to count" in desk.press("warehousing_warehouse", house, "open_count")
    with acting_as(TEST):
        made = CycleCount.objects.get()
    page = desk.page("count_stock")
    assert "data-wedge" in page
    assert made.number in page
    scan = {"round": made.pk, "location": place.lower(), "goods": "bolt-8", "counted": 90}
    address = reverse("operator:count_stock")
    answer = desk.client.post(address, scan, follow=True)
    assert "please count again" in answer.content.decode()
    assert f'value="{place.lower()}"' in answer.content.decode()
    assert "100" not in str(next(iter(answer.context["messages"])))
    assert "taken down" in desk.client.post(address, scan, follow=True).content.decode()
    with acting_as(TEST):
        assert Quant.objects.get().on_hand == 90
        assert CountLine.objects.get().status == "BOOKED"
    assert "-10" in desk.page("warehousing_cyclecount_change", made.pk)


def test_a_shelf_is_adjusted_at_the_desk_and_much_of_it_by_two(desk: Desk) -> None:
    with acting_as(TEST):
        quant = Quant.objects.get().pk
    told = desk.press("warehousing_quant", quant, "adjust", counted=97, reason="three broken")
    assert "The books say what was found" in told
    with acting_as(TEST):
        Warehouse.objects.update(count_approval_units=5)
    told = desk.press("warehousing_quant", quant, "adjust", counted=90, reason="stolen")
    assert "waits for somebody else to approve" in told
    with acting_as(TEST):
        assert Quant.objects.get().on_hand == 97
        made = CycleCount.objects.get(reason="stolen")
    assert "stolen" in desk.page("warehousing_cyclecount_change", made.pk)


def test_an_unknown_scan_is_told_in_words(desk: Desk) -> None:
    with acting_as(TEST):
        house = Location.objects.filter(kind="STORAGE").get().warehouse_id
    desk.press("warehousing_warehouse", house, "open_count")
    with acting_as(TEST):
        made = CycleCount.objects.get()
    scan = {"round": made.pk, "location": "nowhere", "goods": "nothing", "counted": 1}
    page = desk.client.post(reverse("operator:count_stock"), scan).content.decode()
    assert "there is no place nowhere here" in page
    assert "nothing has the SKU or GTIN nothing" in page


def test_full_places_and_old_stock_are_shown(desk: Desk) -> None:
    page = desk.page("stock_fill")
    assert "50.0 %" in page
    assert "BOLT-8" in page
