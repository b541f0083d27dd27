"""EPCIS 2.0 over HTTP: queries that validate, captures that say what is wrong, parties kept apart."""

from copy import deepcopy
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from b2b.core.epcis import document, event, uris
from b2b.core.epcis.event import Facts, Goods
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import AT, BY, World
from tests.warehousing.services.test_epcis import VALIDATOR
from warehousing.models import EpcisEvent, EpcisMention, Package
from warehousing.services import receipt

EVENTS, CAPTURE = "/api/v1/epcis/events", "/api/v1/epcis/capture"


@pytest.fixture
def operator(world: World, api_as: Any) -> Any:
    return api_as(world.warehouse.site.organization)


def steps(client: Any, **asked: str) -> list[str]:
    answer = client.get(EVENTS, asked)
    assert answer.status_code == 200, answer.content
    assert not list(VALIDATOR.iter_errors(answer.json()))
    return [one["bizStep"] for one in answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]


def test_events_are_found_by_what_when_where_and_why(world: World, operator: Any) -> None:
    world.gone(4)
    package = Package.objects.get()
    goods = uris.goods(world.product.gtin, world.product.sku)
    assert steps(operator) == ["receiving", "picking", "packing", "shipping"]
    assert steps(operator, eventType="AggregationEvent") == ["packing"]
    assert steps(operator, EQ_bizStep="picking,https://ref.gs1.org/cbv/BizStep-shipping") == [
        "picking",
        "shipping",
    ]
    assert steps(operator, MATCH_epc=uris.unit(package.sscc)) == ["shipping"]
    assert steps(operator, MATCH_anyEPC=uris.unit(package.sscc)[:-3] + "*") == ["packing", "shipping"]
    assert steps(operator, MATCH_epcClass=goods) == ["receiving", "picking", "packing", "shipping"]
    house = world.warehouse
    staging = uris.place(house.site.gln, house.code, world.places["STAGING"].code)
    assert steps(operator, EQ_readPoint=staging) == ["picking", "packing", "shipping"]
    assert steps(operator, GE_eventTime=(AT + timedelta(seconds=1)).isoformat()) == []
    assert len(steps(operator, LT_eventTime=(AT + timedelta(seconds=1)).isoformat())) == 4


def test_pages_follow_each_other_without_gaps(world: World, operator: Any) -> None:
    for _ in range(5):
        world.stock(1)
    first = operator.get(EVENTS, {"perPage": "2"})
    seen, link = [], first["Link"]
    answer = first
    while True:
        listed = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        seen += [one["eventID"] for one in listed]
        if "Link" not in answer:
            break
        link = answer["Link"].split(">")[0].strip("<")
        answer = operator.get(link)
    assert len(seen) == len(set(seen)) == EpcisEvent.objects.count() == 5


def test_an_event_is_found_by_its_identity(world: World, operator: Any) -> None:
    world.stock(1)
    one = EpcisEvent.objects.get()
    answer = operator.get(f"{EVENTS}/{quote(one.event_id, safe='')}")
    assert answer.status_code == 200
    assert answer.json()["eventID"] == one.event_id
    assert not list(VALIDATOR.iter_errors(answer.json()))


@pytest.mark.parametrize(
    "asked",
    [
        {"colour": "red"}, {"eventType": "Event"}, {"GE_eventTime": "today"}, {"perPage": "0"},
        {"perPage": "501"}, {"nextPageToken": "x"}, {"EQ_bizStep": ""}, {"MATCH_epc": ",".join("abc" * 60)},
    ],
)  # fmt: skip
def test_questions_that_make_no_sense_are_refused(operator: Any, asked: dict[str, str]) -> None:
    assert operator.get(EVENTS, asked).status_code == 422


def shipped(world: World, quantity: int = 5, **facts: Any) -> dict[str, Any]:
    said = Facts(AT, "shipping", "in_transit", transactions=[("po", "urn:midstream:bt:po:PO-77")], **facts)
    goods = uris.goods(world.product.gtin, world.product.sku, "L77")
    return event.object_event(said, epcs=[uris.unit("095212340000000012")], goods=[Goods(goods, quantity)])


def send(client: Any, *events: Any, behaviour: str = "rollback") -> Any:
    body = document.document(events, at=AT)
    return client.post(CAPTURE, body, format="json", headers={"GS1-Capture-Error-Behaviour": behaviour})


def test_what_a_factory_ships_is_kept_and_told(world: World, api_as: Any, operator: Any) -> None:
    factory = api_as(world.factory)
    answer = send(factory, shipped(world))
    assert answer.status_code == 202, answer.content
    assert answer.json()["success"] is True
    job = factory.get(answer["Location"])
    assert (job.status_code, job.json()["taken"], job.json()["running"]) == (200, 1, False)
    told = OutboxEvent.objects.get(topic="warehousing.goods.shipped.v1").payload
    assert told["purchase_order_number"] == "PO-77"
    assert told["lines"] == [
        {"product_id": world.product.pk, "quantity": 5, "lot_number": "L77", "sscc": "095212340000000012"}
    ]
    assert steps(factory) == steps(operator) == ["shipping"]
    assert steps(api_as(world.dealer)) == []
    assert {m.role for m in EpcisMention.objects.all()} == {"EPC"}


def test_one_wrong_event_keeps_all_out_or_only_itself(world: World, api_as: Any) -> None:
    factory = api_as(world.factory)
    wrong = shipped(world) | {"eventTime": "soon"}
    rolled = send(factory, shipped(world), wrong).json()
    assert (rolled["success"], rolled["taken"], EpcisEvent.objects.count()) == (False, 0, 0)
    assert rolled["errors"][0]["instance"] == "/epcisBody/eventList/1/eventTime"
    proceeded = send(factory, shipped(world), wrong, behaviour="proceed").json()
    assert (proceeded["success"], proceeded["taken"], EpcisEvent.objects.count()) == (False, 1, 1)


def test_an_event_is_told_once_but_may_be_declared_an_error(world: World, api_as: Any) -> None:
    factory = api_as(world.factory)
    one = shipped(world)
    assert send(factory, one).json()["success"]
    again = send(factory, one).json()
    assert [error["status"] for error in again["errors"]] == [409]
    declared = deepcopy(one) | {
        "errorDeclaration": {"declarationTime": "2026-03-03T00:00:00Z", "reason": "incorrect_data"}
    }
    assert send(factory, declared).json()["success"]
    assert [error["status"] for error in send(factory, declared).json()["errors"]] == [409]
    twice = shipped(world, 9)
    assert [error["status"] for error in send(factory, twice, twice).json()["errors"]] == [409]
    assert EpcisEvent.objects.filter(is_error=True).count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[]", 422),
        ("{", 400),
        ('{"type": "EPCISDocument"}', 422),
        ("[" * 5000 + "]" * 5000, 400),
        ("NaN", 400),
    ],
)
def test_what_is_no_document_is_refused_whole(operator: Any, body: str, status: int) -> None:
    for kind in ("application/json", "application/ld+json"):
        answer = operator.post(CAPTURE, body, content_type=kind)
        assert answer.status_code == status, answer.content


def test_wrong_headers_are_refused(world: World, operator: Any) -> None:
    assert send(operator, shipped(world), behaviour="perhaps").status_code == 422


def test_a_receipt_is_for_its_factory(world: World, api_as: Any) -> None:
    receipt.receive(world.expected(3).pk, by=BY, at=AT)
    assert steps(api_as(world.factory)) == ["receiving"]
    assert steps(api_as(world.dealer)) == []
