"""Order lines are promised goods and given lots, the earliest expiry first; beside one bare guarded statement.

Sets come from one client; single lines and sets on one hot product from CLIENTS processes at once, each on a
connection of its own. The limit is a guarded UPDATE of the goods and an INSERT into a table without promises, books,
triggers or row security.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count

import psycopg

from b2b.catalog.models import Product
from b2b.contracts.warehousing import DemandLine
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch
from benchmarks import clients, limit, world
from benchmarks.report import Measured, Report
from warehousing.models import Demand
from warehousing.services import demand, lot, movement, promise, reservation

PRODUCTS = 10_000
LOTS = 10  # of each product, so that a set chooses among a hundred thousand
SETS = {100: 15, 10_000: 3, 100_000: 1}
CLIENTS = 4
SINGLES = 8_000
HOT_SINGLES = 4_000
HOT_SETS = 400
TABLE = """
    CREATE TABLE bare_reservation (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, demand_id bigint NOT NULL,
        quant_id bigint NOT NULL, quantity bigint NOT NULL, status text NOT NULL, reserved_at timestamptz NOT NULL);
    CREATE INDEX ON bare_reservation (demand_id);
    CREATE INDEX ON bare_reservation (quant_id)
"""
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
    INSERT INTO bare_reservation (demand_id, quant_id, quantity, status, reserved_at)
    SELECT demand_id, quant_id, takes.quantity, 'ACTIVE', now() FROM takes JOIN held ON held.id = takes.quant_id
"""
BARE_ONE = """
    WITH held AS (
        UPDATE warehousing_quant SET reserved = reserved + %(quantity)s
        WHERE id = %(quant)s AND on_hand - reserved >= %(quantity)s RETURNING id)
    INSERT INTO bare_reservation (demand_id, quant_id, quantity, status, reserved_at)
    SELECT demand_id, held.id, 1, 'ACTIVE', now() FROM held CROSS JOIN unnest(%(demands)s::bigint[]) demand_id
"""
_lines = count(1)


def run(report: Report) -> None:
    """Measure sets of lines, then what several clients reach."""
    made = world.build(products=min(PRODUCTS, report.most))
    sets = {size: SETS.get(size, 2) for size in report.sizes(*SETS)}
    # Wanted before there is any, so that what is measured is reserving alone.
    wanted = {size: [_demands(made, size) for _ in range(2 * times + 1)] for size, times in sets.items()}
    singles = min(SINGLES, 4 * report.most)
    alone = _demands(made, singles)
    hot = [
        _demands(made, n, made.products[:1])
        for n in (min(HOT_SINGLES, singles), min(HOT_SETS, report.most) * 100)
    ]
    _stock(made)
    with limit.connect() as bare:
        bare.execute(TABLE)
        bare.execute(
            # What autovacuum would do in the middle of what is measured, to ours or to the limit as it happens.
            "VACUUM (ANALYZE) warehousing_quant, warehousing_lot, warehousing_demand, warehousing_promisebook"
        )
        for size, times in sets.items():
            groups = wanted[size]
            _reserve(groups.pop())
            found = limit.middle(times, _reserve, groups.pop)
            direct = limit.middle(times, lambda keys: _bare(bare, keys), groups.pop)
            report.rate(
                "promise and give lots to a set of lines, FEFO", size, found, unit="lines/s",
                limit_seconds=direct.seconds, **({"within_s": 1.0} if size == 10_000 else {}),
            )  # fmt: skip
        bare.execute("ANALYZE warehousing_promise, warehousing_reservation")
        quants = _first_quants(made)
        _at_once(
            report,
            f"promise a line, {len(made.products):,} products, {CLIENTS} clients",
            alone,
            1,
            quants,
            1_500,
        )
        _at_once(report, f"promise a line, one hot product, {CLIENTS} clients", hot[0], 1, quants, 700)
        _at_once(
            report, f"promise sets of 100, one hot product, {CLIENTS} clients", hot[1], 100, quants, 20_000
        )


def _demands(made: world.World, size: int, products: Sequence[Product] = ()) -> list[int]:
    order = uuid7()
    goods = products or made.products
    lines = [
        DemandLine(
            order_id=order, order_version=1, order_line_id=next(_lines), dealer_id=made.dealers[0].pk,
            product_id=goods[n % len(goods)].pk, ship_to_site_id=made.shops[0].pk, quantity=1 + n % 5,
        )
        for n in range(size)
    ]  # fmt: skip
    demand.cover(lines, at=world.AT)
    return list(Demand.objects.filter(order_id=order).order_by("pk").values_list("pk", flat=True))


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
    promise.make(keys, at=world.AT)
    reserved = reservation.allocate_demands(keys, at=world.AT)
    if len(reserved) != len(keys):
        raise RuntimeError(f"{len(reserved)} of {len(keys)} lines were reserved")


def _bare(bare: psycopg.Connection, keys: list[int]) -> None:
    if bare.execute(BARE, {"demands": keys}).rowcount < len(keys):
        raise RuntimeError("the bare statement reserved less")


def _first_quants(made: world.World) -> dict[int, int]:
    """Return demand -> the first quant of its product."""
    return dict(
        fetch(
            """
            SELECT demand.id, quant.id FROM warehousing_demand demand JOIN (
                SELECT product_id, min(id) AS id FROM warehousing_quant GROUP BY product_id) quant
                ON quant.product_id = demand.product_id
            """
        )
    )


def _at_once(
    report: Report, name: str, keys: list[int], batch: int, quants: dict[int, int], least: int
) -> None:
    """Let the clients promise, set by set; then let as many bare connections do their statement."""
    sets = [keys[start : start + batch] for start in range(0, len(keys), batch)]
    seconds = clients.together(_promising, sets, CLIENTS)
    bare = clients.together(_bare_ones(quants), sets, CLIENTS)
    report.rate(
        name, len(keys), Measured(seconds, statements=1), unit="lines/s", limit_seconds=bare, at_least=least
    )


def _promising() -> Callable[[list[int]], None]:
    def work(keys: list[int]) -> None:
        if len(promise.make(keys, at=world.AT)) != len(keys):
            raise RuntimeError("not all lines were promised")

    return work


def _bare_ones(quants: dict[int, int]) -> Callable[[], Callable[[list[int]], None]]:
    def begin() -> Callable[[list[int]], None]:
        bare = limit.connect()

        def work(keys: list[int]) -> None:
            given = {"quant": quants[keys[0]], "quantity": len(keys), "demands": keys}
            if bare.execute(BARE_ONE, given, prepare=True).rowcount != len(keys):
                raise RuntimeError("the bare statement reserved less")

        return work

    return begin
