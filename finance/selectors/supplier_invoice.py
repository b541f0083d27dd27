"""Bills of factories, as far as an actor is a party to them, and where their purchase lines stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min, Prefetch, Q, QuerySet, Sum

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import fetch
from finance.models import MatchLine, MatchTolerance, SupplierInvoice, SupplierInvoiceLine
from finance.policies.three_way_match import Standing, Tolerance
from finance.selectors import clearing

_STANDING = f"""
    SELECT terms.purchase_order_line_id, terms.currency, terms.quantity, terms.unit_price, terms.tax_rate,
        coalesce(accrued.quantity, 0), coalesce(accrued.amount, 0), coalesce(booked.quantity, 0),
        coalesce(booked.cleared, 0)
    FROM finance_purchaseterms terms
    LEFT JOIN (
        SELECT terms_id, sum(quantity)::bigint AS quantity, sum(amount) AS amount FROM finance_goodsaccrual
        WHERE terms_id = ANY(%(terms)s) GROUP BY 1) accrued ON accrued.terms_id = terms.purchase_order_line_id
    LEFT JOIN (
        SELECT terms_id, sum(quantity)::bigint AS quantity, sum(cleared)::bigint AS cleared
        FROM {clearing.CLEARED} cleared WHERE terms_id = ANY(%(terms)s) GROUP BY 1) booked
        ON booked.terms_id = terms.purchase_order_line_id
    WHERE terms.purchase_order_line_id = ANY(%(terms)s)
"""
_TOLERANCES = """
    SELECT DISTINCT ON (asked.id) asked.id, kept.price_percent, kept.price_amount, kept.total_amount
    FROM unnest(%(factories)s::bigint[]) asked(id)
    JOIN finance_matchtolerance kept ON kept.factory_id = asked.id OR kept.factory_id IS NULL
    ORDER BY asked.id, kept.factory_id IS NULL, kept.id DESC
"""


def visible(actor: Actor) -> QuerySet[SupplierInvoice]:
    """Return a factory's own bills, or all for the operator."""
    return SupplierInvoice.objects.visible_to(actor).select_related("factory", "looks_like")


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open of bills in one currency, and what of it is overdue."""

    currency: str
    open_amount: Decimal
    late_amount: Decimal
    next_due: date


def owed(actor: Actor, *, today: date) -> list[Owed]:
    """Return what is owed on bills the actor may see, by currency; one statement."""
    found = (
        SupplierInvoice.objects.visible_to(actor)
        .filter(open_amount__gt=0)
        .order_by("currency")
        .values("currency")
        .annotate(
            total=Sum("open_amount"),
            late=Sum("open_amount", filter=Q(due_date__lt=today)),
            first=Min("due_date"),
        )
    )
    return [Owed(row["currency"], row["total"], row["late"] or Decimal(0), row["first"]) for row in found]


def detailed(actor: Actor) -> QuerySet[SupplierInvoice]:
    """Return bills with lines, their last match and tax subtotals."""
    last = MatchLine.objects.order_by("line_id", "-pk").distinct("line_id")
    lines = SupplierInvoiceLine.objects.select_related("terms__product").order_by("line_number")
    return visible(actor).prefetch_related(
        Prefetch("lines", lines.prefetch_related(Prefetch("matches", last))), "taxes"
    )


def last_matches(actor: Actor, invoice: SupplierInvoice) -> QuerySet[MatchLine]:
    """Return what was said last of each line of a bill."""
    seen = MatchLine.objects.visible_to(actor).filter(line__invoice=invoice)
    last = seen.order_by("line_id", "-pk").distinct("line_id")
    return (
        MatchLine.objects.filter(pk__in=last.values("pk"))
        .select_related("line", "terms__product")
        .order_by("line__line_number")
    )


def tolerances(actor: Actor) -> QuerySet[MatchTolerance]:
    """Return the tolerances as they were set; the operator's alone."""
    return MatchTolerance.objects.visible_to(actor).select_related("factory")


def of_number(factory_id: int, number: str, issue_date: date) -> SupplierInvoice | None:
    """Return the bill of a factory's number and date."""
    return SupplierInvoice.objects.filter(
        factory_id=factory_id, supplier_number=number, issue_date=issue_date
    ).first()


def like(
    factory_id: int, *, key: str, gross_amount: Decimal, since: date, until: date
) -> QuerySet[SupplierInvoice]:
    """Return bills of a factory that may be the same one: of that number, or of that amount about that time."""
    return SupplierInvoice.objects.filter(
        Q(number_key=key) | Q(gross_amount=gross_amount, issue_date__range=(since, until)),
        factory_id=factory_id,
    ).order_by("-issue_date", "-pk")


def standings(terms: Collection[int]) -> dict[int, Standing]:
    """Return where purchase order lines stand; one statement."""
    return {
        key: Standing(
            ordered=ordered,
            accepted=accepted,
            invoiced=invoiced,
            agreed_price=price,
            accrued=Money(amount, currency).minor,
            cleared=cleared,
            tax_rate=tax_rate,
        )
        for key, currency, ordered, price, tax_rate, accepted, amount, invoiced, cleared in fetch(
            _STANDING, {"terms": list(terms)}
        )
    }


def tolerances_of(factories: Collection[int]) -> dict[int, Tolerance]:
    """Return the tolerance of each factory: its own, else that of all, else none; one statement."""
    found = {key: Tolerance(*values) for key, *values in fetch(_TOLERANCES, {"factories": list(factories)})}
    return {key: found.get(key, Tolerance()) for key in factories}
