"""A dealer's order: placed, confirmed against credit, cancelled while that is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError

from b2b.contracts.orders import OrderCancelled, OrderConfirmed
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden
from b2b.core.money import Money
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from b2b.outbox.publish import publish
from orders import ports
from orders.models import Order
from orders.policies.order_row import RowResult
from orders.selectors import ordered_lines
from orders.selectors.ordered_lines import Standing
from orders.services import approval, box_fill, cycle_membership, order_lines, quantity


class CreditRefused(DomainError):
    """The dealer's credit does not cover the order."""

    code = "credit_refused"


class DuplicateReference(DomainError):
    """The dealer has an order of this reference already."""

    code = "duplicate_reference"


class AwaitsApproval(DomainError):
    """Somebody of the organisation has to approve the order first."""

    code = "awaits_approval"


def may_order_for(dealer_id: int, by: Actor) -> None:
    """Check that `by` may act for the dealer.

    :raises Forbidden: when it is another party.
    """
    if not by.sees_all and (by.kind, by.organization_id) != ("dealer", dealer_id):
        raise Forbidden("you may order for your own organisation only")


@unit_of_work()
def place(
    dealer: Organization,
    *,
    rows: Sequence[RowResult],
    currency: str,
    ship_to_site_id: int,
    external_reference: str = "",
    confirmed: bool = True,
    has_agreed_prices: bool = False,
    priority_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Order:
    """Write an order of judged rows and, unless told otherwise, confirm it in the same transaction.

    It waits for approval instead when a rule of the dealer fits. `rows` come without problems from `bulk_order`; the
    number of statements does not depend on theirs.

    :raises Forbidden: for another dealer. :raises DuplicateReference: when the reference is used.
    :raises CreditRefused: naming limit, used, reserved and shortfall; nothing is kept then.
    """
    may_order_for(dealer.pk, by)
    needed = approval.needed_for_rows(dealer.pk, rows, currency=currency) if confirmed else []
    confirmed = confirmed and not needed
    wishes = order_lines.wishes(rows) if confirmed else set()
    filling = box_fill.hold_for(wishes, currency=currency)
    cycles = cycle_membership.open_for(wishes, currency=currency)
    if filling:
        box_fill.check(box_fill.of_rows(rows, cycles), filling, dealer_id=dealer.pk, at=at)
    order = _new(dealer, rows, currency=currency, at=at)
    order.ship_to_site_id, order.external_reference = ship_to_site_id, external_reference
    order.has_agreed_prices, order.priority_at = has_agreed_prices, priority_at
    moves = [(order, "place", "", order.status)]
    if confirmed or needed:
        verb = "await_approval" if needed else "confirm"
        before, order.status = order.status, Order.machine.next(order.status, verb)
        moves.append((order, verb, before, order.status))
        order.version += 1
    if confirmed:
        order.confirmed_at = fetch_value("SELECT midstream_now()")
    _insert(order)
    keys = order_lines.write(order, rows, cycles=cycles)
    record(moves, by=by, at=at)
    if needed:
        approval.ask(order, needed, by=by, at=at)
    if confirmed:
        stands = order_lines.as_told(rows, keys, currency=order.currency)
        # Last of all, because every order of a dealer waits for the same credit line.
        _hold_credit(order, stands, at=at)
        publish(_confirmed(order, stands, at=at))
    return order


def _new(dealer: Organization, rows: Sequence[RowResult], *, currency: str, at: datetime) -> Order:
    zero = Money.of(0, currency).amount
    net = sum([row.net_amount for row in rows], start=zero)
    tax = sum([row.tax_amount for row in rows], start=zero)
    return Order(
        number=number("SO", dealer.code, take("order", dealer.pk).start),
        dealer=dealer,
        currency=currency,
        payment_terms_days=dealer.payment_terms_days,
        total_net=net,
        total_tax=tax,
        total_gross=net + tax,
        created_at=at,
        updated_at=at,
    )


def _insert(order: Order) -> None:
    try:
        order.save(force_insert=True)
    except IntegrityError as error:
        if "one_order_per_external_reference" not in str(error):
            raise
        raise DuplicateReference(
            f"{order.external_reference} is the reference of an earlier order",
            external_reference=order.external_reference,
        ) from error


@unit_of_work()
def confirm(order: Order, *, by: Actor, at: datetime) -> Order:
    """Hold credit for a draft, or an approved order, and let its lines join the open cycles of their factories.

    A draft that a rule of the dealer fits waits for approval instead. Publishes OrderConfirmed, or ApprovalRequested.

    :raises CreditRefused: when the limit does not allow it. :raises IllegalTransition: when the order is no draft.
    :raises AwaitsApproval: when somebody still has to approve it.
    """
    may_order_for(order.dealer_id, by)
    filling = box_fill.hold_for(cycle_membership.wishes_of(order), currency=order.currency)
    locked = lock_one(Order.objects.filter(pk=order.pk))
    Order.machine.next(locked.status, "confirm")
    if locked.status == "AWAITING_APPROVAL" and approval.pending_of(locked):
        raise AwaitsApproval(f"{locked.number} still waits for approval")
    if locked.status == "DRAFT" and (needed := approval.needed_for_order(locked)):
        locked.advance("await_approval", by=by, at=at)
        approval.ask(locked, needed, by=by, at=at, begun=locked.approvals.count())
        return locked
    cycle_membership.join(locked)
    box_fill.check(box_fill.of_order(locked, sign=1), filling, dealer_id=locked.dealer_id, at=at)
    return _confirm(locked, by=by, at=at)


def _confirm(locked: Order, *, by: Actor, at: datetime) -> Order:
    decided_at = fetch_value("SELECT midstream_now()")
    locked.advance("confirm", by=by, at=at, confirmed_at=decided_at)
    stands = ordered_lines.of_orders([locked.pk])[locked.pk]
    _hold_credit(locked, stands, at=at)
    publish(_confirmed(locked, stands, at=at))
    return locked


def _confirmed(order: Order, stands: Standing, *, at: datetime) -> OrderConfirmed:
    return OrderConfirmed(
        occurred_at=at,
        order_id=order.pk,
        number=order.number,
        version=order.version,
        dealer_id=order.dealer_id,
        currency=order.currency,
        payment_terms_days=order.payment_terms_days,
        lines=stands.lines,
        waiting_amount=stands.waiting_amount,
    )


def _hold_credit(order: Order, stands: Standing, *, at: datetime) -> None:
    """Hold what an order comes to, and what a pool may give its lines besides, those that wait for it too."""
    amount = order.total_gross + stands.flexible_amount
    with acting_as(system("credit")):
        answer = ports.credit().hold(
            dealer_id=order.dealer_id,
            order_id=order.pk,
            amount=Money.of(amount, order.currency),
            # What is told of the order from now on is newer, and its cancellation before it was reopened is not.
            version=order.version - 1,
            at=at,
        )
    if not answer.granted:
        raise CreditRefused(
            f"{amount} {order.currency} exceeds your credit by {answer.shortfall}: limit {answer.limit},"
            f" used {answer.used}, reserved {answer.reserved}",
            limit=str(answer.limit.amount),
            used=str(answer.used.amount),
            reserved=str(answer.reserved.amount),
            shortfall=str(answer.shortfall.amount),
            currency=order.currency,
        )


@unit_of_work()
def cancel(order: Order, *, reason: str = "", by: Actor, at: datetime) -> Order:
    """Withdraw an order; free until the cut-off of the cycles its lines joined, by the database's clock.

    Publishes OrderCancelled and frees credit when the order was confirmed.

    :raises CutoffPassed: when any line is pooled, shipped or past its cut-off.
    """
    may_order_for(order.dealer_id, by)
    filling = box_fill.hold_of(order)
    locked = lock_one(Order.objects.filter(pk=order.pk))
    before = locked.status
    Order.machine.next(before, "cancel")
    if before == "CONFIRMED":
        cycle_membership.check_free(locked)
        box_fill.check(box_fill.of_order(locked, sign=-1), filling, dealer_id=locked.dealer_id, at=at)
    elif before == "AWAITING_APPROVAL":
        approval.drop(locked, by=by, at=at, reason=reason)
    _withdraw(locked, at=at)
    locked.advance("cancel", by=by, at=at, reason=reason)
    if before == "CONFIRMED":
        with acting_as(system("credit")):
            ports.credit().release(order_id=locked.pk, at=at)
        publish(
            OrderCancelled(
                occurred_at=at,
                order_id=locked.pk,
                number=locked.number,
                version=locked.version,
                dealer_id=locked.dealer_id,
                reason=reason,
            )
        )
    return locked


@unit_of_work()
def decline(order: Order, *, reason: str, by: Actor, at: datetime) -> Order:
    """Refuse an order that waits for approval; nothing of it is wanted any more.

    :raises IllegalTransition: when it does not wait.
    """
    may_order_for(order.dealer_id, by)
    locked = lock_one(Order.objects.filter(pk=order.pk))
    locked.advance("decline", by=by, at=at, reason=reason)
    approval.drop(locked, by=by, at=at, reason=reason)
    _withdraw(locked, at=at)
    return locked


def _withdraw(order: Order, *, at: datetime) -> None:
    changes: list[tuple[int, str, int]] = []
    for line_id, requested, cancelled, covered in order.lines.values_list(
        "pk", "requested", "cancelled", "covered"
    ):
        changes += [(line_id, "covered", -covered), (line_id, "cancelled", requested - cancelled)]
    quantity.advance(changes, source=f"cancel:{order.pk}:{order.version}", at=at)
