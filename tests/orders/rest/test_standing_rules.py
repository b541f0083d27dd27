"""Standing rules over the API: declared, taken over by a new cycle, withdrawn."""

from datetime import timedelta

import pytest

from b2b.core.actor import acting_as
from orders.models import OrderCycle
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.support.trade_day import TEST

pytestmark = pytest.mark.django_db
PATH = "/api/v1/standing-rules/"


def cycle_body(market, days=7, **terms):
    return {
        "category": market.products[0].category, "warehouse": market.warehouse.code,
        "opens_at": NOW.isoformat(), "cutoff_at": (NOW + timedelta(days=days)).isoformat(), **terms,
    }  # fmt: skip


def recurrence_of(answer):
    with acting_as(TEST):
        return OrderCycle.objects.get(pk=answer.json()["id"]).recurrence


def test_rules_are_declared_taken_over_and_withdrawn(api_as):
    market = made.trade()
    operator = api_as(market.warehouse.organization)
    category = market.products[0].category
    body = {
        "category": category, "fair_share": "equal", "window_days": None,
        "recurrence": {"every": "week", "weekdays": [1]}, "reason": "agreed in March",
    }  # fmt: skip
    answer = operator.post(PATH, body)
    assert answer.status_code == 200, answer.content
    rules = answer.json()
    assert (rules["category"], rules["policy"]["fair_share"], rules["window_days"]) == (
        category,
        "equal",
        None,
    )
    assert [one["id"] for one in operator.get(PATH).json()["results"]] == [rules["id"]]

    cycles = "/api/v1/order-cycles/"
    taken = operator.post(cycles, cycle_body(market))
    assert taken.status_code == 201, taken.content
    policy = operator.get(f"{cycles}{taken.json()['id']}/policy/").json()
    assert (policy["fair_share"], policy["window_days"]) == ("equal", None)
    assert recurrence_of(taken)["weekdays"] == [1]
    once = operator.post(cycles, cycle_body(market, days=8, recurrence=None, window_days=2))
    assert (recurrence_of(once), once.json()["window_days"]) == (None, 2)

    address = f"{PATH}{rules['id']}/"
    assert operator.post(f"{address}withdraw/", {"reason": "over"}).status_code == 200
    assert operator.get(PATH).json()["results"] == []
    again = operator.post(f"{address}withdraw/", {"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "standing_rules_withdrawn")
    changes = operator.get(f"{address}changes/").json()["results"]
    assert [(one["verb"], one["reason"]) for one in changes] == [
        ("withdraw", "over"),
        ("create", "agreed in March"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"category": "no such thing"}, "invalid_standing_rules"),
        ({"sharing": {"dealer": 1}}, "invalid_cycle_policy"),
        ({"recurrence": {"every": "week", "zone": "Mars/Base"}}, "bad_recurrence"),
    ],
)
def test_what_is_wrong_is_named(api_as, body, code):
    operator = api_as(made.trade().warehouse.organization)
    answer = operator.post(PATH, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert operator.get(PATH).json()["results"] == []


def test_nobody_else_reads_or_declares_them(api_as):
    market = made.trade()
    for party in (market.dealers[0], market.maker):
        assert api_as(party).get(PATH).status_code == 403
        assert api_as(party).post(PATH, {"fair_share": "usage"}).status_code == 403
