"""A factory answers its signals on its own desk; the operator reads why and what was rehearsed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import FACTORY, acting_as
from orders.models import ProductionSignal
from orders.services import production_plan, rehearsal
from tests.admin.conftest import Person
from tests.admin.test_day import Desk
from tests.factories import orders as made
from tests.factories import planning
from tests.support.order_ports import Shelf, answered
from tests.support.trade_day import TEST, open_market

PersonOf = Callable[[str, str], Person]


def asked_of(factory: object) -> ProductionSignal:
    """Let a plan ask the factory for what a buffer lacks: 110."""
    market = made.trade(maker=factory)
    planning.buffer(market)
    with answered(None, Shelf({market.products[0].pk: 340})), acting_as(TEST):
        production_plan.plan(market.maker.pk, period_key="p", by=TEST, at=clock.now())
        return ProductionSignal.objects.get(factory=market.maker)


def test_a_factory_reads_by_when_and_commits_to_a_part(person: PersonOf) -> None:
    mill, rival = person(FACTORY, "MILL"), person(FACTORY, "RIVAL")
    signal = asked_of(mill.organization)
    page = reverse("factory:orders_productionsignal_change", args=[signal.pk])
    shown = mill.client.get(page).content.decode()
    assert shown.count("Answer by") == 2  # at the top, and as a column of the weeks
    assert "All your weeks against your capacity" in shown
    assert rival.client.get(page).status_code == 404
    button = reverse("factory:orders_productionsignal_button", args=[signal.pk, "commit"])
    assert 'name="line_1"' in mill.client.get(button).content.decode()
    assert mill.client.post(button, {"line_1": "111"}).status_code == 200
    assert mill.client.post(button, {"line_1": "80"}).status_code == 302
    with acting_as(TEST):
        line = signal.lines.get()
        assert (line.committed_quantity, line.rejected_quantity) == (80, 30)
    assert mill.client.get(page).content.decode().count("Answer by") == 1


def test_a_factory_refuses_all_of_it_with_a_reason(person: PersonOf) -> None:
    mill = person(FACTORY, "MILL")
    signal = asked_of(mill.organization)
    button = reverse("factory:orders_productionsignal_button", args=[signal.pk, "refuse"])
    assert mill.client.post(button, {"reason": "the tool is broken"}).status_code == 302
    with acting_as(TEST):
        assert ProductionSignal.objects.get(pk=signal.pk).status == "REJECTED"
    page = reverse("factory:orders_productionsignal_change", args=[signal.pk])
    assert "the tool is broken" in mill.client.get(page).content.decode()


@pytest.fixture
def desk(db: None) -> Desk:
    open_market()
    return Desk("operator", "operator")


def test_the_operator_reads_why_and_that_it_comes_out_the_same(desk: Desk) -> None:
    signal = asked_of(None)
    shown = desk.page("orders_productionsignal_change", signal.pk)
    assert "Why" in shown
    assert "the same" in shown
    assert "differs" not in shown


def test_a_rehearsal_is_drawn_and_set_side_by_side(desk: Desk) -> None:
    with acting_as(TEST):
        kept = rehearsal.market(days=28, dealers=2, products=1, seed=3, by=TEST, at=clock.now())
    assert "Made-up market, 28 days" in desk.page("orders_rehearsal_changelist")
    shown = desk.page("orders_rehearsal_change", kept.pk)
    assert shown.count("stroke-dasharray") == 3
    assert "Variance of orders to demand" in shown
    assert "Reorder point" in shown
