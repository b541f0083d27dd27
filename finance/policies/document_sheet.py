"""What an invoice or a credit note says on paper: sheets of A4, as many as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from b2b.core.money import exponent
from b2b.core.paper.sheet import Item, Rule, Text
from finance.policies.en16931 import BilledLine
from finance.policies.trade_document import Party, TradeDocument

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
LINES_A_PAGE: Final = 25
TOP_MM: Final = 98.0
STEP_MM: Final = 6.0
SUMS_MM: Final = 258.0
COLUMNS: Final = (("#", 15.0), ("SKU", 25.0), ("Goods", 58.0), ("Order", 108.0))
NUMBERS: Final = (("Quantity", 147.0), ("Unit price", 166.0), ("Tax", 177.0), ("Net", 195.0))


def pages(document: TradeDocument) -> list[list[Item]]:
    """Lay out the document. Promise: every line is on exactly one page, the sums on the last."""
    starts = range(0, max(len(document.lines), 1), LINES_A_PAGE)
    parts = [document.lines[start : start + LINES_A_PAGE] for start in starts]
    return [
        [
            *_head(document, number, len(parts)),
            *_lines(document, part),
            *(_sums(document) if number == len(parts) else ()),
        ]
        for number, part in enumerate(parts, start=1)
    ]


def _head(document: TradeDocument, number: int, total: int) -> Iterator[Item]:
    yield Text(15, 20, f"{document.title} {document.number}", 6, 150, bold=True)
    yield Text(195, 20, f"{number} / {total}", 3.5, align="right")
    for left, title, party in ((15.0, "From", document.seller), (110.0, "To", document.buyer)):
        yield Text(left, 30, title, 2.8)
        yield Text(left, 36, party.name, 4, 85, bold=True)
        for place, text in enumerate(_particulars(party)):
            yield Text(left, 42 + 5 * place, text, 3.2, 85)
    for place, (name, text) in enumerate(_facts(document)):
        yield Text(15.0 + 95 * (place % 2), 70 + 6 * (place // 2), f"{name}: {text}", 3.2, 85)
    for title, left in COLUMNS:
        yield Text(left, TOP_MM, title, 3, bold=True)
    for title, right in NUMBERS:
        yield Text(right, TOP_MM, title, 3, bold=True, align="right")
    yield Rule(15, TOP_MM + 2, 195, TOP_MM + 2)


def _particulars(party: Party) -> Iterator[str]:
    yield from filter(None, (party.address, party.country))
    yield from (
        f"{name} {number}"
        for name, number in (("VAT", party.vat_number), ("USCC", party.uscc), ("GLN", party.gln))
        if number
    )


def _facts(document: TradeDocument) -> Iterator[tuple[str, str]]:
    yield "Issued", document.issue_date.isoformat()
    for name, day in (("Delivered", document.delivered_date), ("Due", document.due_date)):
        if day:
            yield name, day.isoformat()
    for name, text in (
        ("Delivery", document.delivery),
        ("Corrects", document.corrects),
        ("Why", document.note),
    ):
        if text:
            yield name, text
    if document.pay_to:
        yield "Pay to", ", ".join(document.pay_to)


def _lines(document: TradeDocument, lines: Sequence[BilledLine]) -> Iterator[Item]:
    for place, line in enumerate(lines, start=1):
        y = TOP_MM + 1 + place * STEP_MM
        texts = ((line.number, 9), (line.buyers_sku, 32), (line.name, 48), (line.order, 26))
        for (_, left), (text, room) in zip(COLUMNS, texts, strict=True):
            if text:
                yield Text(left, y, text, 3, room)
        numbers = (
            f"{line.quantity:,.10g}",
            f"{line.unit_price.normalize():,f}",
            percent(line.tax.rate),
            money(line.net_amount, document.currency),
        )
        for (_, right), text in zip(NUMBERS, numbers, strict=True):
            yield Text(right, y, text, 3, 20, align="right")


def _sums(document: TradeDocument) -> Iterator[Item]:
    totals, currency = document.totals, document.currency
    rows = [("Net", totals.net_amount)]
    rows += [
        (
            f"Tax {part.category} {percent(part.tax_rate)} on {money(part.taxable_amount, currency)}",
            part.tax_amount,
        )
        for part in totals.subtotals
    ]
    yield Rule(100, SUMS_MM - 6, 195, SUMS_MM - 6)
    for place, (name, amount) in enumerate(rows):
        yield Text(100, SUMS_MM + 5 * place, name, 3.2, 60)
        yield Text(195, SUMS_MM + 5 * place, money(amount, currency), 3.2, 35, align="right")
    y = SUMS_MM + 5 * len(rows) + 2
    yield Text(100, y, f"Payable, {currency}", 4, 60, bold=True)
    yield Text(195, y, money(totals.payable_amount, currency), 4, 40, bold=True, align="right")
    if len(document.instalments) > 1:
        for place, part in enumerate(document.instalments):
            yield Text(
                15, SUMS_MM + 5 * place, f"until {part.due_date}: {money(part.amount, currency)}", 3.2, 80
            )


def money(amount: Decimal, currency: str) -> str:
    """Write an amount at its currency's precision."""
    return f"{amount:,.{exponent(currency)}f}"


def percent(rate: Decimal) -> str:
    """Write a rate as per cent."""
    return f"{(rate * 100).normalize():f} %"
