"""The rows of an order change: judged by the rules every order is judged by, and turned into lines again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from b2b.core.errors import Problem
from b2b.core.money import round_to_currency
from orders.models import Order
from orders.policies.changed_line import Changed
from orders.policies.order_change import Held, LineEdit, Move
from orders.policies.order_facts import Facts
from orders.policies.order_row import RawRow, RowResult
from orders.services import order_lines
from orders.services.cycle_membership import Wish

# Faults of the sum of a product; a line that was not touched has no other.
_OF_SUMS: Final = {"below_minimum", "above_maximum", "no_price"}


class ChangeRows:
    """The rows to judge: lines of the products that change, what is ordered in addition, and new lines."""

    def __init__(
        self,
        held: Mapping[int, Held],
        by_line: Mapping[int, tuple[int, LineEdit]],
        moves: Mapping[int, Move],
        additions: Sequence[RawRow],
    ) -> None:
        self.held, self.by_line, self.moves = held, by_line, moves
        self.raw: list[RawRow] = []
        self.lines: list[Held | None] = []
        self.pointers: list[str] = []
        touched = {
            held[number].product_id
            for number, move in moves.items()
            if move.requested or move.cancelled or move.extra
        }
        self._touched = touched if not additions else {line.product_id for line in held.values()}
        for number in sorted(held):
            line = held[number]
            pointer = f"/lines/{by_line[number][0]}" if number in by_line else ""
            if line.product_id in self._touched and (owed := self._owed(line)):
                self._add(line, pointer, owed, self._site(line), None)
        for number, move in sorted(moves.items()):
            if move.extra:
                line, (index, edit) = held[number], by_line[number]
                self._add(
                    None,
                    f"/lines/{index}",
                    move.extra,
                    self._site(line),
                    edit.need_by_date or line.need_by_date,
                    line.sku,
                    line.base_unit,
                )
        for index, row in enumerate(additions):
            self.raw.append(RawRow(len(self.raw) + 1, row.values))
            self.lines.append(None)
            self.pointers.append(f"/add/{index}")

    def _add(
        self,
        line: Held | None,
        pointer: str,
        quantity: int,
        site: str,
        day: date | None,
        sku: str = "",
        unit: str = "",
    ) -> None:
        values = {
            "sku": line.sku if line else sku,
            "quantity": str(quantity),
            "unit": line.base_unit if line else unit,
            "ship_to": site,
            "need_by_date": day.isoformat() if day else "",
        }
        self.raw.append(RawRow(len(self.raw) + 1, values))
        self.lines.append(line)
        self.pointers.append(pointer)

    def _edit(self, line: Held) -> LineEdit:
        return (
            self.by_line[line.line_number][1]
            if line.line_number in self.by_line
            else LineEdit(line.line_number)
        )

    def _site(self, line: Held) -> str:
        return self._edit(line).ship_to or line.site_code

    def _owed(self, line: Held) -> int:
        move = self.moves.get(line.line_number, Move())
        return line.owed - line.pending + move.requested - move.cancelled - move.given_up

    def problems(self, results: Sequence[RowResult]) -> list[Problem]:
        """Return the faults of changed and new lines, and of the sums they change."""
        found: dict[tuple[str, str, str], Problem] = {}
        for pointer, line, result in zip(self.pointers, self.lines, results, strict=True):
            for one in result.problems:
                if line is not None and line.is_bound:
                    continue
                if (line is not None and not pointer) and one.code not in _OF_SUMS:
                    continue
                key = (pointer, one.code, result.sku)
                found[key] = replace(one, row=None, pointer=f"{pointer}/{one.field}" if pointer else "")
        return list(found.values())

    def changed(
        self, order: Order, results: Sequence[RowResult], cycles: Mapping[Wish, UUID], facts: Facts
    ) -> list[Changed]:
        """Return every line that is not as it was, and the new ones behind the last."""
        priced = {
            line.line_number: result
            for line, result in zip(self.lines, results, strict=True)
            if line is not None and not line.is_bound
        }
        made = [
            self._line(order, line, priced.get(number), cycles, facts)
            for number, line in sorted(self.held.items())
        ]
        changed = [one for one in made if one is not None]
        last = order.lines.order_by("-line_number").values_list("line_number", flat=True)
        new = [result for line, result in zip(self.lines, results, strict=True) if line is None]
        number = (last.first() or 0) if new else 0
        return changed + [_new(number + place, row, cycles) for place, row in enumerate(new, start=1)]

    def _line(
        self,
        order: Order,
        line: Held,
        row: RowResult | None,
        cycles: Mapping[Wish, UUID],
        facts: Facts,
    ) -> Changed | None:
        edit, move = self._edit(line), self.moves.get(line.line_number, Move())
        owed = self._owed(line)
        price = row.unit_price if row and row.unit_price is not None else line.unit_price
        if row:
            net, tax = row.net_amount, row.tax_amount
        elif owed == line.owed - line.pending:
            net, tax = line.net_amount, line.tax_amount
        else:
            net = round_to_currency(price * owed, order.currency)
            tax = round_to_currency(net * line.tax_rate, order.currency)
        site_id = facts.sites[edit.ship_to] if edit.ship_to else line.ship_to_site_id
        cycle_id = line.cycle_id
        if site_id != line.ship_to_site_id and not line.is_bound:
            cycle_id = cycles.get(Wish(line.factory_id, site_id, line.category))
        day = edit.need_by_date or line.need_by_date
        before = (
            line.owed - line.pending,
            line.unit_price,
            line.net_amount,
            line.ship_to_site_id,
            line.need_by_date,
        )
        if (owed, price, net, site_id, day) == before:
            return None
        return Changed(line.line_number, line.sku, line, move, owed, price, net, tax, site_id, day, cycle_id)


def _new(number: int, row: RowResult, cycles: Mapping[Wish, UUID]) -> Changed:
    assert row.unit_price is not None
    return Changed(
        line_number=number,
        sku=row.sku,
        line=None,
        move=Move(requested=row.quantity),
        quantity=row.quantity,
        unit_price=row.unit_price,
        net_amount=row.net_amount,
        tax_amount=row.tax_amount,
        ship_to_site_id=row.ship_to_site_id,
        need_by_date=row.need_by_date,
        cycle_id=cycles.get(order_lines.wish(row)),
        row=row,
    )
