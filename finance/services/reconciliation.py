"""Match bank lines to invoices: what is certain is posted, what is not is proposed, the rest becomes a case.

A run goes in batches, each its own unit of work: first all lines that name what they pay, then the others. Whoever
calls while a run is under way works on the same one, batch by batch; a run that was cut off is gone on with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.transactions import unit_of_work
from finance.models import Invoice, ReconciliationRun, StatementLine
from finance.policies import matching
from finance.policies.matching import RULE_VERSION
from finance.policies.open_items import POST, PROPOSE, Credit, Decision
from finance.services import (
    case,
    match_input,
    match_record,
    outgoing,
    outgoing_return,
    settlement,
    taking_back,
)
from finance.services.settlement import Plan, Share

LOCK: Final = "finance.reconciliation"
BATCH: Final = 10_000  # a day of a large bank account: as many statements whatever the number of its lines
NAMED, OTHERS, DONE = "named", "others", "done"
WAITING: Final = ("OPEN", "IN_CASE")


def match(*, by: Actor, at: datetime, batch: int = BATCH) -> ReconciliationRun:
    """Match every bank line that waits; the same lines give the same result, however many match at once.

    Lines with a case are looked at again, because their invoice may have been issued since; a proposal waits for a
    person.

    :raises Forbidden: for anyone but the operator.
    """
    if not by.sees_all:
        raise Forbidden("reconciliation is the operator's")
    run_id = _begin(by=by, at=at)
    while _step(run_id, batch, by=by, at=at):
        pass
    return ReconciliationRun.objects.get(pk=run_id)


def preview(*, by: Actor, at: datetime) -> ReconciliationRun:
    """Return what a run would do, and do nothing.

    :raises Forbidden: for anyone but the operator.
    """
    with transaction.atomic():
        run = match(by=by, at=at)
        transaction.set_rollback(True)
    return run


def waiting() -> QuerySet[StatementLine]:
    """Return the lines that a run examines."""
    return StatementLine.objects.filter(status__in=WAITING)


@unit_of_work()
def _begin(*, by: Actor, at: datetime) -> UUID:
    """Return the run that was not finished, or a new one."""
    advisory_lock(LOCK)
    unfinished = ReconciliationRun.objects.filter(
        what="bank", finished_at=None, rule_version=RULE_VERSION
    ).first()
    if unfinished is not None:
        return unfinished.pk
    run = ReconciliationRun.objects.create(
        what="bank",
        rule_version=RULE_VERSION,
        started_at=at,
        run_by=str(by)[:150],
        phase=NAMED,
        total=waiting().count(),
    )
    return run.pk


@unit_of_work()
def _step(run_id: UUID, batch: int, *, by: Actor, at: datetime) -> bool:
    """Decide the next batch of a run; tell whether there may be more."""
    advisory_lock(LOCK)
    run = lock_one(ReconciliationRun.objects.filter(pk=run_id))
    if run.phase == DONE:
        return False
    keys = list(waiting().filter(pk__gt=run.cursor).order_by("pk").values_list("pk", flat=True)[:batch])
    if not keys:
        run.phase, run.cursor = (OTHERS, 0) if run.phase == NAMED else (DONE, 0)
        run.finished_at = at if run.phase == DONE else None
        run.save(update_fields=["phase", "cursor", "finished_at"])
        return run.phase != DONE
    lines = {line.pk: line for line in lock(waiting().filter(pk__in=keys))}
    received = match_input.as_credits(lines.values())
    if run.phase == NAMED:
        _settle_named(run, received, lines, by=by, at=at)
    else:
        _decide_all(run, received, lines, by=by, at=at)
    ReconciliationRun.objects.filter(pk=run_id).update(cursor=keys[-1])
    return True


def _settle_named(
    run: ReconciliationRun,
    received: Sequence[Credit],
    lines: Mapping[int, StatementLine],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Settle what is named and agrees, so that no other payment takes it for its own."""
    named = [one for one in received if one.references]
    if not named:
        return
    items = match_input.open_items(named, deep=False)
    sure = [
        one for one in matching.by_reference(named, items).values() if one.action == POST and not one.left
    ]
    settled = _settle(sure, lines, by=by, at=at)
    match_record.write(settled, run)
    _count(run, examined=len(settled), matched=len(settled))


def _decide_all(
    run: ReconciliationRun,
    received: Sequence[Credit],
    lines: Mapping[int, StatementLine],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Decide each line of a batch for good: post, propose, or open a case."""
    debits = [line for line in lines.values() if line.amount < 0]
    gone = taking_back.returned(debits, run, by=by, at=at)
    gone |= outgoing.match([line for line in debits if line.pk not in gone], by=by, at=at)
    back = outgoing_return.returned(
        [line for line in lines.values() if line.amount > 0 and line.pk not in gone], by=by, at=at
    )
    gone |= back
    doubted = [line for line in debits if line.pk not in gone]
    received = [one for one in received if one.line_id not in gone]
    items = match_input.open_items(received, deep=True)
    named = matching.by_reference(received, items)
    others = matching.by_amount([one for one in received if one.line_id not in named], items)
    decisions = [{**named, **others}[one.line_id] for one in received]
    settled = _settle([one for one in decisions if one.action == POST], lines, by=by, at=at)
    decided = settled + [one for one in decisions if one.action != POST]
    match_record.write(decided, run)
    opened = case.open_all(match_record.findings(decided, doubted, lines), by=by, at=at, run_id=run.pk)
    match_record.mark(decided, doubted)
    _count(
        run,
        examined=len(lines),
        matched=len(settled) + len(back) + len(debits) - len(doubted),
        proposed=sum(one.action == PROPOSE for one in decided),
        cases=len(opened),
    )


def _settle(
    decisions: Sequence[Decision],
    lines: Mapping[int, StatementLine],
    *,
    by: Actor,
    at: datetime,
) -> list[Decision]:
    """Settle what is certain and return it; what changed since it was read is left for the next run."""
    wanted = {part.invoice.invoice_id: part.invoice for one in decisions for part in one.parts}
    invoices = {invoice.pk: invoice for invoice in lock(Invoice.objects.filter(pk__in=wanted))}
    stale = {key for key, seen in wanted.items() if invoices[key].open_amount != seen.open_amount}
    groups = {one.group for one in decisions for part in one.parts if part.invoice.invoice_id in stale}
    fresh = [one for one in decisions if one.group not in groups]
    plans = [_plan(one, lines, invoices) for one in fresh]
    was_in_case = [plan.line.pk for plan in plans if plan.line.status == "IN_CASE"]
    settlement.settle(plans, by=by, at=at)
    match_record.close_cases(was_in_case, "matched by a later run", by=by, at=at)
    return fresh


def _plan(decision: Decision, lines: Mapping[int, StatementLine], invoices: Mapping[UUID, Invoice]) -> Plan:
    shares = tuple(
        Share(invoices[part.invoice.invoice_id], part.amount, part.paid, part.adjustments)
        for part in decision.parts
    )
    return Plan(lines[decision.credit.line_id], decision.parts[0].invoice.dealer_id, shares)


def _count(run: ReconciliationRun, **counts: int) -> None:
    ReconciliationRun.objects.filter(pk=run.pk).update(
        **{name: F(name) + count for name, count in counts.items()}
    )
