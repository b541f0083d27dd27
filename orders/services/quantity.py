"""Move quantities through the buckets of order lines, once per source document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from b2b.core.errors import NotYet
from b2b.db.bulk import execute, fetch, fetch_dicts, transpose, unnest
from b2b.db.transactions import require_transaction
from orders.models import BUCKETS
from orders.states import BEFORE_CUTOFF

_COLUMNS: Final = {"line_id": "bigint", "kind": "text", "source": "text", "quantity": "bigint"}
# (the later buckets, those they cannot outrun together); what came back stays invoiced until it is credited
_ORDER: Final = (
    (("received",), ("allocated",)),
    (("delivered", "returned"), ("shipped",)),
    (("invoiced",), ("delivered", "returned")),
)
_MOVE: Final = " UPDATE orders_orderline line SET {setting} FROM sums WHERE line.id = sums.line_id"
# A leftover that is named already is locked: a cycle that closes meanwhile waits, and sees its lines.
_STAY: Final = f""", moved AS (
        {_MOVE}
        RETURNING line.cycle_id, line.factory_id, line.product_id,
            line.requested - line.cancelled - line.covered - line.pooled AS waiting)
    INSERT INTO orders_leftover AS known (cycle_id, factory_id, product_id)
    SELECT DISTINCT moved.cycle_id, moved.factory_id, moved.product_id
    FROM moved WHERE moved.waiting > 0 AND moved.cycle_id IS NOT NULL AND moved.factory_id IS NOT NULL ORDER BY 1, 2, 3
    ON CONFLICT (factory_id, product_id, cycle_id) DO UPDATE SET cycle_id = known.cycle_id
"""


class OutOfOrder(NotYet):
    """A later step was told before an earlier one."""

    code = "quantity_out_of_order"


def advance(changes: Iterable[tuple[int, str, int]], *, source: str, at: datetime) -> int:
    """Apply (order line, bucket, change) triples of one source document; see `advance_each`."""
    return advance_each(((line, bucket, change, source) for line, bucket, change in changes), at=at)


def advance_each(changes: Iterable[tuple[int, str, int, str]], *, at: datetime) -> int:
    """Apply (order line, bucket, change, source) and return how many were new; a source counts once per bucket.

    Three statements, whatever the number of lines. The lines are locked in key order.

    :raises OutOfOrder: when goods would be received, delivered or invoiced before the step that comes first.
    """
    require_transaction()
    wanted: dict[tuple[int, str, str], int] = defaultdict(int)
    for line_id, bucket, change, source in changes:
        wanted[line_id, bucket, source] += change
    lines = sorted({line_id for line_id, _, _ in wanted})
    if not lines:
        return 0
    held = _lock(lines)
    for told in fetch(
        "SELECT line_id, kind, source FROM orders_quantityevent WHERE line_id = ANY(%s) AND source = ANY(%s)",
        [lines, sorted({source for _, _, source in wanted})],
    ):
        wanted.pop(told, None)
    new = [(*key, change) for key, change in wanted.items() if change and key[0] in held]
    if not new:
        return 0
    _check(held, new)
    _write(new, at)
    return len(new)


def advance_held(changes: Iterable[tuple[int, str, int]], *, source: str, at: datetime) -> int:
    """Apply (order line, bucket, change) triples to lines the caller holds, of a source never told before.

    No goods move past a step before. What a line is ordered follows what it asks for. One statement; it returns how
    many buckets moved.
    """
    require_transaction()
    wanted: dict[tuple[int, str], int] = defaultdict(int)
    for line_id, bucket, change in changes:
        wanted[line_id, bucket] += change
    new = [(*key, source, change) for key, change in sorted(wanted.items()) if change]
    if new:
        is_asked = any(kind == "requested" for _, kind, _, _ in new)
        _write(new, at, setting=", quantity = line.quantity + sums.requested" if is_asked else "")
    return len(new)


def _write(new: list[tuple[int, str, str, int]], at: datetime, *, setting: str = "") -> None:
    moved = [bucket for bucket in BUCKETS if any(kind == bucket for _, kind, _, _ in new)]
    sums = ", ".join(
        f"coalesce(sum(quantity) FILTER (WHERE kind = '{bucket}'), 0)::bigint AS {bucket}" for bucket in moved
    )
    execute(
        f"""
        WITH told AS (
            INSERT INTO orders_quantityevent (line_id, dealer_id, kind, source, quantity, at)
            SELECT given.line_id, line.dealer_id, given.kind, given.source, given.quantity, %(at)s
            FROM {unnest(_COLUMNS)} JOIN orders_orderline line ON line.id = given.line_id
            RETURNING line_id, kind, quantity),
        sums AS (SELECT line_id, {sums} FROM told GROUP BY line_id)
        UPDATE orders_orderline line SET {_moved(moved)}{setting} FROM sums WHERE line.id = sums.line_id
        """,
        {**transpose(list(_COLUMNS), new), "at": at},
    )


def advance_from(
    query: str, buckets: Sequence[str], *, source: str, at: datetime, setting: str = "", stays: bool = False
) -> None:
    """Apply the rows of a query, for more than Python should hold.

    It answers line_id, dealer_id and a change by the name of each of the `buckets`, a row for each line in key order:
    in that order they are locked. The source was never told before, and no goods move past a step before. `setting`
    adds to the SET clause, where `line` is the order line and `sums` its changes. What is left of a line that `stays`
    waits in its cycle even after the cut-off, named as a leftover: no index follows. Three statements.
    """
    require_transaction()
    move = (
        _STAY.format(setting=_sums(buckets) + setting)
        if stays
        else _MOVE.format(setting=_moved(buckets) + setting)
    )
    told = ", ".join(f"('{bucket}', sums.{bucket})" for bucket in buckets)
    # A join by hashes would lock in the order in which the lines lie on the disk.
    execute("SET LOCAL enable_hashjoin = off")
    execute(
        f"""
        WITH sums AS MATERIALIZED ({query}),
        told AS (
            INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
            SELECT sums.line_id, sums.dealer_id, told.kind, told.quantity, %(source)s, %(at)s
            FROM sums CROSS JOIN LATERAL (VALUES {told}) told (kind, quantity) WHERE told.quantity <> 0){move}
        """,
        {"source": source, "at": at},
    )
    execute("SET LOCAL enable_hashjoin = DEFAULT")


def left(buckets: Sequence[str]) -> str:
    """Return the SQL of what nobody serves of `line` once `sums` of the buckets are added to it."""
    return " - ".join(
        f"(line.{bucket} + sums.{bucket})" if bucket in buckets else f"line.{bucket}"
        for bucket in ("requested", "cancelled", "covered", "pooled")
    )


def _moved(buckets: Sequence[str]) -> str:
    """Return the SET clause of buckets that move.

    What is left of a line waits in its cycle while that is open, and belongs to none afterwards: the next one takes it.
    """
    settings = [_sums(buckets)]
    if not {"requested", "cancelled", "covered", "pooled"}.isdisjoint(buckets):
        settings.append(
            f"""cycle_id = CASE WHEN {left(buckets)} > 0 AND NOT EXISTS (
                SELECT FROM orders_ordercycle cycle
                WHERE cycle.id = line.cycle_id AND cycle.status IN {BEFORE_CUTOFF})
            THEN NULL ELSE line.cycle_id END"""
        )
    return ", ".join(settings)


def _sums(buckets: Sequence[str]) -> str:
    return ", ".join(f"{bucket} = line.{bucket} + sums.{bucket}" for bucket in buckets)


def tell(query: str, *, source: str, at: datetime) -> int:
    """Append the events of lines that the caller has locked and moves itself, as a query names them; one statement.

    The query answers line, dealer, kind and quantity; a quantity of 0 or none is not told. The caller writes the
    same sums to the buckets of the lines, and tells each source once.
    """
    require_transaction()
    return execute(
        f"""
        INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
        SELECT told.line_id, told.dealer_id, told.kind, told.quantity, %(source)s, %(at)s
        FROM ({query}) told (line_id, dealer_id, kind, quantity) WHERE told.quantity <> 0
        """,
        {"source": source, "at": at},
    )


def _lock(lines: list[int]) -> dict[int, dict[str, int]]:
    rows = fetch_dicts(
        f"SELECT id, {', '.join(BUCKETS)} FROM orders_orderline WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [lines],
    )
    return {row["id"]: row for row in rows}


def _check(held: Mapping[int, dict[str, int]], changes: list[tuple[int, str, str, int]]) -> None:
    for line_id, bucket, _, change in changes:
        held[line_id][bucket] += change
    for line_id in {line_id for line_id, *_ in changes}:
        buckets = held[line_id]
        for bucket in BUCKETS:
            if buckets[bucket] < 0:
                raise OutOfOrder(f"an order line has not {-buckets[bucket]} more {bucket} yet", bucket=bucket)
        for later, earlier in _ORDER:
            told = sum(buckets[bucket] for bucket in later)
            ready = sum(buckets[bucket] for bucket in earlier)
            if told > ready:
                raise OutOfOrder(
                    f"{told} {later[0]} of an order line with {ready} {earlier[0]}",
                    bucket=later[0],
                    waits_for=earlier[0],
                )
