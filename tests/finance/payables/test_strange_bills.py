"""What a stranger may write into a bill: every oddity is a named fault, and nothing of it is taken."""

from __future__ import annotations

import pytest

from finance.models import SupplierInvoice
from tests.factories.directory import factory_organization, operator
from tests.finance.payables.bills import Purchase
from tests.finance.payables.test_rest import body

UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<b:ID>RE-1</b:ID><b:IssueDate>{day}</b:IssueDate><b:DocumentCurrencyCode>CNY</b:DocumentCurrencyCode>{charge}
<a:TaxTotal><b:TaxAmount>{tax}</b:TaxAmount>{subtotals}</a:TaxTotal>
<a:LegalMonetaryTotal><b:LineExtensionAmount>{net}</b:LineExtensionAmount>
<b:TaxExclusiveAmount>{net}</b:TaxExclusiveAmount><b:TaxInclusiveAmount>{gross}</b:TaxInclusiveAmount>
<b:PayableAmount>{gross}</b:PayableAmount></a:LegalMonetaryTotal>
<a:InvoiceLine><b:ID>1</b:ID><b:InvoicedQuantity>{quantity}</b:InvoicedQuantity>
<b:LineExtensionAmount>{net}</b:LineExtensionAmount><a:OrderLineReference><b:LineID>1</b:LineID>
<a:OrderReference><b:ID>{order}</b:ID></a:OrderReference></a:OrderLineReference>
<a:Item><b:Name>x</b:Name>{category}</a:Item>
<a:Price><b:PriceAmount>{price}</b:PriceAmount><b:BaseQuantity>{base}</b:BaseQuantity></a:Price>
</a:InvoiceLine></Invoice>"""


def category(code: str, percent: str, name: str = "TaxCategory") -> str:
    return f"<a:{name}><b:ID>{code}</b:ID><b:Percent>{percent}</b:Percent></a:{name}>"


def subtotal(taxable: str, tax: str, code: str = "S", percent: str = "13") -> str:
    amounts = f"<b:TaxableAmount>{taxable}</b:TaxableAmount><b:TaxAmount>{tax}</b:TaxAmount>"
    return f"<a:TaxSubtotal>{amounts}{category(code, percent)}</a:TaxSubtotal>"


SOUND = {
    "day": "2026-03-02",
    "charge": "",
    "tax": "3.25",
    "subtotals": subtotal("25.00", "3.25"),
    "net": "25.00",
    "gross": "28.25",
    "quantity": "10",
    "price": "2.5",
    "base": "1",
    "category": category("S", "13", "ClassifiedTaxCategory"),
}
CHARGE = (
    "<a:AllowanceCharge><b:ChargeIndicator>true</b:ChargeIndicator><b:Amount>0</b:Amount>"
    f"{category('XYZW', '0')}</a:AllowanceCharge>"
)


@pytest.fixture
def purchase(db):
    operator(code="MID")
    made = Purchase(factory_organization(), (10, "2.50"), (4, "10"))
    made.receive(10, 4)
    return made


def send(api_as, purchase, **changes):
    content = UBL.format(**{**SOUND, "order": purchase.number, **changes})
    return api_as(purchase.factory).post(
        "/api/v1/supplier-invoices/ubl/", content, content_type="application/xml"
    )


def test_what_the_oddities_are_made_from_is_a_sound_bill(api_as, purchase):
    answer = send(api_as, purchase)
    assert (answer.status_code, answer.json()["status"]) == (201, "APPROVED")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": "1E-999999"}, "no_number"),
        ({"base": "1E-999999"}, "no_number"),
        ({"quantity": "0E+999999"}, "no_number"),
        ({"quantity": "NaN"}, "no_number"),
        ({"quantity": "9999999999999"}, "bad_quantity"),
        ({"base": "0.000000000001"}, "bad_price"),
        ({"day": "0001-01-05"}, "past_date"),
        ({"charge": CHARGE, "subtotals": subtotal("25.00", "3.25") + subtotal("0", "0", "XYZW", "0")},
         "unknown_tax_category"),
        ({"category": category("S", "13.0000001", "ClassifiedTaxCategory"),
          "subtotals": subtotal("25.00", "3.25", percent="13.0000001")}, "tax_rate"),
    ],
)  # fmt: skip
def test_an_oddity_is_a_fault_that_is_named(api_as, purchase, changes, code):
    answer = send(api_as, purchase, **changes)
    assert answer.status_code == 422
    assert code in {error["code"] for error in answer.json()["errors"]}
    assert len(answer.content) < 5_000
    assert not SupplierInvoice.objects.exists()


def test_a_tax_that_is_stated_twice_is_not_owed_twice(api_as, purchase):
    twice = send(api_as, purchase, subtotals=SOUND["subtotals"] * 2, tax="6.50", gross="31.50")
    assert [error["code"] for error in twice.json()["errors"]] == ["BR-CO-18"]


def test_nobody_is_owed_half_a_cent(api_as, purchase):
    fine = send(
        api_as, purchase, price="2.4995", net="24.995", tax="3.24935", gross="28.24435",
        subtotals=subtotal("24.995", "3.24935"),
    )  # fmt: skip
    assert fine.status_code == 422
    assert {error["code"] for error in fine.json()["errors"]} == {
        f"BR-DEC-{number}" for number in ("09", "12", "13", "14", "19", "20", "23")
    }


@pytest.mark.parametrize(
    ("change", "code"), [({"issue_date": "0001-01-05"}, "past_date"), ({"number": "A\u0001B"}, "bad_number")]
)
def test_json_is_held_to_the_same(api_as, purchase, change, code):
    answer = api_as(purchase.factory).post("/api/v1/supplier-invoices/", body(purchase, **change))
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (422, [code])
