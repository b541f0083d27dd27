"""From a released wave to goods at the customer, and back."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.logistics import CarriedShipment, DeliveryFailed, Departed
from b2b.contracts.warehousing import PackagesReady
from b2b.core.errors import Invalid, NotFound, NotYet
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World, product, site
from warehousing.models import Package, PickTask, Quant, Reservation, StockLedgerEntry, Wave
from warehousing.policies import sscc
from warehousing.selectors import packing_desk
from warehousing.services import demand, issue, lot, packing, picking, wave
from warehousing.services.picking import Quarantined
from warehousing.services.wave import NothingToPick


def released(world: World, at: datetime, *quantities: int, **fields: object) -> Wave:
    for quantity in quantities:
        demand.cover([world.demand_line(quantity, **fields)], at=at)
    return wave.release(world.warehouse.pk, by=BY, at=at)


def packed(world: World, at: datetime, *quantities: int) -> list[Package]:
    work = released(world, at, *quantities)
    picking.confirm(work.pk, by=BY, at=at)
    return packing.pack(work.pk, by=BY, at=at)


def held(world: World) -> dict[str, tuple[int, int]]:
    rows = Quant.objects.filter(on_hand__gt=0).values_list("location__kind", "on_hand", "reserved")
    return {kind: (on_hand, reserved) for kind, on_hand, reserved in rows}


def trip(packages: list[Package], at: datetime, shipment_id: UUID | None = None) -> Departed:
    return Departed(
        occurred_at=at,
        trip_id=uuid7(),
        number="TR-1",
        carrier_id=1,
        warehouse_site_id=packages[0].warehouse.site_id,
        shipments=(
            CarriedShipment(
                shipment_id=shipment_id or uuid7(),
                number="SH-1",
                dealer_id=packages[0].dealer_id,
                ship_to_site_id=packages[0].ship_to_site_id,
                package_ids=tuple(package.pk for package in packages),
                lines=(),
            ),
        ),
    )


def failure(departed: Departed, at: datetime) -> DeliveryFailed:
    shipment = departed.shipments[0]
    return DeliveryFailed(
        occurred_at=at,
        shipment_id=shipment.shipment_id,
        number=shipment.number,
        dealer_id=shipment.dealer_id,
        carrier_id=1,
        reason="closed",
    )


def test_a_wave_sends_for_what_is_reserved_once(world: World, at: datetime) -> None:
    world.stock(10)
    work = released(world, at, 4, 3)
    assert sorted(PickTask.objects.filter(wave=work).values_list("quantity", flat=True)) == [3, 4]
    with pytest.raises(NothingToPick):
        wave.release(world.warehouse.pk, by=BY, at=at)


def test_a_cancelled_wave_leaves_its_work_to_the_next(world: World, at: datetime) -> None:
    world.stock(10)
    wave.cancel(released(world, at, 4).pk, by=BY, at=at)
    again = wave.release(world.warehouse.pk, by=BY, at=at)
    assert again.tasks.get().quantity == 4


def test_a_wave_called_back_half_picked_is_packed_with_what_was_picked(world: World, at: datetime) -> None:
    world.stock(10)
    work = released(world, at, 4, 3)
    picking.confirm(work.pk, picked={1: 4}, by=BY, at=at)
    assert wave.cancel(work.pk, by=BY, at=at).status == "PICKED"
    [package] = packing.pack(work.pk, by=BY, at=at)
    assert package.lines.get().quantity == 4
    assert wave.release(world.warehouse.pk, by=BY, at=at).tasks.get().quantity == 3


def test_a_wave_of_which_nothing_is_left_to_pick_is_packed(world: World, at: datetime) -> None:
    batch = world.lot()
    world.stock(4)
    world.stock(3, lot=batch)
    work = released(world, at, 4, 3)
    [bad] = PickTask.objects.filter(wave=work, lot=batch)
    [good] = PickTask.objects.filter(wave=work).exclude(lot=batch)
    picking.confirm(work.pk, picked={good.task_number: good.quantity}, by=BY, at=at)
    assert list(packing_desk.finished(BY)) == []
    lot.quarantine(batch.pk, reason="recall", at=at)
    bad.refresh_from_db()
    assert bad.status == "CANCELLED"
    assert list(packing_desk.finished(BY)) == [work]
    [package] = packing.pack(work.pk, by=BY, at=at)
    assert package.lines.get().quantity == good.quantity


def test_the_packing_desk_asks_the_same_however_many_waves_wait(world: World, at: datetime) -> None:
    counts = []
    for _ in range(2):
        world.stock(4)
        picking.confirm(released(world, at, 4).pk, by=BY, at=at)
        with CaptureQueriesContext(connection) as queries:
            drops = packing_desk.drops(BY)
        counts.append(len(queries))
    assert [[line.quantity for line in drop.lines] for drop in drops] == [[4], [4]]
    assert counts[0] == counts[1]


def test_a_warehouse_nobody_knows_has_no_waves(world: World, at: datetime) -> None:
    with pytest.raises(NotFound):
        wave.release(0, by=BY, at=at)


def test_picked_goods_stand_in_staging(world: World, at: datetime) -> None:
    world.stock(10)
    work = picking.confirm(released(world, at, 4).pk, by=BY, at=at)
    assert work.status == "PICKED"
    assert held(world) == {"STORAGE": (6, 0), "STAGING": (4, 0)}
    assert Reservation.objects.get().status == "PICKED"


def test_a_wave_is_picked_when_its_last_task_is(world: World, at: datetime) -> None:
    world.stock(10)
    work = released(world, at, 4, 3)
    assert picking.confirm(work.pk, picked={1: 4}, by=BY, at=at).status == "RELEASED"
    assert picking.confirm(work.pk, picked={2: 3}, by=BY, at=at).status == "PICKED"


def test_what_is_not_found_is_set_aside_and_taken_from_elsewhere(world: World, at: datetime) -> None:
    world.stock(10, at=at - timedelta(days=1))
    other = world.stock(10, lot=world.lot())
    work = released(world, at, 10)
    picking.confirm(work.pk, picked={1: 7}, by=BY, at=at)
    states = dict(Reservation.objects.values_list("status", "quantity"))
    assert states == {"PICKED": 7, "ACTIVE": 3}
    other.refresh_from_db()
    assert other.reserved == 3
    assert held(world)["QUALITY"] == (3, 0)


@pytest.mark.parametrize("picked", [{1: 5}, {1: -1}, {2: 1}])
def test_a_pick_that_does_not_fit_is_refused(world: World, at: datetime, picked: dict[int, int]) -> None:
    world.stock(10)
    work = released(world, at, 4)
    before = StockLedgerEntry.objects.count()
    with pytest.raises(Invalid):
        picking.confirm(work.pk, picked=picked, by=BY, at=at)
    assert StockLedgerEntry.objects.count() == before


def test_quarantined_goods_are_not_picked(world: World, at: datetime) -> None:
    batch = world.lot()
    world.stock(10, lot=batch)
    work = released(world, at, 4)
    type(batch).objects.filter(pk=batch.pk).update(status="QUARANTINED")
    with pytest.raises(Quarantined):
        picking.confirm(work.pk, by=BY, at=at)


def test_a_quarantine_calls_the_pickers_back(world: World, at: datetime) -> None:
    batch = world.lot()
    world.stock(10, lot=batch)
    work = released(world, at, 4)
    lot.quarantine(batch.pk, reason="recall", at=at)
    assert PickTask.objects.get(wave=work).status == "CANCELLED"
    assert Quant.objects.get().reserved == 0


def test_packages_are_labelled_and_told(world: World, at: datetime) -> None:
    world.stock(10)
    [package] = packed(world, at, 4, 3)
    assert sscc.is_valid(package.sscc)
    assert (package.weight_g, package.volume_cm3) == (7_000, 14_000)
    event = PackagesReady.from_json(json.dumps(OutboxEvent.objects.get(topic=PackagesReady.topic).payload))
    assert [line.quantity for line in event.packages[0].lines] == [4, 3]
    assert event.warehouse_site_id == world.warehouse.site_id


def test_each_ship_to_has_its_own_packages_within_the_limits(world: World, at: datetime) -> None:
    world.stock(100)
    type(world.warehouse).objects.update(package_weight_g=20_000)
    far = site(world.dealer)
    demand.cover([world.demand_line(45, ship_to_site_id=far.pk)], at=at)
    packages = packed(world, at, 10)
    assert sorted((package.ship_to_site_id, package.weight_g) for package in packages) == [
        (world.shop.pk, 10_000),
        (far.pk, 5_000),
        (far.pk, 20_000),
        (far.pk, 20_000),
    ]
    assert len({package.sscc for package in packages}) == 4


def test_goods_of_a_cancelled_order_go_back_to_the_shelf(world: World, at: datetime) -> None:
    world.stock(10)
    order = world.order((world.product, 4))
    demand.record(order, at=at)
    work = released(world, at, 3)
    picking.confirm(work.pk, by=BY, at=at)
    demand.cancel(world.cancelled(order))
    [package] = packing.pack(work.pk, by=BY, at=at)
    assert package.lines.get().quantity == 3
    assert held(world) == {"STORAGE": (7, 0), "STAGING": (3, 0)}


def test_a_wave_is_packed_once(world: World, at: datetime) -> None:
    world.stock(10)
    [package] = packed(world, at, 4)
    with pytest.raises(IllegalTransition):
        packing.pack(package.wave_id, by=BY, at=at)


def test_goods_leave_once(world: World, at: datetime) -> None:
    world.stock(10)
    packages = packed(world, at, 4)
    departed = trip(packages, at)
    assert issue.depart(departed, by=BY, at=at) == 1
    assert issue.depart(departed, by=BY, at=at) == 0
    assert held(world) == {"STORAGE": (6, 0)}
    package = Package.objects.get()
    assert (package.status, package.shipment_id) == ("DEPARTED", departed.shipments[0].shipment_id)


def test_a_departure_waits_for_its_packages(world: World, at: datetime) -> None:
    world.stock(10)
    [package] = packed(world, at, 4)
    package.pk = uuid7()
    with pytest.raises(NotYet):
        issue.depart(trip([package], at), by=BY, at=at)


def test_what_could_not_be_delivered_comes_back_and_leaves_again(world: World, at: datetime) -> None:
    world.stock(10)
    packages = packed(world, at, 4)
    first = trip(packages, at)
    later = at + timedelta(days=1)
    with pytest.raises(NotYet):
        issue.take_back(failure(first, at), by=BY, at=at)
    issue.depart(first, by=BY, at=at)
    with pytest.raises(NotYet):
        issue.depart(trip(packages, later), by=BY, at=later)
    assert issue.take_back(failure(first, at), by=BY, at=at) == 1
    assert held(world) == {"STORAGE": (6, 0), "STAGING": (4, 0)}
    assert issue.depart(trip(packages, later), by=BY, at=later) == 1
    assert issue.depart(first, by=BY, at=at) == 0
    assert held(world) == {"STORAGE": (6, 0)}


def test_the_number_of_statements_does_not_grow(
    world: World, at: datetime, django_assert_max_num_queries
) -> None:
    def go(lines: int) -> list[int]:
        items = [product() for _ in range(lines)]
        for item in items:
            world.stock(5, of=item)
        demand.cover([world.demand_line(2, of=item) for item in items], at=at)
        asked = []
        with django_assert_max_num_queries(30) as statements:
            work = wave.release(world.warehouse.pk, by=BY, at=at)
        asked.append(len(statements))
        with django_assert_max_num_queries(30) as statements:
            picking.confirm(work.pk, by=BY, at=at)
        asked.append(len(statements))
        with django_assert_max_num_queries(38) as statements:
            packages = packing.pack(work.pk, by=BY, at=at)
        asked.append(len(statements))
        with django_assert_max_num_queries(30) as statements:
            issue.depart(trip(packages, at), by=BY, at=at)
        return [*asked, len(statements)]

    few = go(2)
    assert go(40) == few
