"""Ask for leave to give delivered goods back, and grant or refuse it line by line (RMA)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from b2b.contracts.returns import AuthorisedReturnLine, ReturnAuthorised, ReturnRefused
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from b2b.outbox.publish import publish
from orders.models import Order, OrderLine, ReturnAuthorisation, ReturnLine
from orders.policies import returns as rules
from orders.policies.returns import Reason
from orders.selectors import returnable
from orders.selectors.returnable import History
from orders.services.order import may_order_for

_DECIDED = {"line_id": "bigint", "approved": "bigint", "decision": "text"}


class NotReturnable(Invalid):
    """Some of these goods may not be given back."""

    code = "not_returnable"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Base units of one order line a dealer wants to give back; evidence names photos or documents."""

    line_number: int
    quantity: int
    reason: str
    note: str = ""
    evidence: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """How many base units of a return line may come back; zero refuses the line."""

    line_number: int
    quantity: int
    note: str = ""


@unit_of_work()
def request(
    order: Order, *, lines: Sequence[Wanted], note: str = "", by: Actor, at: datetime
) -> ReturnAuthorisation:
    """Ask to give delivered goods of an order back; each quantity is traced to its shipments and pegs.

    The order is held, so that two requests for the same last units come one after the other.

    :raises Forbidden: for another dealer's order. :raises NotReturnable: naming every line that may not come back.
    """
    may_order_for(order.dealer_id, by)
    locked = lock_one(Order.objects.filter(pk=order.pk).select_related("dealer"))
    known = {line.line_number: line for line in locked.lines.all()}
    history = returnable.of_order(locked.pk)
    _check(known, history, lines, at)
    made = ReturnAuthorisation(
        number=number("RT", locked.dealer.code, take("return", locked.dealer_id).start),
        dealer=locked.dealer,
        order=locked,
        currency=locked.currency,
        note=note,
        created_at=at,
        updated_at=at,
    )
    made.save(force_insert=True)
    rows = [
        (wanted, known[wanted.line_number], origin)
        for wanted in lines
        for origin in rules.trace(
            wanted.quantity,
            history[known[wanted.line_number].pk].drops,
            history[known[wanted.line_number].pk].sources,
            at,
        )
    ]
    ReturnLine.objects.bulk_create(
        ReturnLine(
            authorisation=made,
            dealer_id=made.dealer_id,
            line_number=position,
            order_line=line,
            peg_id=origin.peg_id,
            shipment_id=origin.shipment_id,
            delivered_at=origin.delivered_at,
            reason=wanted.reason,
            note=wanted.note,
            evidence=list(wanted.evidence),
            unit_price=line.unit_price,
            tax_rate=line.tax_rate,
            requested=origin.quantity,
        )
        for position, (wanted, line, origin) in enumerate(rows, start=1)
    )
    record([(made, "request", "", made.status)], by=by, at=at, reason=note)
    return made


def _check(
    known: dict[int, OrderLine], history: dict[int, History], lines: Sequence[Wanted], at: datetime
) -> None:
    problems: list[Problem] = []
    named: set[int] = set()
    for index, wanted in enumerate(lines):
        pointer = f"/lines/{index}"
        line = known.get(wanted.line_number)
        if line is None:
            problems.append(Problem("unknown_line", f"the order has no line {wanted.line_number}", pointer))
        elif wanted.line_number in named:
            problems.append(
                Problem(
                    "named_twice", f"line {wanted.line_number} is named twice", pointer, remedy="Add them up."
                )
            )
        elif fault := _fault(line, history.get(line.pk, History()), wanted, at):
            problems.append(Problem(fault[0], fault[1], pointer, remedy=fault[2]))
        named.add(wanted.line_number)
    if not lines:
        problems.append(Problem("no_lines", "a return has at least one line", "/lines"))
    if problems:
        raise NotReturnable(problems=problems)


def _fault(line: OrderLine, history: History, wanted: Wanted, at: datetime) -> tuple[str, str, str] | None:
    """Return code, text and remedy of what is wrong with a line, None when it may come back."""
    if line.options and not Reason(wanted.reason).is_defect:
        return (
            "customised",
            f"line {line.line_number} was made to order",
            "Customised goods come back only when they are damaged, wrong or of poor quality.",
        )
    most = rules.returnable(history.drops, at)
    if 1 <= wanted.quantity <= most:
        return None
    late = sum(drop.left for drop in history.drops) - most
    if late and wanted.quantity > most:
        return (
            "too_late",
            f"line {line.line_number}: {late} were delivered more than {rules.WINDOW_DAYS} days ago",
            f"Ask for at most {most}." if most else "Write to the operator.",
        )
    return (
        "more_than_delivered",
        f"line {line.line_number}: {wanted.quantity} is not within the {most} that may come back",
        f"Ask for 1 to {most}." if most else "Everything is returned or being returned already.",
    )


@unit_of_work()
def authorise(
    authorisation: ReturnAuthorisation,
    *,
    decisions: Sequence[Decision] = (),
    return_to: Site | None = None,
    by: Actor,
    at: datetime,
) -> ReturnAuthorisation:
    """Let goods come back, in full where no decision says otherwise, and publish ReturnAuthorised.

    They go to `return_to`, by default the warehouse they were received in.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: when it is decided already.
    :raises Invalid: for unknown lines, more than was asked for, or nothing at all.
    """
    _operator_only(by)
    locked = lock_one(ReturnAuthorisation.objects.filter(pk=authorisation.pk))
    ReturnAuthorisation.machine.next(locked.status, "authorise")
    lines = list(locked.lines.select_related("order_line", "peg__purchase_order_line__purchase_order"))
    _decide(lines, decisions)
    site_id = return_to.pk if return_to else _home_of(lines)
    locked.advance("authorise", by=by, at=at, decided_at=at, return_to_site_id=site_id)
    publish(
        ReturnAuthorised(
            occurred_at=at,
            return_id=locked.pk,
            number=locked.number,
            order_id=locked.order_id,
            dealer_id=locked.dealer_id,
            warehouse_site_id=site_id,
            lines=tuple(
                AuthorisedReturnLine(
                    return_line_id=line.pk,
                    order_line_id=line.order_line_id,
                    product_id=line.order_line.product_id,
                    shipment_id=line.shipment_id,
                    quantity=line.approved,
                    reason=line.reason,
                )
                for line in lines
                if line.approved
            ),
        )
    )
    return locked


def _decide(lines: Sequence[ReturnLine], decisions: Sequence[Decision]) -> None:
    known = {line.line_number: line for line in lines}
    problems = [
        Problem(
            "invalid_decision",
            f"line {one.line_number}: {one.quantity} is not within what was asked for",
            pointer=f"/lines/{index}",
        )
        for index, one in enumerate(decisions)
        if one.line_number not in known or not 0 <= one.quantity <= known[one.line_number].requested
    ]
    for line in lines:
        line.approved = line.requested
    if not problems:
        for one in decisions:
            known[one.line_number].approved, known[one.line_number].decision = one.quantity, one.note
    if not any(line.approved for line in lines):
        problems.append(Problem("nothing_approved", "no line may come back", remedy="Refuse the return."))
    if problems:
        raise Invalid("The decisions do not fit the return.", problems=problems)
    execute(
        f"UPDATE orders_returnline line SET approved = given.approved, decision = given.decision"
        f" FROM {unnest(_DECIDED)} WHERE line.id = given.line_id",
        transpose(list(_DECIDED), ((line.pk, line.approved, line.decision) for line in lines)),
    )


def _home_of(lines: Sequence[ReturnLine]) -> int:
    """Return the site the goods were received at; goods from stock go to the platform's first warehouse."""
    for line in lines:
        if line.peg is not None:
            return int(line.peg.purchase_order_line.purchase_order.warehouse_site_id)
    site = Site.objects.filter(kind=Site.Kind.WAREHOUSE, is_active=True).order_by("pk").first()
    if site is None:
        raise Invalid("Name the warehouse that takes the goods.")
    return int(site.pk)


@unit_of_work()
def refuse(
    authorisation: ReturnAuthorisation, *, reason: str, by: Actor, at: datetime
) -> ReturnAuthorisation:
    """Refuse a return as a whole and publish ReturnRefused.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: when it is decided already.
    """
    _operator_only(by)
    locked = lock_one(ReturnAuthorisation.objects.filter(pk=authorisation.pk))
    locked.advance("refuse", by=by, at=at, reason=reason, decided_at=at)
    ReturnLine.objects.filter(authorisation=locked).update(approved=0)
    publish(
        ReturnRefused(
            occurred_at=at,
            return_id=locked.pk,
            number=locked.number,
            order_id=locked.order_id,
            dealer_id=locked.dealer_id,
            reason=reason,
        )
    )
    return locked


@unit_of_work()
def withdraw(
    authorisation: ReturnAuthorisation, *, reason: str = "", by: Actor, at: datetime
) -> ReturnAuthorisation:
    """Take a request back before it is decided; the goods may be announced again.

    :raises Forbidden: for another dealer's. :raises IllegalTransition: when it is decided already.
    """
    may_order_for(authorisation.dealer_id, by)
    locked = lock_one(ReturnAuthorisation.objects.filter(pk=authorisation.pk))
    locked.advance("withdraw", by=by, at=at, reason=reason)
    return locked


def _operator_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("returns are decided by the operator")
