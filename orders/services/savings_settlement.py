"""Settle what pooling saved when a cycle closes: on the goods that came, by the rule it declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.value import SavingsSettled, SettledLine
from b2b.db.bulk import fetch_dicts
from b2b.db.transactions import require_transaction
from b2b.outbox.publish import publish
from orders.models import OrderCycle, SettledSaving
from orders.policies.sharing import settle as settle_shares
from orders.selectors import stated

# Goods are of the cycle that stated their saving; a later cycle took some of an earlier one's surplus.
_RECEIVED: Final = f"""
    WITH line AS (
        SELECT id FROM orders_orderline WHERE cycle_id = ANY(%(cycles)s)
        UNION
        SELECT line.id FROM orders_purchaseorder parent
        JOIN orders_purchaseorderline purchase ON purchase.purchase_order_id = parent.id
        JOIN orders_peg peg ON peg.purchase_order_line_id = purchase.id
        JOIN orders_orderline line ON line.id = peg.order_line_id
        WHERE parent.cycle_id = ANY(%(cycles)s)
    ), supplied AS (
        SELECT {stated.cycle_of("line", bought_in="parent.cycle_id")} AS cycle_id, peg.dealer_id, purchase.product_id,
            parent.factory_id, peg.received
        FROM line JOIN orders_peg peg ON peg.order_line_id = line.id AND peg.received > 0
        JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
        JOIN orders_purchaseorder parent ON parent.id = purchase.purchase_order_id
    )
    SELECT statement.id AS statement_id, statement.cycle_id, statement.dealer_id, statement.currency, saved.product_id,
        supplied.factory_id, saved.quantity AS pooled_quantity, saved.pooled, saved.dealer_share, saved.platform_share,
        saved.factory_share, supplied.received
    FROM orders_savingsstatement statement
    JOIN orders_savingsstatementline saved ON saved.statement_id = statement.id
    JOIN (SELECT cycle_id, dealer_id, product_id, factory_id, sum(received)::bigint AS received FROM supplied
          GROUP BY 1, 2, 3, 4) supplied
        ON supplied.cycle_id = statement.cycle_id AND supplied.dealer_id = statement.dealer_id
        AND supplied.product_id = saved.product_id
    WHERE statement.cycle_id = ANY(%(cycles)s) AND saved.quantity > 0
        AND NOT EXISTS (SELECT FROM orders_savingsstatement later WHERE later.restates_id = statement.id)
        AND NOT EXISTS (SELECT FROM orders_settledsaving done WHERE done.statement_id = statement.id)
    ORDER BY statement.id, saved.product_id, supplied.factory_id
"""


def settle(cycles: Sequence[OrderCycle], *, at: datetime) -> list[SettledSaving]:
    """Write what came true of the statements in force of closed cycles, once; publish SavingsSettled for each cycle.

    A statement counts as far as its goods were received: what a factory never sent saved nobody anything. The caller
    holds the cycles. Three statements and one for each 2,000 rows or so, whatever the number of cycles.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    if not cycles:
        return []
    left: dict[tuple[UUID, int], int] = {}
    rows = []
    for row in fetch_dicts(_RECEIVED, {"cycles": [one.pk for one in cycles]}):
        key = row["statement_id"], row["product_id"]
        pooled = row.pop("pooled_quantity")
        # What came above the pooled quantity was no part of the saving.
        received = min(row.pop("received"), left.get(key, pooled))
        left[key] = left.get(key, pooled) - received
        parts = [row.pop(name) for name in ("dealer_share", "platform_share", "factory_share")]
        found = settle_shares(
            parts, pooled=row.pop("pooled"), received=received, quantity=pooled, currency=row["currency"]
        )
        rows.append(
            SettledSaving(
                **row,
                quantity=received,
                settled_at=at,
                baseline=found.baseline,
                pooled=found.pooled,
                dealer_share=found.dealer_share,
                platform_share=found.platform_share,
                factory_share=found.factory_share,
            )
        )
    SettledSaving.objects.bulk_create(rows, batch_size=2_000)
    publish(*_told(cycles, rows, at))
    return rows


def _told(cycles: Sequence[OrderCycle], rows: Sequence[SettledSaving], at: datetime) -> list[SavingsSettled]:
    lines: dict[UUID, list[SettledLine]] = defaultdict(list)
    for row in rows:
        lines[row.cycle_id].append(
            SettledLine(
                dealer_id=row.dealer_id,
                factory_id=row.factory_id,
                product_id=row.product_id,
                quantity=row.quantity,
                baseline=row.baseline,
                pooled=row.pooled,
                dealer_share=row.dealer_share,
                platform_share=row.platform_share,
                factory_share=row.factory_share,
            )
        )
    return [
        SavingsSettled(
            occurred_at=at,
            cycle_id=one.pk,
            number=one.number,
            currency=one.currency,
            lines=tuple(lines[one.pk]),
        )
        for one in cycles
        if lines[one.pk]
    ]
