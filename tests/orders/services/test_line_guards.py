"""A line has an order and an event a line, of the same dealer, though no row-level foreign key says so."""

import pytest
from django.db import IntegrityError, connection, transaction

from b2b.core.actor import acting_as
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


def test_the_invariant_holds(holds):
    made.order(made.trade(), [5])
    holds()
