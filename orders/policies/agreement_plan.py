"""What becomes of agreements that new ones meet: replaced, ended the day before, or in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from b2b.core.errors import Problem
from orders.policies.agreement_row import Draft


@dataclass(frozen=True, slots=True)
class Found:
    """An agreement of a draft's scope that shares a day with it."""

    draft: int
    id: int
    valid_from: date
    valid_to: date | None
    breaks: list[list[int | Decimal]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of every draft, and of the agreements that are in its way."""

    created: list[int] = field(default_factory=list)
    replaced: dict[int, Found] = field(default_factory=dict)
    ended: list[tuple[Found, date]] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plan(drafts: Sequence[Draft], found: Sequence[Found]) -> Plan:
    """Return what becomes of every draft and of every agreement it meets.

    Promise: once written, no two agreements of a scope share a day, and no day loses its price unless a row said so.
    """
    made = Plan()
    by_agreement: dict[int, list[Found]] = {}
    for one in found:
        by_agreement.setdefault(one.id, []).append(one)
    for meetings in by_agreement.values():
        _meet(made, drafts, sorted(meetings, key=lambda one: drafts[one.draft].valid_from))
    taken = {*made.replaced, *made.unchanged}
    made.created.extend(number for number in range(len(drafts)) if number not in taken)
    return made


def _meet(made: Plan, drafts: Sequence[Draft], meetings: Sequence[Found]) -> None:
    """Decide what becomes of one agreement that shares days with some drafts, which come in order of time."""
    first = meetings[0]
    draft = drafts[first.draft]
    if first.valid_from > draft.valid_from:
        made.problems.append(_follows(draft, first))
    elif first.valid_from < draft.valid_from:
        last = max((drafts[one.draft] for one in meetings), key=lambda one: one.ends)
        if (first.valid_to or date.max) > last.ends:
            made.problems.append(_outlives(last, first))
        else:
            made.ended.append((first, draft.valid_from - timedelta(days=1)))
    elif (first.valid_to, first.breaks) == (draft.valid_to, draft.steps):
        made.unchanged.append(first.draft)
    else:
        made.replaced[first.draft] = first


def _follows(draft: Draft, later: Found) -> Problem:
    return Problem(
        code="overlap",
        message=f"another agreement for {draft.sku} begins on {later.valid_from}",
        row=draft.row,
        field="valid_to",
        remedy=f"End this one on {later.valid_from - timedelta(days=1)}, or begin it on {later.valid_from}.",
    )


def _outlives(draft: Draft, longer: Found) -> Problem:
    return Problem(
        code="hole",
        message=f"an agreement for {draft.sku} from {longer.valid_from} holds beyond {draft.valid_to}; "
        "it would not come back",
        row=draft.row,
        field="priority",
        remedy="Give a price for a time a lower priority number than the lasting one.",
    )
