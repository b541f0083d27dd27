"""Write down what the rules decided: matches with their members, and cases for what nobody could decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.ids import uuid7
from b2b.db.locks import lock
from b2b.db.models import advance_all
from finance.models import Case, Match, MatchMember, ReconciliationRun, StatementLine
from finance.policies.matching import RULE_VERSION
from finance.policies.open_items import CASE, POST, PROPOSE, Decision, Part
from finance.services.case import Finding

SHOWN_ALTERNATIVES = 10
LINE_KINDS = ("UNMATCHED_RECEIPT", "UNEXPLAINED_DEBIT")


def write(decisions: Sequence[Decision], run: ReconciliationRun) -> None:
    """Write a match for each group that was posted and for each choice of what is proposed; two statements."""
    matches: dict[object, Match] = {}
    members: list[MatchMember] = []
    for decision in decisions:
        if decision.action == CASE:
            continue
        choices = [decision.parts] if decision.action == POST else decision.choices[:SHOWN_ALTERNATIVES]
        for place, parts in enumerate(choices):
            key = decision.group if decision.action == POST else (decision.credit.line_id, place)
            match = matches.setdefault(key, _match(decision, run))
            members += _members(match, decision, parts)
    Match.objects.bulk_create(matches.values())
    MatchMember.objects.bulk_create(members)


def _match(decision: Decision, run: ReconciliationRun) -> Match:
    return Match(
        id=uuid7(),
        run=run,
        rule=decision.rule,
        rule_version=RULE_VERSION,
        explanation=decision.explanation[:300],
        alternatives=decision.alternatives,
        status="ACCEPTED" if decision.action == POST else "PROPOSED",
        decided_by="rules" if decision.action == POST else "",
    )


def _members(match: Match, decision: Decision, parts: Iterable[Part]) -> list[MatchMember]:
    line = MatchMember(match=match, line_id=decision.credit.line_id, amount=decision.credit.amount)
    return [
        line,
        *(
            MatchMember(
                match=match, invoice_id=part.invoice.invoice_id, amount=part.amount, paid_amount=part.paid
            )
            for part in parts
        ),
    ]


def pair_all(pairs: Sequence[tuple[Sequence[StatementLine], str]], run: ReconciliationRun) -> None:
    """Write matches of bank lines that undo each other, and why; two statements."""
    matches = Match.objects.bulk_create(
        Match(
            id=uuid7(),
            run=run,
            rule="return",
            rule_version=RULE_VERSION,
            explanation=why[:300],
            status="ACCEPTED",
            decided_by="rules",
        )
        for _, why in pairs
    )
    MatchMember.objects.bulk_create(
        MatchMember(match=match, line=line, amount=line.amount)
        for match, (lines, _) in zip(matches, pairs, strict=True)
        for line in lines
    )


def findings(
    decisions: Sequence[Decision], doubted: Sequence[StatementLine], lines: Mapping[int, StatementLine]
) -> list[Finding]:
    """Return what a person has to look at: money nobody explains, money too much, money that went out."""
    found = []
    for decision in decisions:
        line = lines[decision.credit.line_id]
        if decision.action == CASE:
            found.append(_finding("UNMATCHED_RECEIPT", line, decision.explanation, line.amount))
        elif decision.action == POST and decision.left:
            why = f"{decision.left} {line.currency} more than was open; kept as an advance"
            found.append(_finding("OVERPAYMENT", line, why, decision.left))
    found += [
        _finding("UNEXPLAINED_DEBIT", line, "money went out that nothing here asked for", line.amount)
        for line in doubted
    ]
    return found


def _finding(kind: str, line: StatementLine, reason: str, amount: object) -> Finding:
    return Finding(
        kind=kind,
        key=f"bank_line:{line.pk}:{kind}",
        reason=reason,
        reference=f"{line.booking_date} {line.counterparty_name or line.counterparty_identifier}".strip(),
        currency=line.currency,
        amount=amount,  # type: ignore[arg-type]
        statement_line_id=line.pk,
    )


def mark(decisions: Sequence[Decision], doubted: Sequence[StatementLine]) -> None:
    """Set the lines to what became of them; two statements."""
    proposed = [one.credit.line_id for one in decisions if one.action == PROPOSE]
    in_case = [one.credit.line_id for one in decisions if one.action == CASE] + [line.pk for line in doubted]
    StatementLine.objects.filter(pk__in=proposed).update(status="PROPOSED")
    StatementLine.objects.filter(pk__in=in_case, status="OPEN").update(status="IN_CASE")


def close_cases(line_ids: Sequence[int], resolution: str, *, by: Actor, at: datetime) -> None:
    """Resolve the open cases of lines that are settled now; what was paid too much stays."""
    if not line_ids:
        return
    found = lock(Case.objects.filter(statement_line_id__in=line_ids, kind__in=LINE_KINDS, status="OPEN"))
    advance_all(found, "resolve", by=by, at=at, reason=resolution, resolution=resolution, resolved_at=at)


def close_proposals(line_ids: Sequence[int], status: str, *, by: Actor, but: UUID | None = None) -> None:
    """Set the open proposals of lines; `but` is kept out."""
    waiting = Match.objects.filter(members__line_id__in=line_ids, status="PROPOSED")
    (waiting.exclude(pk=but) if but else waiting).update(status=status, decided_by=str(by)[:150])
