"""How a party has behaved on the platform, as finance's own documents tell it."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from finance.models import CreditScore
from finance.policies.score import Record

# Days beyond terms of what was paid within the last year, weighed by amount; a payment in time counts as zero.
OF_DEALER: Final = """
    WITH mine AS (
        SELECT invoice.* FROM finance_invoice invoice
        WHERE invoice.dealer_id = %(party)s AND invoice.issue_date > %(today)s::date - 365
    ), paid AS (
        SELECT sum(greatest(0, allocation.at::date - mine.due_date) * allocation.amount) AS late,
            sum(allocation.amount) AS amount
        FROM mine JOIN finance_allocation allocation ON allocation.invoice_id = mine.id
        WHERE allocation.amount > 0
    )
    SELECT count(*), coalesce((SELECT round(late / nullif(amount, 0)) FROM paid), 0)::int,
        count(*) FILTER (WHERE open_amount > 0 AND due_date < %(today)s),
        coalesce(10000 * count(*) FILTER (WHERE EXISTS (
            SELECT FROM finance_creditnote note WHERE note.invoice_id = mine.id)) / nullif(count(*), 0), 0),
        0,
        coalesce((%(today)s::date - (SELECT min(issue_date) FROM finance_invoice WHERE dealer_id = %(party)s)) / 30, 0)
    FROM mine
"""
OF_FACTORY: Final = """
    SELECT count(*), 0, 0,
        coalesce(10000 * count(*) FILTER (WHERE status IN ('HELD', 'REJECTED')) / nullif(count(*), 0), 0), 0,
        coalesce((%(today)s::date - min(issue_date)) / 30, 0)
    FROM finance_supplierinvoice WHERE factory_id = %(party)s AND issue_date > %(today)s::date - 365
"""


def scores(actor: Actor) -> QuerySet[CreditScore]:
    """Return the scores as they were made, the newest first; a party sees its own."""
    return CreditScore.objects.visible_to(actor).select_related("party").order_by("-pk")


def of_party(party_id: int, kind: str, today: date) -> Record:
    """Return the record of a dealer or a factory over the last year; one statement."""
    statement = OF_DEALER if kind == "dealer" else OF_FACTORY
    [row] = fetch(statement, {"party": party_id, "today": today})
    documents, late, overdue, disputed, concentration, months = (int(value) for value in row)
    return Record(documents, late, overdue, disputed, concentration, min(months, 12))
