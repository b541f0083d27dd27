"""What is to be credited for goods that came back, invoice by invoice, or of a debit note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from b2b.contracts.warehousing import ReturnedLine
from b2b.core.errors import Invalid, NotYet
from b2b.core.ids import uuid7
from b2b.db.locks import lock
from finance.models import CreditNoteLine, CreditNoteTax, DebitNoteLine, Invoice, InvoiceLine
from finance.policies import crediting
from finance.policies.tax import Subtotal, Tax


class InvoiceMissing(NotYet):
    """Goods came back that have not been invoiced yet."""

    code = "invoice_missing"


class OverCredited(Invalid):
    """More would be credited of an invoice line than was billed."""

    code = "over_credited"


@dataclass(frozen=True, slots=True)
class Part:
    """So much of an invoice line, because goods came back, or of the line of a debit note on top of it."""

    line: InvoiceLine
    quantity: int
    net: Decimal
    return_line_id: int | None = None
    debit_line: DebitNoteLine | None = None

    @property
    def billed(self) -> InvoiceLine | DebitNoteLine:
        """The line that has the price and the tax."""
        return self.debit_line or self.line


@dataclass(slots=True)
class Draft:
    """A credit note in the making: what came back of the goods of one invoice, or what a debit note should not charge.

    `settled` was still open on the invoice and is taken off it; the rest the dealer has paid already.
    """

    invoice: Invoice
    id: UUID = field(default_factory=uuid7)
    lines: list[Part] = field(default_factory=list)
    subtotals: list[Subtotal] = field(default_factory=list)
    settled: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        """The sum of the lines."""
        return sum((part.net for part in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """The sum over the rates."""
        return sum((part.tax_amount for part in self.subtotals), Decimal(0))

    @property
    def gross(self) -> Decimal:
        """What the dealer gets."""
        return self.net + self.tax


def of_returned(returned: Sequence[ReturnedLine]) -> list[Draft]:
    """Price goods that came back as they were billed and lock their invoices; what was credited before counts.

    :raises InvoiceMissing: when the goods were not invoiced yet. :raises OverCredited: beyond what was billed.
    """
    billed = {
        (line.invoice.shipment_id, line.order_line_id): line
        for line in InvoiceLine.objects.filter(
            order_line_id__in={line.order_line_id for line in returned},
            invoice__shipment_id__in={line.shipment_id for line in returned},
        ).select_related("invoice")
    }
    missing = [
        line.order_line_id for line in returned if (line.shipment_id, line.order_line_id) not in billed
    ]
    if missing:
        raise InvoiceMissing(f"order lines {missing[:10]} are not invoiced yet", lines=missing)
    held = {
        one.pk: one for one in lock(Invoice.objects.filter(pk__in={b.invoice_id for b in billed.values()}))
    }
    before = _credited(held)
    drafts = {key: Draft(invoice) for key, invoice in held.items()}
    for one in sorted(returned, key=lambda line: line.return_line_id or 0):
        line = billed[one.shipment_id, one.order_line_id]
        draft = drafts[line.invoice_id]
        already = before[line.pk]
        if already + one.quantity > line.quantity:
            raise OverCredited(f"{draft.invoice.number} line {line.line_number} bills {line.quantity}")
        net = crediting.net_of(already, one.quantity, line.unit_price, draft.invoice.currency)
        before[line.pk] = already + one.quantity
        draft.lines.append(Part(line, one.quantity, net, return_line_id=one.return_line_id))
    found = [draft for _, draft in sorted(drafts.items()) if draft.lines]
    reckon_tax(found)
    return found


def _credited(invoices: Iterable[UUID]) -> dict[int, int]:
    rows = (
        CreditNoteLine.objects.filter(invoice_line__invoice_id__in=list(invoices), debit_line=None)
        .values("invoice_line_id")
        .annotate(total=Sum("quantity"))
    )
    return defaultdict(int, {row["invoice_line_id"]: row["total"] for row in rows})


def reckon_tax(drafts: Sequence[Draft]) -> None:
    """Compute the tax of each rate on all that was ever credited of the invoice; one statement."""
    rows = (
        CreditNoteTax.objects.filter(credit_note__invoice_id__in=[draft.invoice.pk for draft in drafts])
        .values("credit_note__invoice_id", "tax_rate")
        .annotate(total=Sum("taxable_amount"))
    )
    before = {(row["credit_note__invoice_id"], row["tax_rate"]): row["total"] for row in rows}
    for draft in drafts:
        taxable: dict[Tax, Decimal] = defaultdict(Decimal)
        for part in draft.lines:
            taxable[Tax(part.billed.tax_category, part.billed.tax_rate)] += part.net
        draft.subtotals = [
            Subtotal(
                how.rate,
                amount,
                crediting.tax_of(
                    before.get((draft.invoice.pk, how.rate), Decimal(0)),
                    amount,
                    how.rate,
                    draft.invoice.currency,
                ),
                how.category,
            )
            for how, amount in sorted(taxable.items(), key=lambda item: item[0].rate)
        ]
        draft.settled = min(draft.gross, draft.invoice.open_amount)
