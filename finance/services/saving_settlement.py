"""Post how the saving of a closed cycle was shared between dealers, platform and factories."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.utils import timezone

from b2b.contracts.value import SavingShareCredited, SavingsSettled
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.policies.chart import MAIN, REVENUE, SAVINGS_GIVEN, SAVINGS_KEPT, SAVINGS_OWED
from finance.policies.entry import Entry, Line, entry_id
from finance.services import chart, ledger
from finance.services.chart import Wanted


@unit_of_work()
def post(settled: SavingsSettled, *, by: Actor, at: datetime) -> bool:
    """Post the shares of a cycle's saving in one balanced entry, once; return whether it is new.

    The dealers have theirs as lower prices already, so that revenue lacks it: it is shown beside. The platform's and
    the factories' are taken out of revenue, and each factory is owed its own. Publishes SavingShareCredited for each
    factory that has a share.
    """
    legs: dict[tuple[Wanted, str], int] = defaultdict(int)
    owed: dict[int, int] = defaultdict(int)
    currency, about = settled.currency, f"cycle:{settled.number}"
    for line in settled.lines:
        dealer, platform, factory = (
            Money(share, currency).minor
            for share in (line.dealer_share, line.platform_share, line.factory_share)
        )
        legs[Wanted(SAVINGS_GIVEN, currency), about] += dealer
        legs[Wanted(REVENUE, currency), ""] += platform + factory - dealer
        legs[Wanted(SAVINGS_KEPT, currency), about] -= platform
        legs[Wanted(SAVINGS_OWED, currency, line.factory_id), about] -= factory
        owed[line.factory_id] += factory
    keys = chart.accounts(account for account, _ in legs)
    lines = tuple(
        Line(keys[account], amount, dimension) for (account, dimension), amount in legs.items() if amount
    )
    if not lines:
        return False
    entry = Entry(
        id=entry_id("saving_settlement", settled.cycle_id),
        book_id=chart.books()[MAIN],
        kind="saving_settlement",
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=lines,
        source_type="order_cycle",
        source_id=str(settled.cycle_id),
    )
    is_new = ledger.post_late([entry], by=by)[entry.id]
    if is_new:
        publish(
            *(
                SavingShareCredited(
                    occurred_at=at,
                    entry_id=entry.id,
                    cycle_id=settled.cycle_id,
                    number=settled.number,
                    factory_id=factory_id,
                    currency=currency,
                    amount=Money.from_minor(amount, currency).amount,
                )
                for factory_id, amount in sorted(owed.items())
                if amount
            )
        )
    return is_new
