"""Packages become shipments, once."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.warehousing import PackagesReady
from b2b.core.errors import Forbidden
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.db.transactions import unit_of_work
from b2b.outbox import dispatch as outbox
from b2b.outbox.publish import publish
from logistics import states
from logistics.models import Shipment, ShipmentLine, ShipmentPackage
from logistics.services import shipment
from tests.factories import logistics as make


def test_one_shipment_per_drop_point_and_wave(world, platform):
    packages = [
        make.packed_unit(world.shop, world.product, weight_g=1_000, volume_cm3=2_000),
        make.packed_unit(world.rival_shop, world.product),
        make.packed_unit(
            world.shop, world.product, weight_g=500, volume_cm3=700, need_by_date=date(2026, 3, 9)
        ),
    ]
    made = make.shipments(world.warehouse, packages)
    assert {(one.dealer_id, one.ship_to_site_id) for one in made} == {
        (world.dealer.pk, world.shop.pk),
        (world.rival.pk, world.rival_shop.pk),
    }
    mine = Shipment.objects.get(dealer=world.dealer)
    assert (mine.weight_g, mine.volume_cm3, mine.need_by_date) == (1_500, 2_700, date(2026, 3, 9))
    assert (mine.ship_to_name, mine.status) == (world.shop.name, states.READY)
    assert mine.number == f"SH-{world.dealer.code}-000001"


def test_the_same_packages_again_change_nothing(world, platform):
    wave, packages = uuid7(), [make.packed_unit(world.shop, world.product)]
    first = make.shipments(world.warehouse, packages, wave_id=wave)
    assert make.shipments(world.warehouse, packages, wave_id=wave) == []
    after = Shipment.objects.get()
    assert (after.pk, after.weight_g, after.packages.count()) == (first[0].pk, 20_000, 1)


def test_a_package_that_comes_late_joins_its_shipment_and_its_line_grows(world, platform):
    wave, order = uuid7(), uuid7()
    for quantities in ((10,), (5, 7)):
        unit = make.packed_unit(world.shop, world.product, order_id=order, quantities=quantities)
        make.shipments(world.warehouse, [unit], wave_id=wave)
    assert list(ShipmentLine.objects.order_by("line_number").values_list("quantity", flat=True)) == [15, 7]
    assert Shipment.objects.get().weight_g == 40_000


def test_a_package_that_comes_after_planning_makes_a_new_shipment(world, platform):
    wave = uuid7()
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)], wave_id=wave)
    make.planned(world.warehouse)
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)], wave_id=wave)
    assert sorted(Shipment.objects.values_list("status", flat=True)) == [states.PLANNED, states.READY]


def test_an_unknown_drop_point_is_refused_and_nothing_is_written(world, platform):
    stray = make.packed_unit(world.shop, world.product, ship_to_site_id=10**12)
    with pytest.raises(shipment.UnknownShipTo):
        make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product), stray])
    assert not ShipmentPackage.objects.exists()


def test_the_event_makes_shipments_however_often_it_is_delivered(world, platform):
    event = PackagesReady(
        occurred_at=make.MORNING,
        wave_id=uuid7(),
        warehouse_site_id=world.warehouse.pk,
        packages=(make.packed_unit(world.shop, world.product),),
    )
    with unit_of_work():
        publish(event, event)
    outbox.drain()
    assert Shipment.objects.get().packages.count() == 1


def test_the_number_of_statements_does_not_grow_with_packages_and_lines(world, platform):
    def count(number):
        units = [
            make.packed_unit(place, world.product, quantities=range(1, number + 1))
            for place in (world.shop, world.rival_shop)
            for _ in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            make.shipments(world.warehouse, units)
        return len(queries)

    assert count(2) == count(30)


def test_only_what_failed_is_tried_again_and_only_by_the_operator(world, platform):
    (made,) = make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    with pytest.raises(IllegalTransition):
        shipment.retry(made.pk, by=platform, at=make.MORNING)
    with pytest.raises(Forbidden):
        shipment.retry(made.pk, by=world.as_carrier, at=make.MORNING)
