"""More came than was advised: what is tolerated, and whose rule says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from b2b.catalog.models import Product
from b2b.core.errors import DomainError, Problem
from warehousing.models import Receipt, ReceiptLine, ReceivingRule
from warehousing.policies import tolerance


class OverReceipt(DomainError):
    """More was counted than was advised and the warehouse tolerates."""

    code = "over_receipt"


@dataclass(frozen=True, slots=True)
class Excess:
    """Base units beyond what is tolerated of a line, and whether they may be parked."""

    line: ReceiptLine
    came: int
    most: int
    parks: bool

    @property
    def quantity(self) -> int:
        """How many are too many."""
        return self.came - self.most


def beyond(receipt: Receipt, counted: Iterable[tuple[ReceiptLine, int]]) -> list[Excess]:
    """Return what is beyond tolerance of (line, all that came of it); lots of one purchase line are taken together.

    Only when something is over at all are the rules and products read.
    """
    lines: dict[int, dict[int, ReceiptLine]] = defaultdict(dict)
    came: dict[int, int] = defaultdict(int)
    for line, quantity in counted:
        lines[line.purchase_order_line_id][line.pk] = line
        came[line.purchase_order_line_id] += quantity
    expected = {key: sum(line.expected_quantity for line in group.values()) for key, group in lines.items()}
    over = [key for key, quantity in came.items() if quantity > expected[key]]
    if not over:
        return []
    rules = list(ReceivingRule.objects.all())
    last = {key: list(lines[key].values())[-1] for key in over}
    products = Product.objects.in_bulk({line.product_id for line in last.values()})
    found = []
    for key, line in last.items():
        product = products[line.product_id]
        rule = tolerance.narrowest(
            rules, product_id=product.pk, category=product.category, factory_id=receipt.factory_id
        )
        percent = receipt.warehouse.over_receipt_percent
        if rule is not None and rule.over_receipt_percent is not None:
            percent = rule.over_receipt_percent
        most = tolerance.most(expected[key], percent)
        parks = rule is not None and rule.on_excess == ReceivingRule.Excess.PARK
        if came[key] > most:
            found.append(Excess(line, came[key], most, parks))
    return found


def refuse(receipt: Receipt, counted: Sequence[tuple[ReceiptLine, int]]) -> None:
    """Refuse what is beyond tolerance.

    :raises OverReceipt: naming every line.
    """
    problems = [problem(one) for one in beyond(receipt, counted)]
    if problems:
        raise OverReceipt(problems=problems)


def problem(one: Excess) -> Problem:
    """Say that too many came."""
    advised = one.line.expected_quantity
    return Problem(
        "over_receipt",
        f"line {one.line.line_number}: {one.came} counted, {advised} advised, at most {one.most} accepted",
        f"/lines/{one.line.line_number}",
        remedy="refuse the rest at the gate, or record it as found goods",
    )
