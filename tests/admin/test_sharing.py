"""How a shortage was shared, on both desks."""

from datetime import timedelta

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import AllocationRun, OrderLine, PriorityTier
from orders.services import order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.admin.conftest import Person
from tests.factories import orders as made
from tests.support.order_ports import answered


@pytest.fixture
def shortage(db):
    """A cycle of three dealers, of whom two want the same, that the factory confirms short."""
    now = clock.now()
    with answered():
        market = made.trade(dealers=3, breaks=((1, "10"),))
        cycle = made.cycle(market, at=now)
        orders = [made.order(market, [one], dealer=index, at=now) for index, one in enumerate((30, 30, 40))]
        with acting_as(system("test")) as platform:
            [placed] = order_cycle.close(cycle, early=True, by=platform, at=now)
            purchase_order.respond(placed, answers=[Answer(1, 51)], by=platform, at=now)
        yield market, cycle, orders


def test_a_dealer_finds_out_why_from_the_order_and_withdraws(shortage):
    market, _cycle, orders = shortage
    person = Person(market.dealers[0], "first")
    page = reverse("dealer:orders_order_change", args=[orders[0].pk])
    why = reverse("dealer:order_why") + f"?order={orders[0].pk}"
    assert why in person.client.get(page).content.decode()
    told = person.client.get(why)
    assert told.status_code == 200
    text = told.content.decode()
    assert "153/10" in text
    assert orders[1].number not in text
    assert person.client.get(reverse("dealer:order_why") + f"?order={orders[1].pk}").status_code == 404
    assert person.client.get(reverse("dealer:order_why")).status_code == 200
    button = reverse("dealer:orders_order_button", args=[orders[0].pk, "withdraw"])
    answer = person.client.post(button, {"lines": ["1"], "reason": "too late"}, follow=True)
    assert "withdrawn" in answer.content.decode()
    with acting_as(system("test")):
        assert OrderLine.objects.get(order=orders[0]).cancelled == 30


def test_the_operator_reads_runs_replays_and_compares(shortage, operator):
    _market, cycle, orders = shortage
    with acting_as(system("test")):
        run = AllocationRun.objects.get()
    assert operator.client.get(reverse("operator:orders_allocationrun_changelist")).status_code == 200
    page = operator.client.get(
        reverse("operator:orders_allocationrun_change", args=[run.pk])
    ).content.decode()
    assert orders[2].number in page
    button = reverse("operator:orders_allocationrun_button", args=[run.pk, "replay"])
    assert "the same hashes" in operator.client.post(button, follow=True).content.decode()
    report = reverse("operator:equal_treatment")
    assert cycle.number in operator.client.get(report).content.decode()
    shown = operator.client.get(report, {"cycle": str(cycle.pk)}).content.decode()
    assert "0 treated unequally" in shown
    assert operator.client.get(report, {"cycle": "nothing"}).status_code == 404
    assert operator.client.get(reverse("operator:order_why"), {"order": str(orders[0].pk)}).status_code == 200


def test_a_tier_is_declared_and_stays(shortage, operator):
    market, _cycle, _orders = shortage
    added = operator.client.post(
        reverse("operator:orders_prioritytier_add"),
        {"dealer": market.dealers[0].pk, "tier": 1, "reason": "contract"},
    )
    assert added.status_code == 302
    with acting_as(system("test")):
        tier = PriorityTier.objects.get()
    assert (tier.tier, tier.dealer_id) == (1, market.dealers[0].pk)
    assert clock.now() - tier.created_at < timedelta(minutes=5)
