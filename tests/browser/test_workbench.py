"""The reconciliation desk in a real browser: a dry run, a proposal beside another, accepted, and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from b2b.core.actor import acting_as
from finance.models import Invoice, Match, StatementLine
from tests.factories.finance import PLATFORM, dealer_with_credit, our_bank_account
from tests.finance.services.test_matching_cases import invoice, match, receive
from tests.support.trade_day import Market

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_morning_of_an_operator(market: Market, server: str, sign_in: Callable[[str, str], Page]) -> None:
    with acting_as(PLATFORM):
        our_bank_account()
        dealer = dealer_with_credit(100_000, name="Dealer of Trust Ltd")
        owed = [invoice(dealer, "100"), invoice(dealer, "100")]
        [line] = receive(("100", "no reference at all"))
        match()
    page = sign_in("operator", "operator")
    page.goto(f"{server}/operator/finance/workbench/")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_text("nothing was written", exact=False).wait_for()
    card = page.locator(f"[data-line='{line.pk}']")
    assert card.get_by_role("button", name="Accept").count() == 2
    card.locator("tr", has_text=owed[1].number).get_by_role("button", name="Accept").click()
    page.get_by_text("is booked", exact=False).wait_for()
    with acting_as(PLATFORM):
        assert [Invoice.objects.get(pk=one.pk).open_amount for one in owed] == [100, 0]
        assert Match.objects.filter(status="REJECTED").count() == 1
    page.goto(f"{server}/operator/finance/statementline/{line.pk}/")
    page.get_by_role("link", name="Undo").or_(page.get_by_role("button", name="Undo")).first.click()
    page.get_by_label("Reason").fill("it was the other one")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("open again", exact=False).wait_for()
    with acting_as(PLATFORM):
        assert StatementLine.objects.get().status == "OPEN"
        assert Invoice.objects.get(pk=owed[1].pk).open_amount == 100
