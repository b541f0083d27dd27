"""Cases: what a person has to decide, opened once and closed with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.finance import CaseOpened
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db import sequences
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import Case
from finance.services import chart


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference; `key` is the same whenever it is met again."""

    kind: str
    key: str
    reason: str
    reference: str = ""
    currency: str = ""
    amount: Decimal | None = None
    statement_line_id: int | None = None


@unit_of_work()
def open_all(
    findings: Sequence[Finding], *, by: Actor, at: datetime, run_id: UUID | None = None
) -> list[Case]:
    """Open a case for each finding that has none open yet; return the new ones."""
    if not findings:
        return []
    advisory_lock("finance.cases")
    wanted = {finding.key: finding for finding in findings}
    known = set(Case.objects.filter(key__in=wanted, status="OPEN").values_list("key", flat=True))
    fresh = [finding for key, finding in wanted.items() if key not in known]
    if not fresh:
        return []
    issuer = chart.seller()
    numbers = sequences.take("case", issuer.pk, len(fresh))
    cases = Case.objects.bulk_create(
        Case(
            number=sequences.number("CASE", issuer.code.upper(), number),
            kind=finding.kind,
            key=finding.key,
            reference=finding.reference[:120],
            reason=finding.reason[:300],
            currency=finding.currency,
            amount=finding.amount,
            statement_line_id=finding.statement_line_id,
            run_id=run_id,
            created_at=at,
            updated_at=at,
        )
        for finding, number in zip(fresh, numbers, strict=True)
    )
    record(((case, "open", "", case.status) for case in cases), by=by, at=at)
    publish(
        *(
            CaseOpened(
                case_id=case.pk, kind=case.kind, reason=case.reason, reference=case.reference, occurred_at=at
            )
            for case in cases
        )
    )
    return cases


@unit_of_work()
def close(keys: Collection[str], *, resolution: str, by: Actor, at: datetime) -> int:
    """Resolve the open cases of these keys because what they were about is right now; return how many there were."""
    found = lock(Case.objects.filter(key__in=keys, status="OPEN")) if keys else []
    advance_all(found, "resolve", by=by, at=at, reason=resolution, resolution=resolution, resolved_at=at)
    return len(found)


@unit_of_work()
def take(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Make a person the owner of an open case, whoever had it before.

    :raises Forbidden: for anyone but the operator's people. :raises Invalid: when it is resolved.
    """
    if not by.sees_all or by.user_id is None:
        raise Forbidden("cases are taken on by the operator's people")
    case = lock_one(Case.objects.filter(pk=case_id))
    if case.status != "OPEN":
        raise Invalid(f"{case.number} is resolved")
    before = case.owner_id
    Case.objects.filter(pk=case.pk).update(owner_id=by.user_id, version=case.version + 1, updated_at=at)
    record(
        [(case, "take", case.status, case.status)],
        by=by,
        at=at,
        reason=f"owner was {before}" if before else "",
    )
    case.owner_id = by.user_id
    return case


@unit_of_work()
def resolve(case_id: UUID, *, resolution: str, by: Actor, at: datetime) -> Case:
    """Close a case with the reason; what it was about is put right by the service that fits, not here.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a reason.
    :raises IllegalTransition: when it is resolved already.
    """
    if not by.sees_all:
        raise Forbidden("cases are the operator's")
    if not resolution.strip():
        raise Invalid("say how the case was resolved")
    case = lock_one(Case.objects.filter(pk=case_id))
    case.advance("resolve", by=by, at=at, reason=resolution, resolution=resolution, resolved_at=at)
    return case
