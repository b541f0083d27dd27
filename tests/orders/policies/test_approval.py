"""Which approvals are due, and who may give them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.policies.approval import Asked, Authority, Part, Tier, due, may_decide

AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=2)
CATEGORIES = st.sampled_from(["tools", "paint"])
SITES = st.sampled_from([1, 2])
PARTS = st.lists(st.builds(Part, category=CATEGORIES, site_id=SITES, net_amount=AMOUNTS), max_size=6)
TIERS = st.lists(
    st.builds(
        Tier,
        rule_id=st.integers(1, 99),
        tier=st.integers(1, 3),
        amount_from=AMOUNTS,
        currency=st.sampled_from(["", "CNY", "EUR"]),
        category=st.sampled_from(["", "tools", "paint"]),
        site_id=st.sampled_from([None, 1, 2]),
    ),
    max_size=6,
    unique_by=lambda rule: rule.rule_id,
)


@given(TIERS, PARTS, AMOUNTS)
def test_a_higher_amount_never_needs_fewer_approvals(rules, parts, more):
    before = {one.rule_id for one in due(rules, parts, currency="CNY")}
    raised = [Part(part.category, part.site_id, part.net_amount + more) for part in parts]
    assert before <= {one.rule_id for one in due(rules, raised, currency="CNY")}


@given(TIERS, PARTS)
def test_splitting_lines_changes_nothing(rules, parts):
    halves = [
        Part(part.category, part.site_id, half)
        for part in parts
        for half in (part.net_amount / 2, part.net_amount - part.net_amount / 2)
    ]
    assert due(rules, halves, currency="CNY") == due(rules, parts, currency="CNY")


@given(TIERS, PARTS)
def test_tiers_come_lowest_first_and_only_those_that_fit(rules, parts):
    found = due(rules, parts, currency="CNY")
    assert [one.tier for one in found] == sorted(one.tier for one in found)
    by_id = {rule.rule_id: rule for rule in rules}
    for one in found:
        rule = by_id[one.rule_id]
        assert rule.currency in ("", "CNY")
        assert one.amount >= rule.amount_from
        about = [
            part.net_amount
            for part in parts
            if rule.category in ("", part.category) and rule.site_id in (None, part.site_id)
        ]
        assert one.amount == sum(about)


def test_an_order_without_lines_of_the_category_needs_no_approval_for_it():
    rules = [Tier(1, 1, Decimal(0), category="paint")]
    assert due(rules, [Part("tools", 1, Decimal(100))], currency="CNY") == []


OWN = [Authority(7, frozenset({"BUYER"}))]


def test_four_eyes():
    assert may_decide(Asked("BUYER", None, requester_id=8), 7, OWN)
    assert not may_decide(Asked("BUYER", None, requester_id=7), 7, OWN)
    assert may_decide(Asked("BUYER", None, requester_id=7, allow_requester=True), 7, OWN)
    assert not may_decide(Asked("ADMIN", None, requester_id=8), 7, OWN)
    assert may_decide(Asked("", 7, requester_id=None), 7, OWN)


def test_whoever_is_away_lends_its_right_but_not_for_its_own_order():
    held = [*OWN, Authority(9, frozenset({"ADMIN"}))]
    assert may_decide(Asked("ADMIN", None, requester_id=8), 7, held)
    assert may_decide(Asked("", 9, requester_id=8), 7, held)
    assert not may_decide(Asked("ADMIN", None, requester_id=9), 7, held)
