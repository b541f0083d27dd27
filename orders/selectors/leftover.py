"""Which cycles left lines over after their cut-off (ADR 7); for the platform's own work."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from b2b.db.bulk import fetch
from orders.states import BEFORE_CUTOFF

_OF_GOODS: Final = """(rest.factory_id = ANY(%(factories)s) OR rest.product_id IN (
    SELECT product.id FROM catalog_product product WHERE product.category = nullif(%(category)s, '')))"""
_CYCLES: Final = f"""
    SELECT DISTINCT rest.cycle_id FROM orders_leftover rest
    JOIN orders_ordercycle ended ON ended.id = rest.cycle_id AND ended.status NOT IN {BEFORE_CUTOFF}
    WHERE {_OF_GOODS}
"""


def cycles(factories: Collection[int], *, category: str = "") -> list[UUID]:
    """Return the cycles past their cut-off of which lines of these factories, or of a category, may wait."""
    return [cycle_id for (cycle_id,) in fetch(_CYCLES, {"factories": list(factories), "category": category})]
