"""Orders above a limit wait for approval, tier by tier."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.agreements import ApprovalDecided, ApprovalDue, ApprovalRequested
from b2b.contracts.orders import OrderConfirmed
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden
from b2b.core.machine import IllegalTransition
from orders.models import ApprovalStep, Order
from orders.selectors import price_list
from orders.services import approval, approval_change, approval_decision, approval_rule, bulk_order
from orders.services import order as orders
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(products=2, dealers=2, breaks=((1, "10"), (100, "8")))


@pytest.fixture
def buyer(market):
    return agreed.member(market.dealers[0], "BUYER")


@pytest.fixture
def head(market):
    return agreed.member(market.dealers[0], "ADMIN")


def place(market, who, quantities, **values):
    rows = bulk_order.rows_of(
        {"sku": market.products[index].sku, "quantity": quantity} for index, quantity in enumerate(quantities)
    )
    with acting_as(who):
        return bulk_order.submit(
            rows, dealer=market.dealers[0], ship_to=market.shops[0], by=who, at=NOW, **values
        ).order


def approve(order, who, **values):
    with acting_as(who):
        return approval_decision.approve(order, by=who, at=NOW, **values)


def test_below_the_limit_an_order_is_confirmed_at_once(market, buyer):
    agreed.approval_rule(market.dealers[0], amount_from="100.01")
    assert place(market, buyer, [10]).status == "CONFIRMED"
    assert not ApprovalStep.objects.exists()


def test_an_order_above_the_limit_waits_and_holds_no_credit_and_joins_no_cycle(
    market, buyer, head, credit_book
):
    cycle = made.cycle(market)
    agreed.approval_rule(market.dealers[0], amount_from=100)
    order = place(market, buyer, [10, 5])
    assert (order.status, credit_book.held, told(OrderConfirmed)) == ("AWAITING_APPROVAL", {}, [])
    assert [line.cycle_id for line in order.lines.all()] == [None, None]
    [asked] = told(ApprovalRequested)
    assert (asked.document_id, asked.tier, asked.amount, asked.roles) == (order.pk, 1, 150, ("ADMIN",))
    assert close(made.cycle(market, hours=20)) is None

    confirmed = approve(order, head)
    assert confirmed.status == "CONFIRMED"
    assert credit_book.held[order.pk].amount == order.total_gross
    assert {line.cycle_id for line in order.lines.all()} == {cycle.pk}
    assert [one.is_final for one in told(ApprovalDecided)] == [True]
    assert len(told(OrderConfirmed)) == 1


def test_who_asked_may_not_approve_unless_the_rule_says_so(market, head):
    agreed.approval_rule(market.dealers[0])
    order = place(market, head, [10])
    with pytest.raises(approval_decision.NotYours):
        approve(order, head)
    ApprovalStep.objects.update(allow_requester=True)
    assert approve(order, head).status == "CONFIRMED"


def test_neither_a_rival_nor_the_operator_nor_a_machine_approves(market, buyer):
    agreed.approval_rule(market.dealers[0])
    order = place(market, buyer, [10])
    rival = agreed.member(market.dealers[1])
    for stranger in (market.dealer_actor(), agreed.member(market.warehouse.organization), system("job")):
        with pytest.raises(Forbidden):
            approve(order, stranger)
    with pytest.raises(Exception, match="no such order"):
        approve(order, rival)
    assert Order.objects.get(pk=order.pk).status == "AWAITING_APPROVAL"


def test_tiers_decide_in_turn(market, buyer, head):
    finance = agreed.member(market.dealers[0], "FINANCE")
    agreed.approval_rule(market.dealers[0], role="FINANCE", tier=2, amount_from=50)
    agreed.approval_rule(market.dealers[0], role="ADMIN", tier=1)
    order = place(market, buyer, [10])
    with pytest.raises(approval_decision.NotYours):
        approve(order, finance)
    assert approve(order, head).status == "AWAITING_APPROVAL"
    assert [one.tier for one in told(ApprovalRequested)] == [1, 2]
    with pytest.raises(orders.AwaitsApproval):
        orders.confirm(order, by=system("test"), at=NOW)
    assert approve(order, finance).status == "CONFIRMED"
    assert [one.is_final for one in told(ApprovalDecided)] == [False, True]


def test_a_named_person_and_its_substitute(market, buyer, head):
    named = agreed.member(market.dealers[0], "VIEWER")
    agreed.approval_rule(market.dealers[0], approver_id=named.user_id, role="")
    order = place(market, buyer, [10])
    with pytest.raises(approval_decision.NotYours):
        approve(order, head)
    days = {"from_date": NOW.date(), "to_date": NOW.date() + timedelta(days=7)}
    away = agreed.substitute(market.dealers[0], _user(named), _user(head), **days)
    assert approve(order, head).status == "CONFIRMED"
    away.delete()
    later = place(market, buyer, [10])
    with pytest.raises(approval_decision.NotYours):
        approve(later, head)
    assert approve(later, named).status == "CONFIRMED"


def _user(actor):
    from b2b.directory.models import User

    return User.objects.get(pk=actor.user_id)


def test_credit_is_asked_at_the_confirmation(market, buyer, head, credit_book):
    agreed.approval_rule(market.dealers[0])
    order = place(market, buyer, [10])
    credit_book.limit = Decimal(50)
    with pytest.raises(orders.CreditRefused):
        approve(order, head)
    assert ApprovalStep.objects.get().status == "PENDING"


def test_the_approver_changes_and_drops_lines(market, buyer, head):
    agreed.approval_rule(market.dealers[0])
    order = place(market, buyer, [120, 5])
    assert order.total_net == 120 * 8 + 50
    approved = approve(order, head, quantities={1: 60, 2: 0})
    assert (approved.status, approved.total_net) == ("CONFIRMED", 600)  # 60 hold no break at 100
    first, second = order.lines.order_by("line_number")
    assert (first.quantity, first.requested, first.unit_price) == (60, 60, 10)
    assert (second.cancelled, second.net_amount) == (5, 0)
    assert ApprovalStep.objects.get().changes == {"1": [120, 60], "2": [5, 0]}


def test_a_raised_quantity_asks_whom_it_needs(market, buyer, head):
    agreed.approval_rule(market.dealers[0])
    agreed.approval_rule(market.dealers[0], role="FINANCE", tier=2, amount_from=500)
    order = place(market, buyer, [10])
    assert approve(order, head, quantities={1: 70}).status == "AWAITING_APPROVAL"
    finance = agreed.member(market.dealers[0], "FINANCE")
    assert approve(order, finance).status == "CONFIRMED"
    assert order.lines.get().requested == 70


def test_a_lowered_quantity_needs_no_tier_above(market, buyer, head):
    agreed.approval_rule(market.dealers[0])
    agreed.approval_rule(market.dealers[0], role="FINANCE", tier=2, amount_from=500)
    order = place(market, buyer, [60])
    assert approve(order, head, quantities={1: 40}).status == "CONFIRMED"
    assert sorted(step.status for step in order.approvals.all()) == ["APPROVED", "DROPPED"]


@pytest.mark.parametrize("quantities", [{9: 1}, {1: -1}, {1: 0}, {1: 10**13}])
def test_a_change_that_cannot_be_is_refused(market, buyer, head, quantities):
    agreed.approval_rule(market.dealers[0])
    order = place(market, buyer, [10])
    with pytest.raises(approval_change.InvalidChange):
        approve(order, head, quantities=quantities)


def test_a_declined_order_wants_nothing_and_says_why(market, buyer, head):
    agreed.approval_rule(market.dealers[0])
    order = place(market, buyer, [10])
    with pytest.raises(approval_decision.ReasonMissing), acting_as(head):
        approval_decision.decline(order, reason=" ", by=head, at=NOW)
    with acting_as(head):
        approval_decision.decline(order, reason="too dear", by=head, at=NOW)
    order.refresh_from_db()
    assert (order.status, order.lines.get().cancelled) == ("REJECTED", 10)
    assert told(ApprovalDecided)[0].reason == "too dear"
    with pytest.raises(IllegalTransition):
        approve(order, head)


def test_who_asked_may_withdraw_what_waits(market, buyer):
    agreed.approval_rule(market.dealers[0])
    order = place(market, buyer, [10])
    with acting_as(buyer):
        orders.cancel(order, by=buyer, at=NOW)
    assert ApprovalStep.objects.get().status == "DROPPED"


def test_a_late_decision_is_asked_for_again(market, buyer):
    agreed.approval_rule(market.dealers[0], remind_after_hours=24)
    place(market, buyer, [10])
    assert approval.remind(at=NOW + timedelta(hours=23)) == 0
    assert approval.remind(at=LATER) == 1
    assert approval.remind(at=LATER) == 0
    assert approval.remind(at=LATER + timedelta(hours=24)) == 1
    assert len(told(ApprovalDue)) == 2


def test_waiting_costs_at_most_two_statements_more(market, buyer):
    made.cycle(market)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            place(market, buyer, [10, 10])
        return len(queries)

    place(market, buyer, [1])
    plain = statements()
    agreed.approval_rule(market.dealers[0])
    agreed.approval_rule(market.dealers[0], tier=2, role="FINANCE")
    assert statements() <= plain + 2


def test_a_confirmed_order_cannot_grow_past_its_approval(market, buyer, head):
    from orders.services import order_change

    agreed.approval_rule(market.dealers[0], amount_from=100)

    def edit(order, quantity):
        with acting_as(buyer):
            return order_change.change(
                order, edits=[order_change.LineEdit(1, quantity=quantity)], by=buyer, at=NOW
            )

    small = place(market, buyer, [9])
    with pytest.raises(approval.ApprovalNeeded):
        edit(small, 10)
    large = place(market, buyer, [20])
    approve(large, head)
    edit(large, 15)
    edit(large, 20)
    with pytest.raises(approval.ApprovalNeeded):
        edit(large, 21)


def test_a_rule_remembers_who_made_replaced_and_retired_it(market, head):
    dealer = market.dealers[0]
    terms = {"name": "Large orders", "role": "ADMIN", "amount_from": Decimal(100)}
    with acting_as(head):
        first = approval_rule.put(dealer, **terms, by=head, at=NOW)
        second = approval_rule.replace(first, **{**terms, "amount_from": Decimal(50)}, by=head, at=LATER)
        approval_rule.retire(second, by=head, at=LATER)
        own = [*price_list.changes(head, approval_rule.APPROVAL, first.pk, second.pk)]
    assert [(one.verb, one.subject_id) for one in reversed(own)] == [
        ("create", first.pk),
        ("create", second.pk),
        ("retire", first.pk),
        ("replace", second.pk),
        ("retire", second.pk),
    ]
    replaced = own[1]
    assert [float(side["amount_from"]) for side in (replaced.before, replaced.after)] == [100, 50]
    assert (replaced.actor_name, replaced.at) == (str(head), LATER)
    rival = market.dealers[1]
    with acting_as(agreed.member(rival, "ADMIN")) as other:
        assert not price_list.changes(other, approval_rule.APPROVAL, first.pk).exists()
