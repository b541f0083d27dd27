"""Where things go by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from b2b.core.errors import DomainError, Problem
from warehousing.models import Location, Warehouse


class NoSuchPlace(DomainError):
    """The warehouse has no open place of the kind this needs."""

    code = "no_such_place"


def by_kind(warehouse_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """Return the first active location of each kind: (warehouse, kind) -> location key."""
    rows = (
        Location.objects.filter(warehouse_id__in=set(warehouse_ids), is_active=True)
        .order_by("warehouse_id", "kind", "aisle", "bay", "pk")
        .distinct("warehouse_id", "kind")
    )
    return {(row.warehouse_id, row.kind): row.pk for row in rows}


def place(places: Mapping[tuple[int, str], int], house: Warehouse, kind: str) -> int:
    """Return the place of a kind from what `by_kind` answered.

    :raises NoSuchPlace: when the house has none that is open.
    """
    found = places.get((house.pk, kind))
    if found is None:
        message = f"{house.code} has no open {kind.lower()} place"
        raise NoSuchPlace(
            message, problems=[Problem("no_such_place", message, remedy="open one, or add one")]
        )
    return found
