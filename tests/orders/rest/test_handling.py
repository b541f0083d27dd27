"""Handling times and the rules of approval over the API."""

import pytest

from tests.factories import directory
from tests.factories import orders as made

pytestmark = pytest.mark.django_db
PATH = "/api/v1/handling-times/"


def test_the_operator_reads_and_says_how_long_a_warehouse_needs(api_as):
    market = made.trade()
    operator = api_as(market.warehouse.organization)
    [usual] = [one for one in operator.get(PATH).json()["results"] if one["id"] == market.warehouse.pk]
    assert (usual["warehouse"], usual["handling_days"], usual["told"]) == (market.warehouse.code, 2, False)
    address = f"{PATH}{market.warehouse.pk}/"
    answer = operator.post(address, {"days": 5, "reason": "new hall"})
    assert (answer.status_code, answer.json()["handling_days"], answer.json()["told"]) == (200, 5, True)
    operator.post(address, {"days": 3})
    assert operator.get(address).json()["handling_days"] == 3
    changes = operator.get(f"{address}changes/").json()["results"]
    assert [(one["before"], one["after"], one["reason"]) for one in changes] == [
        ({"handling_days": 5}, {"handling_days": 3}, ""),
        (None, {"handling_days": 5}, "new hall"),
    ]
    for days in (-1, 61, "soon", None):
        assert operator.post(address, {"days": days}).status_code == 422
    assert operator.get(address).json()["handling_days"] == 3


def test_no_place_but_a_warehouse_has_handling_times(api_as):
    market = made.trade()
    operator = api_as(market.warehouse.organization)
    assert operator.post(f"{PATH}{market.shops[0].pk}/", {"days": 1}).status_code == 404
    assert api_as(market.dealers[0]).post(f"{PATH}{market.warehouse.pk}/", {"days": 1}).status_code == 403


def test_a_rule_of_approval_is_replaced_once(api_as):
    market = made.trade()
    dealer = api_as(market.dealers[0])
    terms = {"name": "Big", "amount_from": "100", "role": "ADMIN"}
    first = dealer.post("/api/v1/approval-rules/", terms).json()
    address = f"/api/v1/approval-rules/{first['id']}/"
    replaced = dealer.post(f"{address}replace/", {**terms, "amount_from": "50"})
    assert (replaced.status_code, replaced.json()["amount_from"]) == (200, "50.000")
    rules = {one["id"]: one["is_active"] for one in dealer.get("/api/v1/approval-rules/").json()["results"]}
    assert rules == {first["id"]: False, replaced.json()["id"]: True}
    again = dealer.post(f"{address}replace/", terms)
    assert (again.status_code, again.json()["code"]) == (409, "approval_rule_retired")
    assert dealer.post(f"{address}retire/", {}).status_code == 409
    rival = api_as(directory.dealer())
    assert rival.post(f"{address}replace/", terms).status_code == 404
