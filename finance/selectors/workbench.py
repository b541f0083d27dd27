"""What the workbench shows: how far reconciliation has come, and lines beside their proposals."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Prefetch

from b2b.core.actor import Actor
from finance.models import Case, Match, MatchMember, StatementLine


@dataclass(frozen=True, slots=True)
class Progress:
    """Booked lines by what became of them, and the cases that are open."""

    settled: int
    proposed: int
    in_case: int
    waiting: int
    open_cases: int

    @property
    def total(self) -> int:
        """All booked lines."""
        return self.settled + self.proposed + self.in_case + self.waiting

    @property
    def percent(self) -> int:
        """How many of a hundred lines are settled, rounded down."""
        return 100 * self.settled // self.total if self.total else 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line and the proposals for it, the likeliest first."""

    line: StatementLine
    proposals: list[Match]


def progress(actor: Actor) -> Progress:
    """Return how far reconciliation has come; two statements."""
    counted = StatementLine.objects.visible_to(actor).values_list("status").annotate(Count("pk"))
    by_status: dict[str, int] = dict(counted.order_by())
    return Progress(
        settled=by_status.get("MATCHED", 0) + by_status.get("SET_ASIDE", 0),
        proposed=by_status.get("PROPOSED", 0),
        in_case=by_status.get("IN_CASE", 0),
        waiting=by_status.get("OPEN", 0),
        open_cases=Case.objects.visible_to(actor).filter(status="OPEN").count(),
    )


def proposed(actor: Actor, most: int) -> list[Waiting]:
    """Return the oldest lines that wait with proposals; three statements, whatever the number."""
    lines = StatementLine.objects.visible_to(actor).filter(status="PROPOSED").order_by("pk")[:most]
    found = {line.pk: Waiting(line, []) for line in lines}
    members = MatchMember.objects.visible_to(actor).select_related("invoice__dealer").order_by("pk")
    matches = (
        Match.objects.visible_to(actor)
        .filter(status="PROPOSED", members__line__in=list(found))
        .prefetch_related(Prefetch("members", queryset=members))
        .order_by("pk")
    )
    for match in matches:
        [line_id] = [one.line_id for one in match.members.all() if one.line_id is not None]
        found[line_id].proposals.append(match)
    return list(found.values())
