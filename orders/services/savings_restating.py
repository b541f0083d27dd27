"""State a saving anew after the factory's price changed: a new statement that refers to the one it replaces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.money import exponent, round_to_currency
from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.models import record
from b2b.db.sequences import number, take_counts
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from orders.models import Peg, PurchaseOrder, SavingsStatement, SavingsStatementLine
from orders.policies.sharing import SharingRule
from orders.selectors import stated
from orders.services import savings

_PRICES: Final = {"line_id": "bigint", "after": "numeric"}
# Purchase lines that are the parts of one pool: their goods cost every line their mean.
PARTS: Final = f"""
    orders_purchaseorderline purchase JOIN (
        SELECT DISTINCT purchase_order_id, product_id, window_number FROM orders_purchaseorderline
        WHERE id = ANY(%(line_id)s)) pool
        ON pool.purchase_order_id = purchase.purchase_order_id AND pool.product_id = purchase.product_id
        AND pool.window_number = purchase.window_number
    LEFT JOIN {unnest(_PRICES)} ON given.line_id = purchase.id
"""
BEFORE: Final = "sum(peg.pegged * purchase.unit_price)"
POOL: Final = "purchase.purchase_order_id, purchase.product_id, purchase.window_number"
AFTER: Final = "sum(peg.pegged * coalesce(given.after, purchase.unit_price))"
# By how much the goods of a dealer cost the pool more (or less), below what they would cost alone as in `sharing`.
_DEARER: Final = f"""
    SELECT share.stated_in, share.dealer_id, share.product_id,
        sum(least(share.after, share.alone) - least(share.before, share.alone))
    FROM (
        SELECT {{stated_in}} AS stated_in, peg.dealer_id, purchase.product_id, round({BEFORE}, %(places)s) AS before,
            round({AFTER}, %(places)s) AS after,
            round(line.solo_unit_price * sum(peg.pegged), %(places)s) AS alone
        FROM {PARTS}
        JOIN orders_peg peg ON peg.purchase_order_line_id = purchase.id
        JOIN orders_orderline line ON line.id = peg.order_line_id
        GROUP BY peg.dealer_id, {POOL}, line.id) share
    GROUP BY share.stated_in, share.dealer_id, share.product_id
"""
Stated = tuple[UUID, int, int]  # the cycle whose statement it is, the dealer, the product


def stated_in(order: PurchaseOrder) -> str:
    """Return the SQL of the cycle that stated what a purchase order's goods saved their `line`; one query."""
    surplus = Peg.objects.filter(
        purchase_order_line__purchase_order=order, surplus_owner=Peg.SurplusOwner.NEXT_CYCLE
    )
    own = f"'{order.cycle_id}'::uuid"
    return f"coalesce({stated.cycle_of('line', bought_in=own)}, {own})" if surplus.exists() else own


def priced(prices: Mapping[int, Decimal]) -> dict[str, str]:
    """Return new prices of purchase lines as the parameters of `PARTS`."""
    return transpose(list(_PRICES), prices.items())


def restate(
    order: PurchaseOrder,
    prices: Mapping[int, Decimal],
    passed_on: Mapping[Stated, Decimal],
    *,
    stated_in: str,
    by: Actor,
    at: datetime,
) -> list[SavingsStatement]:
    """Replace the statements of the dealers whose goods a purchase order's new prices make dearer or cheaper.

    Call it before the purchase lines have their new prices. `passed_on` is by how much each dealer pays more for a
    product; what a dealer does not bear is shared by the others as its cycle declared. The earlier statement stays as
    it was told. The shares of every line and statement sum to its saving. A constant number of statements; publishes
    SavingsStated.
    """
    given = {**priced(prices), "places": exponent(order.currency)}
    dearer: dict[Stated, Decimal] = {
        (cycle_id, dealer_id, product_id): change
        for cycle_id, dealer_id, product_id, change in fetch(_DEARER.format(stated_in=stated_in), given)
    }
    changed = {key for key in {*dearer, *passed_on} if dearer.get(key) or passed_on.get(key)}
    replaced = {
        one.pk: one for one in _in_force({(cycle_id, dealer_id) for cycle_id, dealer_id, _ in changed})
    }
    lines: dict[UUID, list[SavingsStatementLine]] = defaultdict(list)
    touched = set()
    for line in SavingsStatementLine.objects.filter(statement__in=replaced).order_by(
        "statement", "product_id"
    ):
        statement, zero = replaced[line.statement_id], Decimal(0)
        key = statement.cycle_id, line.dealer_id, line.product_id
        rule = SharingRule(**statement.cycle.policy["sharing"])
        lines[statement.pk].append(
            _line(line, dearer.get(key, zero), passed_on.get(key, zero), rule, order.currency)
        )
        if key in changed:
            touched.add(statement.pk)
    # Goods that came to a dealer by another's change were never told of in its statement.
    told = [one for one in replaced.values() if one.pk in touched]
    if not told:
        return []
    return _write(order, told, lines, by=by, at=at)


def _in_force(wanted: Collection[tuple[UUID, int]]) -> list[SavingsStatement]:
    """Lock the statements that hold now for (cycle, dealer), by dealer; who waited for another's new one gets that."""
    found = SavingsStatement.objects.filter(
        cycle_id__in={cycle_id for cycle_id, _ in wanted},
        dealer_id__in={dealer_id for _, dealer_id in wanted},
    ).filter(restated_by=None)
    held: list[SavingsStatement] = []
    while {one.pk for one in held} != set(found.values_list("pk", flat=True)):
        held = lock(found.select_related("cycle"))
    named = (one for one in held if (one.cycle_id, one.dealer_id) in wanted)
    return sorted(named, key=lambda one: (one.dealer_id, one.pk))


def _line(
    line: SavingsStatementLine, dearer: Decimal, passed_on: Decimal, rule: SharingRule, currency: str
) -> SavingsStatementLine:
    pooled, dealer = line.pooled + dearer, line.dealer_share - passed_on
    rest = line.baseline - pooled - dealer
    others = rule.platform + rule.factory
    # What a dealer does not bear beyond the saving is the platform's loss alone.
    platform = round_to_currency(rest * rule.platform / others, currency) if others and rest > 0 else rest
    return SavingsStatementLine(
        dealer_id=line.dealer_id,
        product_id=line.product_id,
        quantity=line.quantity,
        baseline=line.baseline,
        pooled=pooled,
        dealer_share=dealer,
        platform_share=platform,
        factory_share=rest - platform,
    )


def _write(
    order: PurchaseOrder,
    replaced: list[SavingsStatement],
    lines: Mapping[UUID, list[SavingsStatementLine]],
    *,
    by: Actor,
    at: datetime,
) -> list[SavingsStatement]:
    dealers = organization.by_id(one.dealer_id for one in replaced)
    taken = take_counts("savings_statement", Counter(one.dealer_id for one in replaced))
    counts = {dealer_id: iter(numbers) for dealer_id, numbers in taken.items()}
    made = [
        SavingsStatement(
            number=number("SV", dealers[one.dealer_id].code, next(counts[one.dealer_id])),
            dealer_id=one.dealer_id,
            cycle_id=one.cycle_id,
            restates=one,
            currency=one.currency,
            created_at=at,
            updated_at=at,
            **{
                name: sum((getattr(line, name) for line in lines[one.pk]), Decimal(0))
                for name in savings.SHARES
            },
        )
        for one in replaced
    ]
    SavingsStatement.objects.bulk_create(made)
    told = []
    for statement, earlier in zip(made, replaced, strict=True):
        statement.cycle = earlier.cycle
        for line in lines[earlier.pk]:
            line.statement = statement
        told.append(savings.told(statement, at, lines[earlier.pk]))
    SavingsStatementLine.objects.bulk_create(line for group in lines.values() for line in group)
    reason = f"{order.number} has other prices"
    record(((one, "restate", "", one.status) for one in made), by=by, at=at, reason=reason)
    publish(*told)
    return made
