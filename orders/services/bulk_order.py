"""One path for every way to order: web form, file, pasted table, JSON. Judge first, then place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from b2b.contracts.finance import CreditAnswer
from b2b.core.actor import Actor, acting_as, system
from b2b.core.collector import collecting_later
from b2b.core.errors import Invalid, Problem
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization, Site
from orders import ports
from orders.models import Order
from orders.policies.order_facts import Facts, TradeFacts
from orders.policies.order_row import judge, judge_alone
from orders.policies.raw_row import RawRow
from orders.policies.row_result import RowResult
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
        return tuple([row for row in self.rows if not row.problems])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All faults of all rows."""
        return tuple(problem for row in self.rows for problem in row.problems)

    @property
    def credit_left(self) -> Decimal | None:
        """What the dealer may still order after the good rows; below zero when they are too much."""
        return self.credit.available.amount - self.total_gross if self.credit else None

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
    with collecting_later():
        result = _judged(
            rows, judge, dealer=dealer, ship_to=ship_to, currency=currency, agreed={}, by=by, at=at
        )
    with acting_as(system("credit")):
        answer = ports.credit().position(dealer_id=dealer.pk, currency=result.currency)
    return replace(result, credit=answer)


def _judged(
    rows: Sequence[RawRow],
    judging: Callable[[Sequence[RawRow], Facts], list[RowResult]],
    *,
    dealer: Organization,
    ship_to: Site | None,
    currency: str,
    agreed: Mapping[int, TradeFacts],
    by: Actor,
    at: datetime,
) -> Preview:
    money = currency or _told_currency(rows) or dealer.currency
    facts = row_facts.of_rows(
        by, rows, dealer=dealer, ship_to_site_id=_own(ship_to, dealer), currency=money, at=at
    )
    if agreed:
        facts = replace(facts, trade={**facts.trade, **agreed})
    return _summed(judging(rows, facts), money)


def _told_currency(rows: Sequence[RawRow]) -> str:
    """Return the currency that all rows with one name, empty when they name none or several."""
    told = {row.get("currency").upper() for row in rows if "currency" in row.values} - {""}
    return told.pop() if len(told) == 1 else ""


def _summed(results: Sequence[RowResult], currency: str) -> Preview:
    good = [row for row in results if not row.problems]
    zero = Decimal(0)
    return Preview(
        rows=tuple(results),
        currency=currency,
        total_net=sum([row.net_amount for row in good], zero),
        total_tax=sum([row.tax_amount for row in good], zero),
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
    with collecting_later():
        judged = _judged(
            rows,
            judge if mode == "atomic" else judge_alone,
            dealer=dealer,
            ship_to=ship_to,
            currency=currency,
            agreed=agreed or {},
            by=by,
            at=at,
        )
        good = judged.good
        if not good or (len(good) < len(judged.rows) and mode == "atomic"):
            raise InvalidRows(
                f"{len(judged.rows) - len(good)} of {len(judged.rows)} rows cannot be ordered",
                problems=judged.problems,
            )
        placed = orders.place(
            dealer,
            rows=good,
            currency=judged.currency,
            ship_to_site_id=_own(ship_to, dealer) or good[0].ship_to_site_id or 0,
            external_reference=external_reference,
            has_agreed_prices=bool(agreed),
            priority_at=priority_at,
            by=by,
            at=at,
        )
    return Submission(placed, judged)
