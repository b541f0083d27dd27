"""What was wrong with the goods of a purchase order and is in no claim yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from b2b.db.bulk import fetch
from orders.models import ClaimLine
from orders.policies import claiming
from orders.policies.claiming import Loss
from orders.policies.returns import DEFECTS

_RETURNED: Final = """
    SELECT supply.id, peg.id, back.dealer_id, back.received, back.id
    FROM orders_returnline back JOIN orders_peg peg ON peg.id = back.peg_id
    JOIN orders_purchaseorderline supply ON supply.id = peg.purchase_order_line_id
    WHERE supply.purchase_order_id = %(order_id)s AND back.received > 0 AND back.reason = ANY(%(defects)s)
        AND NOT EXISTS (
            SELECT FROM orders_claimshare share JOIN orders_claimline line ON line.id = share.line_id
            JOIN orders_claim claim ON claim.id = line.claim_id
            WHERE share.return_line_id = back.id AND claim.status <> 'WITHDRAWN')
    ORDER BY supply.line_number, back.id
"""
# What was rejected or missing at receipt is taken back from what was despatched, see services.goods_receipt.
_LOST: Final = """
    SELECT supply.id, supply.rejected - coalesce(claimed.rejected, 0),
        coalesce(lost.quantity, 0) - supply.rejected - coalesce(claimed.missing, 0)
    FROM orders_purchaseorderline supply
    LEFT JOIN (
        SELECT purchase_order_line_id, -sum(quantity)::bigint AS quantity FROM orders_supplyevent
        WHERE kind = 'despatched' AND source LIKE 'receipt:%%' GROUP BY 1) lost
        ON lost.purchase_order_line_id = supply.id
    LEFT JOIN (
        SELECT line.purchase_order_line_id,
            sum(line.claimed_quantity) FILTER (WHERE line.cause = 'REJECTED')::bigint AS rejected,
            sum(line.claimed_quantity) FILTER (WHERE line.cause = 'MISSING')::bigint AS missing
        FROM orders_claimline line JOIN orders_claim claim ON claim.id = line.claim_id
        WHERE claim.status <> 'WITHDRAWN' GROUP BY 1) claimed ON claimed.purchase_order_line_id = supply.id
    WHERE supply.purchase_order_id = %(order_id)s ORDER BY supply.line_number
"""
_OWNERS: Final = """
    SELECT peg.purchase_order_line_id, peg.id, peg.dealer_id, peg.pegged FROM orders_peg peg
    JOIN orders_purchaseorderline supply ON supply.id = peg.purchase_order_line_id
    WHERE supply.purchase_order_id = %(order_id)s ORDER BY peg.order_line_id NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class Claimable:
    """Base units of one purchase line lost for one cause, and whose they were."""

    purchase_order_line_id: int
    cause: str
    losses: Sequence[Loss]

    @property
    def quantity(self) -> int:
        """The sum of the losses."""
        return sum(loss.quantity for loss in self.losses)


class Price(NamedTuple):
    """What a base unit of a purchase line costs, and the part of it (basis points) that its source declares it owes."""

    unit_price: Decimal
    product_id: int
    rejected: int | None
    missing: int | None

    def rate(self, cause: str) -> Decimal:
        """Return the part of the price that is claimed for a cause."""
        declared = {"REJECTED": self.rejected, "MISSING": self.missing}.get(cause)
        return claiming.rate(cause, declared)


def of_purchase_order(order_id: UUID) -> list[Claimable]:
    """Return what may be claimed, in four queries; to decide by it, the caller holds the purchase order.

    Goods that dealers gave back because of a defect are their own dealer's loss; what came short or was rejected at
    receipt is split over the pegs.
    """
    given = {"order_id": order_id, "defects": [str(reason) for reason in DEFECTS]}
    found: list[Claimable] = []
    returned: dict[int, list[Loss]] = defaultdict(list)
    for line_id, peg_id, dealer_id, quantity, return_line_id in fetch(_RETURNED, given):
        returned[line_id].append(Loss(peg_id, dealer_id, quantity, return_line_id))
    found += [Claimable(line_id, ClaimLine.Cause.RETURNED, losses) for line_id, losses in returned.items()]
    owners: dict[int, list[Loss]] = defaultdict(list)
    for line_id, peg_id, dealer_id, pegged in fetch(_OWNERS, given):
        owners[line_id].append(Loss(peg_id, dealer_id, pegged))
    for line_id, rejected, missing in fetch(_LOST, given):
        found += [
            Claimable(line_id, cause, claiming.spread(quantity, owners[line_id]))
            for cause, quantity in (
                (ClaimLine.Cause.REJECTED, rejected),
                (ClaimLine.Cause.MISSING, missing),
            )
            if quantity > 0 and owners[line_id]
        ]
    return found


def prices(order_id: UUID) -> dict[int, Price]:
    """Return purchase line -> its price, and what its source declares for rejected and for missing goods."""
    rows = fetch(
        """
        SELECT supply.id, supply.unit_price, supply.product_id, source.rejection_basis_points,
            source.missing_basis_points
        FROM orders_purchaseorderline supply LEFT JOIN orders_supplysource source
            ON source.factory_id = supply.factory_id AND source.product_id = supply.product_id
        WHERE supply.purchase_order_id = %s
        """,
        [order_id],
    )
    return {line_id: Price(*price) for line_id, *price in rows}
