"""Explaining, withdrawing and replaying through the API."""

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import AllocationRun
from orders.services import order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.orders.services.steps import LATER

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared():
    market = made.trade(dealers=3, breaks=((1, "10"),))
    cycle = made.cycle(market)
    orders = [made.order(market, [one], dealer=index) for index, one in enumerate((25, 35, 40))]
    with acting_as(system("test")), clock.travel(LATER):
        [placed] = order_cycle.close(cycle, by=system("test"), at=LATER)
        purchase_order.respond(placed, answers=[Answer(1, 50)], by=market.factory_actor, at=LATER)
    return market, cycle, orders


def test_a_dealer_reads_why_and_withdraws(api_as, shared):
    market, _cycle, orders = shared
    client = api_as(market.dealers[0])
    address = f"/api/v1/orders/{orders[0].pk}/"
    told = client.get(f"{address}explain/")
    assert told.status_code == 200, told.content
    [line] = told.json()["lines"]
    [sharing] = line["sharings"]
    assert (sharing["numerator"], sharing["denominator"], sharing["allotted"]) == (25, 2, 13)
    others = [market.dealers[1].code, market.dealers[2].code, orders[1].number, orders[2].number]
    assert not any(name in told.content.decode() for name in others)
    with clock.travel(LATER):
        answer = client.post(
            f"{address}withdraw/", {"lines": [1]}, headers={"If-Match": client.get(address)["ETag"]}
        )
        assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
        again = client.post(
            f"{address}withdraw/", {"lines": [1]}, headers={"If-Match": client.get(address)["ETag"]}
        )
        assert again.status_code == 409


def test_the_operator_lists_replays_and_compares(api_as, shared):
    market, cycle, _orders = shared
    client = api_as(market.warehouse.organization)
    with acting_as(system("test")):
        run = AllocationRun.objects.get()
    listed = client.get(f"/api/v1/allocation-runs/?cycle={cycle.number}").json()["results"]
    assert [one["id"] for one in listed] == [str(run.pk)]
    assert client.get(f"/api/v1/allocation-runs/{run.pk}/").json()["seed"] == run.seed
    rows = client.get(f"/api/v1/allocation-runs/{run.pk}/results/").json()["results"]
    assert [row["allotted"] for row in rows] == [13, 17, 20]
    replayed = client.get(f"/api/v1/allocation-runs/{run.pk}/replay/").json()
    assert (replayed["is_same"], replayed["result_hash"]) == (True, run.result_hash)
    report = client.get(f"/api/v1/order-cycles/{cycle.pk}/equal-treatment/").json()
    assert report == {"is_equal": True, "groups": []}
