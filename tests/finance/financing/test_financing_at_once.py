"""Real threads: two funders finance one bill or one voucher, and many offers go for one limit."""

from __future__ import annotations

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import DomainError
from b2b.db import invariants
from finance.models import FinancedAsset, Financing
from tests.factories.directory import factory_organization
from tests.factories.finance import PLATFORM
from tests.finance.financing.test_financing import FINANCE
from tests.finance.financing.test_voucher import give, issued, live
from tests.finance.financing.world import ask, ask_for, bill, draw, open_programme
from tests.finance.ledger.book import at_once


@pytest.mark.usefixtures("committed_db")
def test_two_funders_finance_one_bill_and_one_wins() -> None:
    sold = bill()
    requests = [ask(open_programme(kind), sold) for kind in ("PAYABLES_FINANCE", "FACTORING") * 3]

    def take(number: int) -> str:
        try:
            return draw(requests[number]).number
        except DomainError as error:
            return error.code

    said = at_once(take, len(requests))
    assert (
        sorted(said, reverse=True)[1:] == ["asset_taken"] * (len(requests) - 1)
        or said.count("asset_taken") == 5
    )
    with acting_as(PLATFORM):
        assert Financing.objects.count() == FinancedAsset.objects.count() == 1
    assert invariants.check(FINANCE) == []


@pytest.mark.usefixtures("committed_db")
def test_a_limit_is_not_passed_by_being_quick() -> None:
    small = open_programme(limit=113_000 * 3, party_limit=113_000 * 3)
    bills = [bill() for _ in range(8)]

    def go(number: int) -> str:
        try:
            return ask(small, bills[number]).status
        except DomainError as error:
            return error.code

    said = at_once(go, len(bills))
    assert (said.count("OFFERED"), said.count("programme_full")) == (3, 5)


@pytest.mark.usefixtures("committed_db")
def test_of_two_funders_and_a_transfer_one_gets_the_voucher() -> None:
    piece, other = issued(), factory_organization()
    requests = [
        ask_for(open_programme("VOUCHER_FINANCE"), piece.holder, "VOUCHER", piece.pk) for _ in range(4)
    ]

    def go(number: int) -> str:
        try:
            if number < len(requests):
                draw(requests[number])
                return "drawn"
            give(piece, other)
        except DomainError as error:
            return error.code
        return "given"

    said = at_once(go, len(requests) + 1)
    assert said.count("drawn") + said.count("given") == 1
    [held] = live(piece.root)
    assert held.amount == piece.amount
    with acting_as(PLATFORM):
        assert Financing.objects.count() == said.count("drawn")
    assert invariants.check(FINANCE) == []
