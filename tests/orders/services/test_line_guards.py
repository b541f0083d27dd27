"""A line has an order and an event a line, of the same dealer, though no row-level foreign key says so."""

import pytest
from django.db import IntegrityError, connection, transaction

from b2b.core.actor import acting_as
from b2b.db import invariants
from b2b.directory.selectors.acting import of_organization
from tests.factories import orders as made
from tests.support.trade_day import TEST

pytestmark = pytest.mark.django_db

COPY_LINE = """
    CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM orders_orderline;
    ALTER TABLE copied DROP COLUMN id;
    UPDATE copied SET line_number = 99, {change};
    INSERT INTO orders_orderline ({names}) SELECT {names} FROM copied
"""
EVENT = """
    INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
    VALUES ({line}, {dealer}, 'cancelled', 1, 'test', now())
"""


def refused(statement: str) -> None:
    with acting_as(TEST), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def names() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_name = 'orders_orderline' AND column_name <> 'id'"
        )
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("change", ["order_id = gen_random_uuid()", "dealer_id = {rival}"])
def test_a_line_needs_an_order_of_its_dealer(change):
    market = made.trade()
    made.order(market, [5])
    refused(COPY_LINE.format(names=names(), change=change.format(rival=market.dealers[1].pk)))


NAMED = {
    "product_id": "{missing}",
    "ship_to_site_id": "{missing}",
    "factory_id": "{missing}",
    "cycle_id": "gen_random_uuid()",
}


@pytest.mark.parametrize("column", NAMED)
def test_a_line_names_what_is_there(column):
    market = made.trade()
    order = made.order(market, [5])
    change = f"{column} = {NAMED[column].format(missing=10**12)}"
    refused(COPY_LINE.format(names=names(), change=change))
    refused(f"UPDATE orders_orderline SET {change}")
    assert order.lines.count() == 1


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("catalog_product", "product_id"),
        ("directory_site", "ship_to_site_id"),
        ("directory_organization", "factory_id"),
        ("orders_ordercycle", "cycle_id"),
    ],
)
def test_what_a_line_names_stays(table, column):
    market = made.trade()
    made.cycle(market)
    made.order(market, [5])
    # Other tables refer to most of these as well; here the lines alone are asked.
    named = f"SELECT {column} FROM orders_orderline"
    with acting_as(TEST), connection.cursor() as cursor:
        cursor.execute(f"SELECT count({column}) FROM orders_orderline")
        assert cursor.fetchone()[0] == 1
        with pytest.raises(IntegrityError, match="order lines name a row"), transaction.atomic():
            cursor.execute(f"DELETE FROM {table} WHERE id IN ({named})")


def test_who_cannot_see_all_lines_removes_no_parent():
    market = made.trade()
    with acting_as(TEST):
        made.order(market, [5])
    with (
        acting_as(of_organization(market.dealers[1])),
        pytest.raises(IntegrityError, match="order lines name a row"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM catalog_product WHERE id = {market.products[0].pk}")


def test_many_events_of_lines_in_a_row_are_looked_at_as_sets():
    market = made.trade(products=120)
    with acting_as(TEST):
        lines = list(made.order(market, [5] * 120).lines.order_by("pk").values_list("pk", flat=True))
    missing = [*lines[:-1], lines[-1] + 1]
    rival = market.dealers[1].pk
    for keys, dealer in ((missing, market.dealers[0].pk), (lines, rival)):
        refused(
            "INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)"
            f" SELECT key, {dealer}, 'cancelled', 1, 'test', now() FROM unnest(ARRAY{keys}::bigint[]) key"
        )


def test_an_event_needs_a_line_of_its_dealer():
    market = made.trade()
    line = made.order(market, [5]).lines.get()
    refused(EVENT.format(line=line.pk + 1_000_000, dealer=market.dealers[0].pk))
    refused(EVENT.format(line=line.pk, dealer=market.dealers[1].pk))


def test_parents_stay():
    market = made.trade()
    line = made.order(market, [5]).lines.get()
    refused(f"DELETE FROM orders_orderline WHERE id = {line.pk}")
    refused(f"UPDATE orders_orderline SET dealer_id = {market.dealers[1].pk} WHERE id = {line.pk}")
    refused(f"UPDATE orders_order SET dealer_id = {market.dealers[1].pk}")
    refused("DELETE FROM orders_order")


def test_a_line_keeps_what_it_began_with():
    market = made.trade()
    line = made.order(market, [5]).lines.get()
    assert (line.first_requested, line.requested, line.quantity_events.count()) == (5, 5, 0)
    refused(f"UPDATE orders_orderline SET first_requested = 6 WHERE id = {line.pk}")


def test_a_bucket_that_left_its_sum_is_found(holds):
    line = made.order(made.trade(), [5]).lines.get()
    holds()
    with acting_as(TEST), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderline SET requested = 4 WHERE id = %s", [line.pk])
        found = invariants.check(["orders.lines"])
        assert [(row["bucket"], row["found"], row["expected"]) for one in found for row in one.rows] == [
            ("requested", 4, 5)
        ]
        cursor.execute("UPDATE orders_orderline SET requested = 5 WHERE id = %s", [line.pk])
    holds()


def test_the_invariant_holds(holds):
    made.order(made.trade(), [5])
    holds()
