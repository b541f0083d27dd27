"""The dispatcher's pages: a board that says what to do when empty, refusals in words, and plans with their figures."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from logistics.models import RoutePlan, Trip, Vehicle
from logistics.services import plan_worker
from tests.admin.test_day import Desk
from tests.factories import catalog, directory
from tests.factories import logistics as make
from tests.support.trade_day import Market, open_market


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


@pytest.fixture
def desk(market: Market) -> Desk:
    return Desk("operator", "operator")


@pytest.fixture
def plan(market: Market, desk: Desk) -> RoutePlan:
    """Ask for a plan of one shipment with a vehicle that drives all day."""
    with acting_as(make.PLATFORM):
        make.vehicle(market.carrier, code="RED", shift_start="00:00", shift_end="23:59:59")
        shop = directory.site(
            market.dealer, latitude="31.25", longitude="121.30", opens="00:00", closes="23:59:59"
        )
        make.shipments(market.house, [make.packed_unit(shop, catalog.product())])
        return make.asked(market.house, at=clock.now())


def post(desk: Desk, name: str, **told: object) -> tuple[int, dict[str, object]]:
    answer = desk.client.post(reverse(f"operator:{name}"), json.dumps(told), content_type="application/json")
    return answer.status_code, answer.json()


def state(desk: Desk) -> dict[str, object]:
    page = desk.client.get(reverse("operator:dispatch_board"))
    return dict(page.context["board"])


def test_an_empty_board_says_where_shipments_come_from(desk: Desk) -> None:
    assert "Shipments appear here when a wave is packed" in desk.page("dispatch_board")


def test_a_board_without_vehicles_says_what_to_do(desk: Desk, plan: RoutePlan) -> None:
    with acting_as(make.PLATFORM):
        Vehicle.objects.update(is_active=False)
    assert "No vehicle is free that day" in desk.page("dispatch_board")


def test_a_plan_is_watched_accepted_and_seen_on_the_board(desk: Desk, plan: RoutePlan) -> None:
    address = reverse("operator:logistics_routeplan_change", args=[plan.pk])
    assert desk.client.get(address)["Refresh"] == "3"
    with acting_as(make.PLATFORM) as platform:
        plan_worker.work_all(by=platform)
    answer = desk.client.get(address)
    assert "Refresh" not in answer
    assert "Best plan over time" in answer.content.decode()
    told = desk.client.get(reverse("operator:board_plan", args=[plan.pk])).json()
    assert (told["status"], len(told["rounds"]), told["changes"]["added"]) == ("FOUND", 1, 1)
    assert plan.number in desk.page("logistics_routeplan_changelist")
    desk.press("logistics_routeplan", plan.pk, "accept")
    shown = state(desk)
    assert [len(one["calls"]) for one in shown["rounds"] if one["calls"]] == [1]
    assert shown["unplanned"] == []


def test_the_board_refuses_in_words_and_saves_nothing(desk: Desk, plan: RoutePlan, market: Market) -> None:
    shown = state(desk)
    base = {"warehouse": market.house.pk, "day": shown["day"], "stamp": shown["stamp"]}
    job, red = next(iter(shown["jobs"])), next(one["van"] for one in shown["rounds"] if one["code"] == "RED")
    status, told = post(desk, "lay_board", **base, rounds={red: ["nobody"]})
    assert (status, told["problems"]) == (422, ["shipment nobody does not wait here load the board anew"])
    assert post(desk, "lay_board", day="never")[0] == 422
    assert desk.client.get(reverse("operator:dispatch_board") + "?day=never").status_code == 200
    with acting_as(make.PLATFORM):
        Vehicle.objects.update(capacity_weight_g=1)
    status, told = post(desk, "lay_board", **base, rounds={red: [job]})
    assert (status, told["findings"][0]["text"]) == (200, "RED: too heavy for the vehicle")
    assert post(desk, "save_board", **base, rounds={red: [job]})[0] == 422
    with acting_as(make.PLATFORM):
        Vehicle.objects.update(capacity_weight_g=10**9)
    assert post(desk, "save_board", **{**base, "stamp": "old"}, rounds={red: [job]})[0] == 409
    with acting_as(make.PLATFORM):
        assert not Trip.objects.exists()
    status, told = post(desk, "save_board", **base, rounds={red: [job]}, locked={red: 1})
    assert (status, told["saved"]) == (200, "1 trips are planned.")
    assert next(one["locked"] for one in told["rounds"] if one["van"] == red) == 1
