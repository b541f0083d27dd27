"""Run the reconcilers of every app: each difference becomes a case, and a case whose difference is gone is closed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.locks import advisory_lock
from b2b.db.reconcilers import RECONCILERS, Difference, Outcome
from b2b.db.transactions import unit_of_work
from finance.models import Case, ReconciliationRun
from finance.services import case, reconciliation
from finance.services.case import Finding

VERSION = "1"
BANK_KINDS = (
    "UNMATCHED_RECEIPT",
    "OVERPAYMENT",
    "UNEXPLAINED_DEBIT",
    "STATEMENT_GAP",
    "STATEMENT_QUARANTINED",
)


@dataclass(frozen=True, slots=True)
class Result:
    """What one comparison found; `open_cases` counts those of earlier runs too."""

    what: str
    outcome: Outcome
    opened: int
    closed: int
    open_cases: int
    matched: int = 0


def kind_of(what: str) -> str:
    """Return the kind of the cases a comparison opens."""
    return f"{what.upper().replace('-', '_')}_DIFFERENCE"


def key_of(what: str, difference: Difference) -> str:
    """Return the key by which the same difference is known again."""
    digest = hashlib.sha256(f"{difference.kind}\x1f{difference.reference}".encode()).hexdigest()
    return f"{what}:{digest[:40]}"


def run(names: Sequence[str], *, by: Actor, at: datetime, dry_run: bool = False) -> list[Result]:
    """Run the named comparisons, each in its own unit of work; bank lines are matched first. A dry run writes nothing.

    :raises Forbidden: for anyone but the operator. :raises Invalid: for an unknown name.
    """
    if not by.sees_all:
        raise Forbidden("reconciliation is the operator's")
    unknown = sorted(set(names) - set(RECONCILERS))
    if unknown:
        raise Invalid(
            f"nothing to reconcile by the name of {', '.join(unknown)}; known: {', '.join(RECONCILERS)}"
        )
    return [
        _run(name, _matched(name, by=by, at=at, dry_run=dry_run), by=by, at=at, dry_run=dry_run)
        for name in names
    ]


def _matched(what: str, *, by: Actor, at: datetime, dry_run: bool) -> ReconciliationRun | None:
    if what != "bank":
        return None
    return reconciliation.preview(by=by, at=at) if dry_run else reconciliation.match(by=by, at=at)


@unit_of_work()
def _run(what: str, matched: ReconciliationRun | None, *, by: Actor, at: datetime, dry_run: bool) -> Result:
    if dry_run:
        return Result(what, RECONCILERS[what](), 0, 0, _open_cases(what), matched.matched if matched else 0)
    advisory_lock(f"finance.comparison:{what}")
    outcome = RECONCILERS[what]()
    record = matched or ReconciliationRun.objects.create(
        what=what, rule_version=VERSION, started_at=at, run_by=str(by)[:150], examined=outcome.compared
    )
    findings = [_finding(what, difference) for difference in outcome.differences]
    opened = case.open_all(findings, by=by, at=at, run_id=record.pk)
    closed = _close_vanished(what, findings, by=by, at=at)
    if opened:
        ReconciliationRun.objects.filter(pk=record.pk).update(cases=record.cases + len(opened))
    return Result(
        what,
        outcome,
        opened=len(opened) + (matched.cases if matched else 0),
        closed=closed,
        open_cases=_open_cases(what),
        matched=matched.matched if matched else 0,
    )


def _finding(what: str, difference: Difference) -> Finding:
    return Finding(
        kind=kind_of(what),
        key=key_of(what, difference),
        reason=f"{difference.reason}: expected {difference.expected}, found {difference.found}",
        reference=difference.reference,
    )


def _close_vanished(what: str, findings: Sequence[Finding], *, by: Actor, at: datetime) -> int:
    still = [one.key for one in findings]
    open_now = Case.objects.filter(kind=kind_of(what), status="OPEN").exclude(key__in=still)
    return case.close(
        list(open_now.values_list("key", flat=True)), resolution="the difference is gone", by=by, at=at
    )


def _open_cases(what: str) -> int:
    kinds = (kind_of(what), *(BANK_KINDS if what == "bank" else ()))
    return Case.objects.filter(kind__in=kinds, status="OPEN").count()
