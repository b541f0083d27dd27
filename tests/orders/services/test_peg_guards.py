"""A peg has a schedule line of its purchase line and an order line of its dealer, though no foreign key says so."""

import pytest
from django.db import IntegrityError, connection, transaction

from b2b.core.actor import acting_as
from orders.models import Peg, SavingsStatementLine
from tests.factories import orders as made
from tests.orders.services.steps import close
from tests.support.trade_day import TEST

pytestmark = pytest.mark.django_db

PEG = """
    INSERT INTO orders_peg (schedule_line_id, purchase_order_line_id, order_line_id, dealer_id, surplus_owner, pegged,
        allocated, received)
    SELECT {schedule}, {bought}, {line}, {dealer}, '', 1, 0, 0 FROM orders_peg
"""
SAVING = """
    INSERT INTO orders_savingsstatementline
        (statement_id, dealer_id, product_id, quantity, baseline, pooled, dealer_share, platform_share, factory_share)
    SELECT {statement}, {dealer}, product_id + 1, 1, 0, 0, 0, 0, 0 FROM orders_savingsstatementline
"""


@pytest.fixture
def market():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [5])
    close(cycle)
    return market


def refused(statement: str) -> None:
    with acting_as(TEST), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "wrong",
    [
        {"schedule": "schedule_line_id + 1000"},
        {"bought": "purchase_order_line_id + 1000"},
        {"line": "order_line_id + 1000"},
        {"dealer": "{rival}"},
    ],
)
def test_a_peg_needs_its_parents(market, wrong):
    columns = {
        "schedule": "schedule_line_id", "bought": "purchase_order_line_id", "line": "order_line_id",
        "dealer": "dealer_id", **wrong,
    }  # fmt: skip
    rival = market.dealers[1].pk
    refused(PEG.format(**{name: value.format(rival=rival) for name, value in columns.items()}))


def test_a_saving_needs_a_statement_of_its_dealer(market):
    refused(SAVING.format(statement="gen_random_uuid()", dealer="dealer_id"))
    refused(SAVING.format(statement="statement_id", dealer=market.dealers[1].pk))


def test_what_a_peg_hangs_on_stays(market):
    refused("UPDATE orders_peg SET schedule_line_id = schedule_line_id + 1000")
    refused(f"UPDATE orders_peg SET dealer_id = {market.dealers[1].pk}")
    refused("DELETE FROM orders_scheduleline")
    assert Peg.objects.count() == 1
    assert SavingsStatementLine.objects.count() == 1
