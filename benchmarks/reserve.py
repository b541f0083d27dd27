"""Sets of order lines are given stock, the earliest expiry first; beside one guarded UPDATE and INSERT."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import psycopg

from b2b.contracts.warehousing import DemandLine
from b2b.core.ids import uuid7
from benchmarks import limit, world
from benchmarks.report import Report
from warehousing.models import Demand
from warehousing.services import demand, lot, movement, reservation

PRODUCTS = 2_000
LOTS = 3
SETS = {100: 15, 10_000: 3}
BARE = """
    WITH want AS (
        SELECT id, product_id, quantity, sum(quantity) OVER (PARTITION BY product_id ORDER BY id) AS upto
        FROM warehousing_demand WHERE id = ANY(%(demands)s)),
    supply AS (
        SELECT quant.id, quant.product_id, quant.on_hand - quant.reserved AS free,
            sum(quant.on_hand - quant.reserved) OVER (
                PARTITION BY quant.product_id ORDER BY lot.expiry_date, quant.id) AS upto
        FROM warehousing_quant quant JOIN warehousing_lot lot ON lot.id = quant.lot_id
        WHERE quant.product_id IN (SELECT product_id FROM want) AND quant.on_hand > quant.reserved
            AND lot.status = 'RELEASED'),
    takes AS (
        SELECT want.id AS demand_id, supply.id AS quant_id, (least(want.upto, supply.upto)
            - greatest(want.upto - want.quantity, supply.upto - supply.free))::bigint AS quantity
        FROM want JOIN supply ON supply.product_id = want.product_id
            AND want.upto > supply.upto - supply.free AND supply.upto > want.upto - want.quantity),
    held AS (
        UPDATE warehousing_quant quant SET reserved = quant.reserved + wanted.quantity
        FROM (SELECT quant_id, sum(quantity)::bigint AS quantity FROM takes GROUP BY quant_id) wanted
        WHERE quant.id = wanted.quant_id AND quant.on_hand - quant.reserved >= wanted.quantity
        RETURNING quant.id)
    INSERT INTO warehousing_reservation (demand_id, quant_id, quantity, status, reserved_at)
    SELECT demand_id, quant_id, takes.quantity, 'ACTIVE', now() FROM takes JOIN held ON held.id = takes.quant_id
"""
_lines = count(1)


def run(report: Report) -> None:
    """Measure sets of a hundred and of ten thousand lines."""
    made = world.build(products=min(PRODUCTS, report.most))
    sets = {size: SETS.get(size, 2) for size in report.sizes(*SETS)}
    # Wanted before there is any, so that what is measured is reserving alone.
    wanted = {size: [_demands(made, size) for _ in range(2 * times + 1)] for size, times in sets.items()}
    _stock(made)
    with limit.connect() as bare:
        bare.execute("ANALYZE warehousing_quant, warehousing_lot, warehousing_demand")
        for size, times in sets.items():
            groups = wanted[size]
            _reserve(groups.pop())
            found = limit.middle(times, _reserve, groups.pop)
            direct = limit.middle(times, lambda keys: _bare(bare, keys), groups.pop)
            report.rate(
                "reserve a set of lines, FEFO", size, found, unit="lines/s", limit_seconds=direct.seconds,
                at_least_ratio=0.5,
            )  # fmt: skip


def _demands(made: world.World, size: int) -> list[int]:
    order = uuid7()
    lines = [
        DemandLine(
            order_id=order, order_version=1, order_line_id=next(_lines), dealer_id=made.dealers[0].pk,
            product_id=made.products[n % len(made.products)].pk, ship_to_site_id=made.shops[0].pk,
            quantity=1 + n % 5,
        )
        for n in range(size)
    ]  # fmt: skip
    demand.cover(lines, at=world.AT)
    return list(Demand.objects.filter(order_id=order).values_list("pk", flat=True))


def _stock(made: world.World) -> None:
    places = dict(made.house.locations.values_list("kind", "pk"))
    lots = lot.ensure(
        {
            (one.pk, f"L{number}"): world.AT.date() + timedelta(days=90 + 30 * number)
            for one in made.products
            for number in range(LOTS)
        }
    )
    moves = [
        movement.Move(product_id, places["SUPPLIER"], places["STORAGE"], 1_000_000, lot_id=key)
        for (product_id, _), key in lots.items()
    ]
    movement.post(moves, at=world.AT, document_type="benchmark", document_id=uuid7())


def _reserve(keys: list[int]) -> None:
    reserved = reservation.reserve(keys, at=world.AT)
    if len(reserved) != len(keys):
        raise RuntimeError(f"{len(reserved)} of {len(keys)} lines were reserved")


def _bare(bare: psycopg.Connection, keys: list[int]) -> None:
    if bare.execute(BARE, {"demands": keys}).rowcount < len(keys):
        raise RuntimeError("the bare statement reserved less")
