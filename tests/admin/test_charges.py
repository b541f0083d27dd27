"""The operator charges more on an invoice, and sees what was received and nobody invoiced."""

from __future__ import annotations

from django.urls import reverse

from b2b.core.actor import acting_as
from finance.models import Invoice
from tests.admin.conftest import Person
from tests.factories.directory import factory_organization
from tests.factories.finance import PLATFORM
from tests.finance.payables.bills import Purchase
from tests.finance.rest_world import give_credit, issue_invoice


def test_a_debit_note_is_issued_from_the_invoice_and_seen_by_its_dealer(
    operator: Person, dealer: Person
) -> None:
    give_credit(dealer.organization)
    invoice = issue_invoice(dealer.organization)
    button = reverse("operator:finance_invoice_button", args=[invoice.pk, "debit"])
    shown = operator.client.post(button, {"lines": "1 forty", "reason": "agreed"}).content.decode()
    assert "write e.g." in shown
    refused = operator.client.post(
        button, {"lines": "7: 1 x 2", "reason": "agreed"}, follow=True
    ).content.decode()
    assert "has no line 7" in refused
    operator.client.post(button, {"lines": "1: 3 x 0.50 price of March", "reason": "agreed"})
    with acting_as(PLATFORM):
        note = Invoice.objects.get(type_code="383")
    for person, site in ((operator, "operator"), (dealer, "dealer")):
        page = person.client.get(reverse(f"{site}:finance_invoice_change", args=[note.pk])).content.decode()
        assert invoice.number in page
        assert "price of March" in page
    assert "1.70" in page
    again = operator.client.get(reverse("operator:finance_invoice_change", args=[note.pk])).content.decode()
    assert "/debit/" not in again


def test_what_nobody_invoiced_is_on_a_page_and_in_a_file(operator: Person) -> None:
    purchase = Purchase(factory_organization(), (10, "2"))
    purchase.receive(10)
    for query in ("", "?csv=1"):
        answer = operator.client.get(reverse("operator:gr_ir") + query)
        assert purchase.number in answer.content.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="gr-ir.csv"'
