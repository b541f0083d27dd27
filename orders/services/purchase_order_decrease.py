"""Make a purchase order smaller, with its deliveries and pegs, and the order that wanted less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.core.money import round_to_currency
from b2b.db.bulk import execute, fetch, transpose, unnest
from orders.models import CancellationRequest, Order, OrderLine, PurchaseOrder, ResponseCode
from orders.services import order_restating, peg_release, purchase_order_restating, quantity, supply

_LINES: Final = {"line_id": "bigint", "quantity": "bigint", "net_amount": "numeric"}
_PEGS: Final = {"peg_id": "bigint", "quantity": "bigint"}
_PARTS: Final = {"part_id": "bigint", "quantity": "bigint", "confirmed": "bigint"}


def carry_out(
    purchase: PurchaseOrder,
    order: Order,
    requests: Sequence[CancellationRequest],
    *,
    source: str,
    by: Actor,
    at: datetime,
) -> None:
    """Take requested units off pegs, purchase lines and the order; the caller holds both documents and the requests.

    What a later answer has cut short meanwhile is taken from the order alone. A constant number of statements.
    """
    lines = {
        line.pk: line for line in OrderLine.objects.filter(pk__in=[one.order_line_id for one in requests])
    }
    answered = dict(purchase.lines.values_list("pk", "response_version"))
    taken: dict[int, int] = {}
    moves: list[tuple[int, str, int]] = []
    lost: Counter[int] = Counter()
    deliveries: Counter[int] = Counter()
    for one in requests:
        peg, is_answered = one.peg, bool(answered[one.peg.purchase_order_line_id])
        held = peg.allocated if is_answered else peg.pegged
        units = min(one.quantity, held - peg.received)
        taken[one.pk] = units
        rest = min(one.quantity - units, max(0, lines[one.order_line_id].unpooled))
        moves += [(one.order_line_id, "cancelled", units + rest), (one.order_line_id, "pooled", -units)]
        if is_answered:
            moves.append((one.order_line_id, "allocated", -units))
        lost[peg.purchase_order_line_id] += units
        deliveries[peg.schedule_line_id] += units
    _take_off_pegs(requests, taken)
    _take_off_lines(purchase, lost, answered, source=source, at=at)
    _shorten_deliveries(deliveries)
    quantity.advance(moves, source=f"purchase_change:{source}", at=at)
    if order.status == "CONFIRMED":
        order_restating.restate(
            order, lines=list(lines), reason="the factory agreed to make less", by=by, at=at
        )
    purchase_order_restating.restate(purchase, reason="less is wanted", by=by, at=at)
    if any(answered[line_id] for line_id in lost):
        peg_release.share_anew(purchase, at=at)
    _end(purchase, by=by, at=at)


def _take_off_pegs(requests: Sequence[CancellationRequest], taken: Mapping[int, int]) -> None:
    execute(
        f"""
        UPDATE orders_peg peg SET pegged = peg.pegged - given.quantity,
            allocated = peg.allocated - CASE WHEN supply.response_version > 0 THEN given.quantity ELSE 0 END
        FROM {unnest(_PEGS)}, orders_purchaseorderline supply
        WHERE peg.id = given.peg_id AND supply.id = peg.purchase_order_line_id
        """,
        transpose(list(_PEGS), ((one.peg_id, taken[one.pk]) for one in requests)),
    )


def _take_off_lines(
    purchase: PurchaseOrder,
    lost: Mapping[int, int],
    answered: Mapping[int, int],
    *,
    source: str,
    at: datetime,
) -> None:
    prices = dict(purchase.lines.filter(pk__in=list(lost)).values_list("pk", "unit_price"))
    quantities = dict(purchase.lines.filter(pk__in=list(lost)).values_list("pk", "quantity"))
    supply.advance(
        ((line_id, "confirmed", -units) for line_id, units in lost.items() if answered[line_id]),
        source=f"purchase_change:{source}",
        at=at,
    )
    rows = (
        (
            line_id,
            quantities[line_id] - units,
            round_to_currency(prices[line_id] * (quantities[line_id] - units), purchase.currency),
        )
        for line_id, units in lost.items()
    )
    execute(
        f"""
        UPDATE orders_purchaseorderline line SET quantity = given.quantity, net_amount = given.net_amount
        FROM {unnest(_LINES)} WHERE line.id = given.line_id
        """,
        transpose(list(_LINES), rows),
    )


def _shorten_deliveries(lost: Mapping[int, int]) -> None:
    """Take units off ordered deliveries, by their keys: of one that was divided, off the last part first."""
    left = dict(lost)
    rows = []
    for part_id, ordered_id, units, confirmed in fetch(
        """
        SELECT id, coalesce(split_of_id, id), quantity, confirmed_quantity FROM orders_scheduleline
        WHERE coalesce(split_of_id, id) = ANY(%s) ORDER BY promised_date DESC NULLS FIRST, schedule_number DESC
        """,
        [list(lost)],
    ):
        part = min(left[ordered_id], units)
        left[ordered_id] -= part
        if part:
            rows.append((part_id, units - part, None if confirmed is None else min(confirmed, units - part)))
    execute(
        f"""
        UPDATE orders_scheduleline part SET quantity = given.quantity, confirmed_quantity = given.confirmed
        FROM {unnest(_PARTS)} WHERE part.id = given.part_id
        """,
        transpose(list(_PARTS), rows),
    )


def _end(purchase: PurchaseOrder, *, by: Actor, at: datetime) -> None:
    """Let nobody wait for an answer to a line of which nothing is left, nor to an order of such lines."""
    purchase.lines.filter(quantity=0, response_version=0).update(
        response_version=purchase.response_version or 1, response_code=ResponseCode.REJECTED
    )
    if purchase.answered_at is None and not purchase.lines.filter(response_version=0).exists():
        purchase.answered_at = at
        PurchaseOrder.objects.filter(pk=purchase.pk).update(answered_at=at)
        if purchase.status == "SENT":
            purchase.advance("reject", by=by, at=at, reason="nothing is wanted any more")
