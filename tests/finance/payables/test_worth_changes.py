"""Goods that were billed already and turn out to be worth more or less: GR/IR still comes to nothing."""

from __future__ import annotations

import pytest

from b2b.core.actor import acting_as
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.db.reconcilers import RECONCILERS
from finance.models import Case, GoodsAccrual, JournalLine
from finance.policies import chart
from finance.services import three_way_match
from tests.factories.directory import factory_organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.payables.bills import Purchase

pytestmark = pytest.mark.django_db


@pytest.fixture
def purchase(db) -> Purchase:
    return Purchase(factory_organization(), (10, "2.50"))


def balance(code: str) -> int:
    with acting_as(PLATFORM):
        return sum(JournalLine.objects.filter(account__code=code).values_list("amount", flat=True))


def accrued() -> tuple[int, int]:
    with acting_as(PLATFORM):
        rows = GoodsAccrual.objects.values_list("quantity", "amount")
        return sum(quantity for quantity, _ in rows), int(100 * sum(amount for _, amount in rows))


def sound() -> bool:
    names = [name for name in invariants.INVARIANTS if name.startswith("finance.")]
    return invariants.check(names) == [] and not RECONCILERS["grir"]().differences


def test_a_price_that_falls_after_the_bill_is_variance_and_gr_ir_stays_at_nothing(purchase):
    purchase.receive(10)
    purchase.invoice((10, "2.50"))
    purchase.reprice("2.00")
    assert (balance(chart.GOODS_RECEIVED), balance(chart.INVENTORY)) == (0, 2_000)
    assert (balance(chart.PRICE_VARIANCE), balance(chart.PAYABLES)) == (500, -2_825)
    assert accrued() == (10, 2_000)
    assert sound()


def test_a_price_that_changes_between_two_bills_clears_the_first_at_its_new_worth(purchase):
    purchase.receive(10)
    purchase.invoice((4, "2.50"))
    purchase.reprice("2.20")
    assert (balance(chart.GOODS_RECEIVED), balance(chart.PRICE_VARIANCE)) == (-1_320, 120)
    purchase.invoice((6, "2.20"))
    assert (balance(chart.GOODS_RECEIVED), balance(chart.PRICE_VARIANCE)) == (0, 120)
    assert sound()


def test_a_price_told_before_the_bill_leaves_no_variance(purchase):
    purchase.receive(4)
    purchase.reprice("2.333333")
    purchase.receive(6)
    purchase.invoice((10, "2.333333"))
    assert (balance(chart.GOODS_RECEIVED), balance(chart.PRICE_VARIANCE)) == (0, 0)
    assert (balance(chart.INVENTORY), accrued()) == (2_333, (10, 2_333))
    assert sound()


@pytest.mark.parametrize(
    "steps",
    [
        ("receive 10", "bill 10 3.00", "price 2.80"),
        ("receive 10", "bill 3 3.333333", "price 2.777777", "price 3.111111", "bill 7 3.50", "price 2.99"),
        ("receive 5", "bill 3 3.333333", "price 2.777777", "receive 5", "price 3.111111", "bill 2 3.10",
         "bill 5 4.50", "price 2.99"),
        ("receive 7", "bill 1 3.01", "price 2.57", "bill 1 3.01", "price 2.58", "price 2.573333", "receive 3",
         "bill 1 2.58", "bill 1 3", "bill 6 2.6", "price 2.571"),
    ],
)  # fmt: skip
def test_bills_released_too_dear_and_prices_that_change_after_leave_gr_ir_at_nothing(purchase, steps):
    for version, (verb, *amounts) in enumerate(map(str.split, steps), 1):
        if verb == "receive":
            purchase.receive(int(amounts[0]))
        elif verb == "price":
            purchase.reprice(amounts[0], version=version)
        else:
            bill = purchase.invoice((int(amounts[0]), amounts[1]))
            if bill.verdict == "PRICE_ABOVE":
                with acting_as(PLATFORM):
                    three_way_match.release(bill.pk, reason="agreed on the phone", by=PLATFORM, at=NOON)
    assert balance(chart.GOODS_RECEIVED) == 0
    assert balance(chart.PRICE_VARIANCE) > 0
    assert sound()


def test_a_price_or_quantity_that_is_agreed_after_the_bill_lets_it_pass(purchase):
    purchase.receive(10)
    dear = purchase.invoice((6, "3.00"))
    assert (dear.status, dear.verdict) == ("HELD", "PRICE_ABOVE")
    purchase.reprice("3.00")
    with acting_as(PLATFORM):
        dear.refresh_from_db()
        assert (dear.status, set(Case.objects.values_list("status", flat=True))) == ("APPROVED", {"RESOLVED"})
    much = purchase.invoice((8, "3.00"))
    assert (much.status, much.verdict) == ("HELD", "OVER_ORDERED")
    purchase.reprice("3.00", version=2, quantity=14)
    with acting_as(PLATFORM):
        much.refresh_from_db()
    assert (much.status, much.verdict) == ("HELD", "GOODS_AWAITED")
    purchase.receive(4)
    with acting_as(PLATFORM):
        much.refresh_from_db()
    assert (much.status, balance(chart.GOODS_RECEIVED), balance(chart.PRICE_VARIANCE)) == ("APPROVED", 0, 0)
    assert sound()


def test_what_is_owed_already_is_not_released_on_top_of_itself(purchase):
    purchase.receive(10)
    owed = purchase.invoice((4, "2.50"))
    with acting_as(PLATFORM), pytest.raises(IllegalTransition):
        three_way_match.release(owed.pk, reason="again", by=PLATFORM, at=NOON)


def test_a_receipt_taken_back_is_not_owed_any_more_and_can_be_taken_in_again(purchase):
    mistake = purchase.receive(10)
    purchase.take_back(mistake)
    assert (balance(chart.GOODS_RECEIVED), balance(chart.INVENTORY), accrued()) == (0, 0, (0, 0))
    assert purchase.invoice((10, "2.50")).verdict == "GOODS_AWAITED"
    purchase.receive(10)
    assert (balance(chart.GOODS_RECEIVED), balance(chart.PAYABLES)) == (0, -2_825)
    assert sound()
