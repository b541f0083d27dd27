"""Rules are declared once for a category, or for everyone, and new cycles take them over."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from b2b.directory.selectors.acting import of_organization
from orders.models import OrderCycle, StandingRules, TermsChange
from orders.models.cycle import default_policy
from orders.policies.cycle_policy import InvalidPolicy
from orders.policies.recurrence import BadRecurrence
from orders.services import cycle_calendar, cycle_plan, standing_rules
from orders.services.cycle_plan import STANDING
from orders.services.standing_rules import AlreadyWithdrawn, InvalidStandingRules
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.support.trade_day import TEST

pytestmark = pytest.mark.django_db
WEEKLY = {"every": "week", "weekdays": [0]}


@pytest.fixture
def market():
    return made.trade()


def put(market, category="", **declared) -> StandingRules:
    by = of_organization(market.warehouse.organization)
    with acting_as(by):
        return standing_rules.put(category, **declared, by=by, at=NOW)


def plan(market, category="", **terms) -> OrderCycle:
    with acting_as(TEST):
        return cycle_plan.plan(
            None if category else market.maker,
            category=category,
            warehouse=market.warehouse,
            opens_at=NOW,
            cutoff_at=NOW + timedelta(days=terms.pop("days", 7)),
            **terms,
            by=TEST,
            at=NOW,
        )


def category_of(market) -> str:
    return str(market.products[0].category)


def test_a_new_cycle_takes_over_its_category_before_everyone(market):
    category = category_of(market)
    assert category
    put(market, policy={"fair_share": "equal", "surplus": "NEXT_CYCLE"}, window_days=14)
    put(market, category, policy={"fair_share": "priority"}, window_days=None)
    ours, other, of_factory = plan(market, category), plan(market, "something else"), plan(market)
    assert (ours.policy["fair_share"], ours.window_days) == ("priority", None)
    # What the category did not name it has from everyone.
    assert ours.policy["surplus"] == "NEXT_CYCLE"
    for cycle in (other, of_factory):
        assert (cycle.policy["fair_share"], cycle.window_days) == ("equal", 14)


def test_whoever_plans_may_say_otherwise(market):
    put(market, policy={"sharing": {"dealer": 9000, "platform": 500, "factory": 500}}, recurrence=WEEKLY)
    said = plan(market, policy={"fair_share": "first_come"}, window_days=3, recurrence=None)
    assert (said.policy["fair_share"], said.window_days, said.recurrence) == ("first_come", 3, None)
    assert said.policy["sharing"]["dealer"] == 9000
    standing = plan(market, days=9, recurrence=STANDING)
    assert (standing.recurrence["every"], standing.recurrence["weekdays"]) == ("week", [0])


def test_a_planned_cycle_keeps_its_rules_and_hands_them_on(market):
    put(market, policy={"fair_share": "equal"})
    cycle = plan(market, recurrence={"every": "days", "interval": 7})
    put(market, policy={"fair_share": "usage"})
    with acting_as(TEST):
        cycle.refresh_from_db()
        assert cycle.policy["fair_share"] == "equal"
        cycle_calendar.ensure_open(by=TEST, at=NOW)
        following = OrderCycle.objects.get(follows=cycle)
    assert following.policy["fair_share"] == "equal"
    assert plan(market, days=20).policy["fair_share"] == "usage"


def test_withdrawn_rules_stand_no_longer_and_may_be_declared_anew(market):
    category = category_of(market)
    put(market, policy={"fair_share": "equal"})
    rules = put(market, category, policy={"fair_share": "usage"}, reason="a trial")
    by = of_organization(market.warehouse.organization)
    with acting_as(by):
        standing_rules.withdraw(rules, reason="it failed", by=by, at=NOW)
        with pytest.raises(AlreadyWithdrawn):
            standing_rules.withdraw(rules, by=by, at=NOW)
    assert plan(market, category).policy["fair_share"] == "equal"
    again = put(market, category, window_days=2)
    assert (again.pk, again.policy["fair_share"]) == (rules.pk, "equal")
    with acting_as(TEST):
        told = TermsChange.objects.filter(subject="CYCLES", subject_id=rules.pk).order_by("pk")
        assert [(one.verb, one.reason) for one in told] == [
            ("create", "a trial"),
            ("withdraw", "it failed"),
            ("create", ""),
        ]
        assert told[2].after["window_days"] == 2


def test_what_changes_nothing_leaves_nothing(market):
    put(market, policy={"fair_share": "equal"})
    put(market, policy={"fair_share": "equal"})
    with acting_as(TEST):
        assert TermsChange.objects.filter(subject="CYCLES").count() == 1


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ({"category": "no such thing"}, InvalidStandingRules),
        ({"window_days": 0}, InvalidStandingRules),
        ({"policy": {"fair_share": "mine"}}, InvalidPolicy),
        ({"policy": {"sharing": {"dealer": 9999}}}, InvalidPolicy),
        ({"recurrence": {"every": "week", "zone": "Mars/Base"}}, BadRecurrence),
    ],
)
def test_what_no_cycle_could_take_over_is_refused(market, declared, fault):
    with pytest.raises(fault):
        put(market, **declared)
    with acting_as(TEST):
        assert not StandingRules.objects.exists()
        assert not TermsChange.objects.filter(subject="CYCLES").exists()


def test_only_an_operator_declares_and_reads_them(market):
    put(market, policy={"fair_share": "equal"})
    for party in (market.dealers[0], market.maker):
        by = of_organization(party)
        with acting_as(by):
            with pytest.raises(Forbidden):
                standing_rules.put(policy={"fair_share": "usage"}, by=by, at=NOW)
            assert not StandingRules.objects.exists()


def test_nobody_has_declared_anything(market):
    cycle = plan(market)
    assert (cycle.policy, cycle.window_days, cycle.recurrence) == (default_policy(), 7, None)


def test_statements_do_not_depend_on_how_many_rules_stand(market):
    def statements(days: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            plan(market, days=days)
        return len(asked)

    put(market, policy={"fair_share": "equal"})
    few = statements(11)
    with acting_as(TEST):
        StandingRules.objects.bulk_create(StandingRules(category=f"c{n}") for n in range(20))
    assert statements(12) == few
