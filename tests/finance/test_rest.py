"""The API shows each dealer its own invoices, payments and credit, and gives the operator the morning's work."""

from __future__ import annotations

import pytest

from tests.factories.directory import dealer as make_dealer
from tests.factories.directory import operator
from tests.finance.rest_world import give_credit, issue_invoice, open_case, pay, statement_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db):
    return operator(code="MID")


@pytest.fixture
def dealer(desk):
    made = make_dealer()
    give_credit(made)
    return made


def test_a_dealer_reads_its_invoice_with_lines_taxes_and_payments(api_as, dealer):
    issued = issue_invoice(dealer)
    pay(("113", issued.number))
    client = api_as(dealer)
    [listed] = client.get("/api/v1/invoices/").json()["results"]
    assert (listed["number"], listed["status"], listed["gross_amount"]) == (issued.number, "PAID", "113.000")
    answer = client.get(f"/api/v1/invoices/{issued.pk}/")
    assert answer.headers["ETag"]
    shown = answer.json()
    assert [line["quantity"] for line in shown["lines"]] == [1]
    assert shown["taxes"][0]["tax_amount"] == "13.000"
    assert shown["allocations"][0]["amount"] == "113.000"
    [paid] = client.get("/api/v1/payments/").json()["results"]
    assert paid["allocations"][0]["invoice"] == issued.number


def test_a_dealer_reads_its_credit_and_not_anothers(api_as, dealer):
    issue_invoice(dealer)
    shown = api_as(dealer).get("/api/v1/credit/").json()
    assert shown == {
        "currency": "CNY",
        "limit": "10000.000",
        "used": "113.000",
        "reserved": "0.000",
        "available": "9887.000",
    }
    assert api_as(make_dealer()).get("/api/v1/credit/").json()["limit"] == "0.000"
    assert api_as(dealer).get("/api/v1/credit/?currency=yen").status_code == 422


def test_the_operator_sets_a_limit(api_as, desk, dealer):
    body = {"dealer": dealer.code, "currency": "CNY", "amount": "50.00", "reason": "late payer"}
    assert api_as(dealer).post("/api/v1/credit-limits/", body).status_code == 403
    assert api_as(desk).post("/api/v1/credit-limits/", body).status_code == 201
    assert api_as(dealer).get("/api/v1/credit/").json()["limit"] == "50.000"
    assert api_as(desk).post("/api/v1/credit-limits/", {**body, "dealer": "nobody"}).status_code == 422
    assert api_as(desk).post("/api/v1/credit-limits/", {**body, "amount": "-1"}).status_code == 422


def send(client, source: bytes):
    return client.post("/api/v1/bank-statements/", source, content_type="application/xml")


def test_the_operator_imports_a_statement_once(api_as, desk, dealer):
    source = statement_over(("113", issue_invoice(dealer).number))
    client = api_as(desk)
    first, again = send(client, source), send(client, source)
    assert (first.status_code, again.status_code) == (201, 201)
    assert [one["new_lines"] for one in (first.json()["statements"][0], again.json()["statements"][0])] == [
        1,
        0,
    ]
    assert len(client.get("/api/v1/bank-statements/").json()["results"]) == 1
    refused = send(client, b"<!DOCTYPE a><a/>")
    assert (refused.status_code, refused.json()["code"]) == (422, "unsafe_xml")
    assert send(api_as(dealer), source).status_code == 403


def test_the_operator_runs_the_reconciliation_and_resolves_a_case(api_as, desk, dealer):
    issued = issue_invoice(dealer)
    client = api_as(desk)
    send(client, statement_over(("113", "no number here"), ("3", "odd")))
    answer = client.post("/api/v1/reconciliation/runs/", {"what": ["bank", "ledger"]})
    assert answer.status_code == 201
    assert [one["what"] for one in answer.json()["results"]] == ["bank", "ledger"]
    assert client.post("/api/v1/reconciliation/runs/", {"what": ["moon"]}).status_code == 422
    [opened] = client.get("/api/v1/cases/?status=OPEN&kind=UNMATCHED_RECEIPT").json()["results"]
    url = f"/api/v1/cases/{opened['id']}/"
    tag = client.get(url).headers["ETag"]
    body = {
        "resolution": "the dealer paid in part",
        "allocations": [{"invoice_id": str(issued.pk), "amount": "3.00"}],
    }
    assert client.post(f"{url}resolve/", body).status_code == 428
    resolved = client.post(f"{url}resolve/", body, headers={"If-Match": tag})
    assert (resolved.status_code, resolved.json()["status"]) == (200, "RESOLVED")
    assert api_as(dealer).get("/api/v1/payments/").json()["results"][0]["amount"] == "3.000"
    entries = client.get("/api/v1/journal-entries/?kind=payment").json()["results"]
    assert sum(line["amount"] for line in entries[0]["lines"]) == 0


def test_a_case_is_closed_with_a_reason(api_as, desk, dealer):
    opened = open_case()
    client = api_as(desk)
    url = f"/api/v1/cases/{opened.pk}/resolve/"
    assert client.post(url, {"resolution": " "}, headers={"If-Match": '"1"'}).status_code == 422
    assert client.post(url, {"resolution": "known"}, headers={"If-Match": '"1"'}).status_code == 200
    assert client.post(url, {"resolution": "known"}, headers={"If-Match": '"2"'}).status_code == 409


def test_lists_take_a_constant_number_of_queries(api_as, dealer, django_assert_max_num_queries):
    for number in range(4):
        pay(("113", issue_invoice(dealer).number), (str(number + 1), "odd"))
    desk_client = api_as(operator())
    for address in (
        "invoices",
        "payments",
        "cases",
        "bank-statements",
        "journal-entries",
        "reconciliation/runs",
    ):
        with django_assert_max_num_queries(12):
            assert desk_client.get(f"/api/v1/{address}/").status_code == 200
