"""Why a dealer got what it got, without anything from which a rival's quantity can be read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch_dicts
from b2b.db.transactions import unit_of_work
from orders.models import AllocationResult, Order
from orders.policies.pricing import choose
from orders.policies.progress import Disclosure, apart
from orders.selectors import terms

# A dealer's entitlement is told to a tenth of a unit: the exact fraction has what all dealers asked below its line.
TENTHS: Final = 10

# The last sharing of each peg of the order; `dealers` are those who share the purchase line.
_SHARINGS: Final = """
    SELECT DISTINCT ON (result.peg_id) peg.order_line_id AS line_id, cycle.number AS cycle, run.created_at AS shared_at,
        run.policy, run.policy_hash, run.input_hash, result.requested, result.entitlement_numerator AS numerator,
        result.entitlement_denominator AS denominator, result.rounded AS allotted, result.rank, result.tier,
        result.carry_in, result.carry_out, result.is_forgone, bought.quantity AS pooled, bought.product_id,
        bought.factory_id, purchase.currency, purchase.created_at AS pooled_at,
        coalesce((cycle.policy -> 'progress' ->> 'fewest_dealers')::int, %(fewest)s) AS fewest_dealers,
        (SELECT count(DISTINCT other.dealer_id) FROM orders_peg other
         WHERE other.purchase_order_line_id = bought.id) AS dealers
    FROM orders_allocationresult result
    JOIN orders_allocationrun run ON run.id = result.run_id
    JOIN orders_peg peg ON peg.id = result.peg_id
    JOIN orders_purchaseorderline bought ON bought.id = peg.purchase_order_line_id
    JOIN orders_purchaseorder purchase ON purchase.id = bought.purchase_order_id
    JOIN orders_ordercycle cycle ON cycle.id = purchase.cycle_id
    WHERE peg.order_line_id IN (SELECT id FROM orders_orderline WHERE order_id = %(order)s)
    ORDER BY result.peg_id, run.response_version DESC
"""
_LINES: Final = """
    SELECT line.id AS line_id, line.line_number, product.sku, product.name, line.quantity, line.cancelled, line.covered,
        line.pooled, line.allocated, line.requested - line.cancelled - line.covered - line.pooled AS waiting,
        line.unit_price, line.solo_unit_price, line.withdrawable_until, line.all_or_nothing,
        cycle.number AS next_cycle, cycle.cutoff_at AS next_cutoff_at
    FROM orders_orderline line JOIN catalog_product product ON product.id = line.product_id
    LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id AND cycle.status IN ('OPEN', 'BOXFILL')
    WHERE line.order_id = %(order)s ORDER BY line.line_number
"""


@dataclass(frozen=True, slots=True)
class Sharing:
    """One sharing of a purchase line as a party to it may read it; quantities in base units.

    Fractions are exact for the operator and to a tenth for a dealer, who would read the whole pool from them.

    With fewer dealers than the cycle declares, what depends on the others is None: of two, one would read the other.
    `rounding` is what was allotted beyond the entitlement, `break_quantity` the break of the dealer's own prices that
    the pool reached.
    """

    cycle: str
    shared_at: datetime
    policy: str
    policy_hash: str
    input_hash: str
    requested: int
    allotted: int
    tier: int
    is_forgone: bool
    is_confidential: bool
    numerator: int | None = None
    denominator: int | None = None
    rank: int | None = None
    rounding_numerator: int | None = None
    carry_in: Decimal | None = None
    carry_out: Decimal | None = None
    break_quantity: int | None = None


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """What an order line asked, pays, got, and what becomes of the rest, with its sharings."""

    line_number: int
    sku: str
    name: str
    quantity: int
    cancelled: int
    covered: int
    pooled: int
    allocated: int
    waiting: int
    unit_price: Decimal
    solo_unit_price: Decimal
    all_or_nothing: bool
    withdrawable_until: datetime | None
    next_cycle: str | None
    next_cutoff_at: datetime | None
    sharings: list[Sharing] = field(default_factory=list)

    @property
    def price_reason(self) -> str:
        """Why the price is what it is: bought alone, or pooled with others."""
        return "pooled" if self.unit_price < self.solo_unit_price else "alone"

    @property
    def rest(self) -> str:
        """What becomes of what nothing serves yet."""
        if not self.waiting:
            return "none"
        return "joined" if self.next_cycle else "waits"


def is_shared(order: Order) -> bool:
    """Tell whether an answer of a factory has been shared over an order's lines; the order is the actor's to see."""
    return AllocationResult.objects.filter(peg__order_line__order=order).exists()


@unit_of_work()
def of_order(actor: Actor, order: Order) -> list[LineExplanation]:
    """Explain the lines of an order the actor may see; the operator sees what few dealers share, too. Few queries."""
    with acting_as(system("explain")):
        key: dict[str, Any] = {"order": order.pk, "fewest": Disclosure().fewest_dealers}
        rows = fetch_dicts(_SHARINGS, key)
        steps = _breaks(rows, order.dealer_id)
        sharings: dict[int, list[Sharing]] = defaultdict(list)
        for row in rows:
            sharings[row["line_id"]].append(_sharing(row, steps, sees_all=actor.sees_all))
        return [
            LineExplanation(**_without(row, "line_id"), sharings=sharings[row["line_id"]])
            for row in fetch_dicts(_LINES, key)
        ]


def _breaks(rows: list[dict[str, Any]], dealer_id: int) -> dict[tuple[int, int], int]:
    """Return the break of the dealer's own prices that each pool reached, by product and pooled quantity.

    Breaks that lie closer than the steps of progress are passed over: they would measure the pool.
    """
    found: dict[tuple[int, int], int] = {}
    for factory_id, currency, day in {
        (row["factory_id"], row["currency"], row["pooled_at"].date()) for row in rows
    }:
        of_day = [
            row
            for row in rows
            if (row["factory_id"], row["currency"], row["pooled_at"].date()) == (factory_id, currency, day)
        ]
        listed = terms.of_products(
            {row["product_id"] for row in of_day},
            buyer_id=dealer_id, currency=currency, day=day, factory_id=factory_id,
        )  # fmt: skip
        for row in of_day:
            one = listed.get(row["product_id"])
            if one and (step := choose(apart(one.breaks), row["pooled"])):
                found[row["product_id"], row["pooled"]] = step.min_quantity
    return found


def _sharing(row: dict[str, Any], steps: dict[tuple[int, int], int], *, sees_all: bool) -> Sharing:
    open_ = {
        name: row[name]
        for name in (
            "cycle",
            "shared_at",
            "policy",
            "policy_hash",
            "input_hash",
            "requested",
            "allotted",
            "tier",
        )
    }
    is_confidential = row["dealers"] < row["fewest_dealers"] and not sees_all
    if is_confidential:
        return Sharing(**open_, is_forgone=row["is_forgone"], is_confidential=True)
    entitlement = Fraction(int(row["numerator"]), int(row["denominator"]))
    carries = row["carry_in"], row["carry_out"]
    if not sees_all:
        entitlement = Fraction(round(entitlement * TENTHS), TENTHS)
        carries = tuple(carry and round(carry, 1) for carry in carries)
    return Sharing(
        **open_,
        is_forgone=row["is_forgone"],
        is_confidential=False,
        numerator=entitlement.numerator,
        denominator=entitlement.denominator,
        rank=row["rank"],
        rounding_numerator=int(row["allotted"] * entitlement.denominator - entitlement.numerator),
        carry_in=carries[0],
        carry_out=carries[1],
        break_quantity=steps.get((row["product_id"], row["pooled"])),
    )


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
