"""The plain page of orders is written without models, and says what the serializer says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.rest.shapes.order import OrderShape
from orders.services import order
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
PATH = "/api/v1/orders/"


@pytest.fixture
def market():
    market = made.trade(dealers=2)
    for number in range(5):
        at = NOW + timedelta(minutes=number, microseconds=number * 1000)
        with clock.travel(at):
            made.order(
                market, [number + 1], dealer=number % 2, at=at, external_reference=f"ref {number} \u5546"
            )
    with acting_as(system("test")) as platform:
        terms = {"currency": "CNY", "ship_to_site_id": market.shops[0].pk, "confirmed": False}
        order.place(market.dealers[0], rows=[], **terms, by=platform, at=NOW)
    return market


def everything():
    """Ask for all members by name, so that the serializer answers."""
    return f"fields={','.join(OrderShape().fields)}"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York"])
def test_it_is_what_the_serializer_shows(api_as, market, settings, zone):
    settings.TIME_ZONE = zone
    for who in (market.dealers[0], market.dealers[1], market.warehouse.organization):
        client = api_as(who)
        plain = client.get(PATH)
        assert plain.json()["results"] == client.get(f"{PATH}?{everything()}").json()["results"]
        assert plain.json()["results"]
        assert plain["Content-Type"] == "application/json"


def test_a_dealer_sees_its_own_alone(api_as, market):
    codes = {row["dealer"] for row in api_as(market.dealers[1]).get(PATH).json()["results"]}
    assert codes == {market.dealers[1].code}


def test_pages_follow_one_another_without_gap(api_as, market):
    client, seen, address = api_as(market.dealers[0]), [], f"{PATH}?page_size=2"
    while address:
        answer = client.get(address)
        seen += [row["id"] for row in answer.json()["results"]]
        address = answer.json()["next"]
        assert answer.headers.get("Link", "").startswith("<") == bool(address)
    assert seen == [row["id"] for row in client.get(PATH).json()["results"]]
    assert len(seen) == len(set(seen)) == 4


@pytest.mark.parametrize("query", ["page_size=0", "cursor=abcd", "cursor=IjEi", "colour=red"])
def test_faults_are_told_as_everywhere(api_as, market, query):
    assert api_as(market.dealers[0]).get(f"{PATH}?{query}").status_code == 422


def test_a_page_takes_one_statement(api_as, market):
    client = api_as(market.dealers[0])
    with CaptureQueriesContext(connection) as asked:
        client.get(PATH)
    assert len([query for query in asked if "orders_order" in query["sql"]]) == 1
