"""Ordering, answering and despatching through the API, as the parties do it."""

import io
import json
from datetime import timedelta

import pytest
from openpyxl import Workbook

from b2b.core import clock
from b2b.core.actor import system
from orders.services import pool_progress
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=25)


@pytest.fixture
def market():
    return made.trade(products=2, dealers=3, carton=12)


def place(client, market, quantities, dealer=0, **values):
    lines = [
        {"sku": market.products[index].sku, "quantity": quantity} for index, quantity in enumerate(quantities)
    ]
    return client.post("/api/v1/orders/", {"ship_to": market.shops[dealer].code, "lines": lines, **values})


def test_a_dealer_places_reads_and_cancels_an_order(api_as, market):
    client = api_as(market.dealers[0])
    answer = place(client, market, [10, 100], external_reference="MY-1")
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert (order["status"], order["total_net"]) == ("CONFIRMED", "900.000")
    address = f"/api/v1/orders/{order['id']}/"
    lines = client.get(f"{address}lines/").json()["results"]
    assert [(line["line_number"], line["unit_price"], line["requested"]) for line in lines] == [
        (1, "10.000000", 10),
        (2, "8.000000", 100),
    ]
    steps = client.get(f"{address}history/").json()["results"]
    assert [step["verb"] for step in steps] == ["place", "confirm"]
    assert client.post(f"{address}cancel/", {}).status_code == 428
    etag = client.get(address)["ETag"]
    cancelled = client.post(f"{address}cancel/", {"reason": "too many"}, headers={"If-Match": etag})
    assert cancelled.json()["status"] == "CANCELLED"
    assert api_as(market.dealers[1]).get(address).status_code == 404
    assert client.get("/api/v1/orders/?status=CANCELLED").json()["results"][0]["number"] == order["number"]


def test_a_cancelled_order_is_reopened_with_the_version_that_was_read(api_as, market):
    client = api_as(market.dealers[0])
    address = f"/api/v1/orders/{place(client, market, [10, 100]).json()['id']}/"
    early = client.post(f"{address}reopen/", {}, headers={"If-Match": client.get(address)["ETag"]})
    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    client.post(f"{address}cancel/", {}, headers={"If-Match": client.get(address)["ETag"]})
    assert client.post(f"{address}reopen/", {}).status_code == 428
    etag = client.get(address)["ETag"]
    assert (
        api_as(market.dealers[1]).post(f"{address}reopen/", {}, headers={"If-Match": etag}).status_code == 404
    )
    reopened = client.post(f"{address}reopen/", {"reason": "after all"}, headers={"If-Match": etag})
    assert (reopened.status_code, reopened.json()["status"]) == (200, "CONFIRMED")
    steps = client.get(f"{address}history/").json()["results"]
    assert [step["verb"] for step in steps][-2:] == ["reopen", "confirm"]


def test_a_dealer_maps_codes_of_its_own_and_orders_by_them(api_as, market):
    client, first = api_as(market.dealers[0]), market.products[0]
    address = "/api/v1/buyers-items/"
    items = [{"buyers_code": "A-1", "sku": first.sku}, {"buyers_code": "A-2", "sku": "nothing"}]
    shown = client.post(address, items, format="json").json()
    assert (shown["count"], [one["row"] for one in shown["problems"]]) == (1, [2])
    refused = client.post(f"{address}?mode=merge", items, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_codes")
    taken = client.post(f"{address}?mode=merge", items[:1], format="json").json()
    assert (taken["added"], taken["changed"], taken["removed"]) == (1, 0, 0)
    assert [one["sku"] for one in client.get(f"{address}?code=A-1").json()["results"]] == [first.sku]
    assert api_as(market.dealers[1]).get(address).json()["results"] == []
    body = {"ship_to": market.shops[0].code, "lines": [{"buyers_code": "A-1", "quantity": 3}]}
    order = client.post("/api/v1/orders/", body).json()
    assert client.get(f"/api/v1/orders/{order['id']}/lines/").json()["results"][0]["sku"] == first.sku


def test_repeating_with_a_key_orders_once(api_as, market):
    client = api_as(market.dealers[0])
    body = {"ship_to": market.shops[0].code, "lines": [{"sku": market.products[0].sku, "quantity": 1}]}
    answers = [
        client.post("/api/v1/orders/", body, headers={"Idempotency-Key": "k1"}).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(client.get("/api/v1/orders/").json()["results"]) == 1


def test_faulty_rows_are_named_with_row_field_and_remedy(api_as, market):
    client = api_as(market.dealers[0])
    body = {
        "ship_to": market.shops[0].code,
        "lines": [
            {"sku": market.products[0].sku, "quantity": 1},
            {"sku": "nothing", "quantity": 1},
            {"sku": market.products[1].sku, "quantity": 2, "unit": "PF"},
        ],
    }
    answer = client.post("/api/v1/orders/", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_rows")
    faults = [(fault["row"], fault["field"], fault["code"]) for fault in answer.json()["errors"]]
    assert faults == [(2, "sku", "unknown_product"), (3, "unit", "unknown_unit")]
    assert client.get("/api/v1/orders/").json()["results"] == []


def test_refused_credit_says_how_much_is_short(api_as, market, credit_book):
    credit_book.limit = 100
    answer = place(api_as(market.dealers[0]), market, [10])
    assert (answer.status_code, answer.json()["code"]) == (409, "credit_refused")
    assert "13.00" in answer.json()["detail"]


def upload(client, content, query, kind="text/csv"):
    return client.generic("POST", f"/api/v1/orders/bulk/?{query}", content, content_type=kind)


def test_a_csv_is_previewed_then_ordered_by_good_rows(api_as, market):
    client = api_as(market.dealers[0])
    text = f"SKU,Qty,Unit\n{market.products[0].sku},2,CT\nnothing,1,\n".encode()
    query = f"ship_to={market.shops[0].code}"
    preview = upload(client, text, query).json()
    assert preview["order"] is None
    assert [(row["row"], row["ok"], row["quantity"]) for row in preview["rows"]] == [
        (2, True, 24),
        (3, False, 1),
    ]
    assert upload(client, text, f"{query}&mode=submit").status_code == 422
    taken = upload(client, text, f"{query}&mode=submit&rows=per_row")
    assert taken.status_code == 200, taken.content
    assert taken.json()["order"]["total_net"] == "240.000"
    assert len(taken.json()["rows"]) == 2


def test_every_format_gives_the_same_order(api_as, market):
    client = api_as(market.dealers[0])
    sku, query = market.products[0].sku, f"mode=submit&ship_to={market.shops[0].code}"
    book = Workbook()
    for row in (("sku", "quantity"), (sku, 7)):
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    rows = [{"sku": sku, "quantity": 7}]
    bodies = [
        (f"{sku}\t7\n".encode(), "text/tab-separated-values"),
        (json.dumps(rows).encode(), "application/json"),
        (json.dumps({"lines": rows}).encode(), "application/json"),
        (json.dumps(rows[0]).encode() + b"\n", "application/x-ndjson"),
        (saved.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ]
    nets = [upload(client, body, query, kind).json()["order"]["total_net"] for body, kind in bodies]
    saved.seek(0)
    saved.name = "order.xlsx"
    answer = client.post(f"/api/v1/orders/bulk/?{query}", {"file": saved}, format="multipart")
    assert [*nets, answer.json()["order"]["total_net"]] == ["70.000"] * 6


def test_prices_come_in_bulk(api_as, market):
    client = api_as(market.dealers[0])
    pairs = [{"sku": market.products[0].sku, "quantity": quantity} for quantity in (1, 100)]
    answer = client.post(
        "/api/v1/catalog/prices/", {"lines": [*pairs, {"sku": "nothing", "quantity": 1}]}
    ).json()
    assert [quote["unit_price"] for quote in answer["quotes"]] == ["10.000000", "8.000000", None]
    assert answer["quotes"][0]["next_break"]["min_quantity"] == 100


def test_progress_tells_on_nobody(api_as, market):
    cycle = made.cycle(market)
    address = f"/api/v1/order-cycles/{cycle.pk}/progress/"
    made.order(market, [30])
    made.order(market, [25], dealer=1)
    own, stranger = api_as(market.dealers[0]), api_as(market.dealers[2])
    pool = own.get(address).json()["products"][0]
    assert (pool["own_quantity"], pool["percent_of_next_break"], pool["quantity"]) == (30, 30, None)
    assert (pool["units_to_next_break"], pool["next_unit_price"]) == (70, "8.000000")
    pool_progress.tell(cycle, by=system("test"), at=NOW)
    assert stranger.get(address).json()["products"] == []
    made.order(market, [34], dealer=2)
    assert stranger.get(address).json()["products"][0]["percent_of_next_break"] == 34
    pool_progress.tell(cycle, by=system("test"), at=NOW)
    told = own.get(address).json()
    assert told["told_at"]
    # The others have 59: between the first and the third quarter of the way to 100, as the secret offset has it.
    assert told["products"][0]["percent_of_next_break"] in (55, 80)
    operator = api_as(market.warehouse.organization).get(address).json()["products"][0]
    assert (operator["quantity"], operator["dealers"]) == (89, 3)


def test_a_factory_reads_answers_and_despatches(api_as, market):
    cycle = made.cycle(market)
    made.order(market, [60])
    made.order(market, [40], dealer=1)
    operator, maker = api_as(market.warehouse.organization), api_as(market.maker)
    assert operator.post(f"/api/v1/order-cycles/{cycle.pk}/close/", {}).json()["code"] == "before_cutoff"
    closed = operator.post(f"/api/v1/order-cycles/{cycle.pk}/close/", {"early": True}).json()
    [closed] = closed["purchase_orders"]
    address = f"/api/v1/purchase-orders/{closed['id']}/"
    detail = maker.get(address)
    assert not [dealer.code for dealer in market.dealers if dealer.code in detail.content.decode()]
    assert [(line["quantity"], line["unit_price"]) for line in detail.json()["lines"]] == [(100, "8.000000")]
    answer = maker.post(f"{address}responses/", {"lines": [{"line_number": 1, "confirmed_quantity": 50}]})
    assert (answer.status_code, answer.json()["lines"][0]["code"]) == (201, "QUANTITY_CHANGED")
    stale = maker.post(f"{address}responses/", {"lines": [{"line_number": 1}]})
    assert stale.status_code == 428
    late = maker.post(f"{address}responses/", {"response_version": 1, "lines": [{"line_number": 1}]})
    assert (late.status_code, late.json()["code"]) == (409, "stale_response")
    wrong = maker.post(
        f"{address}responses/",
        {"response_version": 2, "lines": [{"line_number": 9, "confirmed_quantity": 1}]},
    )
    assert wrong.json()["errors"][0]["pointer"] == "/lines/0"
    body = {
        "purchase_order_id": closed["id"],
        "expected_at": LATER.isoformat(),
        "external_reference": "D1",
        "lines": [{"line_number": 1, "quantity": 50, "lot_number": "L"}],
    }
    advice = maker.post("/api/v1/despatch-advices/", body)
    assert (advice.status_code, advice.json()["lines"][0]["quantity"]) == (201, 50)
    assert maker.post("/api/v1/despatch-advices/", body).json()["id"] == advice.json()["id"]
    rival = api_as(directory.factory_organization())
    assert rival.post("/api/v1/despatch-advices/", body).status_code == 404
    assert rival.get(address).status_code == 404
    signal = maker.get("/api/v1/production-signals/").json()["results"][0]
    assert maker.get(f"/api/v1/production-signals/?after={signal['id']}").json()["results"] == []
    done = maker.post(
        f"/api/v1/production-signals/{signal['id']}/answers/",
        {"lines": [{"line_number": 1, "quantity": 100}]},
    )
    assert done.json()["status"] == "COMMITTED"
    statement = api_as(market.dealers[0]).get("/api/v1/savings-statements/").json()["results"][0]
    assert statement["dealer_share"] == "84.000"


def test_a_late_order_misses_the_cycle(api_as, market):
    made.cycle(market)
    with clock.travel(LATER):
        order = place(api_as(market.dealers[0]), market, [5]).json()
    assert order["status"] == "CONFIRMED"
