"""Draft a programme, open it for whoever may ask, and close it; who drafts one is not who opens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.core.actor import FUNDER, OPERATOR, Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, NotFound, Problem
from b2b.db import sequences
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import Programme
from finance.policies import day_count, schedule, score, technique, waterfall
from finance.services import chart, second_person

DESK = system("financing")
LONGEST_DAYS = 3650
ORDER = (waterfall.FEE, waterfall.PENALTY, waterfall.INTEREST, waterfall.PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Draft:
    """The terms of a programme; limits in minor units, rates as fractions."""

    kind: str
    name: str
    currency: str
    limit: int
    party_limit: int
    advance_rate: Decimal
    grade_rates: Mapping[str, Decimal]
    day_count: str
    max_days: int
    min_days: int = 1
    penalty_rate: Decimal = Decimal(0)
    fee_rate: Decimal = Decimal(0)
    schedule: str = schedule.BULLET
    grace_days: int = 0
    default_days: int = 30
    waterfall: Sequence[str] = ORDER
    with_recourse: bool = True
    margin_call_rate: Decimal | None = None


@unit_of_work()
def draft(terms: Draft, *, funder_id: int, by: Actor, at: datetime) -> Programme:
    """Write a programme down; nobody may ask it for money before its funder opens it.

    :raises Forbidden: for anyone but the operator and the funder itself. :raises Invalid: naming each fault.
    """
    if not by.sees_all and not (by.kind == FUNDER and by.organization_id == funder_id):
        raise Forbidden("a funder drafts its own programmes, the operator anybody's")
    with acting_as(DESK):
        funder = Organization.objects.filter(pk=funder_id, kind__in=(FUNDER, OPERATOR)).first()
        if funder is None:
            raise NotFound("there is no such funder")
        problems = faults(terms)
        if problems:
            raise Invalid("The programme cannot be taken.", problems=problems)
        known = technique.TECHNIQUES[terms.kind]
        seller = chart.seller()
        value = sequences.take("programme", seller.pk).start
        made = Programme.objects.create(
            number=sequences.number("FP", seller.code.upper(), value),
            serial=value,
            funder=funder,
            borrower_kind=next(iter(known.borrowers)),
            proposed_by=str(by)[:150],
            created_at=at,
            updated_at=at,
            **{
                name: getattr(terms, name)
                for name in Draft.__slots__
                if name not in ("grade_rates", "waterfall")
            },
            grade_rates={grade: str(rate) for grade, rate in sorted(terms.grade_rates.items())},
            waterfall=list(terms.waterfall),
        )
        record([(made, "draft", "", made.status)], by=by, at=at)
        return made


def faults(terms: Draft) -> list[Problem]:
    """Return what is wrong with a draft: field, what, remedy."""
    known = technique.TECHNIQUES.get(terms.kind)
    rates = terms.grade_rates
    bad_rates = (
        not rates or set(rates) - set(score.GRADES) or any(not 0 <= one < 10 for one in rates.values())
    )
    call = terms.margin_call_rate
    said = (
        (known is None, "kind", f"there is no technique {terms.kind}", f"use {', '.join(technique.TECHNIQUES)}"),
        (terms.day_count not in day_count.CONVENTIONS, "day_count", f"there is no day count {terms.day_count}",
         f"use {', '.join(day_count.CONVENTIONS)}"),
        (terms.schedule not in schedule.KINDS, "schedule", f"there is no schedule {terms.schedule}",
         f"use {', '.join(schedule.KINDS)}"),
        (known is not None and known.is_purchase and terms.schedule in schedule.KINDS[1:], "schedule",
         "a receivable that is sold is paid at once when it is due", "use BULLET"),
        (not 0 < terms.party_limit <= terms.limit, "party_limit", "it lies between nothing and the whole limit",
         "lower it"),
        (not 0 < terms.advance_rate <= 1, "advance_rate", f"{terms.advance_rate} is no share",
         "give a fraction, e.g. 0.8"),
        (bool(bad_rates), "grade_rates", "it names a yearly rate for each grade that is taken",
         'e.g. {"A": "0.06"}'),
        (sorted(terms.waterfall) != sorted(waterfall.PARTS), "waterfall", "it names each part once",
         f"order {', '.join(waterfall.PARTS)}"),
        (not 0 < terms.min_days <= terms.max_days <= LONGEST_DAYS, "max_days",
         "the longest is no shorter than the shortest, at most ten years", "give days"),
        (not (0 <= terms.fee_rate < 1 and 0 <= terms.penalty_rate < 10), "fee_rate",
         "fee and penalty are fractions, not negative", "e.g. 0.005"),
        (call is not None and not terms.advance_rate <= call <= 1, "margin_call_rate",
         "it lies between the advance rate and the whole value", "raise it"),
    )  # fmt: skip
    return [
        Problem("bad_terms", message, field=field, remedy=remedy)
        for bad, field, message, remedy in said
        if bad
    ]


@unit_of_work()
def open_programme(programme_id: UUID, *, by: Actor, at: datetime) -> Programme:
    """Let parties ask the programme for money from now on; its terms stay.

    :raises NotFound: when it is not the actor's. :raises Forbidden: for anyone but the funder itself.
    :raises SamePerson: for who drafted it. :raises IllegalTransition: when it was opened or closed before.
    """
    return _move(programme_id, "open", by=by, at=at, opened_by=str(by)[:150])


@unit_of_work()
def close(programme_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> Programme:
    """Take no new requests; what is drawn runs on.

    :raises Forbidden: for anyone but the funder itself. :raises IllegalTransition: when it is closed already.
    """
    verb = "drop" if Programme.objects.filter(pk=programme_id, status="DRAFT").exists() else "close"
    return _move(programme_id, verb, by=by, at=at, reason=reason)


def _move(
    programme_id: UUID, verb: str, *, by: Actor, at: datetime, reason: str = "", **changes: object
) -> Programme:
    with acting_as(DESK):
        programme = lock_one(Programme.objects.select_related("funder").filter(pk=programme_id))
        own = by.organization_id == programme.funder_id or (by.sees_all and programme.funder.kind == OPERATOR)
        if not own:
            if by.kind == FUNDER:
                raise NotFound("there is no such programme")
            raise Forbidden("a programme is its funder's to open and close")
        if verb == "open":
            second_person.insist(programme, by=by, verb="draft")
        programme.advance(verb, by=by, at=at, reason=reason, **changes)
        return programme
