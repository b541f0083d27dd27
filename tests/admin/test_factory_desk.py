"""The factory's desk: its own documents, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import FACTORY, FUNDER, acting_as
from b2b.directory.models import ApiKey
from finance.models import Financing, FinancingRequest, SupplierInvoice, Voucher
from finance.services import possible, voucher
from tests.admin.conftest import Person
from tests.factories.finance import PLATFORM
from tests.finance.financing.world import open_programme
from tests.finance.payables.bills import Purchase

PersonOf = Callable[[str, str], Person]


@pytest.fixture
def mill(person: PersonOf) -> Person:
    return person(FACTORY, "MILL")


def test_a_factory_reads_why_its_bill_is_held_and_no_rival_reads_it(mill: Person, person: PersonOf) -> None:
    purchase = Purchase(mill.organization, (10, "2.50"))
    purchase.receive(10)
    bill = purchase.invoice((10, "2.60"))
    page = reverse("factory:finance_supplierinvoice_change", args=[bill.pk])
    listed = reverse("factory:finance_supplierinvoice_changelist")
    rival = person(FACTORY, "RIVAL")

    assert "26.00 CNY billed, 25.00 CNY agreed for 10" in mill.client.get(page).content.decode()
    assert "Too dear" in mill.client.get(listed).content.decode()
    assert rival.client.get(page).status_code == 404
    assert bill.number not in rival.client.get(listed).content.decode()


def test_a_factory_makes_a_key_for_its_own_system(mill: Person) -> None:
    page = reverse("factory:new_key")
    assert (
        f'href="{page}"' in mill.client.get(reverse("factory:directory_apikey_changelist")).content.decode()
    )

    answer = mill.client.post(page, {"name": "ERP", "scopes": ["orders:read"], "lifetime_days": 90})

    assert answer.status_code == 200
    with acting_as(PLATFORM):
        [key] = ApiKey.objects.all()
    assert key.organization == mill.organization
    assert key.prefix in answer.content.decode()


def test_a_factory_sees_what_it_would_be_paid_today_and_takes_it(mill: Person, person: PersonOf) -> None:
    now = clock.now()
    bank = person(FUNDER, "BANK")
    made = open_programme("PAYABLES_FINANCE", of=bank.organization)
    sold, held = approved(mill, now), approved(mill, now, "2000")
    with acting_as(PLATFORM):
        piece = voucher.issue(held.pk, by=PLATFORM, at=now)
    page = reverse("factory:be_paid_now")

    shown = mill.client.get(page).content.decode()

    assert sold.supplier_number in shown
    assert piece.number in shown
    assert "get " in shown
    assert "from BANK Ltd" in shown
    quoted = mill.client.get(page, {"kind": "BILL", "id": str(sold.pk)}).content.decode()
    assert "You are paid" in quoted
    assert "instead of 1,130.00" in quoted
    asked = mill.client.post(page, {"programme": str(made.pk), "kind": "BILL", "id": str(sold.pk)})
    assert asked.status_code == 302
    with acting_as(PLATFORM):
        request = FinancingRequest.objects.get()
    button = reverse("factory:finance_financingrequest_button", args=[request.pk, "draw"])
    assert "is drawn" in mill.client.post(button, follow=True).content.decode()
    with acting_as(PLATFORM):
        one = Financing.objects.get()
        assert SupplierInvoice.objects.get(pk=sold.pk).status == "ASSIGNED"
    assert mill.client.get(reverse("factory:finance_financing_change", args=[one.pk])).status_code == 200
    rival = person(FACTORY, "RIVAL")
    assert rival.client.get(reverse("factory:finance_financing_change", args=[one.pk])).status_code == 404
    assert sold.supplier_number not in rival.client.get(page).content.decode()


def test_what_a_factory_is_offered_costs_as_many_statements_for_many_bills(
    mill: Person, person: PersonOf
) -> None:
    now = clock.now()
    open_programme("PAYABLES_FINANCE", of=person(FUNDER, "BANK").organization)

    def cost(bills: int) -> int:
        for _ in range(bills):
            approved(mill, now)
        with CaptureQueriesContext(connection) as captured:
            assert len(possible.paid_now(mill.actor, at=now)) >= bills
        return len(captured)

    assert cost(1) == cost(5)


def test_a_factory_splits_hands_on_and_sells_its_vouchers(mill: Person, person: PersonOf) -> None:
    now = clock.now()
    other, bank = person(FACTORY, "OTHER"), person(FUNDER, "BANK")
    made = open_programme("VOUCHER_FINANCE", of=bank.organization)
    with acting_as(PLATFORM):
        whole = voucher.issue(approved(mill, now).pk, by=PLATFORM, at=now)

    press(mill, "voucher", whole.pk, "split", amount="130.00")
    with acting_as(PLATFORM):
        small, large = Voucher.objects.filter(status="HELD").order_by("amount")
    assert (small.amount, large.amount) == (13_000, 100_000)
    press(mill, "voucher", small.pk, "transfer", to="OTHER", amount="30.00")
    press(mill, "voucher", small.pk, "transfer", to="nobody")
    page = reverse("factory:be_paid_now")
    mill.client.post(page, {"programme": str(made.pk), "kind": "VOUCHER", "id": str(large.pk)})
    with acting_as(PLATFORM):
        request = FinancingRequest.objects.get()
    press(mill, "financingrequest", request.pk, "draw")

    with acting_as(PLATFORM):
        held = Voucher.objects.filter(status="HELD").values_list("holder__code", "amount")
        assert set(held) == {("OTHER", 3_000), ("MILL", 10_000), ("BANK", 100_000)}
        received = Voucher.objects.get(holder=other.organization)
    seen = reverse("factory:finance_voucher_change", args=[received.pk])
    assert other.client.get(seen).status_code == 200
    assert person(FACTORY, "RIVAL").client.get(seen).status_code == 404


def press(one: Person, model: str, key: object, button: str, **data: str) -> None:
    """Press a button of a page of the factory's."""
    address = reverse(f"factory:finance_{model}_button", args=[key, button])
    assert one.client.post(address, data, follow=True).status_code == 200


def approved(mill: Person, now: datetime, price: str = "1000") -> SupplierInvoice:
    """Receive a bill of one piece that order and receipt agree with, due in thirty days."""
    purchase = Purchase(mill.organization, (1, price))
    purchase.receive(1)
    made = purchase.invoice((1, price), due_date=now.date() + timedelta(days=30))
    assert made.status == "APPROVED"
    return made
