"""The operator runs cycles through the API; everybody else reads them."""

from datetime import timedelta

import pytest

from orders.models import OrderCycle
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
PATH = "/api/v1/order-cycles/"


def body(market, **values):
    return {
        "factory": market.maker.code,
        "warehouse": market.warehouse.code,
        "opens_at": (NOW + timedelta(hours=1)).isoformat(),
        "boxfill_at": (NOW + timedelta(hours=20)).isoformat(),
        "cutoff_at": (NOW + timedelta(hours=24)).isoformat(),
        "recurrence": {"every": "week", "weekdays": [0, 3], "at": "17:00", "skip": ["2026-12-24"]},
        **values,
    }


def test_the_operator_plans_extends_and_calls_off(api_as):
    market = made.trade()
    operator = api_as(market.warehouse.organization)
    answer = operator.post(PATH, body(market))
    assert answer.status_code == 201, answer.content
    planned = answer.json()
    assert (planned["status"], planned["factory"]) == ("DRAFT", market.maker.code)
    address = f"{PATH}{planned['id']}/"
    until = (NOW + timedelta(hours=30)).isoformat()
    assert operator.post(f"{address}extend/", {"cutoff_at": until, "reason": "snow"}).status_code == 200
    earlier = operator.post(f"{address}extend/", {"cutoff_at": NOW.isoformat()})
    assert (earlier.status_code, earlier.json()["code"]) == (422, "bad_cycle_times")
    assert operator.post(f"{address}cancel/", {"reason": "strike"}).json()["status"] == "CLOSED"
    late = operator.post(f"{address}extend/", {"cutoff_at": until})
    assert (late.status_code, late.json()["code"]) == (409, "cycle_cutoff_passed")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"category": "tools"}, "invalid"),
        ({"factory": ""}, "invalid"),
        ({"factory": "nobody"}, "unknown_factory"),
        ({"warehouse": "nowhere"}, "unknown_site"),
        ({"boxfill_at": NOW.isoformat()}, "bad_cycle_times"),
        ({"recurrence": {"every": "week"}}, "bad_recurrence"),
        ({"recurrence": {"every": "days", "zone": "Mars"}}, "bad_recurrence"),
        ({"recurrence": {"every": "days", "skip": ["2026-13-01"]}}, "bad_recurrence"),
    ],
)
def test_a_cycle_that_makes_no_sense_is_refused(api_as, values, code):
    market = made.trade()
    answer = api_as(market.warehouse.organization).post(PATH, body(market, **values))
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert not OrderCycle.objects.exists()


def test_dealers_do_not_know_of_a_cycle_before_it_opens(api_as):
    market = made.trade()
    planned = api_as(market.warehouse.organization).post(PATH, body(market)).json()
    dealer = api_as(market.dealers[0])
    assert dealer.get(PATH).json()["results"] == []
    assert dealer.get(f"{PATH}{planned['id']}/progress/").status_code == 404


def test_a_cycle_declares_its_policy_when_it_is_planned(api_as):
    market = made.trade()
    operator = api_as(market.warehouse.organization)
    policy = {
        "fair_share": "equal",
        "surplus": "NEXT_CYCLE",
        "sharing": {"dealer": 8000, "platform": 2000, "factory": 0},
    }
    planned = operator.post(PATH, body(market, policy=policy)).json()
    assert {name: planned["policy"][name] for name in policy} == policy
    assert planned["policy"]["shortage"] == {"withdraw_hours": 48, "second_source_hours": 24}


@pytest.mark.parametrize(
    "policy",
    [
        {"fair_share": "mine"},
        {"surplus": "ME"},
        {"sharing": {"dealer": 9000, "platform": 2000, "factory": 0}},
        {"sharing": {"friends": 1}},
        {"progress": {"fewest_dealers": 1}},
    ],
)
def test_a_policy_that_is_none_is_refused(api_as, policy):
    market = made.trade()
    refused = api_as(market.warehouse.organization).post(PATH, body(market, policy=policy))
    assert refused.status_code == 422, refused.content
    assert not OrderCycle.objects.exists()
