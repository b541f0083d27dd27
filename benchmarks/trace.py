"""A lot among a million events: back to its factory, forward to its dealers; beside the same statements alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg

from b2b.contracts.logistics import CarriedShipment, Departed
from b2b.contracts.orders import DespatchAdvised, DespatchedLine
from b2b.contracts.warehousing import DemandLine
from b2b.core.ids import uuid7
from benchmarks import limit, world
from benchmarks.report import Report
from warehousing.models import EpcisEvent, HandlingUnit, Lot
from warehousing.selectors import trace
from warehousing.services import demand, issue, packing, picking, recall, receipt, wave

EVENTS = 1_000_000
LOTS = 1_000
DEEP = 3  # a lot's carton stands on a pallet, the pallet in a container
SPAN_DAYS = 360

UNITS = """
INSERT INTO warehousing_handlingunit (sscc, kind, status, created_at, parent_id)
SELECT lpad(n::text, 18, '0'), 'CARTON', 'STORED', %(at)s, NULL FROM generate_series(1, %(units)s) n
"""
FILL_LOTS = """
INSERT INTO warehousing_lot (product_id, number, origin_country, status, status_reason)
SELECT %(product)s, 'T' || n, '', 'RELEASED', '' FROM generate_series(1, %(lots)s) n
"""
FILL_EVENTS = """
INSERT INTO warehousing_epcisevent (event_id, kind, event_time, record_time, biz_step, disposition, read_point,
    biz_location, is_error, document_type, document)
SELECT 'ni:///sha-256;' || md5(n::text) || md5((-n)::text) || '?ver=CBV2.0', 'AggregationEvent', %(at)s - n * %(step)s,
    %(at)s, 'packing', 'in_progress', 'urn:midstream:loc:W', '', false, 'package', %(body)s::jsonb
FROM generate_series(1, %(events)s) n
"""
FILL_MENTIONS = """
INSERT INTO warehousing_epcismention (event_key, event_time, uri, role, action, lot_id, handling_unit_id,
    parent_unit_id, quantity)
SELECT event.id, event.event_time, 'urn:midstream:class:S:T' || event.id %% %(lots)s, 'CHILD', 'ADD',
    %(first_lot)s + event.id %% %(lots)s, NULL, %(first_unit)s + event.id %% %(units)s, 1
FROM warehousing_epcisevent event WHERE event.document_type = 'package'
"""
NEST = """
INSERT INTO warehousing_epcismention (event_key, event_time, uri, role, action, handling_unit_id, parent_unit_id)
SELECT 0, %(at)s, 'x', 'CHILD', 'ADD', %(first_unit)s + n, %(first_unit)s + (n * 7) %% %(units)s
FROM generate_series(0, %(units)s - 1) n WHERE n %% 10 < %(deep)s
"""
LEDGER = """
INSERT INTO warehousing_stockledgerentry (movement, product_id, lot_id, location_id, status, quantity, kind,
    effective_at, recorded_at, document_type, document_id, reason)
SELECT md5(n::text)::uuid, %(product)s, %(first_lot)s + n %% %(lots)s, leg.place, 'AVAILABLE', leg.sign, 'TRANSFER',
    %(at)s - n * %(step)s, %(at)s, 'benchmark', md5(n::text)::uuid, ''
FROM generate_series(1, %(events)s / 4) n, (VALUES (%(supplier)s, -1), (%(storage)s, 1)) leg (place, sign)
"""


def run(report: Report) -> None:
    """Measure a lot, a unit, and the rehearsal of a recall."""
    events = min(EVENTS, report.most)
    made = world.build(products=4)
    places = dict(made.house.locations.values_list("kind", "pk"))
    with limit.connect() as bare:
        lot_id, unit_id = _fill(bare, made, places, events)
        sscc = HandlingUnit.objects.get(pk=unit_id).sscc
        assert EpcisEvent.objects.count() >= events
        _compare(report, bare, "trace a lot", events, lambda: trace.of_lots(world.BY, [lot_id]), lot_id)
        in_unit = trace.lots_in(world.BY, sscc)
        _compare(report, bare, "trace a unit", events, lambda: _unit(sscc), *in_unit)
        drill = limit.middle(
            9, lambda _: recall.open_([lot_id], reason="drill", rehearse=True, by=world.BY, at=world.AT)
        )
        report.duration(
            "rehearse a recall", events, drill.seconds * 1000, limit_ms=drill.seconds * 1000,
            at_most_ms=200, statements=drill.statements,
        )  # fmt: skip


def _unit(sscc: str) -> trace.Trace:
    return trace.of_lots(world.BY, trace.lots_in(world.BY, sscc))


def _compare(
    report: Report, bare: psycopg.Connection, name: str, events: int, ours: Callable[[], Any], *lots: int
) -> None:
    parts = (trace._ORIGINS, trace._ON_HAND, trace._RESERVED, trace._UNITS, trace._PARCELS, trace._BACK)

    def directly(_: object) -> None:
        for part in parts:
            bare.execute(part, {"lots": list(lots)}).fetchall()

    ours(), directly(None)
    found, direct = limit.middle(15, lambda _: ours()), limit.middle(15, directly)
    report.duration(
        name, events, found.seconds * 1000, limit_ms=direct.seconds * 1000, at_most_ms=200,
        statements=found.statements,
    )  # fmt: skip


def _fill(
    bare: psycopg.Connection, made: world.World, places: dict[str, int], events: int
) -> tuple[int, int]:
    """Write lots, units and events, each lot with events in many units; return a lot and a unit of it."""
    for table in ("warehousing_epcisevent", "warehousing_epcismention", "warehousing_stockledgerentry"):
        for back in range(SPAN_DAYS // 30 + 2):
            month = (world.AT - timedelta(days=30 * back)).date().replace(day=1)
            bare.execute("SELECT midstream_add_partition(%s, %s)", [table, month])
    units = max(10, events // 20)
    given: dict[str, Any] = {
        "at": world.AT, "units": units, "lots": LOTS, "product": made.products[0].pk, "events": events,
        "step": timedelta(days=SPAN_DAYS) / events, "deep": DEEP, "body": _body(),
        "supplier": places["SUPPLIER"], "storage": places["STORAGE"],
    }  # fmt: skip
    bare.execute(UNITS, given)
    bare.execute(FILL_LOTS, given)
    given["first_lot"] = Lot.objects.order_by("pk").values_list("pk", flat=True)[0]
    given["first_unit"] = HandlingUnit.objects.order_by("pk").values_list("pk", flat=True)[0]
    with limit.trusted(bare):
        for statement in (FILL_EVENTS, FILL_MENTIONS, NEST, LEDGER):
            bare.execute(statement, given)
    bare.execute(
        "VACUUM ANALYZE warehousing_epcisevent, warehousing_epcismention, warehousing_handlingunit, warehousing_lot,"
        " warehousing_stockledgerentry"
    )
    [lot_id, unit_id] = bare.execute(
        "SELECT lot_id, parent_unit_id FROM warehousing_epcismention WHERE lot_id IS NOT NULL LIMIT 1"
    ).fetchone() or (0, 0)
    _chain(made, int(lot_id))
    return int(lot_id), int(unit_id)


def _chain(made: world.World, lot_id: int) -> None:
    """Let goods of the lot come from the factory and go to every dealer."""
    number, product_id = Lot.objects.values_list("number", "product_id").get(pk=lot_id)
    line = DespatchedLine(
        purchase_order_line_id=1, line_number=1, product_id=product_id, quantity=1_000, lot_number=number
    )
    advice = DespatchAdvised(
        occurred_at=world.AT, despatch_advice_id=uuid7(), number="DA-1", purchase_order_id=uuid7(),
        purchase_order_number="PO-1", factory_id=made.maker.pk, warehouse_site_id=made.house.site_id,
        expected_at=world.AT, lines=(line,),
    )  # fmt: skip
    receipt.receive(receipt.expect(advice, by=world.BY, at=world.AT).pk, by=world.BY, at=world.AT)
    wanted = [
        DemandLine(
            order_id=uuid7(), order_version=1, order_line_id=place, dealer_id=dealer.pk, product_id=product_id,
            ship_to_site_id=shop.pk, quantity=10,
        )
        for place, (dealer, shop) in enumerate(zip(made.dealers, made.shops, strict=False), start=1)
    ]  # fmt: skip
    demand.cover(wanted, at=world.AT)
    walk = wave.release(made.house.pk, by=world.BY, at=world.AT)
    picking.confirm(walk.pk, by=world.BY, at=world.AT)
    packages = packing.pack(walk.pk, by=world.BY, at=world.AT)
    shipments = tuple(
        CarriedShipment(
            shipment_id=uuid7(), number=f"SH-{place}", dealer_id=one.dealer_id,
            ship_to_site_id=one.ship_to_site_id, package_ids=(one.pk,), lines=(),
        )
        for place, one in enumerate(packages)
    )  # fmt: skip
    trip = Departed(
        occurred_at=world.AT, trip_id=uuid7(), number="TR-1", carrier_id=0,
        warehouse_site_id=made.house.site_id, shipments=shipments,
    )  # fmt: skip
    issue.depart(trip, by=world.BY, at=world.AT)


def _body() -> str:
    return (
        '{"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "eventTimeZoneOffset": "+08:00",'
        f' "parentID": "https://id.gs1.org/00/{"0" * 18}", "eventID": "{uuid7()}"}}'
    )
