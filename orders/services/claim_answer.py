"""Take a factory's answer to a claim, line by line, and split it back over those who lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from orders.models import Claim, ClaimLine, ClaimShare
from orders.policies import claiming
from orders.services.purchase_order_response import check_factory

_LINES: Final = {"id": "bigint", "quantity": "bigint", "amount": "numeric", "answer": "text"}
_SHARES: Final = {"id": "bigint", "amount": "numeric"}


@dataclass(frozen=True, slots=True)
class Answer:
    """How many base units of a claim line the factory takes on itself; zero refuses the line."""

    line_number: int
    accepted_quantity: int
    note: str = ""


@unit_of_work()
def answer(claim: Claim, *, answers: Sequence[Answer] = (), note: str = "", by: Actor, at: datetime) -> Claim:
    """Accept a claim in full, in part or not at all; a line that is not named is accepted.

    :raises Forbidden: for another factory. :raises IllegalTransition: when it is answered already.
    :raises Invalid: for unknown lines or more than was claimed.
    """
    check_factory(claim.factory_id, by)
    with acting_as(system("orders")):
        locked = lock_one(Claim.objects.filter(pk=claim.pk))
        Claim.machine.next(locked.status, "accept")
        lines = list(locked.lines.order_by("line_number"))
        _take(lines, answers, locked.currency)
        _split(lines, locked.currency)
        total = sum((line.accepted_amount for line in lines), Decimal(0))
        accepted = sum(line.accepted_quantity for line in lines)
        verb = "refuse"
        if accepted:
            verb = (
                "accept"
                if all(line.accepted_quantity == line.claimed_quantity for line in lines)
                else "accept_partly"
            )
        locked.advance(
            verb, by=by, at=at, reason=note, accepted_amount=total, answer_note=note, answered_at=at
        )
    return locked


def _take(lines: Sequence[ClaimLine], answers: Sequence[Answer], currency: str) -> None:
    known = {line.line_number: line for line in lines}
    given = {one.line_number: one for one in answers}
    problems = [
        Problem(
            "invalid_answer",
            f"line {one.line_number}: {one.accepted_quantity} is not within what is claimed",
            pointer=f"/lines/{index}",
        )
        for index, one in enumerate(answers)
        if one.line_number not in known
        or not 0 <= one.accepted_quantity <= known[one.line_number].claimed_quantity
        or given[one.line_number] is not one
    ]
    if problems:
        raise Invalid("The answer does not fit the claim.", problems=problems)
    for line in lines:
        one = given.get(line.line_number)
        line.accepted_quantity = one.accepted_quantity if one else line.claimed_quantity
        line.answer = one.note if one else ""
        line.accepted_amount = claiming.accepted(
            line.claimed_amount, line.claimed_quantity, line.accepted_quantity, currency
        )
    execute(
        f"UPDATE orders_claimline line SET accepted_quantity = given.quantity, accepted_amount = given.amount,"
        f" answer = given.answer FROM {unnest(_LINES)} WHERE line.id = given.id",
        transpose(
            list(_LINES),
            ((line.pk, line.accepted_quantity, line.accepted_amount, line.answer) for line in lines),
        ),
    )


def _split(lines: Sequence[ClaimLine], currency: str) -> None:
    """Give each share its part of what its line was accepted at."""
    shares: dict[int, list[ClaimShare]] = defaultdict(list)
    for share in ClaimShare.objects.filter(line__in=[line.pk for line in lines]).order_by("pk"):
        shares[share.line_id].append(share)
    rows = [
        (share.pk, amount)
        for line in lines
        for share, amount in zip(
            shares[line.pk],
            claiming.split_answer(
                line.accepted_amount or Decimal(0),
                [share.claimed_amount for share in shares[line.pk]],
                currency,
            ),
            strict=True,
        )
    ]
    execute(
        f"UPDATE orders_claimshare share SET accepted_amount = given.amount FROM {unnest(_SHARES)}"
        " WHERE share.id = given.id",
        transpose(list(_SHARES), rows),
    )
