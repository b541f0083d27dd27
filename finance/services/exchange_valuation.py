"""Value what is had and owed in foreign currencies at the end of a day, and book what differs.

What an account gained since its movements is booked on accounts of its own, in the books' currency, and derived anew
each time: a rate that is told late, or a movement, corrects what was booked before by the difference. Nothing is
reversed the next day, because nothing would be left of it: the next valuation books what is new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.core.ids import uuid7
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from finance.models import ExchangeValuation
from finance.policies import revaluation
from finance.policies.chart import MAIN, VALUATION, VALUED
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.revaluation import Worth
from finance.selectors import exchange_rate, exchange_valuation
from finance.services import case, chart, ledger
from finance.services.case import Finding
from finance.services.chart import Wanted

CASE_KIND: Final = "EXCHANGE_RATE_MISSING"


@unit_of_work()
def value(day: date, *, by: Actor, at: datetime) -> list[ExchangeValuation]:
    """Value monetary accounts in foreign currencies at the rates of a day, post what differs, return what is new.

    A currency without a rate near the day, or near the day of a movement, keeps its last valuation and opens a case,
    which the next valuation closes. A constant number of statements.

    :raises Forbidden: for anyone but the operator. :raises Invalid: when a later day is valued, or for a day to come.
    """
    if not by.sees_all:
        raise Forbidden("the books are the operator's")
    advisory_lock("finance.exchange_valuation")
    known = exchange_valuation.latest()
    newest, today = exchange_valuation.newest() or day, timezone.localtime(at).date()
    if not newest <= day <= today:
        raise Invalid(
            f"a day from {newest} to {today} can be valued: later days are to come, earlier ones are done"
        )
    base = chart.seller().currency
    units: dict[int, str] = {}
    moves: dict[int, dict[date, int]] = defaultdict(dict)
    for one in exchange_valuation.moved(base, day):
        units[one.account_id] = one.unit
        moves[one.account_id][one.day] = one.amount
    for key, last in known.items():  # what has no movement left, because it was taken back on its day
        if key not in units and last.difference:
            units[key] = last.currency
    if not units:
        return []
    days = [on for of_account in moves.values() for on in of_account]
    rates = exchange_rate.between({base, *units.values()}, min(days, default=day), day)
    worths = {
        key: revaluation.value(moves.get(key, {}), unit, base, day, rates) for key, unit in units.items()
    }
    missing = {units[key] for key, worth in worths.items() if worth is None}
    _tell(sorted(missing), sorted({*units.values()} - missing), base, day, by=by, at=at)
    fresh = {key: worth for key, worth in worths.items() if worth and _is_news(worth, known.get(key))}
    return _keep(fresh, known, day, base, by=by, at=at)


def value_ended(*, by: Actor, at: datetime) -> list[ExchangeValuation]:
    """Value the day before `at` as `value` does, unless somebody has valued a later one."""
    day = timezone.localtime(at).date() - timedelta(days=1)
    return value(day, by=by, at=at) if (exchange_valuation.newest() or day) <= day else []


def _is_news(worth: Worth, last: ExchangeValuation | None) -> bool:
    if last is None:
        return bool(worth.balance or worth.difference)
    before = (last.balance, last.rate, last.historic, last.worth)
    return before != (worth.balance, round(worth.rate, 10), worth.historic, worth.worth)


def _keep(
    worths: Mapping[int, Worth],
    known: Mapping[int, ExchangeValuation],
    day: date,
    base: str,
    *,
    by: Actor,
    at: datetime,
) -> list[ExchangeValuation]:
    """Write the valuations and post by how much they differ from those before, in one entry."""
    gains = {
        key: worth.difference - (known[key].difference if key in known else 0)
        for key, worth in worths.items()
    }
    moved = {key: gain for key, gain in gains.items() if gain}
    entry = _entry(moved, day, base, at=at) if moved else None
    if entry is not None:
        ledger.post_late([entry], by=by)
    return ExchangeValuation.objects.bulk_create(
        ExchangeValuation(
            account_id=key,
            day=day,
            currency=base,
            rate=round(worth.rate, 10),
            balance=worth.balance,
            historic=worth.historic,
            worth=worth.worth,
            entry_id=entry.id if entry is not None and key in moved else None,
            valued_at=at,
        )
        for key, worth in worths.items()
    )


def _entry(gains: Mapping[int, int], day: date, base: str, *, at: datetime) -> Entry:
    keys = chart.accounts([Wanted(VALUED, base), Wanted(VALUATION, base)])
    lines = [
        line
        for account, gain in sorted(gains.items())
        for line in (
            Line(keys[Wanted(VALUED, base)], gain, f"account:{account}"),
            Line(keys[Wanted(VALUATION, base)], -gain, f"account:{account}"),
        )
    ]
    key = uuid7()
    return Entry(
        id=entry_id("exchange_valuation", key),
        book_id=chart.books()[MAIN],
        kind="exchange_valuation",
        effective_date=day,
        booked_at=at,
        lines=tuple(lines),
        source_type="exchange_valuation",
        source_id=str(key),
    )


def _tell(
    missing: Sequence[str], valued: Sequence[str], base: str, day: date, *, by: Actor, at: datetime
) -> None:
    """Open a case for each currency that could not be valued, and close those of the others."""
    case.open_all(
        [
            Finding(
                kind=CASE_KIND, key=f"exchange_rate:{unit}:{base}", reference=f"{unit} in {base}",
                reason=f"no rate of {unit} in {base} is known that is near {day} or the days it moved on",
            )
            for unit in missing
        ],
        by=by, at=at,
    )  # fmt: skip
    case.close(
        [f"exchange_rate:{unit}:{base}" for unit in valued], resolution="the rates are there", by=by, at=at
    )
