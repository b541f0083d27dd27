"""Value pledged goods day by day and call for more where they no longer secure what is owed."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from b2b.core.actor import Actor, acting_as
from b2b.core.money import Money
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from finance.models import PledgeValuation, StockPledge
from finance.policies.collateral import is_called
from finance.selectors import pledge as selectors
from finance.services import case
from finance.services.case import Finding
from finance.services.pledge import DESK


@unit_of_work()
def revalue(*, at: datetime, by: Actor) -> int:
    """Value all pledged goods as of today; open a margin call where they no longer secure what is owed, and close it
    where they do again. Return how many are called. Twice a day is once; a constant number of statements."""
    day = timezone.localtime(at).date()
    with acting_as(DESK):
        held = lock(StockPledge.objects.filter(status="PLEDGED").select_related("financing__programme"))
        if not held:
            return 0
        there = selectors.there(held)
        worth = selectors.worth({one: there[one.pk] for one in held})
        rows = [_valued(one, there[one.pk], worth[one.pk], day) for one in held]
        PledgeValuation.objects.bulk_create(rows, ignore_conflicts=True)
        called = [row for row in rows if row.is_call]
        case.open_all([_call(row) for row in called], by=by, at=at)
        cured = [_key(row) for row in rows if not row.is_call]
        case.close(cured, resolution="the goods secure it again", by=by, at=at)
        return len(called)


def _valued(one: StockPledge, units: int, worth: int, day: date) -> PledgeValuation:
    owed = selectors.owed(one.financing)
    return PledgeValuation(
        pledge=one, borrower_id=one.borrower_id, funder_id=one.funder_id, day=day, quantity=units, worth=worth,
        owed=owed, is_call=is_called(owed, worth, one.financing.programme.margin_call_rate),
    )  # fmt: skip


def _key(row: PledgeValuation) -> str:
    return f"margin_call:{row.pledge_id}"


def _call(row: PledgeValuation) -> Finding:
    currency = row.pledge.financing.currency
    owed, worth = Money.from_minor(row.owed, currency), Money.from_minor(row.worth, currency)
    return Finding(
        kind="MARGIN_CALL",
        key=_key(row),
        reason=f"{owed} is owed, the goods are worth {worth}",
        reference=row.pledge.number,
        currency=currency,
        amount=Money.from_minor(row.owed - row.worth, currency).amount,
    )
