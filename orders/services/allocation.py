"""Share confirmed supply over the pegs by the cycle's declared policy."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from b2b.contracts.orders import Allocation, SupplyAllocated
from b2b.db.bulk import execute, fetch, fetch_dicts, transpose, unnest
from b2b.outbox.publish import publish
from orders.models import AllocationResult, AllocationRun, PurchaseOrder
from orders.policies import fair_share
from orders.policies.fair_share import Claim, Share
from orders.services import quantity

_PEGS: Final = """
    SELECT peg.id, peg.purchase_order_line_id, peg.order_line_id, line.order_id, peg.dealer_id, peg.pegged,
        peg.allocated, peg.received, purchase.product_id, purchase.confirmed, product.category, line.pack_units,
        line.requested - line.cancelled - line.covered - line.pooled AS unpooled, parent.confirmed_at,
        coalesce(fairness.balance, 0) AS balance
    FROM orders_peg peg
    JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
    JOIN catalog_product product ON product.id = purchase.product_id
    LEFT JOIN orders_orderline line ON line.id = peg.order_line_id
    LEFT JOIN orders_order parent ON parent.id = line.order_id
    LEFT JOIN orders_fairnessbalance fairness
        ON fairness.dealer_id = peg.dealer_id AND fairness.category = product.category
    WHERE purchase.id = ANY(%s)
    ORDER BY purchase.line_number, parent.confirmed_at, peg.id
"""
USAGE_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class _Peg:
    """A peg with what it may still ask for; `request` and `allocated` are base units."""

    id: int
    purchase_line_id: int
    line_id: int
    order_id: UUID
    dealer_id: int
    product_id: int
    category: str
    pegged: int
    allocated: int
    received: int
    request: int
    claim: Claim


def share(
    order: PurchaseOrder, *, lines: Collection[int], first: Collection[int] = (), at: datetime
) -> AllocationRun:
    """Share what the factory confirmed of `lines`: dealers first, by policy; platform stock takes what is left.

    Other lines stay as they were shared, and are told again with them. `first` are the lines answered for the first
    time: until then all that is pegged counts as pooled. What has been received stays where it is. The short part of a
    line waits for the next cycle again. Stores run, results with exact entitlements, and the fairness balances;
    publishes SupplyAllocated. The caller holds the purchase order. A constant number of statements.
    """
    policy = order.cycle.policy["fair_share"]
    execute(
        """
        SELECT line.id FROM orders_orderline line WHERE line.id IN (
            SELECT peg.order_line_id FROM orders_peg peg WHERE peg.purchase_order_line_id = ANY(%s))
        ORDER BY line.id FOR NO KEY UPDATE
        """,
        [list(lines)],
    )
    rows = fetch_dicts(_PEGS, [list(lines)])
    usage = _usage(rows, at) if policy == "usage" else {}
    pegs = [
        _peg(row, index, usage, is_first=row["purchase_order_line_id"] in first)
        for index, row in enumerate(rows)
        if row["order_line_id"]
    ]
    confirmed = {row["purchase_order_line_id"]: row["confirmed"] for row in rows}
    shares = _decide(pegs, rows, confirmed, policy)
    run = _store(order, policy, pegs, shares, at)
    _write(rows, pegs, shares, confirmed)
    quantity.advance(
        (
            change
            for peg in pegs
            for change in (
                (
                    peg.line_id,
                    "pooled",
                    _new(peg, shares) - (peg.pegged if peg.purchase_line_id in first else peg.allocated),
                ),
                (peg.line_id, "allocated", _new(peg, shares) - peg.allocated),
            )
        ),
        source=f"allocation:{run.pk}",
        at=at,
    )
    # A line with a remainder belongs to no cycle any more: the next one takes it, or the dealer withdraws it.
    execute(
        "UPDATE orders_orderline SET cycle_id = NULL WHERE id = ANY(%s)",
        [[peg.line_id for peg in pegs if _new(peg, shares) < peg.pegged]],
    )
    publish(_event(order, at))
    return run


def _peg(row: dict[str, Any], rank: int, usage: dict[tuple[int, int], int], *, is_first: bool) -> _Peg:
    wanted = row["pegged"] if is_first else row["allocated"] + min(
        row["pegged"] - row["allocated"], max(row["unpooled"], 0)
    )  # fmt: skip
    request = wanted - row["received"]
    return _Peg(
        id=row["id"],
        purchase_line_id=row["purchase_order_line_id"],
        line_id=row["order_line_id"],
        order_id=row["order_id"],
        dealer_id=row["dealer_id"],
        product_id=row["product_id"],
        category=row["category"],
        pegged=row["pegged"],
        allocated=row["allocated"],
        received=row["received"],
        request=request,
        claim=Claim(
            requested=request,
            weight=usage.get((row["dealer_id"], row["product_id"]), 0),
            rank=rank,
            pack=row["pack_units"],
            carry=Fraction(row["balance"]),
        ),
    )


def _usage(rows: Sequence[dict[str, Any]], at: datetime) -> dict[tuple[int, int], int]:
    """Return what each dealer had delivered of each product in the last year."""
    return {
        (dealer_id, product_id): delivered
        for dealer_id, product_id, delivered in fetch(
            """
            SELECT line.dealer_id, line.product_id, greatest(sum(event.quantity), 0)::bigint
            FROM orders_quantityevent event JOIN orders_orderline line ON line.id = event.line_id
            WHERE event.kind = 'delivered' AND event.at > %s AND line.product_id = ANY(%s)
            GROUP BY 1, 2
            """,
            [at - timedelta(days=USAGE_DAYS), list({row["product_id"] for row in rows})],
        )
    }


def _decide(
    pegs: Sequence[_Peg], rows: Sequence[dict[str, Any]], confirmed: dict[int, int], policy: str
) -> dict[int, Share]:
    """Return the share of every peg, by peg id, on top of what it has received."""
    taken: dict[int, int] = defaultdict(int)
    for row in rows:
        taken[row["purchase_order_line_id"]] += row["received"]
    by_line: dict[int, list[_Peg]] = defaultdict(list)
    for peg in pegs:
        by_line[peg.purchase_line_id].append(peg)
    shares = {}
    for line_id, members in by_line.items():
        supply = max(0, confirmed[line_id] - taken[line_id])
        given = fair_share.share(supply, [peg.claim for peg in members], policy)
        shares.update({peg.id: share for peg, share in zip(members, given, strict=True)})
    return shares


def _new(peg: _Peg, shares: dict[int, Share]) -> int:
    return peg.received + shares[peg.id].quantity


def _store(
    order: PurchaseOrder, policy: str, pegs: Sequence[_Peg], shares: dict[int, Share], at: datetime
) -> AllocationRun:
    given = [
        [peg.id, peg.request, peg.claim.weight, peg.claim.rank, peg.claim.pack, str(peg.claim.carry)]
        for peg in pegs
    ]
    inputs = json.dumps([policy, str(order.pk), order.response_version, given], separators=(",", ":"))
    run = AllocationRun.objects.create(
        purchase_order=order,
        response_version=order.response_version,
        policy=policy,
        input_hash=hashlib.sha256(inputs.encode()).hexdigest(),
        created_at=at,
    )
    AllocationResult.objects.bulk_create(
        AllocationResult(
            run=run,
            peg_id=peg.id,
            dealer_id=peg.dealer_id,
            requested=peg.request,
            entitlement_numerator=shares[peg.id].entitlement.numerator,
            entitlement_denominator=shares[peg.id].entitlement.denominator,
            rounded=shares[peg.id].quantity,
        )
        for peg in pegs
    )
    _carry(pegs, shares, at)
    return run


def _carry(pegs: Sequence[_Peg], shares: dict[int, Share], at: datetime) -> None:
    owed: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for peg in pegs:
        owed[peg.dealer_id, peg.category] += shares[peg.id].entitlement - shares[peg.id].quantity
    columns = {"dealer_id": "bigint", "category": "text", "balance": "numeric"}
    rows = [
        (dealer, category, round(Decimal(part.numerator) / part.denominator, 9))
        for (dealer, category), part in sorted(owed.items())
        if part
    ]
    if rows:
        execute(
            f"""
            INSERT INTO orders_fairnessbalance AS held (dealer_id, category, balance, updated_at)
            SELECT dealer_id, category, balance, %(at)s FROM {unnest(columns)}
            ON CONFLICT (dealer_id, category)
            DO UPDATE SET balance = held.balance + excluded.balance, updated_at = excluded.updated_at
            """,
            {**transpose(list(columns), rows), "at": at},
        )


def _write(
    rows: Sequence[dict[str, Any]], pegs: Sequence[_Peg], shares: dict[int, Share], confirmed: dict[int, int]
) -> None:
    """Write the new allocations; surplus pegs take what the dealers leave."""
    left = dict(confirmed)
    given = []
    for peg in pegs:
        left[peg.purchase_line_id] -= _new(peg, shares)
        given.append((peg.id, _new(peg, shares)))
    for row in rows:
        if row["order_line_id"] is None:
            spare = min(row["pegged"], max(row["received"], left[row["purchase_order_line_id"]]))
            given.append((row["id"], spare))
    columns = {"peg_id": "bigint", "allocated": "bigint"}
    execute(
        f"UPDATE orders_peg peg SET allocated = given.allocated FROM {unnest(columns)}"
        " WHERE peg.id = given.peg_id",
        transpose(list(columns), given),
    )


def _event(order: PurchaseOrder, at: datetime) -> SupplyAllocated:
    rows = fetch_dicts(
        """
        SELECT line.id AS order_line_id, line.order_id, peg.purchase_order_line_id, purchase.product_id,
            line.dealer_id, sum(peg.allocated)::bigint AS quantity
        FROM orders_peg peg
        JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
        JOIN orders_orderline line ON line.id = peg.order_line_id
        WHERE purchase.purchase_order_id = %s AND purchase.response_version > 0
        GROUP BY line.id, peg.purchase_order_line_id, purchase.product_id, purchase.line_number
        ORDER BY purchase.line_number, line.id
        """,
        [order.pk],
    )
    return SupplyAllocated(
        occurred_at=at,
        purchase_order_id=order.pk,
        version=order.response_version,
        warehouse_site_id=order.warehouse_site_id,
        allocations=tuple(Allocation(**row) for row in rows),
    )
