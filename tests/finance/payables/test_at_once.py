"""Bills and receipts that meet: goods are never owed twice, and no bill is left waiting for goods that came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from b2b.core.actor import acting_as
from b2b.db.bulk import fetch_value
from b2b.db.invariants import INVARIANTS
from finance.models import SupplierInvoice
from finance.services.supplier_invoice import DuplicateBill
from tests.factories.directory import factory_organization
from tests.factories.finance import PLATFORM
from tests.finance.payables.bills import Purchase


@pytest.fixture
def purchase(committed_db):
    return Purchase(factory_organization(), (10, "2.50"))


def at_once(*works):
    start = Barrier(len(works))

    def run(work):
        try:
            start.wait(timeout=30)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result(timeout=60) for one in [pool.submit(run, work) for work in works]]


def statuses() -> list[str]:
    with acting_as(PLATFORM):
        broken = INVARIANTS["finance.billed_goods_are_cleared"].breaking_rows
        assert fetch_value(f"SELECT count(*) FROM ({broken}) rows") == 0
        return sorted(SupplierInvoice.objects.values_list("status", flat=True))


def test_eight_bills_for_the_same_goods_are_owed_once(purchase):
    purchase.receive(10)
    at_once(*[lambda n=n: purchase.invoice((10, "2.50"), number=f"RE-{n}") for n in range(8)])
    assert statuses() == ["APPROVED", *["HELD"] * 7]


def test_a_bill_sent_eight_times_at_once_is_taken_once(purchase):
    purchase.receive(10)

    def send() -> bool:
        try:
            purchase.invoice((10, "2.50"), number="RE-1")
        except DuplicateBill:
            return False
        return True

    assert sum(at_once(*[send] * 8)) == 1
    assert statuses() == ["APPROVED"]


def test_a_bill_that_meets_its_goods_on_the_way_is_never_forgotten(committed_db):
    for _ in range(6):
        purchase = Purchase(factory_organization(), (10, "2.50"))
        at_once(lambda p=purchase: p.receive(10), lambda p=purchase: p.invoice((10, "2.50")))
    assert statuses() == ["APPROVED"] * 6
