"""Give picked goods back: their tasks and reservations end, as far as they go, and their promises stand again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import require_transaction

_PARTS: Final = {"task_id": "bigint", "quantity": "bigint"}
# Triggers keep the promises and their books with the reservations.
_PUT_BACK: Final = f"""
WITH tasks AS (
    UPDATE warehousing_picktask task
    SET status = CASE WHEN task.picked_quantity > given.quantity THEN task.status ELSE 'CANCELLED' END,
        picked_quantity = CASE WHEN task.picked_quantity > given.quantity THEN task.picked_quantity - given.quantity
            ELSE task.picked_quantity END
    FROM {unnest(_PARTS)} WHERE task.id = given.task_id
    RETURNING task.reservation_id, given.quantity
)
UPDATE warehousing_reservation kept
SET status = CASE WHEN kept.quantity > tasks.quantity THEN kept.status ELSE 'RELEASED' END,
    quantity = CASE WHEN kept.quantity > tasks.quantity THEN kept.quantity - tasks.quantity ELSE kept.quantity END
FROM tasks WHERE kept.id = tasks.reservation_id
"""


def put_back(parts: Mapping[int, int]) -> None:
    """Take back so much (base units) of what was picked for tasks (key); one statement.

    The caller holds the demands and moves the goods.
    """
    require_transaction()
    if parts:
        execute(_PUT_BACK, transpose(list(_PARTS), parts.items()))
