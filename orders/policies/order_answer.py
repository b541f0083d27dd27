"""What a factory answers line by line, and whether it can be taken so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from b2b.core.errors import Problem
from orders.policies import response_code
from orders.policies.order_response import Asked, Delivery, DoesNotFit, Part, divide

Rest = Literal["LEAVE", "ACCEPT", "REJECT"]


@dataclass(frozen=True, slots=True)
class Substitute:
    """Another product in place of what is short: `quantity` base units of it in all, at a price before tax.

    `units` of it stand for every `replaced_units` of the product ordered.
    """

    sku: str
    quantity: int
    unit_price: Decimal
    units: int = 1
    replaced_units: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What the factory promises for one line, in base units; no date or price keeps the one asked for.

    `schedules` divides the line into deliveries. No quantity at all means as ordered, but for a rejection or a
    substitute, where it means nothing. `code` is our word or the one of X12 855; without it the values speak.
    """

    line_number: int
    confirmed_quantity: int | None = None
    promised_date: date | None = None
    reason: str = ""
    code: str = ""
    unit_price: Decimal | None = None
    schedules: tuple[Delivery, ...] = ()
    substitute: Substitute | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """A purchase line as it stands; `response_version` is 0 while it is open."""

    line_id: int
    line_number: int
    product_id: int
    quantity: int
    confirmed: int
    despatched: int
    unit_price: Decimal
    response_version: int
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer that can be taken: the line is divided into `parts`, of which `confirmed` units are promised."""

    line: Ordered
    answer: Answer
    code: str
    confirmed: int
    parts: tuple[Part, ...]

    @property
    def promised_date(self) -> date:
        """The day the last of what is promised comes."""
        promised = [part.promised_date for part in self.parts if part.confirmed_quantity]
        return max(promised or [part.promised_date for part in self.parts])


def settle(
    lines: Mapping[int, Ordered], answers: Sequence[Answer], *, rest: Rest
) -> tuple[list[Settled], list[Problem]]:
    """Return each answered line by number, and each fault with its place; `rest` is said of lines still open.

    A line that was answered before and is not named keeps its answer, and is not returned.
    """
    problems: list[Problem] = []
    settled = []
    for index, answer in enumerate(answers):
        line = lines.get(answer.line_number)
        if line is None:
            problems.append(
                _fault(index, f"there is no line {answer.line_number}", "Name lines of this purchase order.")
            )
            continue
        one, fault = _settle(line, answer)
        if fault:
            problems.append(_fault(index, f"line {answer.line_number}: {fault[0]}", fault[1]))
        elif one:
            settled.append(one)
    repeated = [number for number, times in Counter(one.line_number for one in answers).items() if times > 1]
    if repeated:
        message = f"line {repeated[0]} is answered twice"
        problems.append(Problem("repeated_line", message, "/lines", remedy="Divide it by its schedules."))
    return [*settled, *_of_rest(lines, {one.line_number for one in answers}, rest)], problems


def _fault(index: int, message: str, remedy: str) -> Problem:
    return Problem(code="invalid_answer", message=message, pointer=f"/lines/{index}", remedy=remedy)


def _of_rest(lines: Mapping[int, Ordered], named: set[int], rest: Rest) -> Iterator[Settled]:
    if rest == "LEAVE":
        return
    for number, line in sorted(lines.items()):
        if number in named or line.response_version:
            continue
        quantity = line.quantity if rest == "ACCEPT" else 0
        answer = Answer(number, quantity)
        code = "ACCEPTED" if rest == "ACCEPT" else "REJECTED"
        yield Settled(line, answer, code, quantity, tuple(divide(line.asked, [Delivery(quantity)])))


def _settle(line: Ordered, answer: Answer) -> tuple[Settled | None, tuple[str, str] | None]:
    word = response_code.word_of(answer.code)
    if word is None:
        return None, (f"{answer.code} is no answer", f"Use one of {', '.join(response_code.CODES)}.")
    deliveries = _deliveries(line, answer, word)
    confirmed = sum(one.confirmed_quantity for one in deliveries)
    if not line.despatched <= confirmed <= line.quantity:
        return None, (
            f"{confirmed} is not within {line.despatched} despatched and {line.quantity} ordered",
            "Confirm at most what was ordered and at least what is on its way.",
        )
    if word == "BACK_ORDERED" and any(one.promised_date is None for one in deliveries):
        return None, ("back-ordered without a date", "Say when it comes, or reject it.")
    numbered = {one.schedule_number for one in deliveries} - {None}
    if numbered and numbered != {one.schedule_number for one in line.asked}:
        return None, ("not all of its schedules are answered", "Answer the schedules of a line together.")
    is_priced_anew = answer.unit_price not in (None, line.unit_price)
    has_substitute = answer.substitute is not None
    if word and not response_code.fits(
        word,
        asked=line.quantity,
        confirmed=confirmed,
        is_priced_anew=is_priced_anew,
        has_substitute=has_substitute,
    ):
        return None, (f"{word} contradicts what is promised", "Leave the code out, or mend the values.")
    try:
        parts = divide(line.asked, deliveries)
    except DoesNotFit as error:
        return None, (str(error), "Promise at most what was ordered.")
    code = word or response_code.derive(
        asked=line.quantity,
        confirmed=confirmed,
        deliveries=sum(part.confirmed_quantity > 0 for part in parts) - len(line.asked) + 1,
        is_priced_anew=is_priced_anew,
        is_later=any(part.promised_date != part.origin.requested_date for part in parts),
        has_substitute=has_substitute,
    )
    return Settled(line, answer, code, confirmed, tuple(parts)), None


def _deliveries(line: Ordered, answer: Answer, word: str) -> list[Delivery]:
    if answer.schedules:
        return list(answer.schedules)
    quantity = answer.confirmed_quantity
    if quantity is None:
        quantity = 0 if word == "REJECTED" or answer.substitute else line.quantity
    return [Delivery(quantity, answer.promised_date)]
