"""The operator reads a factory's bill beside order and receipt, releases what is too dear and sends the rest back."""

from __future__ import annotations

from django.urls import reverse

from b2b.core.actor import acting_as
from finance.models import MatchTolerance, SupplierInvoice
from tests.admin.conftest import Person
from tests.factories.directory import factory_organization
from tests.factories.finance import PLATFORM
from tests.finance.payables.bills import Purchase


def held(price: str = "2.60") -> SupplierInvoice:
    purchase = Purchase(factory_organization(), (10, "2.50"))
    purchase.receive(10)
    return purchase.invoice((10, price))


def status(bill: SupplierInvoice) -> str:
    with acting_as(PLATFORM):
        return SupplierInvoice.objects.values_list("status", flat=True).get(pk=bill.pk)


def test_a_bill_shows_what_it_was_held_against(operator: Person) -> None:
    bill = held()
    shown = operator.client.get(
        reverse("operator:finance_supplierinvoice_change", args=[bill.pk])
    ).content.decode()
    assert "Too dear" in shown
    assert "26.00 CNY billed, 25.00 CNY agreed for 10" in shown


def test_a_bill_is_released_or_sent_back_with_a_reason(operator: Person) -> None:
    for action, ends in (("release", "APPROVED"), ("reject", "REJECTED")):
        bill = held()
        button = reverse("operator:finance_supplierinvoice_button", args=[bill.pk, action])
        page = reverse("operator:finance_supplierinvoice_change", args=[bill.pk])
        assert button in operator.client.get(page).content.decode()
        operator.client.post(button, {"reason": "by phone"})
        assert status(bill) == ends


def test_a_tolerance_is_set_for_all_factories(operator: Person) -> None:
    answer = operator.client.post(
        reverse("operator:set_tolerance"),
        {"factory": "", "price_percent": "5", "price_amount": "0", "total_amount": "0", "reason": "custom"},
    )
    assert answer.status_code == 302
    with acting_as(PLATFORM):
        assert [one.price_percent for one in MatchTolerance.objects.all()] == [5]
    assert status(held()) == "APPROVED"
