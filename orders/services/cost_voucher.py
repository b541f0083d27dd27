"""Plan a cost of a purchase order, a cycle or a shipment, share it, change it, close it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.core.money import Money
from b2b.db.bulk import execute
from b2b.db.locks import lock, lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from b2b.outbox.publish import publish
from orders.models import CostBasis, CostKind, CostVoucher, Order, OrderCycle, PurchaseOrder
from orders.services import cost_share
from orders.services.fulfilment import shipment_source


@unit_of_work()
def plan(
    *,
    kind: str,
    basis: str,
    amount: Money,
    purchase_order: PurchaseOrder | None = None,
    cycle: OrderCycle | None = None,
    shipment_id: UUID | None = None,
    reference: str = "",
    by: Actor,
    at: datetime,
) -> CostVoucher:
    """Write a cost down before or after the goods came; it is shared by `share`.

    :raises Forbidden: for anyone but the operator.
    :raises Invalid: for an amount that is not positive or too fine, not exactly one thing it is a cost of, another
        currency than that of the thing, or a shipment by distance.
    """
    operator_only(by)
    about = [one for one in (purchase_order, cycle, shipment_id) if one is not None]
    currency = getattr(about[0], "currency", amount.currency) if about else amount.currency
    problems = [
        Problem(code, message, pointer)
        for is_wrong, code, message, pointer in (
            (kind not in CostKind.values, "unknown_kind", f"{kind[:20]} is no kind of cost", "/kind"),
            (basis not in CostBasis.values, "unknown_basis", f"{basis[:20]} is no basis", "/basis"),
            (amount.amount <= 0, "amount_not_positive", "a cost is more than nothing", "/amount"),
            (
                _is_too_fine(amount),
                "amount_too_fine",
                f"{amount.currency} has no smaller parts than a {Money.from_minor(1, amount.currency)}",
                "/amount",
            ),
            (len(about) != 1, "one_thing", "a cost is of one purchase order, cycle or shipment", ""),
            (currency != amount.currency, "wrong_currency", f"the goods are in {currency}", "/currency"),
            (
                shipment_id is not None and basis == CostBasis.DISTANCE,
                "one_distance",
                "a shipment goes to one place: share it by another basis",
                "/basis",
            ),
        )
        if is_wrong
    ]
    if problems:
        raise Invalid("The cost cannot be written down.", problems=problems)
    operator = _operator()
    made = CostVoucher(
        number=number("CV", operator.code, take("cost_voucher", operator.pk).start),
        kind=kind,
        basis=basis,
        amount=amount.amount,
        currency=amount.currency,
        purchase_order=purchase_order,
        cycle=cycle,
        shipment_id=shipment_id,
        reference=reference,
        created_at=at,
        updated_at=at,
    )
    made.save(force_insert=True)
    record([(made, "plan", "", made.status)], by=by, at=at)
    return made


@unit_of_work()
def share(voucher: CostVoucher, *, by: Actor, at: datetime) -> CostVoucher:
    """Share a voucher over what was received, for the first time or anew; later receipts share it again by themselves.

    :raises Forbidden: for anyone but the operator. :raises NothingReceived: when there is nothing to share it over.
    """
    locked = _held(voucher, by)
    cost_share.split([locked], by=by, at=at)
    return locked


@unit_of_work()
def revise(voucher: CostVoucher, *, amount: Money, reason: str = "", by: Actor, at: datetime) -> CostVoucher:
    """Change what a cost comes to; one that is shared is shared again.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: when it is closed or cancelled.
    :raises Invalid: for another currency, or an amount that is not positive.
    """
    locked = _held(voucher, by)
    if amount.currency != locked.currency or amount.amount <= 0 or _is_too_fine(amount):
        raise Invalid(f"The amount is more than nothing, in whole parts of {locked.currency}.")
    locked.advance("revise", by=by, at=at, reason=reason, amount=amount.amount)
    if locked.status == "SHARED":
        cost_share.split([locked], by=by, at=at)
    return locked


@unit_of_work()
def close(voucher: CostVoucher, *, by: Actor, at: datetime) -> CostVoucher:
    """Let the shares of a voucher stand as they are, whatever is received later.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: unless it is shared.
    """
    locked = _held(voucher, by)
    locked.advance("close", by=by, at=at)
    return locked


@unit_of_work()
def cancel(voucher: CostVoucher, *, reason: str, by: Actor, at: datetime) -> CostVoucher:
    """Withdraw a cost and its shares; every dealer that bore of it is told that it bears nothing.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: when it is closed.
    """
    locked = _held(voucher, by)
    locked.advance("cancel", by=by, at=at, reason=reason)
    relieved = cost_share.relieved([locked], at)
    execute("DELETE FROM orders_costshare WHERE voucher_id = %s", [locked.pk])
    publish(*relieved, *cost_share.landed([locked], at))
    return locked


def _held(voucher: CostVoucher, by: Actor) -> CostVoucher:
    """Lock what receipts and deliveries lock first, then the voucher, so that none of them is missed."""
    operator_only(by)
    if voucher.shipment_id is None:
        whole = Q(cycle_id=voucher.cycle_id) if voucher.cycle_id else Q(pk=voucher.purchase_order_id)
        lock(PurchaseOrder.objects.filter(whole))
    else:
        lock(
            Order.objects.filter(
                pk__in=Order.objects.filter(
                    lines__quantity_events__kind="shipped",
                    lines__quantity_events__source=shipment_source(voucher.shipment_id),
                ).values("pk")
            )
        )
    return lock_one(CostVoucher.objects.filter(pk=voucher.pk))


def operator_only(by: Actor) -> None:
    """Check that the operator asks.

    :raises Forbidden: for anyone else.
    """
    if not by.sees_all:
        raise Forbidden("costs are the operator's to share")


def _is_too_fine(amount: Money) -> bool:
    return Money.of(amount.amount, amount.currency) != amount


def _operator() -> Organization:
    found = Organization.objects.filter(kind=Organization.Kind.OPERATOR).order_by("pk").first()
    if found is None:
        raise Invalid("There is no operator who could keep vouchers.")
    return found
