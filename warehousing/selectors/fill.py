"""How full places are, and how old what stands in them is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from b2b.core.actor import Actor
from b2b.db.bulk import fetch

# The fullest of a place's limits counts, in per mille; places without limits have none.
FILL = """
SELECT house.code, place.code, place.zone, coalesce(held.units, 0)::bigint, coalesce(held.skus, 0),
    greatest(held.units * 1000 / nullif(place.capacity_units, 0),
        held.cm3 * 1000 / nullif(place.capacity_volume_cm3, 0),
        held.grams * 1000 / nullif(place.capacity_weight_g, 0))::bigint AS per_mille
FROM warehousing_location place JOIN warehousing_warehouse house ON house.id = place.warehouse_id
JOIN (
    SELECT quant.location_id, sum(quant.on_hand) AS units, count(DISTINCT quant.product_id) AS skus,
        sum(quant.on_hand * product.volume_cm3) AS cm3, sum(quant.on_hand * product.weight_g) AS grams
    FROM warehousing_quant quant JOIN catalog_product product ON product.id = quant.product_id
    WHERE quant.on_hand > 0 GROUP BY quant.location_id
) held ON held.location_id = place.id
ORDER BY per_mille DESC NULLS LAST, held.units DESC, place.id LIMIT %(most)s
"""

# By when the stock of a place began to arrive.
AGE = """
SELECT product.sku, product.name, sum(quant.on_hand)::bigint,
    coalesce(sum(quant.on_hand) FILTER (WHERE quant.since_at > %(at)s - interval '30 days'), 0)::bigint,
    coalesce(sum(quant.on_hand) FILTER (WHERE quant.since_at <= %(at)s - interval '30 days'
        AND quant.since_at > %(at)s - interval '90 days'), 0)::bigint,
    coalesce(sum(quant.on_hand) FILTER (WHERE quant.since_at <= %(at)s - interval '90 days'
        AND quant.since_at > %(at)s - interval '180 days'), 0)::bigint,
    coalesce(sum(quant.on_hand) FILTER (WHERE quant.since_at <= %(at)s - interval '180 days'), 0)::bigint,
    min(quant.since_at)
FROM warehousing_quant quant JOIN catalog_product product ON product.id = quant.product_id
WHERE quant.on_hand > 0 GROUP BY product.id ORDER BY min(quant.since_at), product.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Fill:
    """What a place holds; `per_mille` of its tightest limit, None where it has none."""

    warehouse: str
    place: str
    zone: str
    units: int
    skus: int
    per_mille: int | None


@dataclass(frozen=True, slots=True)
class Age:
    """A product's stock, base units by how long ago it began to arrive; the oldest first."""

    sku: str
    name: str
    units: int
    upto_30_days: int
    upto_90_days: int
    upto_180_days: int
    older: int
    since_at: datetime


def places(actor: Actor, *, most: int = 200) -> list[Fill]:
    """Return the fullest places that hold something; none for others than operators."""
    return [Fill(*row) for row in fetch(FILL, {"most": most})] if actor.sees_all else []


def ages(actor: Actor, *, at: datetime, most: int = 200) -> list[Age]:
    """Return products by their oldest stock; none for others than operators."""
    return [Age(*row) for row in fetch(AGE, {"at": at, "most": most})] if actor.sees_all else []
