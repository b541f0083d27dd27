"""Costs are shared over what was really received, exactly, and again when that changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b2b.contracts.returns import CostsShared
from b2b.contracts.warehousing import ReceivedLine
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden, Invalid
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.core.money import Money
from b2b.core.quantity import largest_remainder
from b2b.db.bulk import execute
from b2b.outbox.models import OutboxEvent
from orders.models import CostShare, CostVoucher, Peg, PurchaseOrder
from orders.services import cost_voucher, goods_receipt, order_cycle, purchase_order
from orders.services.cost_share import NothingReceived
from tests.factories import orders as make
from tests.factories.orders import NOW, Trade
from tests.support.examples import examples

pytestmark = pytest.mark.django_db
PLATFORM = system("test")


def placed(quantities: list[int]) -> tuple[Trade, PurchaseOrder]:
    """One dealer per quantity orders, the cycle closes, the factory confirms."""
    market = make.trade(dealers=len(quantities))
    with acting_as(PLATFORM):
        cycle = make.cycle(market)
        for dealer, quantity in enumerate(quantities):
            make.order(market, [quantity], dealer=dealer)
        [order] = order_cycle.close(cycle, early=True, by=PLATFORM, at=NOW)
        purchase_order.respond(order, by=PLATFORM, at=NOW)
    return market, order


def receive(order: PurchaseOrder, quantity: int) -> None:
    with acting_as(PLATFORM):
        line = order.lines.get()
        got = ReceivedLine(
            purchase_order_line_id=line.pk,
            product_id=line.product_id,
            accepted_quantity=quantity,
            rejected_quantity=0,
        )
        goods_receipt.note(order.pk, lines=[got], receipt_id=uuid7(), by=PLATFORM, at=NOW)


def voucher(order: PurchaseOrder, amount: str, basis: str = "QUANTITY", kind: str = "FREIGHT") -> CostVoucher:
    with acting_as(PLATFORM):
        return cost_voucher.plan(
            kind=kind,
            basis=basis,
            amount=Money(Decimal(amount), "CNY"),
            purchase_order=order,
            by=PLATFORM,
            at=NOW,
        )


def shared(order: PurchaseOrder, amount: str, basis: str = "QUANTITY") -> list[Decimal]:
    """Share a new voucher and return what each dealer bears, in the order of their lines."""
    with acting_as(PLATFORM):
        made = cost_voucher.share(voucher(order, amount, basis), by=PLATFORM, at=NOW)
        return list(made.shares.order_by("order_line_id").values_list("amount", flat=True))


@pytest.mark.parametrize(
    ("amount", "quantities", "expected"),
    [
        ("6.85", [5] * 6, ["1.15"] + ["1.14"] * 5),
        ("1000.00", [6, 6, 3, 6], ["285.71", "285.71", "142.86", "285.72"]),
        ("0.01", [1, 1, 1], ["0.01", "0.00", "0.00"]),
    ],
)
def test_the_vectors_of_the_trade(amount: str, quantities: list[int], expected: list[str]) -> None:
    _, order = placed(quantities)
    receive(order, sum(quantities))
    found = shared(order, amount)
    assert sum(found) == Decimal(amount)
    assert sorted(found) == sorted(Decimal(part) for part in expected)


def test_only_what_was_received_bears_and_more_goods_share_it_again() -> None:
    _, order = placed([60, 40])
    with acting_as(PLATFORM):
        planned = voucher(order, "10.00")
        with pytest.raises(NothingReceived):
            cost_voucher.share(planned, by=PLATFORM, at=NOW)
    receive(order, 10)
    with acting_as(PLATFORM):
        made = cost_voucher.share(planned, by=PLATFORM, at=NOW)
        measure = list(made.shares.order_by("order_line_id").values_list("weight", flat=True))
        assert measure == [6, 4]
        told = OutboxEvent.objects.filter(topic=CostsShared.topic).count()
        receive(order, 90)
        assert list(made.shares.order_by("order_line_id").values_list("weight", flat=True)) == [60, 40]
        made.refresh_from_db()
        assert (made.status, made.shared_amount, made.version) == ("SHARED", 10, 3)
        assert OutboxEvent.objects.filter(topic=CostsShared.topic).count() == told + 2
        cost_voucher.close(made, by=PLATFORM, at=NOW)
        with pytest.raises(IllegalTransition):
            cost_voucher.share(made, by=PLATFORM, at=NOW)


@pytest.mark.parametrize("basis", ["QUANTITY", "WEIGHT", "VOLUME", "VALUE", "DISTANCE"])
def test_every_basis_is_shared_by_its_own_measure(basis: str) -> None:
    market, order = placed([30, 10])
    market.products[0].weight_g, market.products[0].volume_cm3 = 250, 900
    with acting_as(PLATFORM):
        market.products[0].save()
        for shop, latitude in zip(market.shops, (market.warehouse.latitude, 45), strict=True):
            shop.latitude, shop.longitude = latitude, market.warehouse.longitude
            shop.save()
    receive(order, 40)
    with acting_as(PLATFORM):
        found = shared(order, "80.00", basis)
    assert sum(found) == 80
    assert found == ([Decimal(0), Decimal(80)] if basis == "DISTANCE" else [Decimal(60), Decimal(20)])


def test_the_database_refuses_shares_that_do_not_sum_to_their_voucher() -> None:
    _, order = placed([5, 5])
    receive(order, 10)
    with acting_as(PLATFORM):
        made = cost_voucher.share(voucher(order, "9.00"), by=PLATFORM, at=NOW)
        for tampering in (
            "UPDATE orders_costshare SET amount = amount + 0.01 WHERE voucher_id = %s",
            "DELETE FROM orders_costshare WHERE voucher_id = %s",
            "UPDATE orders_costvoucher SET amount = amount + 0.01 WHERE id = %s",
        ):
            with pytest.raises(IntegrityError, match="sum to"):
                committed(tampering, made)
        committed("SELECT %s::uuid", made)


def committed(statement: str, made: CostVoucher) -> None:
    """Run a statement and what the database checks at the end of a transaction."""
    with transaction.atomic():
        execute(statement, [made.pk])
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_revised_voucher_is_shared_again_and_a_cancelled_one_relieves_everybody() -> None:
    _, order = placed([5, 5])
    receive(order, 10)
    with acting_as(PLATFORM):
        made = cost_voucher.share(voucher(order, "9.00"), by=PLATFORM, at=NOW)
        cost_voucher.revise(made, amount=Money(Decimal("9.01"), "CNY"), by=PLATFORM, at=NOW)
        assert sorted(made.shares.values_list("amount", flat=True)) == [Decimal("4.50"), Decimal("4.51")]
        cost_voucher.cancel(made, reason="billed twice", by=PLATFORM, at=NOW + timedelta(minutes=1))
        assert not made.shares.exists()
        last = OutboxEvent.objects.filter(topic=CostsShared.topic).latest("recorded_at")
        assert Decimal(last.payload["amount"]) == 0
        committed("SELECT %s::uuid", made)


def test_a_voucher_is_the_operators_and_of_one_thing_in_its_currency() -> None:
    market, order = placed([5])
    dealer = market.dealer_actor()
    with acting_as(dealer), pytest.raises(Forbidden):
        cost_voucher.plan(
            kind="FEE", basis="VALUE", amount=Money.of(1, "CNY"), purchase_order=order, by=dealer, at=NOW
        )
    with acting_as(PLATFORM), pytest.raises(Invalid) as refused:
        cost_voucher.plan(
            kind="BRIBE",
            basis="LUCK",
            amount=Money(Decimal("-1.005"), "EUR"),
            purchase_order=order,
            shipment_id=uuid7(),
            by=PLATFORM,
            at=NOW,
        )
    codes = {problem.code for problem in refused.value.problems}
    assert codes == {
        "unknown_kind",
        "unknown_basis",
        "amount_not_positive",
        "amount_too_fine",
        "one_thing",
        "wrong_currency",
    }


def test_a_dealer_sees_its_own_shares_only() -> None:
    market, order = placed([5, 7])
    receive(order, 12)
    shared(order, "12.00")
    own = market.dealer_actor(1)
    with acting_as(own):
        assert [share.amount for share in CostShare.objects.all()] == [7]
        assert not CostVoucher.objects.exists()


@settings(
    max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    weights=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    cents=st.integers(1, 10**7),
)
def test_sql_splits_as_the_policy_does(weights: list[int], cents: int) -> None:
    with transaction.atomic():
        _, order = placed(weights)
        receive(order, sum(weights))
        with acting_as(PLATFORM):
            received = list(
                Peg.objects.filter(dealer__isnull=False)
                .order_by("order_line_id")
                .values_list("received", flat=True)
            )
        expected = [Decimal(part) / 100 for part in largest_remainder(cents, received)]
        assert shared(order, str(Decimal(cents) / 100)) == expected
        transaction.set_rollback(True)


def test_sharing_takes_the_same_statements_for_any_number_of_pegs() -> None:
    counts = []
    for dealers in (1, 6):
        _, order = placed([5] * dealers)
        receive(order, 5 * dealers)
        planned = voucher(order, "10.00")
        with acting_as(PLATFORM), CaptureQueriesContext(connection) as statements:
            cost_voucher.share(planned, by=PLATFORM, at=NOW)
        counts.append(len(statements))
    assert counts[0] == counts[1]
