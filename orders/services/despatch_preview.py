"""Show what a UBL despatch advice would bring, line by line with its faults; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from orders.models import PurchaseOrder
from orders.policies.ubl_despatch import Line
from orders.services import despatch_advice, despatch_upload
from orders.services.despatch_advice import Despatched, InvalidDespatch

OTHER: Final = "order"  # the field of a fault that is the purchase order's, not a line's


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A despatch line: where it stands in the file, and what it brings of which purchase lines, in base units."""

    row: int
    line_id: str
    sku: str
    purchase_lines: tuple[int, ...]
    quantity: int
    lot_number: str
    expiry_date: date | None
    sscc: str
    faults: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A despatch advice before it is taken; `faults` are those of no line. `earlier` was taken under its number."""

    number: str = ""
    order_number: str = ""
    factory: str = ""
    expected_at: datetime | None = None
    unit_count: int = 0
    lines: tuple[PreviewLine, ...] = ()
    faults: tuple[Problem, ...] = ()
    earlier: str = ""

    @property
    def problem_count(self) -> int:
        """How many faults there are in all."""
        return len(self.faults) + sum(len(line.faults) for line in self.lines)

    @property
    def can_be_taken(self) -> bool:
        """Tell whether taking it would write an advice."""
        return not self.problem_count and not self.earlier


def preview(content: bytes, *, by: Actor) -> Preview:
    """Return what taking a document would write, and everything that is wrong with it; a constant number of queries."""
    try:
        read = despatch_upload.look_up(content, by=by)
    except Invalid as error:  # no advice, or one of an unknown order: there is nothing to hold it against
        return Preview(faults=tuple(error.problems) or (Problem(error.code, error.message),))
    advice, order = read.advice, read.order
    found, problems = despatch_upload.resolve(order, advice.lines)
    faults = [] if problems else _written(order, found, despatch_upload.handling_units(advice))
    if order.status != "CONFIRMED" and not read.earlier:
        remedy = "answer the purchase order first"
        faults.append(
            Problem("not_confirmed", f"{order.number} is {order.status}", field=OTHER, remedy=remedy)
        )
    skus = dict(order.lines.values_list("line_number", "product__sku"))
    rows = {line.row for line, _ in found}
    return Preview(
        number=advice.number,
        order_number=order.number,
        factory=order.factory.name,
        expected_at=advice.expected_at,
        unit_count=len(advice.units),
        lines=tuple(_line(line, parts, problems, skus) for line, parts in found),
        faults=(*(one for one in problems if one.row not in rows), *faults),
        earlier=read.earlier.number if read.earlier else "",
    )


def _written(
    order: PurchaseOrder,
    found: Sequence[tuple[Line, list[Despatched]]],
    units: list[despatch_advice.HandlingUnit],
) -> list[Problem]:
    """Return what taking it would be refused for."""
    try:
        despatch_advice.check(order, [part for _, parts in found for part in parts], units)
    except InvalidDespatch as error:
        return list(error.problems) or [Problem(error.code, error.message)]
    return []


def _line(
    line: Line, parts: Sequence[Despatched], problems: Sequence[Problem], skus: dict[int, str]
) -> PreviewLine:
    numbers = tuple(part.line_number for part in parts)
    return PreviewLine(
        row=line.row,
        line_id=line.line_id,
        sku=skus[numbers[0]] if numbers else line.buyers_sku or line.gtin,
        purchase_lines=numbers,
        quantity=sum(part.quantity for part in parts),
        lot_number=line.lot_number,
        expiry_date=line.expiry_date,
        sscc=line.sscc,
        faults=tuple(one for one in problems if one.row == line.row),
    )
