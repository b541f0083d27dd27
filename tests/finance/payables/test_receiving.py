"""A bill is taken once, in full or not at all, with every fault named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from finance.models import PurchaseTerms, SupplierInvoice
from finance.policies.tax import Tax, Totals
from finance.services.supplier_invoice import DuplicateBill, InvalidBill
from tests.factories.catalog import PackagingFactory
from tests.factories.directory import factory_organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.payables.bills import Purchase

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def purchase(db):
    return Purchase(factory_organization(), (10, "2.50"), (10, "3"))


def codes(refused) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def test_a_bill_of_the_same_number_and_day_is_refused_and_names_the_first(purchase):
    first = purchase.invoice((5, "2.50"), number="RE-1")
    with pytest.raises(DuplicateBill, match=first.number):
        purchase.invoice((5, "2.50"), number="RE-1")
    rival = Purchase(factory_organization(), (10, "2.50"))
    assert rival.invoice((5, "2.50"), number="RE-1").looks_like_id is None


def test_a_bill_that_looks_like_an_earlier_one_is_taken_and_marked(purchase):
    first = purchase.invoice((5, "2.50"), number="RE-2026-17")
    tomorrow = NOON.date() + timedelta(days=1)
    copy = purchase.invoice((5, "2.50"), number="re 2026/017", issue_date=tomorrow)
    slip = purchase.invoice((5, "2.50"), number="RE-2026-71")
    other = purchase.invoice((4, "2.50"), number="RE-2026-71", issue_date=NOON.date() - timedelta(days=60))
    assert copy.looks_like_id == first.pk
    assert slip.looks_like_id in (first.pk, copy.pk)
    assert other.looks_like_id == slip.pk
    assert purchase.invoice((3, "2.50"), number="RE-2026-99").looks_like_id is None


def test_amounts_that_do_not_add_up_are_refused_by_rule(purchase):
    bill = purchase.bill((5, "2.50"), (5, "3"))
    wrong = Totals(Decimal(1), Decimal(2), Decimal(4), bill.totals.subtotals, line_amount=Decimal(27))
    with pytest.raises(InvalidBill) as refused:
        purchase.send(replace(bill, totals=wrong))
    assert {"BR-CO-10", "BR-CO-13", "BR-CO-14", "BR-CO-15"} <= codes(refused)
    short = replace(bill.lines[0], net_amount=Decimal("2.50"))
    with pytest.raises(InvalidBill) as refused:
        purchase.send(replace(bill, lines=(short, bill.lines[1])))
    assert "PEPPOL-R120" in codes(refused)
    with acting_as(PLATFORM):
        assert not SupplierInvoice.objects.exists()


def test_what_is_not_the_factorys_is_refused_line_by_line(purchase):
    rival = Purchase(factory_organization(), (10, "2.50"))
    with pytest.raises(InvalidBill) as refused:
        rival.send(purchase.bill((5, "2.50")))
    [problem] = refused.value.problems
    assert (problem.code, problem.row) == ("unknown_order", 1)
    bill = purchase.bill((5, "2.50"), (5, "3"))
    stray = replace(bill.lines[1], order_line="7")
    half = replace(bill.lines[0], quantity=Decimal("0.5"), unit_price=Decimal(25))
    with pytest.raises(InvalidBill) as refused:
        purchase.send(replace(bill, lines=(half, stray)))
    assert codes(refused) == {"unknown_line", "bad_quantity"}
    assert all(problem.remedy for problem in refused.value.problems)


def test_tax_that_the_country_does_not_know_is_refused(purchase):
    bill = purchase.bill((5, "2.50"))
    odd = replace(bill.lines[0], tax=Tax("S", Decimal("0.17")))
    with pytest.raises(InvalidBill) as refused:
        purchase.send(replace(bill, lines=(odd,)))
    assert "unknown_tax_rate" in codes(refused)


def test_a_line_is_found_by_product_and_counted_in_packs(purchase):
    with acting_as(PLATFORM):
        terms = PurchaseTerms.objects.select_related("product").get(pk=purchase.lines[0].line_id)
        PackagingFactory(product=terms.product, code="CT", units=5)
    bill = purchase.bill((10, "2.50"))
    by_pack = replace(
        bill.lines[0], order_line="", buyers_sku=terms.product.sku, unit_code="CT", quantity=Decimal(2),
        unit_price=Decimal("12.50"),
    )  # fmt: skip
    purchase.receive(10)
    invoice = purchase.send(replace(bill, lines=(by_pack,)))
    with acting_as(PLATFORM):
        [line] = invoice.lines.all()
    assert (line.quantity, line.unit_price, invoice.status) == (10, Decimal("2.5"), "APPROVED")
