"""What a factory sold through the platform: nothing in it names a dealer or is a dealer's."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Final

from b2b.core.actor import FACTORY, Actor
from b2b.db.bulk import fetch_dicts
from b2b.tower.policies.value import ZERO, share
from b2b.tower.selectors.value import Span

GROUPINGS: Final = {
    "period": ("date_trunc(%(step)s, flow.day)::date::text", "''"),
    "cycle": (
        "coalesce(flow.cycle_id::text, '')",
        "coalesce(max(flow.number) FILTER (WHERE cycle_id IS NOT NULL), '')",
    ),
    "product": ("coalesce(flow.product_id, 0)::text", "coalesce(max(product.sku), '')"),
    "category": ("coalesce(product.category, '')", "''"),
}
# A receipt is counted in base units of no currency; a factory's rows name no dealer.
_FLOWS: Final = """
    SELECT {key} AS key, {label} AS label,
        coalesce(sum(quantity) FILTER (WHERE kind = 'PURCHASED'), 0)::bigint AS purchased_quantity,
        coalesce(sum(amount) FILTER (WHERE kind = 'PURCHASED'), 0) AS purchased_amount,
        coalesce(sum(quantity) FILTER (WHERE kind = 'RECEIVED'), 0)::bigint AS received_quantity,
        coalesce(sum(amount) FILTER (WHERE kind = 'FACTORY_SHARE'), 0) AS saving_share,
        -coalesce(sum(amount) FILTER (WHERE kind = 'CLAIM'), 0) AS claimed_amount,
        coalesce(sum(amount) FILTER (WHERE kind = 'FINANCING'), 0) AS financing_amount
    FROM tower_flowfact flow LEFT JOIN catalog_product product ON product.id = flow.product_id
    WHERE {owner} AND kind IN ('PURCHASED', 'RECEIVED', 'FACTORY_SHARE', 'CLAIM', 'FINANCING')
        AND currency IN (%(currency)s, '') AND day >= %(since)s AND day < %(until)s
        AND (%(category)s::text IS NULL OR product.category = %(category)s)
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class SupplyValue:
    """A factory's sums; goods still on their way lower the fill rate, as they are bought and not yet received."""

    key: str
    label: str
    purchased_quantity: int = 0
    purchased_amount: Decimal = ZERO
    received_quantity: int = 0
    saving_share: Decimal = ZERO
    claimed_amount: Decimal = ZERO
    financing_amount: Decimal = ZERO

    @property
    def fill_rate(self) -> Decimal:
        """Received over bought."""
        return share(self.received_quantity, self.purchased_quantity)


def by(actor: Actor, span: Span, grouping: str) -> list[SupplyValue]:
    """Return a factory's figures cut by period, cycle, product or category; one query.

    A factory reads its own; those who see all name it in the span, and get nothing without a name.
    """
    owner = actor.organization_id if actor.kind == FACTORY else span.factory_id if actor.sees_all else None
    key, label = GROUPINGS[grouping]
    params = {**span.params(actor), "owner": owner}
    query = _FLOWS.format(key=key, label=label, owner="owner_factory_id = %(owner)s")
    return [SupplyValue(**row) for row in fetch_dicts(query, params)]


def all_of(actor: Actor, span: Span) -> SupplyValue:
    """Return what was bought of all factories, for who sees all; one query."""
    query = _FLOWS.format(key="'all'", label="''", owner="owner_factory_id IS NOT NULL")
    rows = fetch_dicts(query, span.params(actor)) if actor.sees_all else []
    return SupplyValue(**rows[0]) if rows else SupplyValue("all", "")


def total(groups: list[SupplyValue]) -> SupplyValue:
    """Return the sum of groups."""
    none = SupplyValue("all", "")
    names = [one.name for one in fields(SupplyValue) if one.name not in ("key", "label")]
    return replace(
        none, **{name: sum((getattr(one, name) for one in groups), getattr(none, name)) for name in names}
    )
