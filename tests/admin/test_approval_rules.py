"""A dealer's administrator keeps its own rules of approval; nobody else does, and four eyes stay four."""

from __future__ import annotations

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.directory.models import Membership
from b2b.directory.selectors.acting import of_organization
from orders.models import ApprovalRule, ApprovalSubstitute, Order
from orders.services import bulk_order
from tests.admin.test_admin_tenancy import demote
from tests.admin.test_day import Desk
from tests.factories import directory
from tests.support.trade_day import TEST, Market, open_market

RULE = {
    "name": "Above a hundred", "tier": 1, "amount_from": "100", "currency": "", "category": "", "site": "",
    "role": "ADMIN", "approver": "", "remind_after_hours": 24,
}  # fmt: skip


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


@pytest.fixture
def dealer(market: Market) -> Desk:
    demote("dealer", "ADMIN")
    return Desk("dealer", "dealer")


def add(desk: Desk, **changes: object) -> str:
    address = reverse("dealer:new_approval_rule")
    return desk.client.post(address, {**RULE, **changes}, follow=True).content.decode()


def rules() -> list[tuple[str, object, bool]]:
    with acting_as(TEST):
        return list(ApprovalRule.objects.order_by("pk").values_list("name", "amount_from", "is_active"))


def test_an_administrator_adds_changes_and_retires_a_rule(market: Market, dealer: Desk) -> None:
    assert "The rule is in force" in add(dealer)
    with acting_as(TEST):
        rule = ApprovalRule.objects.get()
    assert (rule.organization_id, rule.allow_requester) == (market.dealer.pk, False)
    address = reverse("dealer:orders_approvalrule_change", args=[rule.pk])
    assert 'value="Above a hundred"' in dealer.client.get(f"{address}change/").content.decode()
    dealer.client.post(f"{address}change/", {**RULE, "amount_from": "500"})
    assert rules() == [("Above a hundred", 100, False), ("Above a hundred", 500, True)]
    with acting_as(TEST):
        changed = ApprovalRule.objects.get(is_active=True)
    dealer.client.post(f"{reverse('dealer:orders_approvalrule_change', args=[changed.pk])}retire/")
    assert [active for *_, active in rules()] == [False, False]


def test_a_rule_that_cannot_be_kept_is_refused_and_the_old_one_holds(market: Market, dealer: Desk) -> None:
    assert "name a role or a person" in add(dealer, role="")
    assert "nobody of yours" in add(dealer, role="", approver="rival")
    add(dealer)
    with acting_as(TEST):
        rule = ApprovalRule.objects.get()
    address = reverse("dealer:orders_approvalrule_change", args=[rule.pk])
    dealer.client.post(f"{address}change/", {**RULE, "role": ""})
    assert rules() == [("Above a hundred", 100, True)]


def test_nobody_but_an_administrator_and_no_rival_touches_the_rules(market: Market, dealer: Desk) -> None:
    add(dealer)
    with acting_as(TEST):
        rule = ApprovalRule.objects.get()
    page = reverse("dealer:orders_approvalrule_change", args=[rule.pk])
    rival = Desk("rival", "dealer")
    assert rival.client.get(page).status_code in (302, 404)
    assert (
        "Above a hundred"
        not in rival.client.get(reverse("dealer:orders_approvalrule_changelist")).content.decode()
    )
    demote("dealer", "BUYER")
    assert "only an administrator" in add(dealer, name="Mine")
    dealer.client.post(f"{page}retire/")
    assert rules() == [("Above a hundred", 100, True)]


def test_the_rule_holds_orders_back_and_who_ordered_does_not_approve(market: Market, dealer: Desk) -> None:
    add(dealer)
    with acting_as(TEST):
        person = Membership.objects.get(user__username="dealer").user_id
    who = of_organization(market.dealer, user_id=person, name="dealer", role="ADMIN")
    with acting_as(who):
        order = bulk_order.submit(
            bulk_order.rows_of([{"sku": "BOLT-8", "quantity": 40}]),
            dealer=market.dealer, ship_to=market.dealer.sites.get(), by=who, at=clock.now(),
        ).order  # fmt: skip
        step = order.approvals.get()
    page = reverse("dealer:orders_approvalstep_change", args=[step.pk])
    dealer.client.post(f"{page}approve/", {"line_1": 40, "reason": ""})
    with acting_as(TEST):
        assert Order.objects.get().status == "AWAITING_APPROVAL"


def test_somebody_stands_in(market: Market, dealer: Desk) -> None:
    stand_in = directory.person(market.dealer, role="BUYER").get_username()
    address, day = reverse("dealer:new_substitute"), clock.now().date()
    wrong = {"approver": "dealer", "stand_in": "rival", "from_date": day, "to_date": day}
    assert "nobody of yours" in dealer.client.post(address, wrong).content.decode()
    told = dealer.client.post(address, {**wrong, "stand_in": stand_in}, follow=True).content.decode()
    assert "The substitute is named" in told
    with acting_as(TEST):
        assert ApprovalSubstitute.objects.get().organization_id == market.dealer.pk
