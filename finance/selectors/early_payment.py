"""What a dealer saves by paying early, as its discount terms have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from b2b.core.actor import Actor, acting_as, system
from b2b.core.money import round_to_currency
from finance.models import Invoice
from finance.selectors import discount_terms


@dataclass(frozen=True, slots=True)
class Saving:
    """What paying an invoice until a day costs, and what that saves."""

    pays: Decimal
    saved: Decimal
    until: date


def savings(actor: Actor, invoices: Iterable[Invoice], *, today: date) -> dict[UUID, Saving]:
    """Return what may still be saved on invoices that nothing was paid on; the discount is of the whole invoice.

    The same terms by which a payment is matched (finance.policies.match_reference); one query.
    """
    found = {}
    with acting_as(system("discounts")):
        terms = discount_terms.in_force([actor.organization_id or 0]).first()
    if terms is None:
        return {}
    for one in invoices:
        until = one.issue_date + timedelta(days=terms.days)
        if until >= today and one.open_amount == one.gross_amount:
            saved = round_to_currency(one.gross_amount * terms.rate, one.currency)
            found[one.pk] = Saving(one.gross_amount - saved, saved, until)
    return found
