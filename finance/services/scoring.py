"""Score parties from what the platform has seen of them, and keep inputs, rule and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from b2b.core.actor import DEALER, FACTORY, Actor
from b2b.core.errors import Forbidden
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import CreditScore
from finance.policies import score
from finance.policies.score import Record
from finance.selectors import score_record


def current(party_id: int, kind: str, *, at: datetime) -> CreditScore:
    """Return a party's score as of today; one that says the same as the last is not written again.

    The caller acts as the platform.
    """
    known = score_record.latest([party_id])
    records = score_record.of_parties([party_id], kind, at.date())
    return (known | _keep(records, known, at=at))[party_id]


@unit_of_work()
def assess(party: Organization, *, by: Actor, at: datetime) -> CreditScore:
    """Score a dealer or a factory as of today for whoever asks at our desk.

    :raises Forbidden: for anyone but the operator.
    """
    if not by.sees_all:
        raise Forbidden("credit is assessed by the operator")
    return current(party.pk, party.kind, at=at)


@unit_of_work()
def assess_all(*, by: Actor, at: datetime) -> int:
    """Score every dealer and factory that has documents, or had a score before; return how many scores are new.

    The same number of statements whatever the number of parties.

    :raises Forbidden: for anyone but the operator.
    """
    if not by.sees_all:
        raise Forbidden("credit is assessed by the operator")
    parties = dict(
        Organization.objects.filter(kind__in=(DEALER, FACTORY), is_active=True).values_list("pk", "kind")
    )
    records: dict[int, Record] = {}
    for kind in (DEALER, FACTORY):
        records |= score_record.of_parties(
            [key for key, value in parties.items() if value == kind], kind, at.date()
        )
    known = score_record.latest(parties)
    seen = {key: one for key, one in records.items() if one.documents or key in known}
    return len(_keep(seen, known, at=at))


def _keep(
    records: Mapping[int, Record], known: Mapping[int, CreditScore], *, at: datetime
) -> dict[int, CreditScore]:
    """Write the scores that say something else than the last ones, in one statement, and return them by party."""
    fresh = CreditScore.objects.bulk_create(
        _scored(party, record, at=at)
        for party, record in records.items()
        if not _says(known.get(party), record)
    )
    return {one.party_id: one for one in fresh}


def _says(last: CreditScore | None, record: Record) -> bool:
    return last is not None and last.inputs == asdict(record) and last.rule_version == score.VERSION


def _scored(party_id: int, record: Record, *, at: datetime) -> CreditScore:
    found = score.rate(record)
    return CreditScore(
        party_id=party_id,
        inputs=asdict(record),
        rule_version=score.VERSION,
        points=found.points,
        grade=found.grade,
        reasons=list(found.reasons),
        scored_at=at,
    )
