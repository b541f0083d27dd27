"""Goods that secure money: whoever works in the warehouse reads it before they are picked, packed or loaded."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Invalid
from b2b.db import invariants
from finance import facade as finance
from tests.factories.directory import dealer
from tests.factories.finance import PLATFORM, operator
from tests.factories.warehousing import AT, BY, World
from tests.finance.financing.stock import ask, draw, house_of, lend
from warehousing import facade
from warehousing.models import Demand, Package, Promise, Quant
from warehousing.selectors import package as packages
from warehousing.services import carton, demand, packing, picking, promise, pull, repack, wave
from warehousing.services.wave import NothingToPick

pytestmark = pytest.mark.usefixtures("db")
SOUND = ["stock.quants", "stock.units", "stock.reserved", "stock.movements"]


@pytest.fixture
def house() -> World:
    """A dealer with a hundred units of its own."""
    return house_of(dealer(), operator())


def wants(house: World, quantity: int) -> None:
    """Let the dealer want its own goods back."""
    line = house.demand_line(quantity)
    demand.cover([line], at=AT)
    own = Demand.objects.filter(order_line_id=line.order_line_id)
    own.update(owner=house.dealer)
    promise.make([own.get().pk], at=AT)


def lent_on(house: World, units: int) -> None:
    draw(ask(lend(), house, units))


def test_nobody_is_sent_for_what_is_pledged(house: World) -> None:
    lent_on(house, 60)
    with acting_as(PLATFORM):
        wants(house, 50)
        with pytest.raises(NothingToPick, match=f"pledged: {house.product.sku}"):
            wave.release(house.warehouse.pk, by=BY, at=AT)
        wants(house, 30)
        made = wave.release(house.warehouse.pk, by=BY, at=AT)
        assert list(made.tasks.values_list("quantity", flat=True)) == [30]
        assert invariants.check(SOUND) == []


def test_what_was_pledged_after_the_pick_goes_back_to_its_shelf(house: World) -> None:
    with acting_as(PLATFORM):
        wants(house, 50)
        work = picking.confirm(wave.release(house.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
        box = carton.open_for(work.pk, site_code=house.shop.code, by=BY, at=AT)
        carton.put(box.sscc, goods=house.product.sku, quantity=5, at=AT)
    lent_on(house, 96)
    with acting_as(PLATFORM):
        with pytest.raises(Invalid, match="its owner pledged"):
            carton.close(box.sscc, by=BY, at=AT)
        repack.unpack(box.sscc, by=BY, at=AT)
        assert packing.pack(work.pk, by=BY, at=AT) == []
        assert Quant.objects.get(on_hand__gt=0).location.kind == "STORAGE"
        assert Promise.objects.get().status == "ON_HAND"
        assert invariants.check(SOUND) == []


def test_a_package_with_pledged_goods_is_stopped_and_pulled(house: World) -> None:
    with acting_as(PLATFORM):
        wants(house, 50)
        work = picking.confirm(wave.release(house.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
        [package] = packing.pack(work.pk, by=BY, at=AT)
        assert facade.blocked([package.pk]) == {}
    lent_on(house, 60)
    with acting_as(PLATFORM):
        why = f"package {package.sscc} holds {house.product.sku} that its owner pledged"
        assert facade.blocked([package.pk]) == {package.pk: why}
        assert {one.pk: told for one, told in packages.stopped(BY).items()} == {package.pk: why}
        pull.pull([package.sscc], by=BY, at=AT)
        assert facade.pulled([package.pk]) == {package.pk}
        assert Package.objects.get().status == "PULLED"
        assert invariants.check(SOUND) == []


def test_asking_for_many_packages_costs_as_much_as_for_one(house: World) -> None:
    lent_on(house, 10)
    with acting_as(PLATFORM):
        keys = []
        for _ in range(3):
            wants(house, 2)
            work = picking.confirm(wave.release(house.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
            keys += [one.pk for one in packing.pack(work.pk, by=BY, at=AT)]
        counts = []
        for asked in (keys[:1], keys):
            with CaptureQueriesContext(connection) as queries:
                assert facade.blocked(asked) == {}
            counts.append(len(queries))
        assert counts[0] == counts[1]
        owner, item, place = house.dealer.pk, house.product.pk, house.warehouse.site_id
        assert finance.pledged({(owner, item, place), (owner, item, place + 1)}) == {(owner, item, place): 10}
        assert finance.pledged(set()) == {}
