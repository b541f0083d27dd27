"""An operator's reconciliation morning in a real browser: a file, a split, a trifle, a case, a month closed by two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from b2b.core.actor import acting_as
from b2b.market.bank import Movement, statement
from finance.models import Case, Invoice, Period, StatementLine
from tests.browser.conftest import picture
from tests.factories.finance import NOON, PLATFORM, dealer_with_credit, our_bank_account
from tests.finance.services.test_matching_cases import invoice
from tests.support.trade_day import Market

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DAY = date(2026, 3, 2)


def file(*movements: tuple[str, str, str]) -> bytes:
    """Return a bank statement over (amount, text, payer) movements."""
    return statement(
        [Movement(DAY, Decimal(amount), text, name) for amount, text, name in movements],
        account="CN-6222-0001", currency="CNY", opening=Decimal(0), statement_id="S-1", created_at=NOON,
    )  # fmt: skip


def press(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).or_(
        page.get_by_role("button", name=name, exact=True)
    ).first.click()


def told(page: Page, text: str) -> None:
    page.get_by_text(text, exact=False).first.wait_for()


def test_a_morning(market: Market, server: str, sign_in: Callable[[str, str], Page]) -> None:
    with acting_as(PLATFORM):
        our_bank_account()
        dealer = dealer_with_credit(100_000, name="Dealer of Trust Ltd")
        first, second, third = (invoice(dealer, amount) for amount in ("100", "250", "70"))
    page = sign_in("operator", "operator")
    _take_files(page, server)
    _settle_lines(page, server, first, second, third)
    _resolve_a_case(page, server)
    _close_a_month(page, server)


def _take_files(page: Page, server: str) -> None:
    page.goto(f"{server}/operator/finance/rates/")
    page.get_by_label("CSV file").set_input_files(
        {"name": "rates.csv", "mimeType": "text/csv", "buffer": b"date,base,quote,rate\n"}
    )
    assert not page.get_by_label("Source").input_value(), "the name of the file is nobody's source"
    page.goto(f"{server}/operator/finance/workbench/")
    press(page, "Import a bank statement")
    page.get_by_label("Bank's file").set_input_files(
        {
            "name": "bank.xml",
            "mimeType": "application/xml",
            "buffer": file(
                ("300", "two invoices, little text", "A stranger"),
                ("69.97", "less a trifle", "A stranger"),
                ("5", "who knows", "Nobody"),
                ("-3", "account fee", ""),
            ),
        }
    )
    press(page, "Import a bank statement")
    told(page, "4 new lines are imported")
    picture(page, "morning-imported")
    press(page, "Match what can be matched")
    told(page, "4 lines examined")
    page.goto(f"{server}/operator/finance/workbench/")
    picture(page, "morning-workbench")
    press(page, "Lines in cases")
    told(page, "A stranger")


def _settle_lines(page: Page, server: str, first: Invoice, second: Invoice, third: Invoice) -> None:
    with acting_as(PLATFORM):
        lines = {line.amount: line for line in StatementLine.objects.all()}

    def open_line(amount: str) -> None:
        page.goto(f"{server}/operator/finance/statementline/{lines[Decimal(amount)].pk}/")

    open_line("300")
    told(page, second.number)
    picture(page, "morning-line")
    press(page, "Say what it pays")
    page.get_by_label("Invoices it pays").fill(f"{first.number} 100\n{second.number} 200")
    press(page, "Say what it pays")
    told(page, "is booked")
    open_line("69.97")
    press(page, "Say what it pays")
    page.get_by_label("Invoices it pays").fill(f"{third.number} 1 60")
    press(page, "Say what it pays")
    told(page, "may be written off")
    page.get_by_label("Invoices it pays").fill(f"{third.number} 69.97 0.03")
    press(page, "Say what it pays")
    told(page, "is booked")
    with acting_as(PLATFORM):
        assert [Invoice.objects.get(pk=one.pk).open_amount for one in (first, second, third)] == [0, 50, 0]
    open_line("69.97")
    press(page, "Undo")
    page.get_by_label("Reason").fill("another dealer's")
    press(page, "Undo")
    told(page, "open again")
    open_line("-3")
    press(page, "Set aside")
    page.get_by_label("Reason").fill("the bank's fee")
    press(page, "Set aside")
    told(page, "items to be cleared")


def _resolve_a_case(page: Page, server: str) -> None:
    with acting_as(PLATFORM):
        case = Case.objects.get(statement_line__amount=5)
    page.goto(f"{server}/operator/finance/case/?status__exact=OPEN")
    picture(page, "morning-cases")
    page.get_by_role("link", name=case.number).click()
    press(page, "Take it on")
    told(page, "is yours")
    press(page, "Resolve")
    page.get_by_label("Reason").fill("sent back to the bank")
    press(page, "Resolve")
    told(page, "is resolved")
    with acting_as(PLATFORM):
        case.refresh_from_db()
        assert (case.status, case.owner is not None) == ("RESOLVED", True)


def _close_a_month(page: Page, server: str) -> None:
    page.goto(f"{server}/operator/finance/close-period/")
    page.get_by_label("First day").fill("2026-01-01")
    page.get_by_label("Last day").fill("2026-01-31")
    press(page, "Close a period")
    told(page, "The period is closed")
    with acting_as(PLATFORM):
        period = Period.objects.get()
    page.goto(f"{server}/operator/finance/period/{period.pk}/")
    press(page, "Ask to open again")
    page.get_by_label("Reason").fill("a bill came late")
    press(page, "Ask to open again")
    told(page, "Somebody else has to grant it")
    press(page, "Open again")
    press(page, "Open again")
    told(page, "cannot")
    picture(page, "morning-period")
