"""What dispatch hears of packages: how large and how heavy they are, and from whom that is known."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.errors import Invalid
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World, product
from warehousing.models import Package, Wave
from warehousing.policies.dimensions import Size
from warehousing.services import carton, demand, packages_ready, packing, picking, repack, wave


@pytest.fixture
def work(world: World, at: datetime) -> Wave:
    """A picked wave: twelve bolts and four nuts for one shop."""
    world.product = product(sku="BOLT-8")
    nuts = product(sku="NUT-8")
    world.stock(20)
    world.stock(20, of=nuts)
    demand.cover([world.demand_line(12), world.demand_line(4, of=nuts)], at=at)
    made = wave.release(world.warehouse.pk, by=BY, at=at)
    return picking.confirm(made.pk, by=BY, at=at)


def filled(world: World, work: Wave, at: datetime, goods: str = "BOLT-8", quantity: int = 12) -> Package:
    opened = carton.open_for(work.pk, site_code=world.shop.code, by=BY, at=at)
    return carton.put(opened.sscc, goods=goods, quantity=quantity, at=at)


def told_sizes() -> list[tuple[int, int, int, int, int]]:
    told = OutboxEvent.objects.get(topic="warehousing.packages.ready.v1").payload
    names = ("length_mm", "width_mm", "height_mm", "weight_g", "volume_cm3")
    return [tuple(one[name] for name in names) for one in told["packages"]]


def test_dispatch_hears_what_was_measured_before_what_the_master_says(
    world: World, work: Wave, at: datetime
) -> None:
    world.product.packagings.create(
        code="CT", units=12, length_mm=600, width_mm=400, height_mm=300, gross_weight_g=12_900
    )
    bolts = filled(world, work, at)
    carton.close(bolts.sscc, by=BY, at=at)
    nuts = filled(world, work, at, "NUT-8", 4)
    carton.close(nuts.sscc, gross_weight_g=4_444, size=Size(305, 200, 101), by=BY, at=at)
    packing.pack(work.pk, by=BY, at=at)
    assert told_sizes() == [(600, 400, 300, 12_900, 72_000), (305, 200, 101, 4_444, 6_161)]


def test_goods_nobody_measured_are_in_the_box_of_the_house(world: World, work: Wave, at: datetime) -> None:
    type(world.warehouse).objects.update(package_length_mm=800, package_width_mm=600, package_height_mm=500)
    packing.pack(work.pk, by=BY, at=at)
    assert told_sizes() == [(800, 600, 500, 16_000, 240_000)]


def test_what_was_measured_is_forgotten_when_the_carton_is_opened_again(
    world: World, work: Wave, at: datetime
) -> None:
    made = filled(world, work, at)
    with pytest.raises(Invalid, match="at most"):
        carton.close(made.sscc, size=Size(30_000, 1, 1), by=BY, at=at)
    closed = carton.close(made.sscc, gross_weight_g=13_000, size=Size(610, 405, 310), by=BY, at=at)
    assert (closed.is_weighed, closed.height_mm, closed.weight_g) == (True, 310, 13_000)
    repack.reopen(made.sscc, by=BY, at=at)
    closed = carton.close(made.sscc, by=BY, at=at)
    assert (closed.is_weighed, closed.height_mm, closed.weight_g) == (False, None, 12_000)


def test_the_statements_of_what_dispatch_hears_do_not_grow(world: World, work: Wave, at: datetime) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            packages_ready.tell(work, at=at)
        return len(queries)

    carton.close(filled(world, work, at, "BOLT-8", 2).sscc, by=BY, at=at)
    statements()  # what is looked up once a process is looked up now
    few = statements()
    for goods in ("BOLT-8", "NUT-8", "NUT-8"):
        carton.close(filled(world, work, at, goods, 1).sscc, by=BY, at=at)
    assert statements() == few
