"""What parties own of the goods in the warehouses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from b2b.db.bulk import fetch, transpose, unnest
from warehousing.models import Location, StockStatus
from warehousing.ports import OwnedAt, OwnGoods, pledges

COLUMNS: Final = {"owner_id": "bigint", "product_id": "bigint", "site_id": "bigint"}
ON_HAND: Final = f"""
    SELECT wanted.owner_id, wanted.product_id, wanted.site_id, coalesce(sum(held.on_hand), 0)::bigint
    FROM {unnest(COLUMNS, "wanted")}
    LEFT JOIN LATERAL (
        SELECT quant.on_hand FROM warehousing_quant quant
        JOIN warehousing_location location ON location.id = quant.location_id AND location.kind <> ALL(%(virtual)s)
        JOIN warehousing_warehouse house ON house.id = location.warehouse_id AND house.site_id = wanted.site_id
        WHERE quant.owner_id = wanted.owner_id AND quant.product_id = wanted.product_id AND quant.status = %(status)s
    ) held ON true
    GROUP BY 1, 2, 3
"""


def on_hand(goods: Collection[tuple[int, int, int]]) -> dict[tuple[int, int, int], int]:
    """Return by (owner, product, site) the base units a party owns there, available and in real places."""
    given = transpose(list(COLUMNS), sorted(set(goods)))
    rows = fetch(
        ON_HAND, {**given, "virtual": [str(one) for one in Location.VIRTUAL], "status": StockStatus.AVAILABLE}
    )
    return {(owner, product, site): units for owner, product, site, units in rows}


def unfree(goods: Sequence[OwnGoods]) -> set[int]:
    """Return which of these (by place in the list) may not leave together with those before them: they are pledged.

    One question to finance, and one statement where it knows of a pledge. The caller decides who may ask.
    """
    pledged = pledges().pledged({OwnedAt(*one[:3]) for one in goods}) if goods else {}
    if not pledged:
        return set()
    free = on_hand(pledged)
    stopped = set()
    for place, one in enumerate(goods):
        asked = one[:3]
        if asked not in pledged:
            continue
        if free[asked] - pledged[asked] < one.quantity:
            stopped.add(place)
        else:
            free[asked] -= one.quantity
    return stopped
