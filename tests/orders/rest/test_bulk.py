"""Files, earlier orders and the file of results over the API."""

import csv
import io
import json

import openpyxl
import pytest

from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.http.idempotency import LONG
from b2b.http.models import IdempotencyRecord
from orders.models import Order
from tests.factories import orders as made

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(products=2, carton=12)


def post(client, path, content, kind="text/csv"):
    return client.generic("POST", f"/api/v1/{path}", content, content_type=kind)


def test_the_result_of_every_row_comes_as_a_file_that_may_be_sent_in_again(api_as, market):
    client, shop = api_as(market.dealers[0]), market.shops[0].code
    first, second = (product.sku for product in market.products)
    content = f'sku,quantity,unit\n{first},2,CT\n"=1+1",1,\n{second},"1,5",\n'.encode()
    answer = post(client, f"orders/bulk/result/?ship_to={shop}", content)
    assert answer["Content-Disposition"].endswith('"result.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["row"], row["sku"], row["result"], row["column"]) for row in rows] == [
        ("2", first, "ok", ""),
        ("3", "'=1+1", "refused", "sku"),
        ("4", second, "refused", "quantity"),
    ]
    assert (rows[0]["base quantity"], rows[0]["to next price"]) == ("24", "76")
    again = post(client, f"orders/bulk/?ship_to={shop}", answer.content)
    assert [row["ok"] for row in again.json()["rows"]] == [True, False, False]

    answer = post(client, f"orders/bulk/result/?ship_to={shop}&file=xlsx", content)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 4
    assert not Order.objects.exists()


def test_a_long_answer_is_given_again_as_it_was(api_as, market):
    client, shop = api_as(market.dealers[0]), market.shops[0].code
    sku = market.products[0].sku
    content = ("sku,quantity\n" + f"{sku},5\n" * 100).encode()

    def ask():
        return client.generic(
            "POST",
            f"/api/v1/orders/bulk/?mode=submit&ship_to={shop}",
            content,
            content_type="text/csv",
            headers={"Idempotency-Key": "long"},
        )

    first, again = ask(), ask()
    assert len(first.content) > LONG
    assert (again["Idempotency-Replayed"], again.content) == ("true", first.content)
    with acting_as(system("test")):
        kept = IdempotencyRecord.objects.get()
        assert Order.objects.count() == 1
    assert kept.is_compressed
    assert len(kept.body) < len(first.content) / 5


def test_an_earlier_order_is_judged_at_todays_prices_and_ordered_again(api_as, market):
    client, shop = api_as(market.dealers[0]), market.shops[0].code
    body = {
        "ship_to": shop,
        "lines": [
            {
                "sku": market.products[0].sku,
                "quantity": 2,
                "unit": "CT",
                "flex_up": 1,
                "max_unit_price": "12.5",
            }
        ],
    }
    earlier = client.post("/api/v1/orders/", body).json()
    address = f"/api/v1/orders/{earlier['id']}/"
    [line] = client.get(f"{address}lines/").json()["results"]
    assert (line["flex_up"], line["max_unit_price"], line["options"]) == (12, "12.500000", {})

    preview = client.post(f"{address}reorder/", {}).json()
    assert (preview["order"], preview["total_net"], len(preview["rows"])) == (None, "240.000", 1)
    again = client.post(f"{address}reorder/", {"mode": "submit", "external_reference": "again"}).json()
    assert (again["order"]["total_net"], again["order"]["external_reference"]) == ("240.000", "again")
    [line] = client.get(f"/api/v1/orders/{again['order']['id']}/lines/").json()["results"]
    assert (line["entered_quantity"], line["entered_unit"], line["flex_up"]) == (2, "CT", 12)
    assert api_as(market.dealers[1]).post(f"{address}reorder/", {}).status_code == 404


def test_the_short_answer_is_the_long_one(api_as, market):
    client, shop = api_as(market.dealers[0]), market.shops[0].code
    rows = [{"sku": market.products[0].sku, "quantity": 5}, {"sku": "none", "quantity": 1}]
    path = f"orders/bulk/?ship_to={shop}"
    short = post(client, path, json.dumps(rows).encode(), "application/json").json()
    names = ",".join(short)
    assert (
        post(client, f"{path}&fields={names}", json.dumps(rows).encode(), "application/json").json() == short
    )
    assert short["credit_left"] is not None
    only = post(client, f"{path}&fields=total_net", json.dumps(rows).encode(), "application/json").json()
    assert only == {"total_net": "50.000"}


def test_a_key_orders_a_file_once(api_as, market):
    client = api_as(market.dealers[0])
    content = f"sku,quantity\n{market.products[0].sku},5\n".encode()
    path = f"/api/v1/orders/bulk/?mode=submit&ship_to={market.shops[0].code}"
    key = str(uuid7())
    answers = [
        client.generic("POST", path, content, content_type="text/csv", HTTP_IDEMPOTENCY_KEY=key)
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert len(client.get("/api/v1/orders/").json()["results"]) == 1


def test_an_unreadable_file_is_a_problem_with_place_and_remedy(api_as, market):
    answer = post(api_as(market.dealers[0]), "orders/bulk/", b"sku,quantity,colour\nA,1,red\n")
    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["code"], fault["row"], fault["field"]) == (
        422, "unknown_column", 1, "colour",
    )  # fmt: skip
    assert fault["remedy"]
