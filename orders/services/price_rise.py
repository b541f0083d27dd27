"""Let the prices of dealers' lines follow when the pool's price at the factory rises or falls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from b2b.core.actor import Actor
from b2b.core.money import round_to_currency
from b2b.db.bulk import execute, fetch, fetch_dicts, transpose, unnest
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.outbox.publish import publish
from orders.models import Order, OrderLine, PurchaseOrder
from orders.policies.sharing import SharingRule
from orders.policies.shortage import ShortageRule, passed_price
from orders.selectors import ordered_lines
from orders.services.savings_restating import AFTER, BEFORE, PARTS, POOL, Stated, priced

_LINES: Final = f"""
    SELECT line.id, line.unit_price, line.solo_unit_price, line.max_unit_price, line.quantity,
        line.quantity - line.cancelled AS owed, line.tax_rate, line.dealer_id, line.product_id, line.net_amount,
        {BEFORE} AS cost_before, {AFTER} AS cost_after, sum(peg.pegged)::bigint AS pooled, {{stated_in}} AS stated_in
    FROM {PARTS}
    JOIN orders_peg peg ON peg.purchase_order_line_id = purchase.id
    JOIN orders_orderline line ON line.id = peg.order_line_id AND line.invoiced = 0
    WHERE line.order_id = ANY(%(orders)s)
    GROUP BY line.id, {POOL} HAVING sum(peg.pegged) > 0
    ORDER BY line.id, min(purchase.id)
"""
_COLUMNS: Final = {
    "line_id": "bigint",
    "unit_price": "numeric",
    "net_amount": "numeric",
    "tax_amount": "numeric",
}
_WRITE: Final = f"""
    UPDATE orders_orderline line SET unit_price = given.unit_price, net_amount = given.net_amount,
        tax_amount = given.tax_amount, withdrawable_until = CASE
            WHEN given.unit_price > line.unit_price THEN midstream_now() + make_interval(hours => %(hours)s)
            ELSE line.withdrawable_until END
    FROM {unnest(_COLUMNS)} WHERE line.id = given.line_id
    RETURNING line.order_id
"""
_TOTAL: Final = """
    UPDATE orders_order parent SET total_net = sums.net, total_tax = sums.tax, total_gross = sums.net + sums.tax
    FROM (SELECT order_id, sum(net_amount) AS net, sum(tax_amount) AS tax FROM orders_orderline
          WHERE order_id = ANY(%s) GROUP BY order_id) sums
    WHERE parent.id = sums.order_id
"""


def pass_on(
    order: PurchaseOrder, prices: Mapping[int, Decimal], *, stated_in: str, by: Actor, at: datetime
) -> dict[Stated, Decimal]:
    """Pass new prices of purchase lines on to the dealers' lines they serve; return what each pays more (or less).

    The key is (cycle, dealer, product) of the statement that told of the goods, the amount before tax. Call it before
    the purchase lines have their new prices. Lines that rose may be withdrawn for the declared time. Publishes
    OrderChanged; what an order holds of the dealer's credit follows from it, past the limit if need be, since the
    goods are bought. The caller holds the purchase order. A constant number of statements.
    """
    served = OrderLine.objects.filter(pegs__purchase_order_line__in=list(prices)).values("order_id")
    orders = lock(Order.objects.filter(pk__in=served, status="CONFIRMED"))
    dealer = SharingRule(**order.cycle.policy["sharing"]).dealer
    rows = []
    more: dict[Stated, Decimal] = defaultdict(Decimal)
    given = {**priced(prices), "orders": [one.pk for one in orders]}
    found = fetch_dicts(_LINES.format(stated_in=stated_in), given)
    for _, parts in groupby(found, key=itemgetter("id")):
        served_by = list(parts)
        line = served_by[0]
        price, net = line["unit_price"], line["net_amount"]
        for part in served_by:
            # Goods of several purchase lines move the line's price one after the other.
            moved = _moved(price, part, dealer)
            if moved != price:
                price, before, net = moved, net, round_to_currency(moved * line["owed"], order.currency)
                more[part["stated_in"], line["dealer_id"], line["product_id"]] += net - before
        if price != line["unit_price"]:
            rows.append((line["id"], price, net, round_to_currency(net * line["tax_rate"], order.currency)))
    if rows:
        hours = ShortageRule.of(order.cycle.policy).withdraw_hours
        changed = {
            order_id for (order_id,) in fetch(_WRITE, {**transpose(list(_COLUMNS), rows), "hours": hours})
        }
        word = "more" if sum(more.values()) > 0 else "less"
        _tell(
            [one for one in orders if one.pk in changed], reason=f"{order.number} costs {word}", by=by, at=at
        )
    return dict(more)


def _moved(price: Decimal, line: Mapping[str, Any], dealer_basis_points: int) -> Decimal:
    return passed_price(
        price,
        solo_unit_price=line["solo_unit_price"],
        before=line["cost_before"] / line["pooled"],
        after=line["cost_after"] / line["pooled"],
        pooled_quantity=min(line["pooled"], line["quantity"]),
        quantity=line["quantity"],
        dealer_basis_points=dealer_basis_points,
        ceiling=line["max_unit_price"],
    )


def _tell(orders: list[Order], *, reason: str, by: Actor, at: datetime) -> None:
    keys = [order.pk for order in orders]
    execute(_TOTAL, [keys])
    advance_all(orders, "reprice", by=by, at=at, reason=reason)
    stands = ordered_lines.of_orders(keys)
    publish(*(ordered_lines.changed(order, stands[order.pk], reason=reason, at=at) for order in orders))
