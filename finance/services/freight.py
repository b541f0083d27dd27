"""Accrue what carriers earn."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.transactions import unit_of_work
from finance.policies.chart import FREIGHT, FREIGHT_ACCRUED, MAIN
from finance.policies.entry import Entry, Line, entry_id
from finance.services import chart, ledger
from finance.services.chart import Wanted


@unit_of_work()
def accrue(*, shipment_id: UUID, carrier_id: int, amount: Money, by: Actor, at: datetime) -> None:
    """Book the freight of a delivered shipment as owed to its carrier; once per shipment, nothing when it is zero."""
    if not amount.minor:
        return
    cost, owed = Wanted(FREIGHT, amount.currency), Wanted(FREIGHT_ACCRUED, amount.currency, carrier_id)
    keys = chart.accounts([cost, owed])
    entry = Entry(
        id=entry_id("freight", shipment_id),
        book_id=chart.books()[MAIN],
        kind="freight",
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=(Line(keys[cost], amount.minor), Line(keys[owed], -amount.minor)),
        source_type="shipment",
        source_id=str(shipment_id),
    )
    ledger.post_late([entry], by=by)
