"""The factory's desk: its own documents, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from b2b.core.actor import FACTORY, acting_as
from b2b.directory.models import ApiKey
from tests.admin.conftest import Person
from tests.factories.finance import PLATFORM
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
