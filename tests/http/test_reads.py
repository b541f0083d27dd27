"""Lists and details: pages, filters, fields, errors."""

import pytest

from tests.factories import catalog, directory

pytestmark = pytest.mark.django_db


def test_pages_reach_every_row_once(api_as):
    skus = sorted(made.sku for made in catalog.products(7))
    client, address, seen = api_as(directory.dealer()), "/api/v1/catalog/products/?page_size=3", []
    while address:
        answer = client.get(address).json()
        seen += [row["sku"] for row in answer["results"]]
        address = answer["next"]
    assert seen == skus


def test_a_detail_shows_packs_and_only_the_fields_asked_for(api_as):
    made = catalog.product(carton=12)
    client = api_as(directory.dealer())
    assert client.get(f"/api/v1/catalog/products/{made.sku}/").json()["packagings"][0]["units"] == 12
    assert client.get(f"/api/v1/catalog/products/{made.sku}/?fields=sku").json() == {"sku": made.sku}


def test_strangers_are_401_and_unknown_things_404(api_as):
    answer = api_as().get("/api/v1/catalog/products/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    answer = api_as(directory.dealer()).get("/api/v1/catalog/products/none/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("colour=red", "unknown_parameter"),
        ("tracking=SOMEHOW", "bad_parameter"),
        ("page_size=201", "bad_page_size"),
        ("page_size=-1", "bad_page_size"),
        ("cursor=%00", "bad_character"),
        ("cursor=abcd", "bad_cursor"),
        ("fields=sku,secret", "unknown_field"),
        ("name=%00", "bad_character"),
        ("updated_after=2026-01-01T00:00:00Z", "unknown_parameter"),
        ("updated_after=yesterday", "bad_parameter"),
    ],
)
def test_faulty_queries_are_422_and_say_where(api_as, query, code):
    catalog.product()
    answer = api_as(directory.dealer()).get(f"/api/v1/catalog/products/?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code


def test_sites_are_ones_own(api_as):
    mine, rival = directory.dealer(), directory.dealer()
    own, other = directory.site(mine), directory.site(rival)
    client = api_as(mine)
    assert [row["code"] for row in client.get("/api/v1/sites/").json()["results"]] == [own.code]
    assert client.get(f"/api/v1/sites/{own.code}/").status_code == 200
    assert client.get(f"/api/v1/sites/{other.code}/").status_code == 404
    assert client.get(f"/api/v1/sites/{directory.warehouse().code}/").status_code == 200
    assert client.get("/api/v1/organizations/me/").json()["code"] == mine.code


@pytest.mark.parametrize(("method", "status"), [("post", 405), ("delete", 405), ("patch", 405)])
def test_wrong_methods_are_405(api_as, method, status):
    answer = getattr(api_as(directory.dealer()), method)("/api/v1/catalog/products/")
    assert answer.status_code == status
    assert answer.json()["code"] == "method_not_allowed"


def test_an_unknown_address_is_a_problem_document(api_as):
    answer = api_as().get("/api/v1/nowhere/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_page_costs_the_same_however_long(api_as):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = api_as(directory.dealer())
    catalog.products(2)
    with CaptureQueriesContext(connection) as few:
        client.get("/api/v1/catalog/products/")
    catalog.products(30)
    with CaptureQueriesContext(connection) as many:
        client.get("/api/v1/catalog/products/")
    assert len(many) == len(few)
