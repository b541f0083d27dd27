"""How a party has behaved on the platform, as finance's own documents tell it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from django.db.models import QuerySet

from b2b.core.actor import DEALER, Actor
from b2b.db.bulk import fetch
from finance.models import CreditScore
from finance.policies.score import Record

# Whose goods a dealer bought is told by the newest purchase of each product; finance knows no other maker. Amounts of
# several currencies cannot be added up: a party's trade is what is invoiced in the currency of most of its documents.
_TRADE: Final = """
    made AS (
        SELECT DISTINCT ON (product_id) product_id, factory_id FROM finance_purchaseterms
        ORDER BY product_id, purchase_order_line_id DESC
    ), trade AS (
        SELECT mine.{party}, mine.currency, {other} AS other, count(DISTINCT mine.id) AS documents,
            sum(line.net_amount) AS amount
        FROM {lines} GROUP BY 1, 2, 3
    ), shares AS (
        SELECT DISTINCT ON ({party}) {party},
            round(10000 * max(amount) / nullif(sum(amount), 0))::int AS concentration
        FROM trade GROUP BY {party}, currency ORDER BY {party}, sum(documents) DESC, currency
    )"""
# Days beyond terms of what was paid within the last year, weighed by amount; a payment in time counts as zero.
OF_DEALERS: Final = """
    WITH mine AS (
        SELECT id, dealer_id, currency, issue_date, due_date, open_amount FROM finance_invoice
        WHERE dealer_id = ANY (%(parties)s) AND issue_date > %(today)s::date - 365
    ), seen AS (
        SELECT dealer_id, count(*) AS documents,
            count(*) FILTER (WHERE open_amount > 0 AND due_date < %(today)s) AS overdue,
            10000 * count(*) FILTER (WHERE EXISTS (
                SELECT FROM finance_creditnote note WHERE note.invoice_id = mine.id)) / count(*) AS disputed
        FROM mine GROUP BY dealer_id
    ), paid AS (
        SELECT mine.dealer_id, round(sum(greatest(0, allocation.at::date - mine.due_date) * allocation.amount)
            / sum(allocation.amount))::int AS late
        FROM mine JOIN finance_allocation allocation ON allocation.invoice_id = mine.id
        WHERE allocation.amount > 0 GROUP BY mine.dealer_id
    ), first AS (
        SELECT dealer_id, min(issue_date) AS day FROM finance_invoice
        WHERE dealer_id = ANY (%(parties)s) GROUP BY dealer_id
    ), {trade}
    SELECT party.id, coalesce(seen.documents, 0), coalesce(paid.late, 0), coalesce(seen.overdue, 0),
        coalesce(seen.disputed, 0), coalesce(shares.concentration, 0),
        coalesce((%(today)s::date - first.day) / 30, 0)
    FROM unnest(%(parties)s::bigint[]) AS party(id)
    LEFT JOIN seen ON seen.dealer_id = party.id LEFT JOIN paid ON paid.dealer_id = party.id
    LEFT JOIN first ON first.dealer_id = party.id LEFT JOIN shares ON shares.dealer_id = party.id
""".format(
    trade=_TRADE.format(
        party="dealer_id",
        other="made.factory_id",
        lines="mine JOIN finance_invoiceline line ON line.invoice_id = mine.id JOIN made USING (product_id)",
    )
)
OF_FACTORIES: Final = """
    WITH bills AS (
        SELECT factory_id, count(*) AS documents,
            10000 * count(*) FILTER (WHERE status IN ('HELD', 'REJECTED')) / count(*) AS disputed,
            (%(today)s::date - min(issue_date)) / 30 AS months
        FROM finance_supplierinvoice
        WHERE factory_id = ANY (%(parties)s) AND issue_date > %(today)s::date - 365 GROUP BY factory_id
    ), mine AS (
        SELECT id, dealer_id, currency FROM finance_invoice WHERE issue_date > %(today)s::date - 365
    ), {trade}
    SELECT party.id, coalesce(bills.documents, 0), 0, 0, coalesce(bills.disputed, 0),
        coalesce(shares.concentration, 0), coalesce(bills.months, 0)
    FROM unnest(%(parties)s::bigint[]) AS party(id)
    LEFT JOIN bills ON bills.factory_id = party.id LEFT JOIN shares ON shares.factory_id = party.id
""".format(
    trade=_TRADE.replace("mine.{party}", "made.{party}").format(
        party="factory_id",
        other="mine.dealer_id",
        lines="mine JOIN finance_invoiceline line ON line.invoice_id = mine.id JOIN made"
        " ON made.product_id = line.product_id AND made.factory_id = ANY (%(parties)s)",
    )
)


def scores(actor: Actor) -> QuerySet[CreditScore]:
    """Return the scores as they were made, the newest first; a party sees its own."""
    return CreditScore.objects.visible_to(actor).select_related("party").order_by("-pk")


def of_parties(parties: Collection[int], kind: str, today: date) -> dict[int, Record]:
    """Return the records of dealers, or of factories, over the last year; one statement."""
    statement = OF_DEALERS if kind == DEALER else OF_FACTORIES
    return {
        party: Record(documents, late, overdue, disputed, concentration, min(months, 12))
        for party, documents, late, overdue, disputed, concentration, months in fetch(
            statement, {"parties": list(parties), "today": today}
        )
    }


def latest(parties: Collection[int]) -> dict[int, CreditScore]:
    """Return the last score of each party that has one; one statement."""
    found = CreditScore.objects.filter(party_id__in=parties).order_by("party_id", "-pk").distinct("party_id")
    return {one.party_id: one for one in found}
