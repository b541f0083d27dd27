"""Another product in place of what a factory cannot make: offered to each dealer that is short, and never forced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final
from uuid import UUID

from b2b.contracts.order_changes import SubstitutionOffered
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import execute, fetch_dicts
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import Order, PurchaseOrder, Substitution
from orders.policies.order_answer import Settled
from orders.policies.order_response import lots
from orders.services import purchase_order_closing, substitution_taking
from orders.services.order import may_order_for

DECIDE_WITHIN: Final = timedelta(hours=48)
_STEP: Final = Decimal("0.000001")

_SHORT: Final = """
    SELECT peg.purchase_order_line_id AS purchase_line_id, line.id AS line_id, line.order_id, line.dealer_id,
        line.unit_price, purchase.unit_price AS purchase_unit_price,
        least(sum(peg.pegged - peg.allocated),
            line.requested - line.cancelled - line.covered - line.pooled)::bigint AS short
    FROM orders_peg peg
    JOIN orders_orderline line ON line.id = peg.order_line_id
    JOIN orders_order parent ON parent.id = line.order_id AND parent.status = 'CONFIRMED'
    JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
    WHERE peg.purchase_order_line_id = ANY(%s)
    GROUP BY peg.purchase_order_line_id, line.id, purchase.unit_price ORDER BY line.id
"""


_LAPSE: Final = """
    UPDATE orders_substitution SET status = 'LAPSED', updated_at = %s
    WHERE purchase_order_line_id = ANY(%s) AND status = 'OFFERED'
"""


class SubstitutionLapsed(DomainError):
    """The offer holds no longer: the goods were found elsewhere, given up, or answered anew."""

    code = "substitution_lapsed"


def offer(
    order: PurchaseOrder, settled: Sequence[Settled], products: Mapping[str, int], *, at: datetime
) -> None:
    """Offer the substitutes of an answer to the dealers that came short; earlier offers for its lines lapse.

    Offers are whole lots by largest remainder of what each lacks. A dealer's price keeps the ratio of its price to the
    purchase price. Publishes SubstitutionOffered. The caller holds the purchase order.
    """
    execute(_LAPSE, [at, [one.line.line_id for one in settled]])
    offers = {one.line.line_id: one for one in settled if one.answer.substitute}
    if not offers:
        return
    short: dict[int, list[dict[str, Any]]] = {line_id: [] for line_id in offers}
    for row in fetch_dicts(_SHORT, [list(offers)]):
        short[row["purchase_line_id"]].append(row)
    made = [
        one for line_id, rows in short.items() for one in _offers(order, offers[line_id], rows, products, at)
    ]
    Substitution.objects.bulk_create(made)
    orders = {row["line_id"]: row["order_id"] for rows in short.values() for row in rows}
    publish(*(_offered(one, orders[one.order_line_id], at) for one in made))


def _offers(
    order: PurchaseOrder,
    settled: Settled,
    rows: Sequence[dict[str, Any]],
    products: Mapping[str, int],
    at: datetime,
) -> Iterable[Substitution]:
    other = settled.answer.substitute
    assert other is not None
    wanted = [max(0, row["short"]) // other.replaced_units for row in rows]
    for row, number in zip(rows, lots(other.quantity // other.units, wanted), strict=True):
        if number:
            yield Substitution(
                dealer_id=row["dealer_id"],
                order_line_id=row["line_id"],
                purchase_order_line_id=row["purchase_line_id"],
                response_version=order.response_version,
                product_id=products[other.sku],
                quantity=number * other.replaced_units,
                substitute_quantity=number * other.units,
                unit_price=_dealer_price(other.unit_price, row["unit_price"], row["purchase_unit_price"]),
                purchase_unit_price=other.unit_price,
                promised_date=_day(settled),
                created_at=at,
                updated_at=at,
            )


def _dealer_price(offered: Decimal, dealer: Decimal, purchase: Decimal) -> Decimal:
    if not purchase:
        return offered
    return (offered * dealer / purchase).quantize(_STEP, rounding=ROUND_CEILING)


def _day(settled: Settled) -> date:
    return settled.answer.promised_date or settled.promised_date


def _offered(one: Substitution, order_id: UUID, at: datetime) -> SubstitutionOffered:
    return SubstitutionOffered(
        occurred_at=at,
        substitution_id=one.pk,
        dealer_id=one.dealer_id,
        order_id=order_id,
        order_line_id=one.order_line_id,
        product_id=one.product_id,
        quantity=one.quantity,
        substitute_quantity=one.substitute_quantity,
        unit_price=one.unit_price,
        promised_date=one.promised_date,
    )


@unit_of_work()
def accept(substitution: Substitution, *, by: Actor, at: datetime) -> Substitution:
    """Take what is offered: the line gives up the short part, and the order gets a line of the substitute.

    Credit follows exactly; the purchase order gets the substitute too, confirmed. Publishes OrderChanged,
    PurchaseOrderChanged and SupplyAllocated.

    :raises SubstitutionLapsed: when the short part waits no longer. :raises CreditRefused: when it would cost too much.
    :raises IllegalTransition: when it was decided already.
    """
    may_order_for(substitution.dealer_id, by)
    with acting_as(system("orders")):
        purchase, order, locked = _hold(substitution)
        Substitution.machine.next(locked.status, "accept")
        line = locked.order_line
        if order.status != "CONFIRMED" or purchase.status not in ("SENT", "CONFIRMED"):
            raise SubstitutionLapsed
        if line.unpooled < locked.quantity:
            raise SubstitutionLapsed
        substitution_taking.take(locked, order, purchase, by=by, at=at)
        _decide(locked, "accept", at)
    return locked


@unit_of_work()
def decline(substitution: Substitution, *, by: Actor, at: datetime) -> Substitution:
    """Refuse what is offered; the short part goes on waiting for the next cycle.

    :raises IllegalTransition: when it was decided already.
    """
    may_order_for(substitution.dealer_id, by)
    with acting_as(system("orders")):
        purchase, _, locked = _hold(substitution)
        _decide(locked, "decline", at)
        purchase_order_closing.close_when_complete(purchase, by=by, at=at)
    return locked


def lapse_overdue(*, by: Actor, at: datetime) -> int:
    """Let offers lapse that nobody decided on in time; return how many. Purchase orders that waited for them close."""
    with acting_as(system("orders")):
        due = list(Substitution.objects.filter(status="OFFERED", created_at__lte=at - DECIDE_WITHIN))
    for one in due:
        _lapse(one, by=by, at=at)
    return len(due)


@unit_of_work()
def _lapse(substitution: Substitution, *, by: Actor, at: datetime) -> None:
    with acting_as(system("orders")):
        purchase, _, locked = _hold(substitution)
        if locked.status == "OFFERED":
            _decide(locked, "lapse", at)
            purchase_order_closing.close_when_complete(purchase, by=by, at=at)


def _hold(substitution: Substitution) -> tuple[PurchaseOrder, Order, Substitution]:
    """Lock the purchase order, the order, the offer, in the order everybody takes them."""
    key = {"lines": substitution.purchase_order_line_id}
    purchase = lock_one(PurchaseOrder.objects.select_related("cycle").filter(**key))
    order = lock_one(Order.objects.filter(lines=substitution.order_line_id))
    [locked] = lock(
        Substitution.objects.filter(pk=substitution.pk).select_related(
            "order_line", "purchase_order_line", "product"
        )
    )
    return purchase, order, locked


def _decide(locked: Substitution, verb: str, at: datetime) -> None:
    locked.status, locked.updated_at = Substitution.machine.next(locked.status, verb), at
    locked.save(update_fields=["status", "updated_at"])
