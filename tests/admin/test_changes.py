"""A dealer changes an order on its page; the operator enters what factories say."""

from __future__ import annotations

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import Order, OrderLine, PriceAnswer, PurchaseOrder, PurchaseOrderChange, Substitution
from orders.services import cycle_policy, order_cycle, purchase_order
from orders.services.purchase_order_response import Answer, Substitute
from tests.admin.conftest import Person
from tests.factories import catalog
from tests.factories import orders as made
from tests.support.order_ports import answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def ordered(dealer: Person):
    """An order of the signed-in dealer, and the cycle it is in."""
    with answered(), acting_as(system("test")):
        market = made.trade(buyers=[dealer.organization])
        cycle = made.cycle(market, at=clock.now())
        yield market, cycle, made.order(market, [10], at=clock.now())


def bought(cycle):
    now = clock.now()
    order_cycle.close(cycle, early=True, by=system("test"), at=now)
    return PurchaseOrder.objects.get(cycle=cycle)


def button(site: str, model: str, document: object, name: str) -> str:
    return reverse(f"{site}:orders_{model}_button", args=[document.pk, name])


def test_a_dealer_changes_a_line_and_sees_what_the_factory_is_asked(dealer, ordered):
    _, cycle, placed = ordered
    page = reverse("dealer:orders_order_change", args=[placed.pk])
    dealer.client.post(button("dealer", "order", placed, "edit"), {"line_number": 1, "quantity": 12})
    assert OrderLine.objects.get(order=placed).quantity == 12
    bought(cycle)
    answer = dealer.client.post(
        button("dealer", "order", placed, "edit"), {"line_number": 1, "quantity": 5}, follow=True
    )
    assert "until the factory agrees" in answer.content.decode()
    shown = dealer.client.get(page).content.decode()
    assert "cancel requested" in shown
    assert "the factory is asked" in shown
    wrong = dealer.client.post(
        button("dealer", "order", placed, "edit"), {"line_number": 9, "quantity": 5}, follow=True
    )
    assert "there is no line 9" in wrong.content.decode()


def test_a_dealer_sees_what_it_gave_up_and_who_got_it(dealer, ordered):
    market, cycle, placed = ordered
    with acting_as(system("test")):
        cycle_policy.declare(cycle, policy={"given_up": "stock"}, by=system("test"), at=clock.now())
    bought(cycle)
    dealer.client.post(button("dealer", "order", placed, "edit"), {"line_number": 1, "quantity": 6})
    shown = dealer.client.get(reverse("dealer:orders_order_change", args=[placed.pk])).content.decode()
    assert "given up: 4" in shown
    assert "4 to platform stock" in shown
    assert market.products[0].sku in shown


def test_a_dealer_adds_a_line(dealer, ordered):
    market, _, placed = ordered
    dealer.client.post(
        button("dealer", "order", placed, "add"), {"sku": market.products[0].sku, "quantity": 3}
    )
    assert OrderLine.objects.filter(order=placed).count() == 2


def test_the_operator_enters_what_a_factory_says_to_a_request(dealer, operator, ordered):
    _, cycle, placed = ordered
    bought(cycle)
    dealer.client.post(button("dealer", "order", placed, "edit"), {"line_number": 1, "quantity": 5})
    change = PurchaseOrderChange.objects.get()
    page = operator.client.get(reverse("operator:orders_purchaseorderchange_change", args=[change.pk]))
    assert change.number in page.content.decode()
    operator.client.post(button("operator", "purchaseorderchange", change, "agree"), {})
    assert OrderLine.objects.get(order=placed).cancelled == 5


def test_the_operator_answers_by_hand_and_decides_on_prices(operator, ordered):
    _, cycle, _ = ordered
    placed = bought(cycle)
    answer = {"line_1": 8, "date_1": "2030-01-05", "note": "by telephone"}
    operator.client.post(button("operator", "purchaseorder", placed, "answer"), answer)
    line = placed.lines.get()
    assert (line.confirmed, str(line.promised_date)) == (8, "2030-01-05")
    dear = Answer(1, 8, unit_price=line.unit_price * 2)
    purchase_order.respond(placed, answers=[dear], by=system("test"), at=clock.now())
    operator.client.post(button("operator", "purchaseorder", placed, "prices"), {"line_1": "refuse"})
    assert PriceAnswer.objects.get().status == "REFUSED"
    page = operator.client.get(reverse("operator:orders_purchaseorder_change", args=[placed.pk]))
    assert page.status_code == 200


def test_a_dealer_takes_a_substitute(dealer, ordered):
    _, cycle, placed = ordered
    other = catalog.product()
    offer = Answer(1, substitute=Substitute(other.sku, 10, 5))
    purchase_order.respond(bought(cycle), answers=[offer], by=system("test"), at=clock.now())
    offered = Substitution.objects.get()
    page = dealer.client.get(reverse("dealer:orders_substitution_change", args=[offered.pk]))
    assert other.sku in page.content.decode()
    dealer.client.post(button("dealer", "substitution", offered, "accept"), {})
    assert OrderLine.objects.filter(order=placed, product=other).exists()
    assert Order.objects.get(pk=placed.pk).status == "CONFIRMED"
