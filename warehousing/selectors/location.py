"""Where things go by default."""

from __future__ import annotations

from collections.abc import Iterable

from warehousing.models import Location


def by_kind(warehouse_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """Return the first active location of each kind: (warehouse, kind) -> location key."""
    rows = (
        Location.objects.filter(warehouse_id__in=set(warehouse_ids), is_active=True)
        .order_by("warehouse_id", "kind", "aisle", "bay", "pk")
        .distinct("warehouse_id", "kind")
    )
    return {(row.warehouse_id, row.kind): row.pk for row in rows}
