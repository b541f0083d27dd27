"""A dealer gets its invoice as PDF and UBL, as it was issued, and due in the parts it agreed to."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from b2b.db.bulk import fetch_value
from b2b.db.invariants import INVARIANTS
from b2b.directory.models import Organization
from finance.models import CounterpartyAccount, Invoice
from finance.policies import en16931, ubl_bill
from finance.policies.instalment import Part
from finance.services import payment_plan
from tests.factories.directory import actor, operator
from tests.factories.directory import dealer as make_dealer
from tests.factories.finance import NOON, PLATFORM
from tests.finance.rest_world import give_credit, issue_invoice, pay

pytestmark = pytest.mark.django_db
THIRDS = [Part(0, 3_333), Part(30, 3_333), Part(60, 3_334)]


@pytest.fixture
def dealer(db):
    operator(code="MID")
    made = make_dealer(name="Harbour Tools")
    give_credit(made)
    return made


def agree(dealer, parts) -> None:
    with acting_as(PLATFORM):
        payment_plan.set_plan(dealer_id=dealer.pk, parts=parts, reason="agreed", by=PLATFORM, at=NOON)


def read(client, invoice):
    return client.get(f"/api/v1/invoices/{invoice.pk}/document.xml")


def test_an_invoice_comes_as_ubl_and_as_pdf(api_as, dealer):
    issued = issue_invoice(dealer)
    client = api_as(dealer)
    bill = ubl_bill.read(read(client, issued).content)
    assert (bill.number, bill.totals.gross_amount) == (issued.number, issued.gross_amount)
    assert en16931.broken_rules(bill) == []
    paper = client.get(f"/api/v1/invoices/{issued.pk}/document.pdf")
    assert paper.content.startswith(b"%PDF-")
    assert issued.number in paper["Content-Disposition"]


def test_a_document_keeps_the_names_of_its_day(api_as, dealer):
    issued = issue_invoice(dealer)
    with acting_as(PLATFORM):
        Organization.objects.filter(pk=dealer.pk).update(name="Renamed Ltd")
    text = read(api_as(dealer), issued).content.decode()
    assert "Harbour Tools" in text
    assert "Renamed" not in text


def test_an_invoice_is_due_in_the_parts_the_dealer_agreed_to(api_as, dealer):
    before = issue_invoice(dealer)
    agree(dealer, THIRDS)
    issued = issue_invoice(dealer)
    with acting_as(PLATFORM):
        CounterpartyAccount.objects.create(identifier="CN-1", organization=dealer, learnt_at=NOON)
    pay(("40", f"first part of {issued.number}"))
    client = api_as(dealer)
    shown = client.get(f"/api/v1/invoices/{issued.pk}/").json()
    assert [(part["amount"], part["open_amount"]) for part in shown["instalments"]] == [
        ("37.660", "0.000"),
        ("37.660", "35.320"),
        ("37.680", "37.680"),
    ]
    assert shown["due_date"] == shown["instalments"][-1]["due_date"]
    assert len(client.get(f"/api/v1/invoices/{before.pk}/").json()["instalments"]) == 1
    agree(dealer, [])
    assert len(client.get(f"/api/v1/invoices/{issue_invoice(dealer).pk}/").json()["instalments"]) == 1
    with acting_as(PLATFORM):
        broken = INVARIANTS["finance.instalments_add_up"].breaking_rows
        assert fetch_value(f"SELECT count(*) FROM ({broken}) rows") == 0
        assert sum(Invoice.objects.values_list("gross_amount", flat=True)) == Decimal(339)


def test_only_the_operator_sets_a_plan(api_as, dealer):
    body = {"dealer": dealer.code, "parts": [{"days": 0, "share": 9_000}], "reason": "x"}
    assert api_as(dealer).post("/api/v1/payment-plans/", body).status_code == 403
    refused = api_as(operator(code="DESK")).post("/api/v1/payment-plans/", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_payment_plan")
    by = actor(dealer)
    with acting_as(by), pytest.raises(Forbidden):
        payment_plan.set_plan(dealer_id=dealer.pk, parts=THIRDS, reason="mine", by=by, at=NOON)


def test_a_delivery_is_of_the_day_it_was_where_we_are(api_as, dealer):
    night = datetime(2026, 3, 2, 20, tzinfo=UTC)  # four in the morning in Shanghai
    issued = issue_invoice(dealer, delivered_at=night)
    assert b"ActualDeliveryDate>2026-03-03<" in read(api_as(dealer), issued).content
