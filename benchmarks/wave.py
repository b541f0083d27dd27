"""A wave is released: bins and lots chosen for what is promised, parted into walks; beside COPY of the same rows."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from uuid import UUID

import psycopg

from b2b.contracts.warehousing import DemandLine
from b2b.core.ids import uuid7
from benchmarks import limit, world
from benchmarks.report import Report
from warehousing.models import Location, PickTask
from warehousing.services import demand, lot, movement, wave

PRODUCTS = 2_000
AISLES, BAYS = 10, 20
LOTS = 2
SIZES = (1_000, 10_000)
_lines = count(1)


def run(report: Report) -> None:
    """Measure waves of a thousand and of ten thousand order lines of many dealers."""
    made = world.build(products=min(PRODUCTS, report.most))
    _stock(made)
    with limit.connect() as bare:
        bare.execute("ANALYZE warehousing_quant, warehousing_lot, warehousing_location")
        _release(_wanted(made, 20))
        for size in report.sizes(*SIZES):
            found = limit.middle(limit.repeats(size), _release, lambda size=size: _wanted(made, size))
            copied = limit.middle(
                limit.repeats(size), lambda given: _bare(bare, *given), lambda: _as_rows(bare)
            )
            report.rate("release a wave", size, found, unit="lines/s", limit_seconds=copied.seconds)


def _stock(made: world.World) -> None:
    """Every lot lies in a bin of its own choice, so that the walk leads all over the house."""
    bins = Location.objects.bulk_create(
        Location(
            warehouse=made.house, code=f"B{aisle:02}-{bay:02}", kind="STORAGE", zone=f"Z{aisle % 4}",
            aisle=aisle, bay=bay,
        )
        for aisle in range(1, AISLES + 1)
        for bay in range(1, BAYS + 1)
    )  # fmt: skip
    supplier = made.house.locations.get(kind="SUPPLIER").pk
    lots = lot.ensure(
        {
            (one.pk, f"L{number}"): world.AT.date() + timedelta(days=90 + 30 * number)
            for one in made.products
            for number in range(LOTS)
        }
    )
    moves = [
        movement.Move(product_id, supplier, bins[n * 37 % len(bins)].pk, 1_000_000, lot_id=key)
        for n, ((product_id, _), key) in enumerate(lots.items())
    ]
    movement.post(moves, at=world.AT, document_type="benchmark", document_id=uuid7())


def _wanted(made: world.World, size: int) -> int:
    """Have so many lines promised, ten to an order; return the warehouse."""
    order = uuid7()
    lines = []
    for n in range(size):
        if n % 10 == 0:
            order = uuid7()
        dealer = n // 10 % len(made.dealers)
        lines.append(
            DemandLine(
                order_id=order, order_version=1, order_line_id=next(_lines), dealer_id=made.dealers[dealer].pk,
                product_id=made.products[n * 7 % len(made.products)].pk, ship_to_site_id=made.shops[dealer].pk,
                quantity=1 + n % 5,
            )
        )  # fmt: skip
    demand.cover(lines, at=world.AT)
    return int(made.house.pk)


def _release(house: int) -> None:
    wave.release(house, plan=wave.Plan(method="CLUSTER"), by=world.BY, at=world.AT)


def _as_rows(bare: psycopg.Connection) -> tuple[UUID, bytes, bytes, bytes]:
    """Unload the last wave with its lists and tasks as one to come."""
    last = PickTask.objects.order_by("-pk")[0].wave_id
    twin = uuid7()
    head = limit.unload(
        bare, "warehousing_wave", where=f"id = '{last}'", id=f"'{twin}'::uuid", number=f"'{str(twin)[-12:]}'"
    )
    of_wave = f"wave_id = '{last}'"
    lists = limit.unload(bare, "warehousing_picklist", where=of_wave, wave_id=f"'{twin}'::uuid")
    tasks = limit.unload(
        bare, "warehousing_picktask", where=of_wave, wave_id=f"'{twin}'::uuid", status="'CANCELLED'"
    )
    return twin, head, lists, tasks


def _bare(bare: psycopg.Connection, twin: UUID, head: bytes, lists: bytes, tasks: bytes) -> None:
    with bare.transaction():
        limit.load(bare, "warehousing_wave", head)
        limit.load(bare, "warehousing_picklist", lists)
        limit.load(bare, "warehousing_picktask", tasks)
