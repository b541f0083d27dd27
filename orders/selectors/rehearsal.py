"""Past demand of a factory's buffers, day by day, and what was rehearsed with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from orders.models import Rehearsal
from orders.policies import buffer
from orders.policies.rehearsal.market import WEEK, Market

# Nobody's capacity is more than this a day; a source without a limit has it.
UNLIMITED: Final = 10**12
_BUFFERS: Final = """
    SELECT buffer.product_id, buffer.lead_time_days, buffer.moq, buffer.order_multiple, source.weekly_capacity,
        profile.lead_time_factor, profile.variability_factor, profile.order_cycle_days
    FROM orders_buffer buffer JOIN orders_bufferprofile profile ON profile.id = buffer.profile_id
    LEFT JOIN orders_supplysource source ON source.product_id = buffer.product_id
        AND source.factory_id = buffer.factory_id
    WHERE buffer.factory_id = %(factory)s AND buffer.is_active ORDER BY buffer.product_id
"""
_DEMAND: Final = """
    SELECT product_id, on_date - %(since)s, sum(ordered)::bigint FROM orders_demandbucket
    WHERE product_id = ANY(%(products)s) AND on_date >= %(since)s AND on_date < %(until)s GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Past:
    """What was asked for of a factory's buffers, and the profiles that they have now."""

    market: Market
    profiles: tuple[buffer.Profile, ...]


def past(factory_id: int, *, until: date, days: int, known_weeks: int) -> Past | None:
    """Return the demand of the `days` before a day, and of `known_weeks` before those; None without a buffer.

    Two statements.
    """
    rows = fetch(_BUFFERS, {"factory": factory_id})
    if not rows:
        return None
    known = known_weeks * WEEK
    since = until - timedelta(days=known + days)
    products, lead, minimum, multiple, capacity, *_ = zip(*rows, strict=True)
    place = {product: index for index, product in enumerate(products)}
    demand = np.zeros((known + days, 1, len(rows)), dtype=np.int64)
    for product, day, quantity in fetch(
        _DEMAND, {"products": list(products), "since": since, "until": until}
    ):
        demand[day, 0, place[product]] = quantity
    market = Market(
        demand=demand,
        lead_days=np.array(lead, dtype=np.int64),
        minimum=np.array(minimum, dtype=np.int64),
        multiple=np.array(multiple, dtype=np.int64),
        daily_capacity=np.array([UNLIMITED if one is None else -(-one // WEEK) for one in capacity]),
        transit_days=0,
        known_days=known,
    )
    profiles = (buffer.Profile(Decimal(row[5]), Decimal(row[6]), row[7]) for row in rows)
    return Past(market, tuple(profiles))


def rehearsals(actor: Actor) -> QuerySet[Rehearsal]:
    """Return what was rehearsed, the latest first; the operator's alone."""
    return Rehearsal.objects.visible_to(actor).select_related("factory").order_by("-pk")
