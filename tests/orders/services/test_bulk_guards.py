"""Bulk tables: what a row names is there and of the same party, and moving a cycle's rows writes no index."""

import pytest
from django.db import IntegrityError, connection, transaction

from b2b.core.actor import acting_as
from b2b.db import invariants
from b2b.db.bulk import fetch, fetch_value
from orders.models import Leftover, OrderLine, PurchaseOrderLine, ScheduleLine
from tests.factories import orders as made
from tests.orders.services.steps import close, short_cycle
from tests.support.trade_day import TEST

pytestmark = pytest.mark.django_db

MOVING = ("orders_orderline", "orders_peg", "orders_purchaseorderline", "orders_scheduleline")
COPY = "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} LIMIT 1"


@pytest.fixture
def market():
    """Return a market in which a factory answered short."""
    market, _, _ = short_cycle(50)
    return market


def _refused(statement):
    with acting_as(TEST), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def _copied(table, **others):
    """Return a statement that writes a row like one that is there, other in some columns (SQL)."""
    names = [
        name
        for (name,) in fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'",
            [table],
        )
    ]
    values = ", ".join(others.get(name, name) for name in names)
    return COPY.format(table=table, columns=", ".join(names), values=values)


@pytest.mark.parametrize(
    ("table", "others"),
    [
        ("orders_allocationresult", {"peg_id": "peg_id + 1000"}),
        ("orders_allocationresult", {"run_id": "gen_random_uuid()"}),
        ("orders_allocationresult", {"dealer_id": "dealer_id + 1000"}),
        (
            "orders_scheduleline",
            {"purchase_order_line_id": "purchase_order_line_id + 1000", "schedule_number": "9"},
        ),
        ("orders_scheduleline", {"factory_id": "factory_id + 1000", "schedule_number": "9"}),
        ("orders_scheduleline", {"split_of_id": "id + 1000", "schedule_number": "9"}),
        ("orders_supplyevent", {"factory_id": "factory_id + 1000", "source": "'x'"}),
        ("orders_supplyevent", {"purchase_order_line_id": "purchase_order_line_id + 1000"}),
        ("orders_orderresponseline", {"response_id": "gen_random_uuid()"}),
        ("orders_orderresponseline", {"factory_id": "factory_id + 1000", "schedule_number": "9"}),
        ("orders_orderresponseline", {"purchase_order_line_id": "purchase_order_line_id + 1000"}),
    ],
)
def test_what_a_row_names_is_there_and_of_its_party(market, table, others):
    _refused(_copied(table, **others))


def test_many_rows_are_compared_as_a_set(market):
    """A hundred and more go another way than a few: one wrong among them is found all the same."""
    _refused(
        """
        INSERT INTO orders_allocationresult (run_id, peg_id, dealer_id, requested, entitlement_numerator,
            entitlement_denominator, rounded)
        SELECT result.run_id, result.peg_id + n, result.dealer_id, 1, 1, 1, 1
        FROM (SELECT * FROM orders_allocationresult ORDER BY id LIMIT 1) result, generate_series(1, 200) n
        """
    )


def test_parents_stay(market):
    for table in ("orders_purchaseorderline", "orders_peg"):
        _refused(f"DELETE FROM {table}")
    _refused("UPDATE orders_purchaseorderline SET factory_id = factory_id + 1000")
    _refused("UPDATE orders_scheduleline SET factory_id = factory_id + 1000")
    _refused("UPDATE orders_orderline SET dealer_id = dealer_id + 1000")
    _refused("UPDATE orders_peg SET id = id + 1000")
    assert PurchaseOrderLine.objects.count() == ScheduleLine.objects.count()


def test_closing_writes_no_index():
    """Every line of a cycle moves, and none of them leaves its page: the update touches no index."""
    market = made.trade(dealers=2)
    cycle = made.cycle(market)
    for dealer in (0, 1):
        made.order(market, [5], dealer=dealer)
    counted = (
        "SELECT n_tup_hot_upd, n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'orders_orderline'"
    )
    [(hot, moved)] = fetch(counted)
    close(cycle)
    [(hot_now, moved_now)] = fetch(counted)
    assert OrderLine.objects.filter(pooled__gt=0).count() == 2
    assert hot_now - hot == moved_now - moved >= 2


@pytest.mark.parametrize("table", MOVING)
def test_pages_keep_room_and_indexes_name_nothing_that_moves(table):
    assert fetch_value("SELECT 'fillfactor=50' = ANY(reloptions) FROM pg_class WHERE relname = %s", [table])
    written = " ".join(
        row for (row,) in fetch("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
    )
    for bucket in (
        "requested",
        "cancelled",
        "covered",
        "pooled",
        "allocated",
        "received",
        "confirmed",
        "pegged",
    ):
        assert bucket not in written


def test_what_is_left_waits_in_no_cycle_or_is_named_as_its_leftover(market):
    """The next cycle finds a line that came short; the check tells of one it would not find."""
    left = OrderLine.objects.extra(where=["requested > cancelled + covered + pooled"])
    assert left.exists()
    assert set(left.values_list("cycle", "product")) == set(Leftover.objects.values_list("cycle", "product"))
    assert not invariants.check(["orders.waiting", "orders.named"])
    named = list(Leftover.objects.all())
    Leftover.objects.all().delete()
    assert invariants.check(["orders.waiting"])
    Leftover.objects.bulk_create(named)
