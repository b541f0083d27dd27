"""EPCIS 2.0 over HTTP: queries that validate, captures that say what is wrong, parties kept apart."""

from copy import deepcopy
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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


def test_digits_that_are_none_name_nothing(operator: Any) -> None:
    assert steps(operator, MATCH_epc="urn:epc:id:sscc:061414\u00b2.1234567890") == []


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


@pytest.mark.parametrize(
    ("member", "value", "code", "where"),
    [
        ("eventTime", "1975-01-01T00:00:00Z", "not_then", "eventTime"),
        ("eventTime", "2150-01-01T00:00:00Z", "not_then", "eventTime"),
        ("epcList", ["urn:x:" + "a" * 400], "not_a_uri", "epcList/0"),
        ("bizStep", "urn:x:" + "a" * 400, "unknown_word", "bizStep"),
    ],
)
def test_what_cannot_be_kept_is_named(
    world: World, api_as: Any, member: str, value: Any, code: str, where: str
) -> None:
    wrong = of(uris.goods("", world.product.sku), 5) | {member: value}
    answer = send(api_as(world.factory), shipped(world), wrong, behaviour="proceed")
    assert answer.status_code == 202, answer.content
    [error] = answer.json()["errors"]
    assert (error["title"], error["instance"]) == (code, f"/epcisBody/eventList/1/{where}")


def told_lines() -> list[dict[str, Any]]:
    return [
        line
        for told in OutboxEvent.objects.filter(topic="warehousing.goods.shipped.v1").order_by("pk")
        for line in told.payload["lines"]
    ]


def of(goods: str, quantity: float, unit: str = "") -> dict[str, Any]:
    said = Facts(AT, "shipping", "in_transit", transactions=[("po", "urn:midstream:bt:po:PO-77")])
    made = event.object_event(said, goods=[Goods(goods, 1, unit)])
    made["quantityList"][0]["quantity"] = quantity  # type: ignore[index]
    made.pop("eventID")
    return made


@pytest.mark.parametrize(
    ("goods", "quantity", "unit", "code", "where"),
    [
        ("urn:midstream:class:NOTHING", 5, "", "unknown_goods", "epcClass"),
        ("", 5.5, "", "not_whole", "quantity"),
        ("", 0, "", "not_whole", "quantity"),
        ("", 5, "KGM", "wrong_unit", "uom"),
    ],
)
def test_a_shipping_that_cannot_be_taken_whole_is_refused_and_not_cut_short(
    world: World, api_as: Any, goods: str, quantity: float, unit: str, code: str, where: str
) -> None:
    factory = api_as(world.factory)
    wrong = of(goods or uris.goods("", world.product.sku), quantity, unit)
    [error] = send(factory, shipped(world), wrong).json()["errors"]
    assert (error["title"], error["status"]) == (code, 400)
    assert error["instance"] == f"/epcisBody/eventList/1/quantityList/0/{where}"
    assert told_lines() == []
    assert send(factory, shipped(world), wrong, behaviour="proceed").json()["taken"] == 1
    assert [line["quantity"] for line in told_lines()] == [5]


def test_packs_are_taken_for_what_is_in_them(world: World, api_as: Any) -> None:
    world.product.packagings.create(code="CT", units=12, gtin="19521234000010")
    answer = send(api_as(world.factory), of(uris.trade_item("19521234000010"), 3, "EA"))
    assert answer.json()["success"], answer.content
    assert [(line["product_id"], line["quantity"]) for line in told_lines()] == [(world.product.pk, 36)]


def test_a_document_costs_the_same_however_many_shippings_it_tells(world: World, api_as: Any) -> None:
    factory, counts = api_as(world.factory), []
    for numbers in (range(1, 2), range(2, 12)):
        with CaptureQueriesContext(connection) as queries:
            assert send(factory, *(shipped(world, number) for number in numbers)).json()["success"]
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert [line["quantity"] for line in told_lines()] == list(range(1, 12))


def test_only_who_told_an_event_declares_that_it_was_an_error(world: World, api_as: Any) -> None:
    factory, dealer = api_as(world.factory), api_as(world.dealer)
    one = shipped(world)
    declared = one | {"errorDeclaration": {"declarationTime": "2026-03-03T00:00:00Z"}}
    for client in (factory, dealer):
        [error] = send(client, declared).json()["errors"]
        assert (error["title"], error["status"]) == ("not_your_event", 400), "nobody told it yet"
    assert send(factory, one).json()["success"]
    [error] = send(dealer, declared).json()["errors"]
    assert (error["title"], error["instance"]) == ("not_your_event", "/epcisBody/eventList/0/eventID")
    assert send(factory, declared).json()["success"]


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


def test_every_problem_of_a_document_can_be_read_page_by_page(world: World, api_as: Any) -> None:
    factory = api_as(world.factory)
    wrong = [shipped(world, number) | {"eventTime": "soon"} for number in range(1, 251)]
    answer = send(factory, shipped(world, 999), *wrong, behaviour="proceed")
    job = answer.json()
    assert (job["events"], job["taken"], job["errorCount"], len(job["errors"])) == (251, 1, 250, 100)
    link, seen = f"{answer['Location']}/errors", []
    while link:
        page = factory.get(link)
        assert page.status_code == 200, page.content
        seen += page.json()["errors"]
        link = page["Link"].split(">")[0].lstrip("<") if "Link" in page else ""
    assert [one["instance"] for one in seen] == [
        f"/epcisBody/eventList/{index}/eventTime" for index in range(1, 251)
    ]
    assert len(factory.get(f"{answer['Location']}/errors?perPage=1000").json()["errors"]) == 250
    for asked in ("perPage=0", "perPage=1001", "perPage=x", "nextPageToken=-1"):
        assert factory.get(f"{answer['Location']}/errors?{asked}").status_code == 422
    assert api_as(world.dealer).get(f"{answer['Location']}/errors").status_code == 404
