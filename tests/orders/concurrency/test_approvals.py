"""Two people decide the same order, and two factories answer last, at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

from django.db import connection

from b2b.contracts.agreements import ApprovalDecided
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from orders.models import ApprovalRule, ApprovalStep, Order, QuotationRequest, TermsChange
from orders.services import approval_decision, approval_rule
from tests.factories import agreements as agreed
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import told


def at_once(*calls):
    """Run the calls in threads that start together; return what each returned."""
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait()
            with clock.travel(NOW):
                return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_of_two_who_decide_at_once_one_does(committed_db):
    with acting_as(system("test")):
        market = made.trade(dealers=1)
        agreed.approval_rule(market.dealers[0])
        order = made.order(market, [10])
        heads = [agreed.member(market.dealers[0]) for _ in range(2)]

    def decide(who, verb):
        try:
            with acting_as(who):
                if verb == "approve":
                    approval_decision.approve(order, by=who, at=NOW)
                else:
                    approval_decision.decline(order, reason="no", by=who, at=NOW)
        except IllegalTransition:
            return ""
        return verb

    won = at_once(lambda: decide(heads[0], "approve"), lambda: decide(heads[1], "decline"))
    with acting_as(system("test")):
        [verb] = filter(None, won)
        assert Order.objects.get().status == {"approve": "CONFIRMED", "decline": "REJECTED"}[verb]
        assert ApprovalStep.objects.get().status == {"approve": "APPROVED", "decline": "DECLINED"}[verb]
        assert len(told(ApprovalDecided)) == 1
        assert not invariants.check()


def test_the_last_of_parallel_answers_unseals_the_request(committed_db):
    with acting_as(system("test")):
        market = made.trade()
        makers = [directory.factory_organization() for _ in range(8)]
        request = agreed.ask(market, makers)
    at_once(*(lambda maker=maker: agreed.offer(request, maker) for maker in makers))
    with acting_as(system("test")):
        asked = QuotationRequest.objects.get()
        assert (asked.status, asked.quotations.count()) == ("UNSEALED", 8)


def test_a_rule_is_replaced_once_however_many_replace_it(committed_db):
    with acting_as(system("test")):
        dealer = made.trade(dealers=1).dealers[0]
        old = agreed.approval_rule(dealer)
        heads = [agreed.member(dealer) for _ in range(6)]
    terms = {"name": "All", "role": "ADMIN"}

    def change(number):
        who = heads[number]
        try:
            with acting_as(who):
                if number:
                    amount = Decimal(number)
                    approval_rule.replace(old, **terms, amount_from=amount, by=who, at=NOW)
                else:
                    approval_rule.retire(old, by=who, at=NOW)
        except approval_rule.RuleRetired:
            return ""
        return "replaced" if number else "retired"

    won = at_once(*(lambda number=number: change(number) for number in range(6)))
    with acting_as(system("test")):
        [verb] = filter(None, won)
        assert ApprovalRule.objects.filter(is_active=True).count() == (verb == "replaced")
        assert TermsChange.objects.filter(verb="retire").count() == 1
        assert TermsChange.objects.filter(verb="replace").count() == (verb == "replaced")
