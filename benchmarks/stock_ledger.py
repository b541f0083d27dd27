"""A long stock ledger: goods moved ninety days back, and balances of the past; beside bare SQL of the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import psycopg

from b2b.core.ids import uuid7
from benchmarks import limit, world
from benchmarks.report import Report
from warehousing.selectors import as_of
from warehousing.services import movement, stock_period
from warehousing.services.movement import Move

LEDGER = "warehousing_stockledgerentry"
ROWS = 1_000_000
HOT = 4  # every fourth movement is of one product at one place: the hardest balance to tell
SPAN_DAYS = 720
PRODUCTS = 1_000
_moments = count(1)

FILL = f"""
INSERT INTO {LEDGER} (movement, product_id, location_id, status, quantity, kind, effective_at, recorded_at,
    document_type, document_id, reason)
SELECT md5(n::text)::uuid, (%(products)s::bigint[])[CASE WHEN n %% {HOT} = 0 THEN 1 ELSE 2 + n %% %(others)s END],
    leg.place, 'AVAILABLE', leg.sign, 'RECEIPT', %(until)s - n * %(step)s, %(until)s - n * %(step)s,
    'benchmark', md5(n::text)::uuid, ''
FROM generate_series(1, %(movements)s) n, (VALUES (%(supplier)s, -1), (%(storage)s, 1)) leg (place, sign)
"""
BALANCES = f"""
INSERT INTO warehousing_quant (product_id, location_id, status, on_hand, reserved, since_at)
SELECT product_id, location_id, 'AVAILABLE', sum(quantity), 0, min(effective_at) FROM {LEDGER}
WHERE location_id = %(storage)s GROUP BY product_id, location_id
"""
BARE_POST = f"""
WITH legs AS (
    INSERT INTO {LEDGER} (movement, product_id, location_id, status, quantity, kind, effective_at, recorded_at,
        document_type, document_id, reason)
    VALUES (%(key)s, %(product)s, %(supplier)s, 'AVAILABLE', -1, 'RECEIPT', %(at)s, now(), 'b', %(key)s, ''),
        (%(key)s, %(product)s, %(storage)s, 'AVAILABLE', 1, 'RECEIPT', %(at)s, now(), 'b', %(key)s, ''))
UPDATE warehousing_quant SET on_hand = on_hand + 1 WHERE product_id = %(product)s AND location_id = %(storage)s
"""
BARE_SUM = f"""
SELECT sum(quantity) FROM {LEDGER}
WHERE product_id = %(product)s AND location_id = %(storage)s AND effective_at <= %(at)s
"""


def run(report: Report) -> None:
    """Measure on ledgers of a tenth and of a million rows."""
    made = world.build(products=min(PRODUCTS, report.most))
    places = dict(made.house.locations.values_list("kind", "pk"))
    hot, supplier, storage = made.products[0].pk, places["SUPPLIER"], places["STORAGE"]
    rows = min(ROWS, report.most)
    with limit.connect() as bare:
        _fill(bare, [one.pk for one in made.products], supplier, storage, rows)
        stock_period.close()
        bare.execute(f"VACUUM ANALYZE {LEDGER}, warehousing_quant, warehousing_stockperiodchange")
        _back_date(report, bare, rows, hot, supplier, storage)
        _look_back(report, bare, rows, hot, storage)


def _fill(bare: psycopg.Connection, products: list[int], supplier: int, storage: int, rows: int) -> None:
    movements = rows // 2
    given = {
        "products": products, "others": len(products) - 1, "until": world.AT, "movements": movements,
        "step": timedelta(days=SPAN_DAYS) / movements, "supplier": supplier, "storage": storage,
    }  # fmt: skip
    for back in range(SPAN_DAYS // 30 + 2):
        month = (world.AT - timedelta(days=30 * back)).date().replace(day=1)
        bare.execute("SELECT midstream_add_partition(%s, %s)", [LEDGER, month])
    with limit.trusted(bare):
        bare.execute(FILL, given)
    bare.execute(BALANCES, given)


def _back_date(
    report: Report, bare: psycopg.Connection, rows: int, hot: int, supplier: int, storage: int
) -> None:
    def ago(*_: object) -> datetime:
        return world.AT - timedelta(days=90, seconds=next(_moments))

    def ours(at: datetime) -> None:
        move = Move(hot, supplier, storage, 1)
        movement.post([move], at=at, document_type="benchmark", document_id=uuid7())

    def directly(at: datetime) -> None:
        given = {"key": uuid7(), "product": hot, "supplier": supplier, "storage": storage, "at": at}
        bare.execute(BARE_POST, given)

    ours(ago()), directly(ago())
    found, direct = limit.middle(25, ours, ago), limit.middle(25, directly, ago)
    report.duration(
        "move stock 90 days back", rows, found.seconds * 1000, limit_ms=direct.seconds * 1000,
        at_most_ms=50, statements=found.statements,
    )  # fmt: skip


def _look_back(report: Report, bare: psycopg.Connection, rows: int, hot: int, storage: int) -> None:
    middle = world.AT - timedelta(days=SPAN_DAYS // 2 + 13)
    late = world.AT - timedelta(days=17)
    asked = {"effective": (middle, None), "known half a year later": (middle, middle + timedelta(days=190)),
             "of last month": (late, None)}  # fmt: skip
    for name, (at, known_at) in asked.items():

        def ours(_: object, at: datetime = at, known_at: datetime | None = known_at) -> int:
            return as_of.balance(world.BY, product_id=hot, location_id=storage, at=at, known_at=known_at)

        def directly(_: object, at: datetime = at) -> None:
            bare.execute(BARE_SUM, {"product": hot, "storage": storage, "at": at})

        ours(None), directly(None)
        found, direct = limit.middle(25, ours), limit.middle(5, directly)
        report.duration(
            f"balance of the past, {name}", rows, found.seconds * 1000, limit_ms=direct.seconds * 1000,
            at_most_ms=20, statements=found.statements,
        )  # fmt: skip
