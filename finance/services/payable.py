"""Owe factories what their approved bills come to, and clear what was accrued when the goods came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.money import Money
from finance.models import SupplierInvoice
from finance.policies.chart import GOODS_RECEIVED, INPUT_TAX, MAIN, PAYABLES, PRICE_VARIANCE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.three_way_match import Judgement
from finance.services import chart, ledger
from finance.services.chart import Wanted

Matched = tuple[SupplierInvoice, Sequence[tuple[int, Judgement]]]


def post(approved: Sequence[Matched], *, by: Actor, at: datetime) -> dict[UUID, UUID]:
    """Post (bill, its (purchase line, judgement) pairs) and return bill -> entry; one batch, whatever the number.

    Goods received are cleared at their value at receipt, what the bill exceeds it by is price variance, its tax is
    input tax, and the factory is owed the whole.
    """
    if not approved:
        return {}
    keys = chart.accounts(
        Wanted(code, invoice.currency, party)
        for invoice, _ in approved
        for code, party in (
            (GOODS_RECEIVED, invoice.factory_id),
            (PAYABLES, invoice.factory_id),
            (INPUT_TAX, None),
            (PRICE_VARIANCE, None),
        )
    )
    book = chart.books()[MAIN]
    entries = {
        invoice.pk: Entry(
            id=entry_id("supplier_invoice", invoice.pk),
            book_id=book,
            kind="supplier_invoice",
            effective_date=invoice.issue_date,
            booked_at=at,
            lines=tuple(
                Line(keys[account], amount, dimension)
                for account, amount, dimension in _legs(invoice, judged)
                if amount
            ),
            source_type="supplier_invoice",
            source_id=str(invoice.pk),
        )
        for invoice, judged in approved
    }
    ledger.post_late(list(entries.values()), by=by)
    return {key: entry.id for key, entry in entries.items()}


def _legs(
    invoice: SupplierInvoice, judged: Sequence[tuple[int, Judgement]]
) -> Iterable[tuple[Wanted, int, str]]:
    currency, factory = invoice.currency, invoice.factory_id

    def minor(amount: object) -> int:
        return Money(amount, currency).minor  # type: ignore[arg-type]

    for terms, said in judged:
        dimension = f"purchase_order_line:{terms}"
        yield Wanted(GOODS_RECEIVED, currency, factory), said.clears, dimension
        yield Wanted(PRICE_VARIANCE, currency), said.variance, dimension
    extra = minor(invoice.extra_amount) + minor(invoice.rounding_amount)
    yield Wanted(PRICE_VARIANCE, currency), extra, ""
    yield Wanted(INPUT_TAX, currency), minor(invoice.tax_amount), ""
    owed = minor(invoice.gross_amount) + minor(invoice.rounding_amount)
    yield Wanted(PAYABLES, currency, factory), -owed, f"supplier_invoice:{invoice.number}"
