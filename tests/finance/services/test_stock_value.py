"""Stock is worth what was paid for it, whenever and however often that is told; the ledger says the same."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.returns import LandedCost
from b2b.core.actor import acting_as
from b2b.core.errors import NotYet
from b2b.core.ids import uuid7
from b2b.db import invariants
from finance.models import JournalEntry, JournalLine, StockValueEntry
from finance.services import stock_costs, stock_facts, stock_method
from finance.services import valuation as service
from tests.factories.finance import PLATFORM
from tests.factories.stock_value import Store, books, tell, worth

pytestmark = pytest.mark.django_db
OURS = [name for name in invariants.INVARIANTS if name.startswith("finance.")]


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        yield


@pytest.fixture
def store() -> Store:
    return Store.build()


def test_received_goods_are_worth_their_price_and_owed_once_the_price_is_known(store):
    placed = store.placed("3.3333")
    first = store.received(1, placed)
    with pytest.raises(NotYet):
        tell(first)
    tell(placed, first, first, store.received(2, placed))
    assert worth(store) == (3, 1_000), "two receipts come to the price of three, to the cent"
    owed = JournalLine.objects.filter(account__code="2100")
    assert sum(line.amount for line in owed) == -1_000
    assert {(line.account.party_id, line.dimension) for line in owed} == {
        (store.maker.pk, f"purchase_order_line:{placed.lines[0].line_id}")
    }
    assert JournalEntry.objects.filter(kind="goods_received").count() == 2


def test_what_goes_to_a_dealer_is_cost_of_sales_and_comes_back_at_what_it_cost(store):
    placed, dear, shipment = store.placed("3.3333"), store.placed("9"), uuid7()
    tell(placed, dear, store.received(3, placed), store.received(3, dear))
    tell(store.issued(3, shipment_id=shipment), store.back(1, shipment), store.back(2, shipment))
    assert worth(store) == (6, 3_700)
    assert books()["Cost of sales"] == 0
    tell(store.issued(6))
    assert worth(store) == (0, 0)
    assert books() == {"Cost of sales": 3_700, "Goods received, not invoiced": -3_700}


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("COUNT", "Stock differences"),
        ("SCRAP", "Stock lost or destroyed"),
        ("SEND_BACK", "Goods sent back to factories"),
        ("STATUS", "Stock differences"),
    ],
)
def test_what_is_lost_is_booked_where_it_went(store, kind, account):
    placed = store.placed("2.50")
    tell(placed, store.received(10, placed), store.moved(-4, kind))
    assert worth(store) == (6, 1_500)
    assert books()[account] == 1_000
    tell(store.moved(2, "COUNT"))
    assert worth(store) == (8, 2_000), "found goods are worth what the others are"


def test_a_receipt_taken_back_is_as_if_it_had_never_been(store):
    wrong, right = store.placed("5"), store.placed("6")
    tell(wrong, right)
    mistake = store.received(10, wrong)
    tell(mistake, store.received(10, right), store.issued(5))
    assert books()["Cost of sales"] == 2_500
    before = JournalEntry.objects.count()
    tell(store.reversed(mistake))
    assert books() == {
        "Cost of sales": 3_000,
        "Goods for resale": 3_000,
        "Goods received, not invoiced": -6_000,
    }
    [correction] = JournalEntry.objects.order_by("booked_at", "pk")[before:]
    assert correction.kind == "stock_revalued"
    again = store.reversed(store.told[-1])
    tell(again)
    assert (books()["Cost of sales"], worth(store)) == (2_500, (15, 8_500)), "the correction was the mistake"


def test_what_it_cost_to_get_goods_is_borne_by_what_is_left_and_by_what_was_sold(store):
    placed = store.placed("1")
    tell(placed, store.received(3, placed), store.issued(2))
    costs = {"source": "voucher:1", "currency": "CNY", "by": PLATFORM, "at": store.at}
    freight = LandedCost(purchase_order_line_id=placed.lines[0].line_id, amount=Decimal("1.00"))
    stock_costs.record(version=1, lines=[freight], **costs)
    stock_costs.record(version=1, lines=[freight], **costs)
    assert worth(store) == (1, 133)
    expected = {
        "Cost of sales": 267,
        "Goods for resale": 133,
        "Goods received, not invoiced": -300,
        "Purchase costs accrued": -100,
    }
    assert books() == expected
    tell(store.received(7, placed))
    assert (worth(store), books()["Purchase costs accrued"]) == ((8, 880), -100), "ten bear it together"
    stock_costs.record(version=3, lines=[], **costs)
    stock_costs.record(version=2, lines=[freight], **costs)
    assert (worth(store), books()["Purchase costs accrued"]) == ((8, 800), 0)
    assert invariants.check(OURS) == []


def test_a_price_that_changes_later_is_borne_by_what_is_left_and_by_what_was_sold(store):
    placed = store.placed("4")
    tell(placed, store.received(10, placed), store.issued(6))
    day = store.told[0].occurred_at.date()
    history = list(StockValueEntry.objects.values_list("effective_date", "value"))
    tell(store.repriced(placed, "3.5", version=2), store.repriced(placed, "9", version=1))
    assert worth(store) == (4, 1_400)
    assert books() == {
        "Cost of sales": 2_100,
        "Goods for resale": 1_400,
        "Goods received, not invoiced": -3_500,
    }
    assert [
        row for row in StockValueEntry.objects.values_list("effective_date", "value") if row[0] == day
    ] == history


def test_goods_brought_to_another_warehouse_take_their_value_along(store):
    placed = store.placed("3.3333")
    tell(placed, store.received(3, placed))
    tell(store.moved(2, "TRANSFER", there=store.branch))
    assert (worth(store), worth(store, store.branch)) == ((1, 333), (2, 667))
    assert "Goods between two warehouses" not in books()
    tell(store.repriced(placed, "6"))
    assert (worth(store), worth(store, store.branch)) == ((1, 600), (2, 1_200))
    assert "Goods between two warehouses" not in books()


def test_a_method_counts_from_its_declaration_on_and_the_narrowest_counts(store):
    cheap, dear = store.placed("1"), store.placed("2")
    stock_method.declare(
        method="MOVING_AVERAGE", product_id=store.product.pk, reason="bulk goods", by=PLATFORM, at=store.at
    )
    stock_method.declare(method="FIFO", reason="platform", by=PLATFORM, at=store.at)
    tell(cheap, dear, store.received(10, cheap), store.received(10, dear), store.issued(10))
    assert books()["Cost of sales"] == 1_500
    stock_method.declare(
        method="FIFO",
        product_id=store.product.pk,
        warehouse_site_id=store.home.pk,
        reason="lots now",
        by=PLATFORM,
        at=store.at,
    )
    tell(store.received(10, dear), store.issued(10))
    assert books()["Cost of sales"] == 3_000, "what was pooled goes first, at its average"
    assert set(StockValueEntry.objects.values_list("method", flat=True)) == {"FIFO", "MOVING_AVERAGE"}


def test_statements_do_not_grow_with_the_movements(store):
    placed = store.placed("1.5")
    tell(placed, store.received(9, placed), store.issued(1), store.moved(1, "COUNT"))  # opens the accounts
    counts = []
    for size in (60, 150):
        lines = [store.received(2, placed).lines[0] for _ in range(size)]
        lines += [store.issued(1).lines[0] for _ in range(size)]
        event = store.moved(1, "COUNT")
        whole = type(event)(
            **{name: getattr(event, name) for name in event.__struct_fields__} | {"lines": tuple(lines)}
        )
        with CaptureQueriesContext(connection) as captured:
            stock_facts.record(whole, by=PLATFORM, at=store.at)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 27, counts


def test_goods_bought_in_a_currency_without_a_rate_wait(store):
    placed = store.placed("1")
    foreign = type(placed)(
        **{name: getattr(placed, name) for name in placed.__struct_fields__} | {"currency": "EUR"}
    )
    tell(foreign)
    with pytest.raises(service.RateMissing):
        tell(store.received(1, foreign))
    assert Decimal(0) == sum(books().values())


def test_a_thousand_movements_and_a_late_one_from_the_middle(store):
    chance = random.Random(7)
    placed = store.placed("1.37")
    tell(placed, store.received(5_000, placed))
    lines = [store.issued(chance.randint(1, 4)) for _ in range(300)]
    late = lines.pop(150)
    whole = type(late)(
        **{name: getattr(late, name) for name in late.__struct_fields__}
        | {"lines": tuple(line for event in lines for line in event.lines)}
    )
    tell(whole, late)
    assert worth(store)[1] == 685_000 - books()["Cost of sales"]
    assert invariants.check(OURS) == []
