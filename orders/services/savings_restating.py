"""State a saving anew after the factory's price changed: a new statement that refers to the one it replaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor
from b2b.core.money import exponent, round_to_currency
from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.models import record
from b2b.db.sequences import number, take_each
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from orders.models import PurchaseOrder, SavingsStatement, SavingsStatementLine
from orders.policies.sharing import SharingRule
from orders.services import savings

_PRICES: Final = {"line_id": "bigint", "after": "numeric"}
# By how much the goods of a dealer cost the pool more (or less), below what they would cost alone as in `sharing`.
_DEARER: Final = f"""
    SELECT share.dealer_id, share.product_id, sum(
        least(round(share.after * share.units, %(places)s), share.alone)
        - least(round(share.before * share.units, %(places)s), share.alone))
    FROM (
        SELECT peg.dealer_id, purchase.product_id, purchase.unit_price AS before, given.after,
            sum(peg.pegged)::bigint AS units, round(line.solo_unit_price * sum(peg.pegged), %(places)s) AS alone
        FROM orders_peg peg
        JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
        JOIN {unnest(_PRICES)} ON given.line_id = purchase.id
        JOIN orders_orderline line ON line.id = peg.order_line_id
        GROUP BY peg.dealer_id, purchase.id, given.after, line.id) share
    GROUP BY share.dealer_id, share.product_id
"""


def restate(
    order: PurchaseOrder,
    prices: Mapping[int, Decimal],
    passed_on: Mapping[tuple[int, int], Decimal],
    *,
    by: Actor,
    at: datetime,
) -> list[SavingsStatement]:
    """Replace the statements of the dealers whose goods a purchase order's new prices make dearer or cheaper.

    Call it before the purchase lines have their new prices. `passed_on` is by how much each (dealer, product) pays
    more; what a dealer does not bear is shared by the others as declared. The earlier statement stays as it was told.
    The shares of every line and statement sum to its saving. A constant number of statements; publishes SavingsStated.
    """
    places = exponent(order.currency)
    dearer = {
        (dealer_id, product_id): change
        for dealer_id, product_id, change in fetch(
            _DEARER, {**transpose(list(_PRICES), prices.items()), "places": places}
        )
    }
    changed = {key for key in {*dearer, *passed_on} if dearer.get(key) or passed_on.get(key)}
    replaced = list(
        SavingsStatement.objects.filter(
            cycle_id=order.cycle_id, dealer_id__in={dealer_id for dealer_id, _ in changed}, restated_by=None
        ).order_by("dealer_id")
    )
    if not replaced:
        return []
    rule = SharingRule(**order.cycle.policy["sharing"])
    lines: dict[int, list[SavingsStatementLine]] = defaultdict(list)
    for line in SavingsStatementLine.objects.filter(statement__in=replaced).order_by(
        "dealer_id", "product_id"
    ):
        key = line.dealer_id, line.product_id
        zero = Decimal(0)
        lines[line.dealer_id].append(
            _line(line, dearer.get(key, zero), passed_on.get(key, zero), rule, order.currency)
        )
    return _write(order, replaced, lines, by=by, at=at)


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
    lines: Mapping[int, list[SavingsStatementLine]],
    *,
    by: Actor,
    at: datetime,
) -> list[SavingsStatement]:
    dealers = organization.by_id(one.dealer_id for one in replaced)
    counts = take_each("savings_statement", dealers)
    made = [
        SavingsStatement(
            number=number("SV", dealers[one.dealer_id].code, counts[one.dealer_id]),
            dealer_id=one.dealer_id,
            cycle_id=one.cycle_id,
            restates=one,
            currency=one.currency,
            created_at=at,
            updated_at=at,
            **{
                name: sum((getattr(line, name) for line in lines[one.dealer_id]), Decimal(0))
                for name in savings.SHARES
            },
        )
        for one in replaced
    ]
    SavingsStatement.objects.bulk_create(made)
    for statement in made:
        for line in lines[statement.dealer_id]:
            line.statement = statement
    SavingsStatementLine.objects.bulk_create(line for group in lines.values() for line in group)
    reason = f"{order.number} has other prices"
    record(((one, "restate", "", one.status) for one in made), by=by, at=at, reason=reason)
    publish(*(savings.told(one, at) for one in made))
    return made
