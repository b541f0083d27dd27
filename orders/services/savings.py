"""State to every dealer what pooling saved in a cycle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from b2b.contracts.orders import SavedLine, SavingsStated
from b2b.core.actor import Actor
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, fetch_dicts, transpose, unnest
from b2b.db.models import record
from b2b.db.sequences import number, take_each
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish_from
from orders.models import OrderCycle, SavingsStatement, SavingsStatementLine

SHARES: Final = ("baseline", "pooled", "dealer_share", "platform_share", "factory_share")
_SUMS: Final = ", ".join(f"sum({name}) AS {name}" for name in SHARES)
_GIVEN: Final = {"aggregate_id": "text", "id": "uuid"}
_STATEMENTS: Final = {"statement_id": "uuid", "dealer_id": "bigint"}


def state(cycle: OrderCycle, outcome: str, *, by: Actor, at: datetime) -> list[SavingsStatement]:
    """Write one statement per dealer with a line per product, and publish SavingsStated for each.

    `outcome` is the table of `pooled_line.decide`. The shares of every line and statement sum to its saving. A
    constant number of statements.
    """
    rows = fetch_dicts(
        f"SELECT dealer_id, {_SUMS} FROM {outcome} WHERE pooled_quantity > 0 GROUP BY dealer_id ORDER BY dealer_id"
    )
    dealers = organization.by_id(row["dealer_id"] for row in rows)
    counts = take_each("savings_statement", dealers)
    statements = [
        SavingsStatement(
            number=number("SV", dealers[row["dealer_id"]].code, counts[row["dealer_id"]]),
            cycle=cycle,
            currency=cycle.currency,
            created_at=at,
            updated_at=at,
            **row,
        )
        for row in rows
    ]
    if not statements:
        return []
    SavingsStatement.objects.bulk_create(statements)
    execute(
        f"""
        INSERT INTO orders_savingsstatementline (statement_id, dealer_id, product_id, quantity, {", ".join(SHARES)})
        SELECT statement.statement_id, line.* FROM (
            SELECT dealer_id, product_id, sum(pooled_quantity)::bigint, {_SUMS}
            FROM {outcome} WHERE pooled_quantity > 0 GROUP BY dealer_id, product_id) line
        JOIN {unnest(_STATEMENTS, "statement")} ON statement.dealer_id = line.dealer_id
        """,
        transpose(list(_STATEMENTS), ((one.pk, one.dealer_id) for one in statements)),
    )
    record(((one, "state", "", one.status) for one in statements), by=by, at=at)
    _tell(statements, at)
    return statements


def _tell(statements: Sequence[SavingsStatement], at: datetime) -> None:
    """Publish the statements of a cycle; Python sees none of their lines."""
    query = f"""
        SELECT given.id, given.aggregate_id, ARRAY[statement.dealer_id] AS parties,
            %(occurred_at)s::timestamptz AS occurred_at,
            left(json_build_object('occurred_at', %(occurred_at)s::timestamptz, 'statement_id', statement.id,
                'number', statement.number, 'dealer_id', statement.dealer_id, 'cycle_id', statement.cycle_id,
                'currency', statement.currency, 'restates_id', statement.restates_id, 'cycle_number', cycle.number,
                'factory_id', cycle.factory_id, {_as_json("statement")})::text, -1)
                || ',"lines":' || lines.lines || '}}' AS payload
        FROM {unnest(_GIVEN)} JOIN orders_savingsstatement statement ON statement.id = given.aggregate_id::uuid
        JOIN orders_ordercycle cycle ON cycle.id = statement.cycle_id
        CROSS JOIN LATERAL (
            SELECT json_agg(json_build_object('product_id', line.product_id, 'quantity', line.quantity,
                {_as_json("line")}) ORDER BY line.product_id)::text AS lines
            FROM orders_savingsstatementline line WHERE line.statement_id = statement.id) lines
    """
    publish_from(SavingsStated, {str(one.pk): uuid7() for one in statements}, query, {"occurred_at": at})


def _as_json(table: str) -> str:
    return ", ".join(f"'{name}', {table}.{name}::text" for name in SHARES)


def told(statement: SavingsStatement, at: datetime, lines: Sequence[SavingsStatementLine]) -> SavingsStated:
    """Return what is told of a statement with its lines; `state` tells the same of many in SQL."""
    return SavingsStated(
        occurred_at=at,
        statement_id=statement.pk,
        number=statement.number,
        dealer_id=statement.dealer_id,
        cycle_id=statement.cycle_id,
        currency=statement.currency,
        restates_id=statement.restates_id,
        cycle_number=statement.cycle.number,
        factory_id=statement.cycle.factory_id,
        lines=tuple(
            SavedLine(
                product_id=line.product_id,
                quantity=line.quantity,
                **{name: getattr(line, name) for name in SHARES},
            )
            for line in lines
        ),
        **{name: getattr(statement, name) for name in SHARES},
    )
