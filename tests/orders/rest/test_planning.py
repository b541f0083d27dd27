"""Planning through the API: a factory's weeks and answers, the operator's buffers, a dealer's promise."""

from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import ProductionSignal
from orders.services import forecast, production_plan
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def market(shelf):
    market = made.trade()
    source = made.source_of(market, 0)
    with acting_as(system("test")):
        source.weekly_capacity = 100
        source.save()
    planning.buffer(market)
    planning.sold(market.products[0], [70] * 30)
    shelf.free[market.products[0].pk] = 300
    with acting_as(system("test")) as platform:
        forecast.run(by=platform, at=NOW)
        production_plan.plan(market.maker.pk, period_key="p", by=platform, at=NOW)
    return market


def test_a_factory_reads_its_weeks_answers_and_tells_on(api_as, market):
    client = api_as(market.maker)
    weeks = client.get(f"{API}production-signals/weeks/").json()["weeks"]
    asked = [week for week in weeks if week["answer_by"]]
    assert next(week["asked"] for week in asked) >= 100
    assert {week["weekly_capacity"] for week in weeks} == {100}
    with acting_as(system("test")):
        signal = ProductionSignal.objects.get(is_order=True)
    feed = client.get(f"{API}production-signals/?after=00000000-0000-0000-0000-000000000000").json()
    assert str(signal.pk) in str(feed)
    address = f"{API}production-signals/{signal.pk}/"
    done = client.post(f"{address}answers/", {"lines": [{"line_number": 1, "quantity": 100}]})
    assert (done.status_code, done.json()["status"]) == (200, "COMMITTED")
    for verb, status in (("produce", "IN_PRODUCTION"), ("ship", "SHIPPED")):
        told = client.post(f"{address}progress/", {"verb": verb})
        assert (told.status_code, told.json()["status"]) == (200, status)
    back = client.post(f"{address}progress/", {"verb": "produce"})
    assert back.status_code == 409


def test_the_operator_reads_buffers_and_forecasts(api_as, market):
    client = api_as(market.warehouse.organization)
    [buffer] = client.get(f"{API}buffers/").json()["results"]
    assert (buffer["top_of_green"], buffer["net_flow"], buffer["colour"]) == (450, 300, "YELLOW")
    [line] = client.get(f"{API}forecasts/").json()["results"]
    assert len(line["mean"]) == 13
    assert line["lead_low"] <= 140 <= line["lead_high"] + 20
    [late] = client.get(f"{API}plan-exceptions/").json()["results"]
    assert (late["kind"], late["quantity"], late["signal"]) == ("CAPACITY", 50, None)


def test_a_dealer_asks_by_when_it_can_have_goods(api_as, market):
    client = api_as(market.dealers[0])
    body = {
        "sku": market.products[0].sku,
        "quantity": 250,
        "need_by_date": NOW.date().isoformat(),
        "hold": True,
    }
    first = client.post(f"{API}promises/", body).json()
    assert (first["available"], first["by_date"]) == (250, NOW.date().isoformat())
    assert first["holds_until"]
    second = api_as(market.dealers[1]).post(f"{API}promises/", {**body, "hold": False}).json()
    assert second["available"] == 50
    assert second["by_date"] > (NOW + timedelta(days=7)).date().isoformat()
    assert second["holds_until"] is None
    past = client.post(f"{API}promises/", {**body, "need_by_date": "2020-01-01"})
    assert past.status_code in (400, 422)
    assert client.post(f"{API}promises/", {**body, "sku": "none"}).status_code == 404
    assert clock.now() == NOW
