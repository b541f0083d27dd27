"""What circulation cost, what pooling saved, and how well dealers were served."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from b2b.core.actor import Actor
from b2b.db.bulk import fetch_dicts

SERVICE = """
    WITH delivered AS (
        SELECT order_line_id, sum(delivered_quantity) AS quantity, max(delivered_at) AS last_at,
            sum(freight_amount) AS freight
        FROM tower_deliveryfact GROUP BY order_line_id
    ), line AS (
        SELECT fact.*, coalesce(delivered.quantity, 0) AS delivered, delivered.last_at,
            coalesce(delivered.freight, 0) AS freight,
            coalesce(delivered.quantity, 0) >= fact.ordered_quantity AS in_full,
            fact.need_by_date IS NULL OR delivered.last_at::date <= fact.need_by_date AS on_time
        FROM tower_orderlinefact fact LEFT JOIN delivered USING (order_line_id)
        WHERE fact.cancelled_at IS NULL AND fact.currency = %(currency)s
            AND fact.ordered_at >= %(since)s AND fact.ordered_at < %(until)s
            AND (%(dealer_id)s::bigint IS NULL OR fact.dealer_id = %(dealer_id)s)
    )
    SELECT count(*) AS lines, count(DISTINCT order_id) AS orders, count(DISTINCT dealer_id) AS dealers,
        coalesce(sum(ordered_quantity), 0) AS ordered_quantity, coalesce(sum(delivered), 0) AS delivered_quantity,
        coalesce(sum(ordered_amount), 0) AS ordered_amount, coalesce(sum(freight), 0) AS freight_amount,
        count(*) FILTER (WHERE in_full AND on_time) AS lines_on_time_in_full,
        count(*) FILTER (WHERE in_full) AS lines_in_full,
        coalesce(percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM last_at - ordered_at)) FILTER (WHERE in_full), 0)::bigint AS cycle_time_s
    FROM line
"""
SAVING = """
    SELECT coalesce(sum(baseline), 0) AS baseline, coalesce(sum(pooled), 0) AS pooled,
        coalesce(sum(dealer_share), 0) AS dealer_share, coalesce(sum(platform_share), 0) AS platform_share,
        coalesce(sum(factory_share), 0) AS factory_share, count(*) AS statements
    FROM tower_savingfact
    WHERE currency = %(currency)s AND stated_at >= %(since)s AND stated_at < %(until)s
        AND (%(dealer_id)s::bigint IS NULL OR dealer_id = %(dealer_id)s)
"""
COST = """
    SELECT coalesce(sum(amount), 0) AS shared_costs FROM tower_costfact
    WHERE currency = %(currency)s AND shared_at >= %(since)s AND shared_at < %(until)s
        AND (%(dealer_id)s::bigint IS NULL OR dealer_id = %(dealer_id)s)
"""


@dataclass(frozen=True, slots=True)
class Value:
    """The value figures of a span of time in one currency; shares of the saving sum to it exactly.

    `shared_costs` are the dealers' parts of freight, duty and fees, as their savings statements show them.
    """

    currency: str
    dealers: int
    orders: int
    lines: int
    statements: int
    ordered_quantity: int
    delivered_quantity: int
    ordered_amount: Decimal
    freight_amount: Decimal
    baseline: Decimal
    pooled: Decimal
    dealer_share: Decimal
    platform_share: Decimal
    factory_share: Decimal
    shared_costs: Decimal
    lines_in_full: int
    lines_on_time_in_full: int
    cycle_time_s: int

    @property
    def saving(self) -> Decimal:
        """What pooling saved against every dealer buying alone."""
        return self.baseline - self.pooled

    @property
    def saved_after_costs(self) -> Decimal:
        """What the dealers' share of the saving leaves them after the costs they bear."""
        return self.dealer_share - self.shared_costs

    @property
    def fill_rate(self) -> Decimal:
        """Delivered over ordered quantity; lines still on their way count as not delivered."""
        return _share(self.delivered_quantity, self.ordered_quantity)

    @property
    def on_time_in_full(self) -> Decimal:
        """Share of lines that arrived whole and by the date they were needed."""
        return _share(self.lines_on_time_in_full, self.lines)

    @property
    def freight_per_unit(self) -> Decimal:
        """Freight over delivered base units, in the currency."""
        return _share(self.freight_amount, self.delivered_quantity)

    def as_dict(self) -> dict[str, Any]:
        """Return every figure, the derived ones too, as the API and the market report show them."""
        stated = {name: getattr(self, name) for name in self.__slots__}
        derived = ("saving", "saved_after_costs", "fill_rate", "on_time_in_full", "freight_per_unit")
        return stated | {name: getattr(self, name) for name in derived}


def _share(part: Decimal | int, whole: int) -> Decimal:
    return round(Decimal(part) / whole, 4) if whole else Decimal(0)


def between(actor: Actor, *, since: datetime, until: datetime, currency: str = "CNY") -> Value:
    """Return the figures of orders placed in [since, until): a dealer's own, an operator's all. Three queries."""
    own = None if actor.sees_all else (actor.organization_id or 0)
    span = {"since": since, "until": until, "currency": currency, "dealer_id": own}
    [service] = fetch_dicts(SERVICE, span)
    [saving] = fetch_dicts(SAVING, span)
    [cost] = fetch_dicts(COST, span)
    return Value(currency=currency, **service, **saving, **cost)
