"""Programmes are drafted by one person and opened by another; pledged goods are seen by their parties and let go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse

from b2b.core.actor import DEALER, FUNDER, OPERATOR, acting_as
from finance.models import Programme, StockPledge
from finance.services import pledge_valuation, repayment
from tests.admin.conftest import Person
from tests.factories.directory import actor
from tests.factories.finance import NOON, PLATFORM
from tests.finance.financing.stock import secured
from tests.finance.financing.world import reread
from warehousing.models import Quant

PersonOf = Callable[[str, str], Person]
TERMS = {
    "kind": "LOAN_INVENTORY", "name": "Stock", "currency": "CNY", "limit": "1000000", "party_limit": "200000",
    "advance": "50", "fee": "0.5", "penalty": "6", "margin_call": "80", "day_count": "ACT/360",
    "schedule": "BULLET", "min_days": "1", "max_days": "90", "grace_days": "0", "default_days": "30",
    "waterfall": "FEE, PENALTY, INTEREST, PRINCIPAL", "with_recourse": "on", "rate_A": "6", "rate_B": "9.5",
}  # fmt: skip


@pytest.fixture
def bank(person: PersonOf, operator: Person) -> Person:
    return person(FUNDER, "BANK")


def colleague(of: Person, username: str) -> Person:
    """Sign in somebody else of the same party."""
    return Person(of.organization, username)


def test_one_person_drafts_a_programme_and_another_opens_it(bank: Person) -> None:
    page = reverse("funder:draft_programme")
    listed = reverse("funder:finance_programme_changelist")
    assert f'href="{page}"' in bank.client.get(listed).content.decode()

    answer = bank.client.post(page, {**TERMS, "funder": bank.organization.pk})

    assert answer.status_code == 302
    with acting_as(PLATFORM):
        made = Programme.objects.get()
    assert (made.limit, str(made.advance_rate), str(made.margin_call_rate)) == (
        100_000_000,
        "0.500000",
        "0.800000",
    )
    assert made.grade_rates == {"A": "0.06", "B": "0.095"}
    button = reverse("funder:finance_programme_button", args=[made.pk, "open_programme"])
    assert "cannot confirm it as well" in bank.client.post(button, follow=True).content.decode()
    assert reread(made).status == "DRAFT"
    colleague(bank, "second").client.post(button)
    assert reread(made).status == "OPEN"


def test_faults_of_a_draft_are_told_on_the_page(bank: Person) -> None:
    wrong = {**TERMS, "funder": bank.organization.pk, "party_limit": "2000000", "margin_call": "40"}
    shown = bank.client.post(reverse("funder:draft_programme"), wrong).content.decode()
    assert "it lies between nothing and the whole limit" in shown
    assert "it lies between the advance rate and the whole value" in shown
    with acting_as(PLATFORM):
        assert not Programme.objects.exists()


def test_a_funder_drafts_for_no_other_funder_the_operator_for_all(
    bank: Person, person: PersonOf, operator: Person
) -> None:
    rival = person(FUNDER, "RIVAL")
    mine = {**TERMS, "funder": bank.organization.pk}
    assert (
        "Select a valid choice" in rival.client.post(reverse("funder:draft_programme"), mine).content.decode()
    )
    assert operator.client.post(reverse("operator:draft_programme"), mine).status_code == 302
    with acting_as(PLATFORM):
        assert Programme.objects.get().funder == bank.organization


def test_pledged_goods_are_seen_by_their_parties_and_released_as_far_as_they_may(
    bank: Person, dealer: Person, rival: Person, operator: Person, person: PersonOf
) -> None:
    held = secured(dealer.organization, bank.organization, operator.organization)
    with acting_as(PLATFORM):
        lose_of(held, 90)
    day = NOON + timedelta(days=1)
    pledge_valuation.revalue(by=PLATFORM, at=day)
    for one in (bank, dealer, operator):
        site = one.organization.kind
        shown = one.client.get(reverse(f"{site}:finance_stockpledge_change", args=[held.pk])).content.decode()
        listed = one.client.get(reverse(f"{site}:finance_stockpledge_changelist")).content.decode()
        assert "Margin call" in shown
        assert "300 %" in shown
        assert held.number in listed
    for one in (rival, person(FUNDER, "OTHER-BANK")):
        kind = one.organization.kind
        assert (
            one.client.get(reverse(f"{kind}:finance_stockpledge_change", args=[held.pk])).status_code == 404
        )
    button = reverse("funder:finance_stockpledge_button", args=[held.pk, "release"])
    told = bank.client.post(button, {"quantity": "1"}, follow=True).content.decode()
    assert "300.00 CNY is owed" in told
    repayment.repay(
        held.financing_id,
        amount=29_500,
        value_date=day.date(),
        reference="most",
        by=actor(bank.organization),
        at=day,
    )
    bank.client.post(button, {"quantity": "10"})
    with acting_as(PLATFORM):
        assert StockPledge.objects.get().remaining == 50


def lose_of(held: StockPledge, units: int) -> None:
    """Let units of what is pledged vanish from the warehouse."""
    quant = Quant.objects.get(owner=held.borrower_id, product=held.product_id, on_hand__gte=units)
    Quant.objects.filter(pk=quant.pk).update(on_hand=quant.on_hand - units)


def test_a_dealer_is_offered_no_release(bank: Person, dealer: Person, operator: Person) -> None:
    held = secured(dealer.organization, bank.organization, operator.organization)
    button = f"/{DEALER}/finance/stockpledge/{held.pk}/release/"
    assert dealer.client.post(button).status_code == 404
    assert reread(held).status == "PLEDGED"
    assert operator.client.get(f"/{OPERATOR}/finance/stockpledge/{held.pk}/release/").status_code == 200
