"""Changing an order through the API, and answering what that asks of a factory."""

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import PurchaseOrder
from orders.services import order_cycle, purchase_order, withdrawal
from orders.services.purchase_order_response import Answer
from tests.factories import catalog
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(products=2, dealers=2, breaks=((1, "10"), (100, "8")))


def changes(client, order, body):
    address = f"/api/v1/orders/{order.pk}/"
    return client.post(f"{address}changes/", body, headers={"If-Match": client.get(address)["ETag"]})


def close(cycle):
    with acting_as(system("test")) as platform:
        order_cycle.close(cycle, early=True, by=platform, at=NOW)
        return PurchaseOrder.objects.get(cycle=cycle)


def test_a_dealer_changes_an_order_with_the_version_it_read(api_as, market):
    made.cycle(market)
    placed, client = made.order(market, [90]), api_as(market.dealers[0])
    body = {
        "lines": [{"line_number": 1, "quantity": 100}],
        "add": [{"sku": market.products[1].sku, "quantity": 5}],
    }
    shown = changes(client, placed, {**body, "preview": True}).json()
    assert (shown["order"]["total_net"], shown["change_id"] is not None) == ("850.000", True)
    address = f"/api/v1/orders/{placed.pk}/"
    assert client.get(address).json()["total_net"] == "900.000"
    assert client.post(f"{address}changes/", body).status_code == 428
    done = changes(client, placed, {**body, "reason": "more"})
    assert (done.status_code, done.json()["order"]["total_net"]) == (200, "850.000")
    stale = client.post(f"{address}changes/", body, headers={"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    [kept] = client.get(f"{address}changes/").json()["results"]
    assert (kept["from_version"], kept["to_version"], len(kept["lines"])) == (2, 3, 2)
    wrong = changes(client, placed, {"lines": [{"line_number": 7, "quantity": 1}]})
    assert wrong.status_code == 422, wrong.content
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/lines/0")


def test_lines_are_cancelled_and_the_factory_is_asked(api_as, market):
    cycle = made.cycle(market)
    placed = made.order(market, [60, 10])
    bought = close(cycle)
    client, maker = api_as(market.dealers[0]), api_as(market.maker)
    address = f"/api/v1/orders/{placed.pk}/"
    etag = client.get(address)["ETag"]
    assert client.post(f"{address}cancel/", {}, headers={"If-Match": etag}).json()["code"] == "cutoff_passed"
    answer = client.post(f"{address}cancel/", {"lines": [1]}, headers={"If-Match": etag})
    assert answer.json()["status"] == "CONFIRMED"
    first, second = client.get(f"{address}lines/").json()["results"]
    assert (first["cancel_requested"], first["cancelled"], second["cancel_requested"]) == (60, 0, 0)
    assert (first["given_up"], second["given_up"]) == (0, 0)
    asked = f"/api/v1/purchase-orders/{bought.pk}/changes/"
    [request] = maker.get(f"{asked}?status=REQUESTED").json()["results"]
    assert [(line["from_quantity"], line["to_quantity"]) for line in request["lines"]] == [(60, 0)]
    body = {"change": request["id"], "is_accepted": True}
    assert api_as(made.trade().maker).post(asked, body).status_code == 404
    assert maker.post(asked, body).json()["status"] == "ACCEPTED"
    assert maker.post(asked, body).json()["code"] == "illegal_transition"
    first, _ = client.get(f"{address}lines/").json()["results"]
    assert (first["cancel_requested"], first["cancelled"], first["net_amount"]) == (0, 60, "0.000")
    assert first["given_up"] == 60


def test_what_a_line_gave_up_is_told_beside_what_was_cancelled_for_nothing(api_as, market):
    cycle = made.cycle(market, policy={"given_up": "stock"})
    placed = made.order(market, [60])
    client = api_as(market.dealers[0])
    # Before the cut-off nothing is being bought: less is asked for, and nothing given up.
    free = changes(client, placed, {"lines": [{"line_number": 1, "quantity": 50}]})
    assert free.json()["lines"][0]["given_up"] == 0
    close(cycle)
    late = made.order(market, [5], dealer=1, at=LATER)
    with clock.travel(LATER):
        changed = changes(client, placed, {"lines": [{"line_number": 1, "quantity": 38}]}).json()["lines"][0]
    told = {name: changed[name] for name in ("given_up", "passed_on", "kept_in_stock", "asked_of_factory")}
    assert told == {"given_up": 12, "passed_on": 5, "kept_in_stock": 7, "asked_of_factory": 0}
    [line] = client.get(f"/api/v1/orders/{placed.pk}/lines/").json()["results"]
    assert (line["quantity"], line["cancelled"], line["given_up"], line["pooled"]) == (50, 12, 12, 38)
    listed = client.get(f"/api/v1/orders/{placed.pk}/changes/").json()["results"]
    assert sorted(one["lines"][0]["given_up"] for one in listed) == [0, 12]
    # Who got a part of it gave up nothing.
    [other] = api_as(market.dealers[1]).get(f"/api/v1/orders/{late.pk}/lines/").json()["results"]
    assert (other["pooled"], other["given_up"]) == (5, 0)


def test_what_a_dealer_withdraws_is_given_up(api_as, market):
    cycle = made.cycle(market)
    placed = made.order(market, [60])
    bought = close(cycle)
    with clock.travel(LATER):
        purchase_order.respond(bought, answers=[Answer(1, 40)], by=market.factory_actor, at=LATER)
        withdrawal.withdraw(placed, lines=[1], by=market.dealer_actor(), at=LATER)
    [line] = api_as(market.dealers[0]).get(f"/api/v1/orders/{placed.pk}/lines/").json()["results"]
    # 20 never came to it, 40 it gave up.
    assert (line["cancelled"], line["given_up"]) == (60, 40)


def test_a_dealer_takes_a_substitute(api_as, market):
    cycle = made.cycle(market)
    placed = made.order(market, [10, 0])
    bought, other = close(cycle), catalog.product()
    body = {
        "lines": [
            {
                "line_number": 1,
                "code": "IS",
                "substitute": {"sku": other.sku, "quantity": 10, "unit_price": "7"},
            }
        ]
    }
    maker, client = api_as(market.maker), api_as(market.dealers[0])
    answer = maker.post(f"/api/v1/purchase-orders/{bought.pk}/responses/", body).json()
    assert (answer["lines"][0]["x12_code"], answer["lines"][0]["substitute_sku"]) == ("IS", other.sku)
    [offer] = client.get("/api/v1/substitutions/?status=OFFERED").json()["results"]
    assert (offer["substitute_sku"], offer["quantity"]) == (other.sku, 10)
    assert api_as(market.dealers[1]).get(f"/api/v1/substitutions/{offer['id']}/").status_code == 404
    assert client.post(f"/api/v1/substitutions/{offer['id']}/accept/", {}).json()["status"] == "ACCEPTED"
    lines = client.get(f"/api/v1/orders/{placed.pk}/lines/").json()["results"]
    assert [(line["sku"], line["allocated"]) for line in lines] == [
        (market.products[0].sku, 0),
        (other.sku, 10),
    ]


def test_ten_lines_or_a_thousand_take_the_same_statements(api_as, django_assert_max_num_queries):
    market = made.trade(products=300, dealers=1)
    cycle = made.cycle(market)
    made.order(market, [10] * 300)
    bought = close(cycle)
    answers = [Answer(n, 6) for n in range(1, 301)]
    with acting_as(system("test")) as platform, django_assert_max_num_queries(60):
        purchase_order.respond(bought, answers=answers, by=platform, at=NOW)
