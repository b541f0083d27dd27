"""Bad input of every kind: a clear problem document with a stable code, and nothing half-applied."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.db import connection
from openpyxl import Workbook

from b2b.core.actor import acting_as, system
from tests.factories import directory
from tests.factories import orders as made
from tests.support.order_ports import answered

pytestmark = pytest.mark.django_db

ORDERS, BULK, STATEMENTS = "/api/v1/orders/", "/api/v1/orders/bulk/", "/api/v1/bank-statements/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What an order or a statement leaves behind when it is taken.
TRACES = (
    "orders_order",
    "orders_orderline",
    "outbox_outboxevent",
    "db_statuschange",
    "finance_statementline",
)
BOMBS = {
    "a document type": b"<!DOCTYPE a><a/>",
    "a file of ours": b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>',
    "a billion laughs": b'<!DOCTYPE a [<!ENTITY e "ha"><!ENTITY f "&e;&e;&e;&e;&e;">]><Document>&f;</Document>',
    "UTF-16": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'.encode(
        "utf-16"
    ),
}


@pytest.fixture
def market():
    return made.trade(products=2, dealers=1, carton=12)


@pytest.fixture
def client(api_as, market):
    with answered():
        yield api_as(market.dealers[0])


def traces():
    with acting_as(system()), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in TRACES))
        return cursor.fetchall()


def refused(call, status, code):
    """Check that the call is refused in words and leaves no trace; return the faults it names."""
    before = traces()
    answer = call()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
        answer.content
    )
    problem = answer.json()
    assert problem["code"] == code, problem
    assert problem["detail"]
    assert problem["request_id"]
    assert traces() == before
    return problem.get("errors", [])


def order(client, market, line, **values):
    good = {"sku": market.products[0].sku, "quantity": 1}
    body = {"ship_to": market.shops[0].code, "lines": [good, {**good, **line}], **values}
    return lambda: client.post(ORDERS, body)


def bulk(client, market, content, kind="text/csv", query=""):
    address = f"{BULK}?mode=submit&ship_to={market.shops[0].code}{query}"
    return lambda: client.generic("POST", address, content, content_type=kind)


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("quantity", ["many", "1.5", None, [], {}, True, 10**40])
def test_a_quantity_of_the_wrong_type(client, market, quantity):
    faults = refused(order(client, market, {"quantity": quantity}), 422, "invalid")
    assert {fault["pointer"] for fault in faults} == {"/lines/1/quantity"}
    assert {fault["row"] for fault in faults} == {2}


@pytest.mark.parametrize("quantity", [0, -1, -(10**12)])
def test_a_quantity_below_one(client, market, quantity):
    [fault] = refused(order(client, market, {"quantity": quantity}), 422, "invalid")
    assert (fault["row"], fault["field"]) == (2, "quantity")


@pytest.mark.parametrize("quantity", ["-5", "0", "=1+1", "1e3", "many"])
def test_a_quantity_that_is_none_in_a_file(client, market, quantity):
    rows = f"sku,quantity\n{market.products[0].sku},1\n{market.products[1].sku},{quantity}\n"
    faults = refused(bulk(client, market, rows.encode()), 422, "invalid_rows")
    assert [(fault["row"], fault["field"]) for fault in faults] == [(3, "quantity")]


def test_an_unknown_sku(client, market):
    [fault] = refused(order(client, market, {"sku": "NO-SUCH"}), 422, "invalid_rows")
    assert (fault["row"], fault["field"], fault["code"]) == (2, "sku", "unknown_product")


def test_a_formula_where_a_sku_should_be_is_a_text(client, market):
    rows = f'sku,quantity\n{market.products[0].sku},1\n"=HYPERLINK(""http://x"")",1\n'.encode()
    [fault] = refused(bulk(client, market, rows), 422, "invalid_rows")
    assert (fault["row"], fault["code"]) == (3, "unknown_product")


def test_a_formula_in_a_workbook(client, market):
    content = workbook(("sku", "quantity"), (market.products[0].sku, "=1+1"))
    assert "formula" in json.dumps(refused_words(client, market, content))


def test_a_zip_bomb(client, market):
    bomb = io.BytesIO(workbook(("sku", "quantity"), (market.products[0].sku, 1)))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", b"\0" * 40_000_000)
    assert "unpacks to far more" in json.dumps(refused_words(client, market, bomb.getvalue()))


def refused_words(client, market, content):
    call = bulk(client, market, content, XLSX)
    refused(call, 422, "unreadable_upload")
    return call().json()


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_a_currency_without_prices(client, market, currency):
    faults = refused(order(client, market, {}, currency=currency), 422, "invalid_rows")
    assert [fault["row"] for fault in faults] == [1, 2]


@pytest.mark.parametrize("currency", ["yuan", "¥", 7, "cny"])
def test_a_currency_that_is_none(client, market, currency):
    [fault] = refused(order(client, market, {}, currency=currency), 422, "invalid")
    assert fault["field"] == "currency"


@pytest.mark.parametrize("name", BOMBS)
def test_xml_with_entities(api_as, name):
    desk = api_as(directory.operator(code="MID"))
    refused(
        lambda: desk.generic("POST", STATEMENTS, BOMBS[name], content_type="application/xml"),
        422,
        "unsafe_xml",
    )


@pytest.mark.parametrize(
    ("address", "kind"), [(ORDERS, "application/json"), (BULK, "text/csv"), (BULK, XLSX)]
)
def test_a_body_of_100_mb(client, address, kind):
    refused(
        lambda: client.generic("POST", address, b" " * (100 * 2**20), content_type=kind), 413, "too_large"
    )


def test_a_key_does_not_keep_a_refusal(client, market):
    keyed = {"headers": {"Idempotency-Key": "one"}}
    body = {"ship_to": market.shops[0].code, "lines": [{"sku": "NO-SUCH", "quantity": 1}]}
    refused(lambda: client.post(ORDERS, body, **keyed), 422, "invalid_rows")
    body["lines"][0]["sku"] = market.products[0].sku
    assert client.post(ORDERS, body, **keyed).status_code == 201
