"""One path for every way to order: web form, file, pasted table, JSON. Judge first, then place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from b2b.contracts.finance import CreditAnswer
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, Problem
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization, Site
from orders import ports
from orders.models import Order
from orders.policies.order_facts import TradeFacts
from orders.policies.order_row import RawRow, RowResult, judge, judge_alone
from orders.selectors import row_facts
from orders.services import order as orders
from orders.services.upload import json_rows

Mode = Literal["atomic", "per_row"]


class InvalidRows(Invalid):
    """Some rows cannot be ordered; each problem names its row, field and remedy. Nothing was ordered."""

    code = "invalid_rows"


@dataclass(frozen=True, slots=True)
class Preview:
    """A result for every row, and what the good ones would come to; amounts before and with tax."""

    rows: tuple[RowResult, ...]
    currency: str
    total_net: Decimal
    total_tax: Decimal
    credit: CreditAnswer | None = None

    @property
    def total_gross(self) -> Decimal:
        """What the good rows come to with tax."""
        return self.total_net + self.total_tax

    @property
    def good(self) -> tuple[RowResult, ...]:
        """The rows that may be ordered."""
        return tuple(row for row in self.rows if row.ok)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All faults of all rows."""
        return tuple(problem for row in self.rows for problem in row.problems)

    @property
    def is_within_credit(self) -> bool:
        """Tell whether the dealer's credit covers the good rows."""
        return self.credit is None or self.total_gross <= self.credit.available.amount


@dataclass(frozen=True, slots=True)
class Submission:
    """The order that was placed, and what became of every row."""

    order: Order
    preview: Preview


def rows_of(lines: Iterable[dict[str, object]]) -> list[RawRow]:
    """Turn dictionaries with sku or gtin, quantity, unit, ship_to, need_by_date into rows, numbered from 1."""
    return json_rows.from_objects(lines)


@unit_of_work()
def preview(
    rows: Sequence[RawRow],
    *,
    dealer: Organization,
    ship_to: Site | None = None,
    currency: str = "",
    by: Actor,
    at: datetime,
) -> Preview:
    """Judge rows without ordering: product, units, price and break, rules, stock, date, credit left.

    The number of queries does not depend on the number of rows.

    :raises Forbidden: for another dealer.
    """
    orders.may_order_for(dealer.pk, by)
    money = currency or dealer.currency
    facts = row_facts.of_rows(
        by, rows, dealer=dealer, ship_to_site_id=_own(ship_to, dealer), currency=money, at=at
    )
    result = _summed(judge(rows, facts), money)
    with acting_as(system("credit")):
        answer = ports.credit().position(dealer_id=dealer.pk, currency=result.currency)
    return replace(result, credit=answer)


def _summed(results: Sequence[RowResult], currency: str) -> Preview:
    good = [row for row in results if row.ok]
    zero = Decimal(0)
    return Preview(
        rows=tuple(results),
        currency=currency,
        total_net=sum((row.net_amount for row in good), zero),
        total_tax=sum((row.tax_amount for row in good), zero),
    )


def _own(ship_to: Site | None, dealer: Organization) -> int | None:
    return ship_to.pk if ship_to is not None and ship_to.organization_id == dealer.pk else None


@unit_of_work()
def submit(
    rows: Sequence[RawRow],
    *,
    dealer: Organization,
    ship_to: Site | None = None,
    external_reference: str = "",
    currency: str = "",
    mode: Mode = "atomic",
    agreed: Mapping[int, TradeFacts] | None = None,
    priority_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Submission:
    """Judge rows and place one confirmed order of them, in one transaction.

    `atomic` takes all rows or none; `per_row` takes the good ones, judged again without the others, and reports the
    rest. Either way every row has a result. `agreed` are terms by product that hold instead of the resolver's, and
    `priority_at` the moment from which the order ranks: both come with a blanket order or an accepted quotation. The
    order waits for approval when a rule of the dealer says so.

    :raises InvalidRows: when a row (atomic) or every row (per_row) has a fault.
    :raises CreditRefused, DuplicateReference, Forbidden: as `order.place` does.
    """
    orders.may_order_for(dealer.pk, by)
    money = currency or dealer.currency
    facts = row_facts.of_rows(
        by, rows, dealer=dealer, ship_to_site_id=_own(ship_to, dealer), currency=money, at=at
    )
    if agreed:
        facts = replace(facts, trade={**facts.trade, **agreed})
    judged = _summed(judge(rows, facts) if mode == "atomic" else judge_alone(rows, facts), money)
    if not judged.good or (judged.problems and mode == "atomic"):
        raise InvalidRows(
            f"{len(judged.rows) - len(judged.good)} of {len(judged.rows)} rows cannot be ordered",
            problems=judged.problems,
        )
    placed = orders.place(
        dealer,
        rows=judged.good,
        currency=money,
        ship_to_site_id=_own(ship_to, dealer) or judged.good[0].ship_to_site_id or 0,
        external_reference=external_reference,
        priority_at=priority_at,
        by=by,
        at=at,
    )
    return Submission(placed, judged)
