"""The operator reads what stock is worth on any day, and says how it is valued."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from tests.factories.directory import operator
from tests.factories.finance import PLATFORM
from tests.factories.stock_value import Store, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db):
    return operator(code="MID")


@pytest.fixture
def store(desk) -> Store:
    made = Store.build()
    placed = made.placed("3.3333")
    with acting_as(PLATFORM):
        tell(placed, made.received(3, placed))
        made.at += timedelta(days=2)
        tell(made.issued(1))
        made.at += timedelta(days=2)
        tell(made.repriced(placed, "6"))
    return made


def test_stock_is_listed_with_its_value_now_and_as_it_was_booked(api_as, desk, store):
    client = api_as(desk)
    [now] = client.get(f"/api/v1/stock-values/?sku={store.product.sku}").json()["results"]
    assert now == {
        "sku": store.product.sku,
        "warehouse": store.home.code,
        "quantity": 2,
        "value": "12.000",
        "currency": "CNY",
        "method": "FIFO",
    }
    first = store.told[0].occurred_at.date()
    worth = {}
    for days in (-1, 0, 1, 2, 9):
        day = first + timedelta(days=days)
        [then] = client.get(f"/api/v1/stock-values/?on_date={day}").json()["results"]
        worth[days] = (then["quantity"], then["value"])
    assert worth == {
        -1: (0, "0.000"),
        0: (3, "10.000"),
        1: (3, "10.000"),
        2: (2, "6.670"),
        9: (2, "12.000"),
    }


def test_a_page_asks_as_much_however_many_stocks_there_are(api_as, desk, store):
    client, counts = api_as(desk), []
    for more in (0, 5):
        for _ in range(more):
            with acting_as(PLATFORM):
                other = Store.build()
                tell(other.moved(1, "COUNT"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/api/v1/stock-values/?on_date=2026-03-02").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_method_is_declared_and_the_narrowest_is_shown(api_as, desk, store):
    client = api_as(desk)
    given = {"method": "MOVING_AVERAGE", "sku": store.product.sku, "reason": "bulk goods"}
    assert client.post("/api/v1/stock-methods/", given).status_code == 201
    assert client.post("/api/v1/stock-methods/", {"method": "FIFO", "reason": "all"}).status_code == 201
    [now] = client.get(f"/api/v1/stock-values/?sku={store.product.sku}").json()["results"]
    assert now["method"] == "MOVING_AVERAGE"
    listed = client.get("/api/v1/stock-methods/").json()["results"]
    assert [(one["sku"], one["reason"]) for one in listed] == [
        (None, "all"),
        (store.product.sku, "bulk goods"),
    ]


def test_what_does_not_exist_is_named(api_as, desk):
    refused = api_as(desk).post(
        "/api/v1/stock-methods/", {"method": "FIFO", "sku": "none", "warehouse": "none", "reason": "x"}
    )
    assert refused.status_code == 422
    assert {one["pointer"] for one in refused.json()["errors"]} == {"/sku", "/warehouse"}
