"""Blanket orders, quotations and approvals, worked through the pages of both desks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.directory.selectors.acting import of_organization
from orders.models import ApprovalStep, BlanketOrder, Order, Quotation, QuotationRequest
from orders.policies.pricing import Break
from orders.services import quotation
from tests.admin.test_day import Desk, only, order_list
from tests.factories import agreements
from tests.support import agreed_day
from tests.support.trade_day import TEST, Market, open_market


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


def test_the_operator_agrees_and_the_dealer_calls_off(market: Market) -> None:
    operator, dealer = Desk("operator", "operator"), Desk("dealer", "dealer")
    today = clock.now().date()
    body = {
        "party": market.dealer.pk,
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=90)).isoformat(),
        "tolerance": "10",
        "lines": f"{market.skus[0]}\t100\t9.50\n{market.skus[1]};50;3",
    }
    assert "Agree on a blanket order" in operator.page("orders_blanketorder_changelist")
    answer = operator.client.post(reverse("operator:agree_blanket"), body, follow=True)
    assert "is agreed" in answer.content.decode()
    with acting_as(TEST):
        BlanketOrder.objects.update(ship_to_site=market.dealer.sites.get())
    blanket = only(BlanketOrder)
    page = dealer.press("orders_blanketorder", blanket.pk, "release", line_1=30, line_2="", reference="R-7")
    assert "is placed" in page
    placed = only(Order)
    assert (placed.total_net, placed.external_reference) == (Decimal(285), "R-7")
    assert placed.number in dealer.page("orders_blanketorder_change", blanket.pk)
    operator.press("orders_blanketorder", blanket.pk, "cancel", reason="discontinued")
    assert only(BlanketOrder).status == "CANCELLED"


@pytest.mark.parametrize("lines", ["", "SKU-1\tx\t1", "SKU-1\t1\tx", "a\tb\tc\td", "nothing\t1\t1"])
def test_rows_that_cannot_be_read_are_named(market: Market, lines: str) -> None:
    operator = Desk("operator", "operator")
    today = clock.now().date().isoformat()
    body = {
        "party": market.dealer.pk,
        "valid_from": today,
        "valid_to": today,
        "tolerance": "0",
        "lines": lines,
    }
    answer = operator.client.post(reverse("operator:agree_blanket"), body)
    assert answer.status_code == 200
    with acting_as(TEST):
        assert not BlanketOrder.objects.exists()


def test_the_operator_asks_compares_and_awards(market: Market) -> None:
    operator = Desk("operator", "operator")
    deadline = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    body = {"title": "Spring", "deadline": deadline, "factories": [market.maker.code], "lines": "BOLT-8\t500"}
    asked = operator.client.post(reverse("operator:ask_quotations"), body, follow=True)
    assert "is asked" in asked.content.decode()
    request = only(QuotationRequest)
    assert "Sealed until" in operator.page("orders_quotationrequest_change", request.pk)
    who = of_organization(market.maker)
    with acting_as(who):
        offer = quotation.submit(
            request,
            lines=[quotation.Offered(1, (Break(1, Decimal("8.25")),), lead_time_days=4)],
            valid_until=clock.now().date() + timedelta(days=20),
            by=who,
            at=clock.now(),
        )
    page = operator.page("orders_quotationrequest_change", request.pk)
    assert "8.25" in page
    assert "Best price by line" in page
    award = {f"award_{offer.pk}_1": 500, "becomes": "blanket", "valid_to": ""}
    operator.press("orders_quotationrequest", request.pk, "award", **award)
    assert (only(Quotation).status, only(BlanketOrder).factory_id) == ("AWARDED", market.maker.pk)


def test_a_dealer_asks_is_quoted_and_accepts(market: Market) -> None:
    operator, dealer = Desk("operator", "operator"), Desk("dealer", "dealer")
    deadline = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    body = {"title": "Drills", "deadline": deadline, "place": "LOTUS-1", "lines": "DRILL-18,40"}
    asked = dealer.client.post(reverse("dealer:ask_quotation"), body, follow=True)
    assert "is asked" in asked.content.decode()
    valid = (clock.now().date() + timedelta(days=9)).isoformat()
    operator.press(
        "orders_quotationrequest",
        only(QuotationRequest).pk,
        "quote",
        price_1="9",
        days_1=5,
        valid_until=valid,
    )
    offer = only(Quotation)
    assert offer.number in dealer.page("orders_quotation_changelist")
    assert "is placed" in dealer.press("orders_quotation", offer.pk, "accept")
    assert only(Order).total_net == 360


def test_an_administrator_changes_and_approves_what_waits(market: Market) -> None:
    dealer = Desk("dealer", "dealer")
    step = agreed_day.wait_for_approval(market)
    assert step.number in dealer.page("orders_approvalstep_changelist")
    assert "To approve" in dealer.page("index")
    page = dealer.press("orders_approvalstep", step.pk, "approve", line_1=12)
    assert "Confirmed" in page
    assert only(Order).total_net == 150
    assert only(ApprovalStep).changes == {"1": [24, 12]}


def test_an_administrator_declines_with_a_reason(market: Market) -> None:
    step = agreed_day.wait_for_approval(market)
    Desk("dealer", "dealer").press("orders_approvalstep", step.pk, "decline", reason="no budget")
    assert only(Order).status == "REJECTED"


def test_the_operator_keeps_rules_and_substitutes(market: Market) -> None:
    operator = Desk("operator", "operator")
    body = {
        "organization": market.dealer.pk, "name": "Big orders", "tier": 1, "is_active": "on", "amount_from": "5000",
        "role": "ADMIN", "remind_after_hours": 24,
    }  # fmt: skip
    answer = operator.client.post(reverse("operator:orders_approvalrule_add"), body, follow=True)
    assert "Big orders" in answer.content.decode()
    assert operator.client.get(reverse("operator:orders_approvalsubstitute_add")).status_code == 200


def test_a_bulk_order_above_the_limit_says_that_it_waits(market: Market) -> None:
    agreements.approval_rule(market.dealer, amount_from=1)
    assert "waits for approval: 2 lines" in order_list(Desk("dealer", "dealer"))
    assert only(Order).status == "AWAITING_APPROVAL"
