"""What the API of finance shows, made through the services: an invoice, a payment, a case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count

from b2b.core.actor import acting_as
from b2b.core.money import Money
from b2b.market.bank import Movement, statement
from finance import handlers
from finance.models import Case, Invoice
from finance.services import exposure, reconciliation
from finance.services import statement as statements
from tests.factories import catalog
from tests.factories.directory import carrier
from tests.factories.finance import NOON, PLATFORM, confirmed, delivered, our_bank_account

ACCOUNT = "CN-6222-0001"
serial = count(1)


def give_credit(dealer, amount: int = 10_000) -> None:
    """Let the dealer owe `amount` CNY."""
    with acting_as(PLATFORM):
        exposure.set_limit(party_id=dealer.pk, amount=Money.of(amount, "CNY"), by=PLATFORM, at=NOON)


def issue_invoice(dealer, price: str = "100", **delivery: object) -> Invoice:
    """Issue an invoice of one piece at `price` and 13 per cent tax."""
    with acting_as(PLATFORM):
        our_bank_account(ACCOUNT)
        line = 5000 + next(serial)
        order = confirmed(dealer.pk, (line, 1, price, "0.13"), products={line: catalog.product().pk})
        handlers.keep_terms(order)
        handlers.invoice(delivered(order, carrier().pk, {line: 1}, **delivery))
        return Invoice.objects.get(lines__order_line_id=line)


def statement_over(*movements: tuple[str, str]) -> bytes:
    """Write a statement over (amount, text) movements."""
    return statement(
        [Movement(date(2026, 3, 2), Decimal(amount), text, "Payer", "CN-1") for amount, text in movements],
        account=ACCOUNT,
        currency="CNY",
        opening=Decimal(0),
        statement_id=f"S-{next(serial)}",
        created_at=NOON,
    )


def pay(*movements: tuple[str, str]) -> None:
    """Import a statement and match it."""
    with acting_as(PLATFORM):
        our_bank_account(ACCOUNT)
        statements.import_file(statement_over(*movements), by=PLATFORM, at=NOON)
        reconciliation.match(by=PLATFORM, at=NOON)


def open_case() -> Case:
    """Receive money that nobody explains."""
    pay(("7", "who knows"))
    with acting_as(PLATFORM):
        return Case.objects.get(kind="UNMATCHED_RECEIPT")
