"""A factory bills over the API as JSON or UBL and reads what became of it; the operator decides."""

from __future__ import annotations

import pytest

from finance.policies import ubl_bill
from tests.factories.directory import factory_organization, operator
from tests.finance.payables.bills import Purchase

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db):
    return operator(code="MID")


@pytest.fixture
def purchase(desk):
    made = Purchase(factory_organization(), (10, "2.50"), (4, "10"))
    made.receive(10, 4)
    return made


def line(purchase, number: int, quantity: int, price: str) -> dict[str, object]:
    return {
        "purchase_order": purchase.number,
        "line_number": number,
        "quantity": quantity,
        "unit_price": price,
        "tax_rate": "0.13",
    }


def body(purchase, **values):
    return {
        "number": "RE-1",
        "issue_date": "2026-03-02",
        "currency": "CNY",
        "net_amount": "65.00",
        "tax_amount": "8.45",
        "gross_amount": "73.45",
        "fapiao_number": "26442000000012345678",
        "lines": [
            line(purchase, 1, 10, "2.5"),
            line(purchase, 2, 4, "10"),
        ],
        **values,
    }  # fmt: skip


def test_a_factory_bills_and_reads_each_line_beside_order_and_receipt(api_as, purchase):
    client = api_as(purchase.factory)
    answer = client.post("/api/v1/supplier-invoices/", body(purchase))
    assert answer.status_code == 201, answer.content
    taken = answer.json()
    assert (taken["status"], taken["verdict"], taken["open_amount"]) == ("APPROVED", "MATCHED", "73.450")
    shown = client.get(f"/api/v1/supplier-invoices/{taken['id']}/").json()
    assert [(one["accepted"], one["verdict"]) for one in shown["lines"]] == [(10, "MATCHED"), (4, "MATCHED")]
    assert shown["taxes"][0]["tax_amount"] == "8.450"
    again = client.post("/api/v1/supplier-invoices/", body(purchase))
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_bill")


def test_prices_may_include_tax(api_as, purchase):
    lines = [
        {
            "purchase_order": purchase.number,
            "line_number": 2,
            "quantity": 4,
            "unit_price": "11.30",
            "tax_rate": "0.13",
        }
    ]
    sent = body(
        purchase, lines=lines, prices_include_tax=True, net_amount="40", tax_amount="5.20", gross_amount="45.20"
    )  # fmt: skip
    assert api_as(purchase.factory).post("/api/v1/supplier-invoices/", sent).json()["status"] == "APPROVED"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"gross_amount": "73.46"}, "BR-CO-15"),
        ({"fapiao_number": "12-34"}, "tax_invoice_number"),
        ({"issue_date": "2126-03-02"}, "future_date"),
        ({"currency": "EUR"}, "other_currency"),
    ],
)
def test_faults_are_named_and_nothing_is_taken(api_as, purchase, change, code):
    client = api_as(purchase.factory)
    answer = client.post("/api/v1/supplier-invoices/", body(purchase, **change))
    assert answer.status_code == 422
    assert code in {error["code"] for error in answer.json()["errors"]}
    assert client.get("/api/v1/supplier-invoices/").json()["results"] == []


def test_the_operator_releases_with_a_reason_and_the_factory_reads_it(api_as, desk, purchase):
    lines = [
        {
            "purchase_order": purchase.number,
            "line_number": 2,
            "quantity": 4,
            "unit_price": "11",
            "tax_rate": "0.13",
        }
    ]
    sent = body(purchase, lines=lines, net_amount="44", tax_amount="5.72", gross_amount="49.72")
    factory = api_as(purchase.factory)
    held = factory.post("/api/v1/supplier-invoices/", sent).json()
    assert (held["status"], held["verdict"]) == ("HELD", "PRICE_ABOVE")
    address = f"/api/v1/supplier-invoices/{held['id']}/release/"
    assert factory.post(address, {"reason": "please"}).status_code == 403
    assert api_as(desk).post(address, {}).status_code == 422
    assert api_as(desk).post(address, {"reason": "agreed by phone"}).json()["status"] == "APPROVED"
    [told] = factory.get("/api/v1/supplier-invoices/").json()["results"]
    assert told["status"] == "APPROVED"


UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>UBL-1</cbc:ID><cbc:IssueDate>2026-03-02</cbc:IssueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>CNY</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>
  <cac:TaxTotal><cbc:TaxAmount currencyID="CNY">3.25</cbc:TaxAmount>
    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="CNY">25.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="CNY">3.25</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>13</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="CNY">25.00</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="CNY">25.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="CNY">28.25</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="CNY">{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
  <cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="EA">10</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="CNY">25.00</cbc:LineExtensionAmount>
    <cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>
    <cac:Item><cbc:Name>Bolt</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>13</cbc:Percent>
      </cac:ClassifiedTaxCategory></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="CNY">2.50</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>"""


def post_ubl(client, text: str):
    return client.post("/api/v1/supplier-invoices/ubl/", text, content_type="application/xml")


def test_a_bill_comes_as_ubl(api_as, purchase):
    client = api_as(purchase.factory)
    answer = post_ubl(client, UBL.format(order=purchase.number, payable="28.25"))
    assert answer.status_code == 201, answer.content
    assert (answer.json()["status"], answer.json()["supplier_number"]) == ("APPROVED", "UBL-1")


def test_a_faulty_ubl_bill_is_refused_with_the_line_of_the_file(api_as, purchase):
    client = api_as(purchase.factory)
    answer = post_ubl(client, UBL.format(order=purchase.number, payable="28.24"))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["code"], error["field"]) == ("BR-CO-16", "PayableAmount")
    assert (
        error["row"]
        == UBL.splitlines().index(next(line for line in UBL.splitlines() if "LegalMon" in line)) + 1
    )
    assert post_ubl(client, "<Order/>").status_code == 422
    assert post_ubl(client, "").status_code == 422


def test_the_reader_takes_what_a_bill_says_of_itself():
    bill = ubl_bill.read(UBL.format(order="PO-1", payable="28.25").encode())
    [line] = bill.lines
    assert (bill.number, bill.order, bill.currency, line.order_line) == ("UBL-1", "PO-1", "CNY", "1")
    assert (str(line.tax.rate), line.tax.category, bill.totals.payable_amount) == (
        "0.13",
        "S",
        bill.totals.gross_amount,
    )
