"""Close periods of a book, and open them again when a second person agrees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.db.bulk import execute
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from finance.models import Book, Period, PeriodEvent
from finance.selectors import balance
from finance.states import PERIOD

# Postings share this lock (finance_post): who holds it alone has none on their way and none to come.
CLOSING: Final = "finance.closing"
_KEEP: Final = f"""
    INSERT INTO finance_periodbalance (event_id, account_id, balance)
    SELECT %(event)s, trial.account_id, trial.balance FROM ({balance.TRIAL_NOW}) trial
"""


class SecondPersonNeeded(Forbidden):
    """Who asked for a period to be opened again cannot grant it."""

    code = "second_person_needed"


@unit_of_work()
def close(*, book: str, first_date: date, last_date: date, by: Actor, at: datetime) -> PeriodEvent:
    """Let nothing more become effective on these days, and keep what each account came to at their end.

    :raises Invalid: when they overlap another period. :raises IllegalTransition: when the period is closed.
    :raises Forbidden: for anyone but the operator. :raises NotFound: when there is no such book.
    """
    _only_operators(by)
    if last_date < first_date:
        raise Invalid("a period ends on or after its first day")
    kept = Book.objects.filter(code=book).first()
    if kept is None:
        raise NotFound(f"there is no book {book}")
    advisory_lock(CLOSING)
    met = list(Period.objects.filter(book=kept, first_date__lte=last_date, last_date__gte=first_date))
    if any((one.first_date, one.last_date) != (first_date, last_date) for one in met):
        raise Invalid("these days overlap another period: " + ", ".join(map(str, met)))
    period = met[0] if met else Period.objects.create(book=kept, first_date=first_date, last_date=last_date)
    closing = _step(period, "close", by=by, at=at)
    execute(_KEEP, {"event": closing.pk, "effective": last_date, "book": book})
    return closing


@unit_of_work()
def ask_reopen(period_id: int, *, reason: str, by: Actor, at: datetime) -> PeriodEvent:
    """Ask for a closed period to be opened again; it stays closed until somebody else grants it.

    :raises Invalid: without a reason. :raises Forbidden: for anyone but the operator.
    """
    _only_operators(by)
    if not reason.strip():
        raise Invalid("say why the period has to be opened again")
    return _step(_locked(period_id), "ask_reopen", by=by, at=at, reason=reason)


@unit_of_work()
def grant_reopen(period_id: int, *, by: Actor, at: datetime, reason: str = "") -> PeriodEvent:
    """Open a period again that somebody else asked for.

    :raises SecondPersonNeeded: for who asked. :raises Forbidden: for anyone but the operator.
    """
    _only_operators(by)
    period = _locked(period_id)
    asked = period.events.last()
    if asked is not None and (
        asked.actor_name == _name(by) or (by.user_id is not None and asked.user_id == by.user_id)
    ):
        raise SecondPersonNeeded
    return _step(period, "grant_reopen", by=by, at=at, reason=reason)


@unit_of_work()
def refuse_reopen(period_id: int, *, reason: str, by: Actor, at: datetime) -> PeriodEvent:
    """Leave a period closed that somebody asked to open, or take one's own question back.

    :raises Forbidden: for anyone but the operator.
    """
    _only_operators(by)
    return _step(_locked(period_id), "refuse_reopen", by=by, at=at, reason=reason)


def _only_operators(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("periods are the operator's")


def _name(by: Actor) -> str:
    return str(by)[:150]


def _locked(period_id: int) -> Period:
    advisory_lock(CLOSING)
    found = Period.objects.filter(pk=period_id).first()
    if found is None:
        raise NotFound("there is no such period")
    return found


def _step(period: Period, verb: str, *, by: Actor, at: datetime, reason: str = "") -> PeriodEvent:
    """Add the next event of a period.

    :raises IllegalTransition: when its state does not allow the verb.
    """
    last = period.events.last()
    before = last.status if last else PERIOD.initial
    return PeriodEvent.objects.create(
        period=period,
        number=last.number + 1 if last else 1,
        verb=verb,
        status=PERIOD.next(before, verb),
        reason=reason,
        actor_name=_name(by),
        user_id=by.user_id,
        at=at,
    )
