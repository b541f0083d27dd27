"""Decide what becomes of returned goods in quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.warehousing import DisposedLine, ReturnDisposed
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from warehousing.models import Location, ReturnReceipt, ReturnReceiptLine
from warehousing.selectors import location
from warehousing.services import movement

_COLUMNS: Final = {"line_id": "bigint", "restocked": "bigint", "scrapped": "bigint", "sent_back": "bigint"}
_WRITE: Final = f"""
UPDATE warehousing_returnreceiptline line SET restocked_quantity = given.restocked,
    scrapped_quantity = given.scrapped, sent_back_quantity = given.sent_back
FROM {unnest(_COLUMNS)} WHERE line.id = given.line_id
"""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What is to become of base units of one line that stand in quarantine."""

    line_number: int
    restock: int = 0
    scrap: int = 0
    send_back: int = 0


@unit_of_work()
def dispose(
    receipt_id: UUID, *, dispositions: Sequence[Disposition], by: Actor, at: datetime
) -> ReturnReceipt:
    """Restock, scrap or send back returned goods, all of them or some, and publish ReturnDisposed with the totals.

    Restocked goods are free to reserve at once; scrapped ones go to the loss, the others to the supplier's place.

    :raises IllegalTransition: before they are counted, or when nothing is left to decide.
    :raises Invalid: for an unknown line, or more than stands in quarantine.
    :raises NotEnoughStock: when the goods are not in quarantine any more.
    """
    receipt = lock_one(ReturnReceipt.objects.filter(pk=receipt_id))
    ReturnReceipt.machine.next(receipt.status, "dispose")
    lines = list(receipt.lines.order_by("line_number"))
    moves = _moves(receipt, lines, dispositions)
    movement.post(moves, at=at, document_type="return_receipt", document_id=receipt.pk)
    rows = (
        (line.pk, line.restocked_quantity, line.scrapped_quantity, line.sent_back_quantity) for line in lines
    )
    execute(_WRITE, transpose(list(_COLUMNS), rows))
    is_open = any(undecided(line) for line in lines)
    receipt.advance("dispose_partly" if is_open else "dispose", by=by, at=at)
    publish(
        ReturnDisposed(
            occurred_at=at,
            return_receipt_id=receipt.pk,
            number=receipt.number,
            return_id=receipt.return_id,
            lines=_told(lines),
        )
    )
    return receipt


def undecided(line: ReturnReceiptLine) -> int:
    """Return the base units of a line that still stand in quarantine."""
    decided = line.restocked_quantity + line.scrapped_quantity + line.sent_back_quantity
    return int((line.received_quantity or 0) - decided)


def _moves(
    receipt: ReturnReceipt, lines: Sequence[ReturnReceiptLine], dispositions: Sequence[Disposition]
) -> list[movement.Move]:
    kinds = Location.Kind
    places = location.by_kind([receipt.warehouse_id])
    known = {line.line_number: line for line in lines}
    moves: list[movement.Move] = []
    problems: list[Problem] = []
    for index, one in enumerate(dispositions):
        line = known.get(one.line_number)
        parts = (one.restock, one.scrap, one.send_back)
        if line is None or min(parts) < 0 or not 1 <= sum(parts) <= undecided(line):
            there = undecided(line) if line else 0
            problems.append(
                Problem(
                    "not_in_quarantine",
                    f"line {one.line_number}: {sum(parts)} is not within the {there} in quarantine",
                    pointer=f"/lines/{index}",
                )
            )
            continue
        line.restocked_quantity += one.restock
        line.scrapped_quantity += one.scrap
        line.sent_back_quantity += one.send_back
        moves += [
            movement.Move(
                product_id=line.product_id,
                source_id=places[receipt.warehouse_id, kinds.QUALITY],
                destination_id=places[receipt.warehouse_id, kind],
                quantity=part,
                lot_id=line.lot_id,
                owner_id=line.owner_id,
            )
            for part, kind in zip(parts, (kinds.STORAGE, kinds.LOSS, kinds.SUPPLIER), strict=True)
            if part
        ]
    if not dispositions:
        problems.append(Problem("no_lines", "say what becomes of at least one line", "/lines"))
    if problems:
        raise Invalid("The dispositions do not fit the return receipt.", problems=problems)
    return moves


def _told(lines: Sequence[ReturnReceiptLine]) -> tuple[DisposedLine, ...]:
    """Sum the lots of each line that was to come back."""
    totals: dict[tuple[int | None, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        total = totals[line.return_line_id, line.order_line_id, line.product_id]
        total[0] += line.restocked_quantity
        total[1] += line.scrapped_quantity
        total[2] += line.sent_back_quantity
    return tuple(
        DisposedLine(
            return_line_id=return_line_id,
            order_line_id=order_line_id,
            product_id=product_id,
            restocked_quantity=restocked,
            scrapped_quantity=scrapped,
            sent_back_quantity=sent_back,
        )
        for (return_line_id, order_line_id, product_id), (restocked, scrapped, sent_back) in totals.items()
    )
