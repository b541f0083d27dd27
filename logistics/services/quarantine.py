"""Positions nobody believed: somebody looks at them and keeps them after all, or throws them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from b2b.core.actor import CARRIER, Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from logistics.models import QuarantineDecision, QuarantinedFix
from logistics.policies import position_rows
from logistics.policies.positions import REASONS, SPEED_JUMP
from logistics.services import positions

Decision = QuarantineDecision.Decision


@dataclass(frozen=True, slots=True)
class Decided:
    """How many were decided now; `kept` of them are new among the positions."""

    decided: int
    kept: int


@unit_of_work()
def release(fix_ids: Sequence[int], *, by: Actor, at: datetime, reason: str = "") -> Decided:
    """Keep positions after all; those decided before are left alone. As many statements for one as for many.

    A jump is believed now that somebody looked. What is wrong in itself stays refused, unless what was missing is
    there meanwhile (a vehicle that was registered since).

    :raises Forbidden: unless the operator or the platform decides. :raises Invalid: names those that stay refused;
    none is released then.
    """
    waiting = _waiting(fix_ids, by)
    tellers = {fix.carrier_id for fix in waiting}
    if len(tellers) > 1:
        raise Invalid("choose positions of one carrier at a time: several may have a vehicle of that code")
    [teller] = tellers or {None}
    # Vehicles are looked for among those of whoever told of them.
    who = by if teller is None else Actor(kind=CARRIER, organization_id=teller, name=str(by))
    rows = [position_rows.read_again(row, fix.content) for row, fix in enumerate(waiting)]
    told = positions.ingest(rows, by=who, at=at, trusted=frozenset({SPEED_JUMP}), again=True)
    if told.quarantined:
        raise Invalid(
            "some positions cannot be kept",
            problems=[
                Problem(
                    one.reason.lower(),
                    f"{one.vehicle}: {REASONS[one.reason]}",
                    row=one.row + 1,
                    remedy="discard it",
                )
                for one in told.quarantined
            ],
        )
    _decide(waiting, Decision.RELEASED, by=by, at=at, reason=reason)
    return Decided(len(waiting), told.accepted)


@unit_of_work()
def discard(fix_ids: Sequence[int], *, by: Actor, at: datetime, reason: str = "") -> Decided:
    """Throw positions away; they stay in quarantine, decided, until their time is over.

    :raises Forbidden: unless the operator or the platform decides.
    """
    waiting = _waiting(fix_ids, by)
    _decide(waiting, Decision.DISCARDED, by=by, at=at, reason=reason)
    return Decided(len(waiting), 0)


def _waiting(fix_ids: Sequence[int], by: Actor) -> list[QuarantinedFix]:
    if not by.sees_all:
        raise Forbidden("only the operator decides on positions")
    advisory_lock("logistics.quarantine")
    return list(QuarantinedFix.objects.filter(pk__in=fix_ids, decision=None).order_by("pk"))


def _decide(fixes: Sequence[QuarantinedFix], decision: str, *, by: Actor, at: datetime, reason: str) -> None:
    QuarantineDecision.objects.bulk_create(
        QuarantineDecision(
            fix=fix, carrier_id=fix.carrier_id, decision=decision, reason=reason[:300], decided_by=str(by)[:150],
            decided_at=at,
        )
        for fix in fixes
    )  # fmt: skip
