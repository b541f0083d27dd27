"""A factory reads a signal as DELFOR or UBL Forecast, and answers it by ORDRSP or UBL OrderResponse."""

import pytest
from lxml import etree

from b2b.core import ubl
from b2b.core.actor import acting_as, system
from orders.models import ProductionSignal
from tests.factories import directory, planning
from tests.factories import orders as made
from tests.orders.policies.test_signal_message import item, order_response, ordrsp, read_delfor
from tests.orders.services.test_production_plan import plan, stock

pytestmark = pytest.mark.django_db
URL = "/api/v1/production-signals/"
EDIFACT, XML = "application/EDIFACT", "application/xml"


@pytest.fixture
def market(shelf):
    market = made.trade(products=2)
    for index in range(2):
        planning.buffer(market, index)
    stock(market, shelf, 340, 330)
    plan(market)
    return market


def signal():
    with acting_as(system("test")):
        return ProductionSignal.objects.get()


def lines():
    with acting_as(system("test")):
        found = signal().lines.order_by("line_number")
        return list(found.values_list("committed_quantity", "rejected_quantity"))


def test_both_documents_tell_the_lines_of_the_signal(api_as, market):
    client, told = api_as(market.maker), signal()
    delfor = client.get(f"{URL}{told.pk}/delfor/")
    assert delfor["Content-Type"].startswith(EDIFACT)
    found = read_delfor(delfor.content.decode())
    assert [(one.sku, one.quantity) for one in found] == [
        (product.sku, quantity) for product, quantity in zip(market.products, (110, 120), strict=True)
    ]
    root = etree.fromstring(client.get(f"{URL}{told.pk}/forecast.xml").content)
    assert ubl.text(root, "ID") == told.number
    assert len(root.findall(ubl.CAC + "ForecastLine")) == 2


def test_an_ordrsp_commits_and_is_refused_whole_when_a_line_does_not_fit(api_as, market):
    client, number = api_as(market.maker), signal().number
    bad = ordrsp(("LIN", "1", "5"), ("LIN", "2", "3"), ("QTY", ("113", "999")), signal=number)
    refused = client.post(f"{URL}edifact/", bad, content_type=EDIFACT)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_signal_answer")
    assert lines() == [(None, 0), (None, 0)]
    good = ordrsp(("LIN", "1", "5"), ("LIN", "2", "3"), ("QTY", ("113", "70")), signal=number)
    done = client.post(f"{URL}edifact/", good, content_type=EDIFACT)
    assert (done.status_code, done.json()["status"]) == (200, "COMMITTED")
    assert lines() == [(110, 0), (70, 50)]


def test_an_order_response_rejects_the_whole_signal(api_as, market):
    client, number = api_as(market.maker), signal().number
    content = order_response(item(1), item(2), signal=number, code="RE")
    done = client.post(f"{URL}ubl/", content, content_type=XML)
    assert (done.status_code, done.json()["status"]) == (200, "REJECTED")
    assert lines() == [(0, 110), (0, 120)]


def test_faults_come_with_segment_element_and_remedy(api_as, market):
    answer = api_as(market.maker).post(
        f"{URL}edifact/", ordrsp(("LIN", "1", "42"), signal=signal().number), content_type=EDIFACT
    )
    [problem] = answer.json()["errors"]
    assert (problem["code"], problem["row"], problem["field"]) == ("unknown_code", 5, "LIN/1229")
    assert problem["remedy"]


def test_a_rival_finds_no_such_signal(api_as, market):
    rival, told = api_as(directory.factory_organization()), signal()
    content = ordrsp(("LIN", "1", "5"), signal=told.number)
    refused = rival.post(f"{URL}edifact/", content, content_type=EDIFACT)
    assert refused.json()["errors"][0]["code"] == "unknown_signal"
    assert rival.get(f"{URL}{told.pk}/delfor/").status_code == 404
    assert lines() == [(None, 0), (None, 0)]


def test_the_operator_computes_the_reasons_again_and_plays_the_past(api_as, market):
    client = api_as(market.warehouse.organization)
    reasons = client.get(f"{URL}{signal().pk}/reasons/").json()["lines"]
    assert [(one["result"]["quantity"], one["is_same"]) for one in reasons] == [(110, True), (120, True)]
    for product in market.products:
        planning.sold(product, [70] * 30)
    asked = {"factory": market.maker.code, "days": 70, "variability_factor": "2"}
    made_ = client.post("/api/v1/rehearsals/", asked)
    assert made_.status_code == 201, made_.content
    assert [one["rule"] for one in made_.json()["outcomes"]] == ["as it is", "as proposed", "reorder point"]
    [listed] = client.get("/api/v1/rehearsals/").json()["results"]
    assert listed["facts_hash"] == made_.json()["facts_hash"]
