"""The rules of a cycle over the API: everybody reads them, the operator changes them with a version."""

import pytest

from tests.factories import orders as made

pytestmark = pytest.mark.django_db
PATH = "/api/v1/order-cycles/"


def test_the_operator_changes_and_everybody_reads(api_as):
    market = made.trade()
    cycle = made.cycle(market)
    address = f"{PATH}{cycle.pk}/policy/"
    operator, dealer = api_as(market.warehouse.organization), api_as(market.dealers[0])
    read = dealer.get(address)
    assert (read.json()["fair_share"], read.json()["given_up"], read.json()["window_days"]) == (
        "proportional",
        "ask",
        7,
    )
    body = {"fair_share": "priority", "sharing": {"dealer": 8000, "platform": 1000}, "window_days": None}
    assert operator.patch(address, body).status_code == 428
    changed = operator.patch(address, {**body, "reason": "voted"}, headers={"If-Match": read["ETag"]})
    assert changed.status_code == 200, changed.content
    told = dealer.get(address).json()
    assert told["fair_share"] == "priority"
    assert told["sharing"] == {"dealer": 8000, "platform": 1000, "factory": 1000}
    assert (told["window_days"], told["policy_hash"]) == (None, "")
    stale = operator.patch(address, {"surplus": "NEXT_CYCLE"}, headers={"If-Match": read["ETag"]})
    assert stale.status_code == 412
    assert dealer.patch(address, body, headers={"If-Match": changed["ETag"]}).status_code == 403
    [entry] = [
        one
        for one in operator.get(f"{PATH}{cycle.pk}/history/").json()["results"]
        if one["verb"] == "declare"
    ]
    assert entry["reason"].startswith("voted; fair_share: proportional -> priority")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fair_share": "mine"}, "fair_share"),
        ({"given_up": "burn"}, "given_up"),
        ({"sharing": {"dealer": 10_000}}, "sharing"),
        ({"progress": {"fewest_dealers": 1}}, "progress"),
        ({"window_days": 0}, "window_days"),
    ],
)
def test_a_rule_that_is_none_is_named(api_as, body, field):
    market = made.trade()
    cycle = made.cycle(market)
    operator = api_as(market.warehouse.organization)
    address = f"{PATH}{cycle.pk}/policy/"
    before = operator.get(address)["ETag"]
    answer = operator.patch(address, body, headers={"If-Match": before})
    assert answer.status_code == 422
    assert any(field in problem["pointer"] for problem in answer.json()["errors"]), answer.json()
    assert operator.get(address)["ETag"] == before
