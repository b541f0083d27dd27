"""Purchase orders of a factory whose goods are still to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import fetch


@dataclass(frozen=True, slots=True)
class OpenPurchase:
    """A purchase order whose goods are still to come; `left` is their value in minor units."""

    key: UUID
    number: str
    currency: str
    left: int


_OPEN_PURCHASES: Final = """
    SELECT terms.purchase_order_id, terms.purchase_order_number, terms.currency,
        sum(terms.quantity * terms.unit_price - coalesce(accepted.amount, 0))
    FROM finance_purchaseterms terms
    LEFT JOIN LATERAL (
        SELECT sum(accrual.amount) AS amount FROM finance_goodsaccrual accrual
        WHERE accrual.terms_id = terms.purchase_order_line_id) accepted ON true
    WHERE terms.factory_id = %(factory)s
    GROUP BY 1, 2, 3 HAVING sum(terms.quantity * terms.unit_price - coalesce(accepted.amount, 0)) > 0
    ORDER BY 2 DESC LIMIT %(most)s
"""


def newest(actor: Actor, most: int) -> list[OpenPurchase]:
    """Return a factory's purchase orders whose goods are still to come, the newest first; one statement."""
    rows = fetch(_OPEN_PURCHASES, {"factory": actor.organization_id or 0, "most": most})
    return [
        OpenPurchase(key, number, currency, Money.of(left, currency).minor)
        for key, number, currency, left in rows
    ]
