"""Every movement tells its event in its own transaction, and the events add up to the ledger."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from b2b.contracts.logistics import CarriedShipment, DeliveryFailed, Departed
from b2b.core.actor import Actor, acting_as
from b2b.core.epcis import check, document, uris
from b2b.core.epcis.fold import fold
from b2b.core.gs1 import with_check_digit
from b2b.core.ids import uuid7
from b2b.db import invariants
from b2b.db.transactions import unit_of_work
from tests.core.epcis.test_documents import SCHEMA
from tests.factories import catalog
from tests.factories.warehousing import AT, BY, World
from tests.support.examples import examples
from warehousing.models import (
    EpcisEvent,
    EpcisMention,
    HandlingUnit,
    Location,
    Lot,
    Package,
    StockLedgerEntry,
)
from warehousing.selectors.invariants import compare_stock
from warehousing.services import count, epcis_transport, issue, movement, receipt, returns
from warehousing.services.cycle_count import Found
from warehousing.services.movement import Move, NotEnoughStock

VALIDATOR = Draft7Validator(SCHEMA, format_checker=FormatChecker())


def told(**which: object) -> list[dict[str, object]]:
    return [event.document for event in EpcisEvent.objects.filter(**which).order_by("pk")]


def ledger(world: World, products: Sequence[int]) -> Counter[tuple[str, str]]:
    """What the ledger says of goods at the real places of a house, by the URIs of EPCIS."""
    held: Counter[tuple[str, str]] = Counter()
    legs = StockLedgerEntry.objects.filter(product__in=products).select_related("product", "lot", "location")
    for leg in legs:
        if leg.location.kind not in Location.VIRTUAL:
            lot = leg.lot.number if leg.lot else ""
            goods = uris.goods(leg.product.gtin, leg.product.sku, lot)
            place = uris.place(world.warehouse.site.gln, world.warehouse.code, leg.location.code)
            held[goods, place] += leg.quantity
    return Counter({key: quantity for key, quantity in held.items() if quantity})


def folded() -> Counter[tuple[str, str]]:
    held = fold(told()).held
    return Counter({key: quantity for key, quantity in held.items() if quantity})


KINDS = ("SUPPLIER", "RECEIVING", "QUALITY", "STORAGE", "STAGING", "CUSTOMER", "LOSS")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(KINDS),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 9),
    ),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=examples(12),
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS, st.lists(st.integers(0, 8), max_size=3))
def test_any_movements_add_up_to_the_ledger(
    world: World, steps: list[tuple[str, str, int, int, int]], bulk: list[int]
) -> None:
    goods = catalog.product()
    lots = [None, *(Lot.objects.create(product=goods, number=f"L{n}") for n in (1, 2))]
    units = [None, *(_unit(world) for _ in range(2))]
    _post(world, [(goods, lots[n], None, None, "SUPPLIER", "STORAGE", 20) for n in (0, 1, 2)])
    for source, destination, lot, unit, quantity in steps:
        try:
            with transaction.atomic():
                _post(world, [(goods, lots[lot], units[unit], units[unit], source, destination, quantity)])
        except (NotEnoughStock, movement.Invalid):
            continue
    for lot in bulk:
        try:
            with transaction.atomic():
                _post(world, [(goods, lots[lot % 3], None, units[1 + lot % 2], "STORAGE", "STORAGE", 2)])
                _post(world, [(goods, lots[lot % 3], units[1 + lot % 2], None, "STORAGE", "STAGING", 1)])
        except NotEnoughStock:
            continue
    products = list(StockLedgerEntry.objects.values_list("product_id", flat=True).distinct())
    assert folded() == ledger(world, products)


def _unit(world: World) -> HandlingUnit:
    digits = f"{HandlingUnit.objects.count() + 1:017d}"
    return HandlingUnit.objects.create(
        sscc=with_check_digit(digits),
        location=world.places["STORAGE"],
        status="STORED",
        created_at=AT,
    )


def _post(world: World, rows: list[tuple[object, ...]]) -> None:
    moves = [
        Move(
            product_id=goods.pk,  # type: ignore[attr-defined]
            source_id=world.places[str(source)].pk,
            destination_id=world.places[str(destination)].pk,
            quantity=quantity,  # type: ignore[arg-type]
            lot_id=lot.pk if lot else None,  # type: ignore[attr-defined]
            handling_unit_id=unit.pk if unit else None,  # type: ignore[attr-defined]
            into_unit_id=into.pk if into else None,  # type: ignore[attr-defined]
        )
        for goods, lot, unit, into, source, destination, quantity in rows
    ]
    movement.post(moves, at=AT, document_type="test", document_id=uuid7())


def test_a_life_of_goods_is_told_step_by_step(world: World) -> None:
    delivered = world.gone(4, short=1)
    back = returns.expect_refused(delivered, by=BY, at=AT)
    assert back is not None
    returns.receive(back.pk, by=BY, at=AT)
    found = Found(world.places["STORAGE"].pk, world.product.pk, 2)
    count.adjust(found, reason="found two", by=BY, at=AT)
    assert [event["bizStep"] for event in told()] == [
        "receiving", "picking", "packing", "shipping", "receiving", "cycle_counting",
    ]  # fmt: skip
    assert folded() == ledger(world, [world.product.pk])
    package = Package.objects.get()
    [shipping] = told(biz_step="shipping")
    assert shipping["epcList"] == [uris.unit(package.sscc)]


def test_what_is_told_validates_and_names_itself(world: World) -> None:
    world.gone(4)
    receipt.receive(world.expected().pk, by=BY, at=AT)
    sent = document.document(told(), at=AT)
    assert not list(VALIDATOR.iter_errors(json.loads(json.dumps(sent))))
    assert not [problem for event in told() for problem in check.event(event)]


def test_a_receipt_names_its_papers_and_its_factory(world: World) -> None:
    made = receipt.receive(world.expected(10).pk, by=BY, at=AT)
    event = EpcisEvent.objects.get()
    assert (event.factory_id, event.dealer_id) == (world.factory.pk, None)
    papers = {one["type"]: one["bizTransaction"] for one in event.document["bizTransactionList"]}
    assert papers["po"] == "urn:midstream:bt:po:PO-1"
    assert papers["recadv"].endswith(made.number)


def test_parties_see_what_concerns_them_alone(world: World) -> None:
    world.gone(4)
    receipt.receive(world.expected(10).pk, by=BY, at=AT)
    dealer = Actor(kind="dealer", organization_id=world.dealer.pk)
    factory = Actor(kind="factory", organization_id=world.factory.pk)
    rival = Actor(kind="dealer", organization_id=world.dealer.pk + 999)
    seen = {}
    for who in (dealer, factory, rival):
        with acting_as(who):
            seen[who] = {event.biz_step for event in EpcisEvent.objects.all()}
            mentions = EpcisMention.objects.count()
            assert (mentions > 0) == (who is not rival)
    assert seen == {dealer: {"packing", "shipping"}, factory: {"receiving"}, rival: set()}


def test_what_was_told_stays_told(world: World) -> None:
    world.stock(5)
    for statement in ("UPDATE warehousing_epcisevent SET kind = ''", "DELETE FROM warehousing_epcismention"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_movement_that_fails_tells_nothing(world: World) -> None:
    both = [
        (world.product, None, None, None, "SUPPLIER", "STORAGE", 1),
        (world.product, None, None, None, "STORAGE", "STAGING", 5),
    ]
    with pytest.raises(NotEnoughStock), unit_of_work():
        _post(world, both)
    assert not EpcisEvent.objects.exists()


def test_loading_is_told_once_for_each_shipment_of_a_trip(world: World) -> None:
    counts = []
    for size in (1, 3):
        packages = [world.packed(2) for _ in range(size)]
        trip = Departed(
            occurred_at=AT, trip_id=uuid7(), number=f"TR-{size}", carrier_id=1,
            warehouse_site_id=world.warehouse.site_id,
            shipments=tuple(
                CarriedShipment(
                    shipment_id=uuid7(), number=f"SH-{package.sscc}", dealer_id=world.dealer.pk,
                    ship_to_site_id=world.shop.pk, package_ids=(package.pk,), lines=(),
                )
                for package in packages
            ),
        )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert epcis_transport.loaded(trip, at=AT) == size
        counts.append(len(queries))
        assert epcis_transport.loaded(trip, at=AT) == 0
    assert counts[0] == counts[1]
    assert EpcisEvent.objects.filter(biz_step="loading").count() == 4


def test_goods_come_back_in_their_packages(world: World) -> None:
    delivered = world.gone(4)
    later = AT + timedelta(hours=1)
    failed = DeliveryFailed(
        occurred_at=later, shipment_id=delivered.shipment_id, number=delivered.number,
        dealer_id=world.dealer.pk, carrier_id=1, reason="closed",
    )  # fmt: skip
    assert issue.take_back(failed, by=BY, at=later) == 1
    assert folded() == ledger(world, [world.product.pk])


def test_reconciliation_finds_a_movement_without_its_event(world: World) -> None:
    lot = world.lot()
    world.stock(6, lot=lot)
    world.stock(2)
    assert not compare_stock().differences
    with acting_as(BY), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO warehousing_epcismention (event_key, event_time, uri, role, action, lot_id, quantity)"
            " SELECT event_key, event_time, uri, role, action, lot_id, 5 FROM warehousing_epcismention"
            " WHERE lot_id IS NOT NULL"
        )
    [found] = compare_stock().differences
    assert (found.kind, found.expected, found.found) == ("epcis", "6", "11")
    assert [one.invariant.name for one in invariants.check(["stock.epcis"])] == ["stock.epcis"]
