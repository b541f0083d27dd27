"""Forget the leftovers of cycles that nobody waits for any more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from b2b.db.bulk import execute

_LOCK: Final = """
    SELECT count(*) FROM (SELECT id FROM orders_leftover WHERE cycle_id = ANY(%s)
        ORDER BY cycle_id, factory_id, product_id FOR UPDATE) held
"""
_FORGET: Final = """
    DELETE FROM orders_leftover rest WHERE rest.cycle_id = ANY(%s) AND NOT EXISTS (
        SELECT FROM orders_orderline line
        WHERE line.cycle_id = rest.cycle_id AND line.product_id = rest.product_id AND line.factory_id = rest.factory_id
            AND line.requested > line.cancelled + line.covered + line.pooled)
"""


def forget(cycles: Collection[UUID]) -> int:
    """Drop the leftovers of cycles whose lines have all gone to another, and return how many.

    Locked first, and looked at by a statement of its own: whoever leaves the same over at this moment is waited for,
    and its lines are seen.
    """
    if not cycles:
        return 0
    execute(_LOCK, [list(cycles)])
    return execute(_FORGET, [list(cycles)])
