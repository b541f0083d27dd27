"""A dealer changes an order: free until the cut-off; later what it gives up is absorbed or asked of the factory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from orders.models import Order, OrderChange, PurchaseOrder
from orders.policies.changed_line import Changed
from orders.policies.order_change import LineEdit
from orders.policies.order_facts import Facts
from orders.policies.order_row import RawRow
from orders.selectors import order_change as selectors
from orders.selectors.order_change import Glance
from orders.services import (
    agreed_prices,
    approval,
    box_fill,
    cycle_membership,
    order_change_lines,
    order_change_record,
    order_restating,
    peg_release,
)
from orders.services.cycle_membership import CutoffPassed, Wish
from orders.services.order import may_order_for

__all__ = ["Changed", "InvalidChange", "LineEdit", "Result", "VersionChanged", "change", "preview"]


class InvalidChange(Invalid):
    """Some lines cannot be changed so; each problem names its line and remedy. Nothing was changed."""

    code = "invalid_order_change"


class VersionChanged(DomainError):
    """Somebody changed the order since you read it; read it again and decide anew."""

    code = "version_changed"
    status = 412


@dataclass(frozen=True, slots=True)
class Result:
    """The order as it stands now, and what became of each line; `change` is None when nothing changed."""

    order: Order
    change: OrderChange | None = None
    lines: tuple[Changed, ...] = field(default=())


@unit_of_work()
def preview(
    order: Order,
    *,
    edits: Sequence[LineEdit] = (),
    additions: Sequence[RawRow] = (),
    by: Actor,
    at: datetime,
) -> Result:
    """Return what `change` would come to; it is carried out and taken back.

    :raises InvalidChange, CreditRefused, CutoffPassed: as `change` does.
    """
    with transaction.atomic():
        result = change(order, edits=edits, additions=additions, by=by, at=at)
        transaction.set_rollback(True)
    return result


@unit_of_work()
def change(
    order: Order,
    *,
    edits: Sequence[LineEdit] = (),
    additions: Sequence[RawRow] = (),
    reason: str = "",
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> Result:
    """Change quantities, dates and sites of lines and add lines, all or nothing; a constant number of statements.

    Until the cut-off of its cycle a line is priced and judged anew. Of a line that is being bought, less is absorbed by
    others who wait, by platform stock, or asked of the factory; more becomes a line of its own for the next cycle.
    Credit follows exactly. `version` is the one the caller read. Publishes OrderChanged, or OrderCancelled when
    nothing is left, and what the change means for purchase orders.

    :raises InvalidChange: naming each line that cannot be changed so. :raises VersionChanged: when it is another.
    :raises CutoffPassed: while a cycle closes. :raises CreditRefused: when the order would cost too much.
    :raises ApprovalNeeded: when the dealer's rules would want an approval that the order has not got.
    :raises DoesNotFillPack: in the phase that fills packs. :raises IllegalTransition: unless the order is confirmed.
    """
    may_order_for(order.dealer_id, by)
    with acting_as(system("orders")):
        glances = selectors.glance(order, [edit.line_number for edit in edits])
    facts = selectors.facts(by, glances, edits, additions, dealer=order.dealer, order=order, at=at)
    facts = agreed_prices.hold(facts, agreed_prices.of_order(order))
    with acting_as(system("orders")):
        wishes = _wishes(edits, additions, glances, facts)
        filling = box_fill.hold_of(order) | box_fill.hold_for(wishes, currency=order.currency)
        cycles = cycle_membership.open_for(wishes, currency=order.currency)
        bought = {key for one in glances.values() for key in one.purchase_orders}
        purchases = (
            lock(PurchaseOrder.objects.filter(pk__in=bought).select_related("cycle")) if bought else []
        )
        locked = lock_one(approval.with_rules(Order.objects.filter(pk=order.pk)))
        if version not in (None, locked.version):
            raise VersionChanged(f"{locked.number} is at version {locked.version}", version=locked.version)
        Order.machine.next(locked.status, "change")
        products = [one.product.product_id for one in glances.values()]
        products += [one.product_id for one in facts.by_sku.values()]
        held = selectors.hold(locked, list(glances), products)
        changed, problems = order_change_lines.decide(locked, held, edits, additions, facts, cycles)
        if problems:
            raise InvalidChange(_headline(problems), problems=problems)
        _check_open(locked, changed)
        if filling:
            box_fill.check(order_change_lines.of_pools(changed), filling, dealer_id=locked.dealer_id, at=at)
        if not changed:
            return Result(locked)
        return _carry_out(locked, changed, purchases, reason=reason, by=by, at=at)


def _carry_out(
    order: Order,
    changed: Sequence[Changed],
    purchases: list[PurchaseOrder],
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Result:
    made = OrderChange(
        order=order,
        dealer_id=order.dealer_id,
        from_version=order.version,
        to_version=order.version + 1,
        reason=reason,
        created_at=at,
    )
    lines = (
        peg_release.plan(order, changed, purchases) if any(one.move.given_up for one in changed) else changed
    )
    order_change_record.write(made, order, lines, at=at)
    gains = order_change_record.gains(lines)
    approval.check_raised(order, gains)
    peg_release.carry_out(made, lines, purchases, at=at)
    order_restating.sum_up(
        order,
        reason=reason or "changed by the dealer",
        by=by,
        at=at,
        gains=gains,
        is_open=not any(one.line and one.line.is_bound for one in lines),
    )
    return Result(order, made, tuple(lines))


def _wishes(
    edits: Sequence[LineEdit],
    additions: Sequence[RawRow],
    glances: Mapping[int, Glance],
    facts: Facts,
) -> set[Wish]:
    """Return what decides which cycles changed lines might join anew."""
    wishes = set()
    for edit in edits:
        one = glances.get(edit.line_number)
        if one and (edit.ship_to or (one.is_bound and (edit.quantity or 0) > one.owed)):
            site_id = facts.sites.get(edit.ship_to) or one.ship_to_site_id
            wishes.add(Wish(one.factory_id, site_id, one.product.category))
    if additions:
        sites = {facts.sites.get(row.get("ship_to")) or facts.ship_to_site_id for row in additions}
        wishes |= {
            Wish(facts.trade[product.product_id].factory_id, site_id, product.category)
            for product in facts.by_sku.values()
            if product.product_id in facts.trade
            for site_id in sites
        }
    return wishes


def _check_open(order: Order, changed: Sequence[Changed]) -> None:
    closing = [one.line.line_number for one in changed if one.line and one.line.is_closing]
    if closing:
        raise CutoffPassed(
            f"the cycle of line {closing[0]} of {order.number} is closing; repeat it in a moment",
            lines=len(closing),
        )


def _headline(problems: Sequence[Problem]) -> str:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0].message}{more}"
