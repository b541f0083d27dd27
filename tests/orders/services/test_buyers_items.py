"""A dealer orders by the codes of its own books, in every way to order."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from b2b.core.spreadsheet import csv_file
from orders.models import BuyersItem
from orders.services import bulk_order, buyers_items, upload
from orders.services.buyers_items import InvalidCodes
from orders.services.upload import UnreadableUpload
from orders.services.upload import buyers_items as files
from tests.factories import catalog
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(products=3, dealers=2)


def put(market, text, *, dealer=0, **values):
    who = market.dealer_actor(dealer)
    with acting_as(who):
        return buyers_items.put(
            files.read(text.encode(), kind="csv"), dealer=market.dealers[dealer], by=who, at=NOW, **values
        )


def preview(market, content, *, dealer=0, **kind):
    who = market.dealer_actor(dealer)
    with acting_as(who):
        return bulk_order.preview(
            upload.read(content, **kind), dealer=market.dealers[dealer], ship_to=market.shops[dealer], by=who, at=NOW
        )  # fmt: skip


def codes(preview_):
    return [[problem.code for problem in row.problems] for row in preview_.rows]


@pytest.fixture
def mapped(market):
    first, second, _ = market.products
    put(market, f"buyers_code,sku\nA-1,{first.sku}\nA-2,{second.sku}\nA-2b,{second.sku}\n")
    return market


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"your code,quantity\nA-1,5\nA-2,6\n", "csv"),
        (b"sku\tquantity\nA-1\t5\nA-2\t6\n", "tsv"),
        (b"A-1\t5\nA-2\t6\n", "csv"),
        (b'[{"buyers_code": "A-1", "quantity": 5}, {"sku": "A-2", "quantity": 6}]', "json"),
        (b'{"buyers_code": "A-1", "quantity": 5}\n{"sku": "A-2", "quantity": 6}\n', "ndjson"),
        (workbook(("my code", "quantity"), ("A-1", 5), ("A-2", 6)), "xlsx"),
    ],
)
def test_every_way_to_order_takes_the_codes(mapped, content, kind):
    found = preview(mapped, content, kind=kind)
    assert not found.problems
    assert [(row.sku, row.quantity) for row in found.rows] == [
        (mapped.products[0].sku, 5),
        (mapped.products[1].sku, 6),
    ]


def test_another_dealer_has_codes_of_its_own(mapped):
    assert codes(preview(mapped, b"A-1\t5\n", dealer=1)) == [["unknown_product"]]
    put(mapped, f"buyers_code,sku\nA-1,{mapped.products[2].sku}\n", dealer=1)
    [row] = preview(mapped, b"A-1\t5\n", dealer=1).rows
    assert row.sku == mapped.products[2].sku
    rival = mapped.dealer_actor(1)
    with acting_as(rival), pytest.raises(Forbidden):
        buyers_items.put([], dealer=mapped.dealers[0], by=rival, at=NOW)
    with acting_as(rival):
        assert BuyersItem.objects.count() == 1


def test_what_could_be_two_products_is_refused_in_words_of_its_own(mapped):
    first, second, third = mapped.products
    put(mapped, f"buyers_code,sku\n{third.sku},{first.sku}\n")
    text = f"sku,gtin,buyers_code,quantity\n{third.sku},,,5\n,,{third.sku},5\n{second.sku},,A-1,5\n,,A-9,5\n"
    found = preview(mapped, text.encode(), kind="csv")
    assert codes(found) == [["ambiguous_code"], [], ["codes_disagree"], ["unknown_code"]]
    assert [row.problems[0].field for row in found.rows if row.problems] == [
        "sku",
        "buyers_code",
        "buyers_code",
    ]
    assert found.rows[1].sku == first.sku


def test_a_product_off_sale_is_ordered_by_no_code(mapped):
    mapped.products[0].is_active = False
    mapped.products[0].save()
    assert codes(preview(mapped, b"your code,quantity\nA-1,5\nA-2,1\n", kind="csv")) == [["unknown_code"], []]


def test_merge_and_replace_say_what_became_of_the_list(mapped):
    first, second, third = mapped.products
    again = put(mapped, f"buyers_code,sku\nA-1,{third.sku}\nA-2,{second.sku}\nA-3,{first.sku}\n")
    assert (again.added, again.changed, again.removed, again.count) == (1, 1, 0, 3)
    whole = put(mapped, f"buyers_code,sku\nA-3,{first.sku}\n", mode="replace")
    assert (whole.added, whole.changed, whole.removed, whole.count) == (0, 0, 3, 1)
    with acting_as(mapped.dealer_actor()):
        assert buyers_items.remove(["A-3", "A-7"], dealer=mapped.dealers[0], by=mapped.dealer_actor()) == 1


def test_a_faulty_list_changes_nothing(mapped):
    with pytest.raises(InvalidCodes, match="1 of 2 rows") as refused:
        put(mapped, f"buyers_code,sku\nA-9,{mapped.products[0].sku}\nA-8,nothing\n", mode="replace")
    assert [(one.row, one.field) for one in refused.value.problems] == [(3, "sku")]
    with acting_as(mapped.dealer_actor()):
        assert BuyersItem.objects.count() == 3


def test_a_code_the_database_cannot_keep_is_a_fault_of_its_row(market, api_as):
    rows = [{"buyers_code": "A\0", "sku": market.products[0].sku}]
    answer = api_as(market.dealers[0]).post("/api/v1/buyers-items/?mode=merge", rows, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invisible_character")


def test_a_list_names_products_by_the_gtin_of_their_packs_too(market):
    product = catalog.product(gtin="4006381333931")
    put(market, "buyers_code,gtin\nA-1,4006381333931\n")
    with acting_as(market.dealer_actor()):
        assert BuyersItem.objects.get().product_id == product.pk


def test_a_code_comes_back_from_an_exported_list_as_it_was(market):
    sku = market.products[0].sku
    rows = files.read(csv_file([("buyers_code", "sku"), ("'90s", sku), ("=A1", sku), ("-", sku)]), kind="csv")
    assert [row.get("buyers_code") for row in rows] == ["'90s", "=A1", "-"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sku,quantity\nS,1\n", "unknown_column"),
        ("buyers_code,sku,sku\nA,S,S\n", "repeated_column"),
        ("buyers_code\nA\n", "missing_column"),
        ("buyers_code,sku\n", "no_rows"),
    ],
)
def test_a_heading_that_is_not_understood_is_refused(text, code):
    with pytest.raises(UnreadableUpload) as refused:
        files.read(text.encode(), kind="csv")
    assert refused.value.problems[0].code == code


def test_the_statements_do_not_depend_on_the_codes(market):
    def statements(count):
        sku = market.products[0].sku
        text = "buyers_code,sku\n" + "".join(f"C{count}-{number},{sku}\n" for number in range(count))
        with CaptureQueriesContext(connection) as asked:
            put(market, text)
        return len(asked)

    assert statements(1) == statements(400)
