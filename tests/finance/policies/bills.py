"""Random bills of the kind that EN 16931 is about: discounts, four-decimal prices, mixed tax, charges, prepayment."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from b2b.core.money import Money, exponent, round_to_currency
from finance.policies import instalment, tax
from finance.policies.en16931 import Bill, BilledLine
from finance.policies.instalment import Part
from finance.policies.tax import Amount, Tax
from finance.policies.trade_document import INVOICE, Party, TradeDocument

TAXES = (
    Tax("S", Decimal("0.13")),
    Tax("S", Decimal("0.09")),
    Tax("S", Decimal("0.055")),
    Tax("Z", Decimal(0)),
    Tax("E", Decimal(0)),
    Tax("K", Decimal(0)),
)
SELLER = Party("MID", "Midstream Trading GmbH", "DE", vat_number="DE136695976", gln="4012345000009")
BUYER = Party("SHOP", "五金店 & Söhne", "CN", uscc="91110000600037341L")


def bill(chance: Random) -> Bill:
    """Return a bill with up to thirty lines; its totals are computed, its parts drawn."""
    currency = chance.choice(("CNY", "EUR", "JPY", "KWD"))
    lines = tuple(_line(chance, n, currency) for n in range(1, chance.randint(1, 30) + 1))
    allowances, charges = (
        tuple(
            Amount(
                chance.choice(lines).tax, round_to_currency(Decimal(chance.randint(1, 900)) / 100, currency)
            )
            for _ in range(chance.randint(0, 3))
        )
        for _ in range(2)
    )
    amounts = [Amount(line.tax, line.net_amount) for line in lines]
    whole = tax.totals_of(amounts, currency, allowances=allowances, charges=charges)
    prepaid = chance.choice((Decimal(0), round_to_currency(whole.gross_amount / 3, currency)))
    rounding = chance.choice((Decimal(0), Decimal(chance.randint(-4, 4)).scaleb(-exponent(currency))))
    totals = tax.totals_of(
        amounts, currency, allowances=allowances, charges=charges, prepaid=prepaid, rounding=rounding
    )
    return Bill("RE-1", date(2026, 3, 2), currency, lines, totals, allowances=allowances, charges=charges)


def _line(chance: Random, number: int, currency: str) -> BilledLine:
    quantity = chance.randint(1, 5_000)
    price = Decimal(chance.randint(1, 5_000_000)).scaleb(-4)
    if chance.random() < 0.3:  # a discount on the line makes the price finer than what is printed
        price = (price * Decimal(chance.randint(50, 99)) / 100).quantize(Decimal("0.000001"))
    return BilledLine(
        row=number,
        number=str(number),
        quantity=Decimal(quantity),
        unit_price=price,
        net_amount=tax.line_net(quantity, price, currency),
        tax=chance.choice(TAXES),
        name=f"Bolt < {number} & nut",
        order="SO-1",
        order_line=str(number),
        buyers_sku=f"SKU-{number}",
        gtin="04012345000016",
        unit_code="EA",
    )


def document(chance: Random) -> TradeDocument:
    """Return an invoice of ours over a random bill without allowances; with instalments now and then."""
    drawn = bill(chance)
    totals = tax.totals_of([Amount(line.tax, line.net_amount) for line in drawn.lines], drawn.currency)
    parts = chance.choice(([Part(30, 10_000)], [Part(0, 3_333), Part(30, 3_333), Part(60, 3_334)]))
    delivered = date(2026, 3, 1)
    return TradeDocument(
        type_code=INVOICE,
        number="INV-MID-000001",
        issue_date=delivered + timedelta(days=1),
        due_date=delivered + timedelta(days=parts[-1].days),
        delivered_date=delivered,
        delivery="SH-1",
        currency=drawn.currency,
        seller=SELLER,
        buyer=BUYER,
        lines=drawn.lines,
        totals=totals,
        instalments=instalment.split(Money.of(totals.gross_amount, drawn.currency), delivered, parts),
        pay_to=("DE02120300000000202051",),
    )
