"""Recording answers for the ports of orders, so that its tests need no other app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

from b2b.contracts.finance import CreditAnswer
from b2b.contracts.warehousing import DemandLine
from b2b.core.money import Money
from orders import ports


@dataclass
class CreditBook:
    """A limit per dealer, and what is held for each order; one that `refuses` raises no hold."""

    limit: Decimal = Decimal(10_000_000)
    held: dict[UUID, Money] = field(default_factory=dict)
    released: list[UUID] = field(default_factory=list)
    refuses: bool = False

    def _answer(self, asked: Money, *, granted: bool) -> CreditAnswer:
        zero = Money.of(0, asked.currency)
        reserved = sum((held for held in self.held.values()), start=zero)
        limit = Money.of(self.limit, asked.currency)
        short = zero if granted else reserved + asked - limit
        return CreditAnswer(granted=granted, limit=limit, used=zero, reserved=reserved, shortfall=short)

    def hold(
        self, *, dealer_id: int, order_id: UUID, amount: Money, at: datetime, version: int = 0
    ) -> CreditAnswer:
        others = (held.amount for key, held in self.held.items() if key != order_id)
        before = self.held.get(order_id, Money.of(0, amount.currency)).amount
        granted = sum(others, start=Decimal(0)) + amount.amount <= self.limit
        granted = granted and not (self.refuses and amount.amount > before)
        answer = self._answer(amount, granted=granted)
        if granted:
            self.held[order_id] = amount
        return answer

    def adjust(self, *, order_id: UUID, amount: Money, at: datetime) -> CreditAnswer:
        self.held[order_id] = amount
        return self._answer(amount, granted=True)

    def lower(self, *, amounts: Mapping[UUID, Money], at: datetime) -> None:
        for order_id, amount in amounts.items():
            if order_id in self.held and amount.minor < self.held[order_id].minor:
                self.held[order_id] = amount

    def release(self, *, order_id: UUID, at: datetime) -> None:
        self.held.pop(order_id, None)
        self.released.append(order_id)

    def position(self, *, dealer_id: int, currency: str) -> CreditAnswer:
        return self._answer(Money.of(0, currency), granted=True)


@dataclass
class Shelf:
    """Free stock per product."""

    free: dict[int, int] = field(default_factory=dict)
    asked: list[DemandLine] = field(default_factory=list)
    given: dict[int, int] = field(default_factory=dict)

    def cover(self, lines: Sequence[DemandLine], *, at: datetime) -> dict[int, int]:
        self.asked += lines
        for line in lines:
            if line.order_line_id not in self.given:
                taken = min(line.quantity, self.free.get(line.product_id, 0))
                self.free[line.product_id] = self.free.get(line.product_id, 0) - taken
                self.given[line.order_line_id] = taken
        return {line.order_line_id: self.given[line.order_line_id] for line in lines}

    def kept(self, order_line_ids: Sequence[int]) -> dict[int, int]:
        return {line: self.given[line] for line in order_line_ids if self.given.get(line)}

    def available(self, product_ids: Sequence[int]) -> dict[int, int]:
        return {product: self.free.get(product, 0) for product in product_ids}


@contextmanager
def answered(credit: Any = None, stock: Any = None) -> Iterator[None]:
    """Let these answer orders inside the block."""
    with (
        patch.object(ports.credit, "_answerer", credit or CreditBook()),
        patch.object(ports.stock, "_answerer", stock or Shelf()),
    ):
        yield
