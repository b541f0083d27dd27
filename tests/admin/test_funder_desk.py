"""The funder's desk, and what a dealer gets on its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from b2b.admin.sites import funder_site
from b2b.core import clock
from b2b.core.actor import FUNDER, acting_as
from finance.models import DiscountTerms, Financing, FinancingRequest, Programme
from tests.admin.conftest import Person
from tests.admin.test_pages import all_of
from tests.factories.finance import PLATFORM, operator
from tests.finance import rest_world
from tests.finance.financing.world import ask, draw, reread
from tests.support.financed_day import open_to_dealers

pytestmark = pytest.mark.django_db
MODELS = (Programme, FinancingRequest, Financing)


@pytest.fixture
def bank(person) -> Person:
    operator()
    return person(FUNDER, "BANK")


@pytest.mark.parametrize("name", all_of(funder_site))
def test_every_page_of_a_funder_opens(bank: Person, name: str) -> None:
    assert bank.client.get(reverse(name)).status_code == 200


def test_a_funder_sees_its_own_money_and_no_other_funders(bank: Person, person, dealer: Person) -> None:
    one = draw_for(bank, dealer)
    rival = person(FUNDER, "RIVAL")
    with acting_as(PLATFORM):
        rows = [row for model in MODELS for row in model.objects.all()]
    assert len(rows) == 3
    for row in rows:
        page = reverse(f"funder:finance_{row._meta.model_name}_change", args=[row.pk])
        listed = reverse(f"funder:finance_{row._meta.model_name}_changelist")
        assert bank.client.get(page).status_code == 200
        assert rival.client.get(page).status_code == 404
        assert row.number not in rival.client.get(listed).content.decode()
    assert dealer.client.get(reverse("dealer:finance_financing_change", args=[one.pk])).status_code == 200


def test_a_funder_drafts_nothing_for_others_but_opens_follows_and_enters_payments(
    bank: Person, dealer: Person
) -> None:
    one = draw_for(bank, dealer)
    button = reverse("funder:finance_financing_button", args=[one.pk, "repay"])
    today = clock.today().isoformat()
    answer = bank.client.post(
        button, {"amount": "13.00", "value_date": today, "reference": "R1"}, follow=True
    )
    assert answer.status_code == 200
    assert reread(one).principal_owed == one.principal_owed - 1_300
    default = reverse("funder:finance_financing_button", args=[one.pk, "declare_default"])
    assert "0 days overdue" in bank.client.post(default, follow=True).content.decode()


def test_a_dealer_sees_what_it_can_get_takes_it_and_what_it_saves_by_paying_early(
    bank: Person, dealer: Person
) -> None:
    now = clock.now()
    owed = rest_world.issue_invoice(dealer.organization, delivered_at=now)
    made = open_to_dealers(bank.organization)
    with acting_as(PLATFORM):
        DiscountTerms.objects.create(dealer=dealer.organization, rate="0.02", days=10)
    page = reverse("dealer:get_money")
    shown = dealer.client.get(page).content.decode()
    assert "save" in shown
    assert "2.26" in shown
    assert owed.number in shown
    quoted = dealer.client.get(page, {"kind": "INVOICE", "id": str(owed.pk)}).content.decode()
    assert made.name in quoted
    assert "113.00" in quoted
    answer = dealer.client.post(page, {"programme": str(made.pk), "kind": "INVOICE", "id": str(owed.pk)})
    assert answer.status_code == 302
    with acting_as(PLATFORM):
        request = FinancingRequest.objects.get()
    button = reverse("dealer:finance_financingrequest_button", args=[request.pk, "draw"])
    assert dealer.client.post(button, follow=True).status_code == 200
    with acting_as(PLATFORM):
        assert Financing.objects.get().drawn == 11_300
    again = dealer.client.get(page, {"kind": "INVOICE", "id": str(owed.pk)})
    assert again.status_code == 200


@pytest.mark.parametrize(
    "asked", [{"kind": "INVOICE", "id": "1"}, {"kind": "BILL", "id": "x"}, {"kind": "ORDER"}]
)
def test_what_is_not_the_dealers_is_told_not_shown(
    dealer: Person, bank: Person, asked: dict[str, str]
) -> None:
    page = reverse("dealer:get_money")
    assert dealer.client.get(page, asked).status_code == 200
    assert dealer.client.post(page, {**asked, "programme": "no"}).status_code == 302
    with acting_as(PLATFORM):
        assert not FinancingRequest.objects.exists()


def draw_for(bank: Person, dealer: Person) -> Financing:
    """Let a dealer draw on an invoice from the bank's programme."""
    now = clock.now()
    owed = rest_world.issue_invoice(dealer.organization, delivered_at=now - timedelta(minutes=1))
    return draw(ask(open_to_dealers(bank.organization), owed, kind="INVOICE", at=now), at=now)
