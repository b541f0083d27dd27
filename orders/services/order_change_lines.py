"""Decide line by line what an order change comes to, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from b2b.core.errors import Problem
from orders.models import Order
from orders.policies.changed_line import Changed
from orders.policies.order_change import Held, LineEdit, Move, TooLate, plan
from orders.policies.order_facts import Facts
from orders.policies.order_row import RawRow, judge
from orders.services import box_fill
from orders.services.cycle_membership import Wish
from orders.services.order_change_rows import ChangeRows


def decide(
    order: Order,
    held: Mapping[int, Held],
    edits: Sequence[LineEdit],
    additions: Sequence[RawRow],
    facts: Facts,
    cycles: Mapping[Wish, UUID],
) -> tuple[list[Changed], list[Problem]]:
    """Return the lines that change, priced and judged, and every fault with its pointer."""
    problems: list[Problem] = []
    moves: dict[int, Move] = {}
    by_line: dict[int, tuple[int, LineEdit]] = {}
    for index, edit in enumerate(edits):
        line = held.get(edit.line_number)
        fault = _fault(line, edit, facts, repeated=edit.line_number in by_line)
        if fault or line is None:
            problems.append(replace(fault or _unknown(edit), pointer=f"/lines/{index}"))
            continue
        by_line[edit.line_number] = index, edit
        try:
            moves[edit.line_number] = Move() if edit.quantity is None else plan(line, edit.quantity)
        except TooLate:
            problems.append(_too_late(line, index))
    if problems:
        return [], problems
    rows = ChangeRows(held, by_line, moves, additions)
    results = judge(rows.raw, facts) if rows.raw else []
    problems = rows.problems(results)
    if problems:
        return [], problems
    return rows.changed(order, results, cycles, facts), []


def of_pools(changed: Iterable[Changed]) -> list[box_fill.Change]:
    """Return by how much each line changes what its cycle wants."""
    return [
        box_fill.Change(one.cycle_id, one.product_id, one.quantity - one.from_quantity)
        for one in changed
        if one.cycle_id and one.quantity != one.from_quantity
    ]


def _fault(line: Held | None, edit: LineEdit, facts: Facts, *, repeated: bool) -> Problem | None:
    if line is None:
        return _unknown(edit)
    if repeated:
        return Problem("repeated_line", f"line {edit.line_number} is named twice", remedy="Name it once.")
    if (edit.need_by_date or edit.ship_to) and line.shipped:
        message = f"line {edit.line_number} is on its way"
        return Problem("already_shipped", message, remedy="Change lines that have not left yet.")
    if edit.need_by_date and edit.need_by_date < facts.today:
        return Problem("date_in_the_past", f"{edit.need_by_date} is past", remedy="Name a day to come.")
    if edit.ship_to and edit.ship_to not in facts.sites:
        remedy = "Use the code of one of your sites."
        return Problem("unknown_site", f"{edit.ship_to} is none of your sites", remedy=remedy)
    return None


def _unknown(edit: LineEdit) -> Problem:
    message = f"there is no line {edit.line_number}"
    return Problem("unknown_line", message, remedy="Name lines of this order, or add one.")


def _too_late(line: Held, index: int) -> Problem:
    return Problem(
        code="already_shipped",
        message=f"line {line.line_number}: {line.shipped} have left already",
        pointer=f"/lines/{index}",
        remedy=f"Keep at least {line.shipped}; they can be returned after delivery.",
    )
