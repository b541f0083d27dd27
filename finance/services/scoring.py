"""Score a party from what the platform has seen of it, and keep inputs, rule and reasons."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import CreditScore
from finance.policies import score
from finance.selectors import score_record


def current(party_id: int, kind: str, *, at: datetime) -> CreditScore:
    """Return a party's score as of today; one that says the same as the last is not written again.

    The caller acts as the platform.
    """
    record = score_record.of_party(party_id, kind, at.date())
    inputs, found = asdict(record), score.rate(record)
    last = CreditScore.objects.filter(party_id=party_id).order_by("-pk").first()
    if last is not None and last.inputs == inputs and last.rule_version == score.VERSION:
        return last
    return CreditScore.objects.create(
        party_id=party_id,
        inputs=inputs,
        rule_version=score.VERSION,
        points=found.points,
        grade=found.grade,
        reasons=list(found.reasons),
        scored_at=at,
    )


@unit_of_work()
def assess(party: Organization, *, by: Actor, at: datetime) -> CreditScore:
    """Score a dealer or a factory as of today for whoever asks at our desk.

    :raises Forbidden: for anyone but the operator.
    """
    if not by.sees_all:
        raise Forbidden("credit is assessed by the operator")
    return current(party.pk, party.kind, at=at)
