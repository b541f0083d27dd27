"""The SQL that reprices a cycle says what the policy says, and its events say what the contract reads."""

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b2b.contracts.orders import OrderChanged
from b2b.core.money import exponent
from b2b.db.bulk import fetch_dicts, transpose, unnest
from b2b.db.transactions import unit_of_work
from orders.models import Order
from orders.policies.sharing import SharingRule, reprice
from orders.selectors import ordered_lines
from orders.services.repricing_sql import repriced
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, told
from tests.orders.services.wishes import wish
from tests.support.examples import examples

pytestmark = pytest.mark.django_db

COLUMNS = {
    "id": "bigint", "line_quantity": "bigint", "pooled_quantity": "bigint", "unit_price": "numeric",
    "solo_unit_price": "numeric", "pool_unit_price": "numeric", "ceiling": "numeric",
}  # fmt: skip
prices = st.decimals("0.000001", 5000, places=6)


@st.composite
def lines(draw):
    quantity = draw(st.integers(1, 2_000_000))
    unit = draw(prices)
    pool = draw(prices)
    ceiling = draw(st.none() | st.decimals(pool, max(pool, unit), places=6))
    # A line waits for a ceiling whole; any other may have been pooled or covered in part.
    pooled = quantity if ceiling is not None else draw(st.integers(1, quantity))
    return quantity, pooled, unit, unit if ceiling is not None else draw(prices), pool, ceiling


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25), deadline=None
)
@given(
    st.lists(lines(), min_size=1, max_size=40),
    st.sampled_from(
        [SharingRule(), SharingRule(0, 0, 10_000), SharingRule(10_000, 0, 0), SharingRule(3333, 3334, 3333)]
    ),
    st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_sql_and_policy_agree(given_lines, rule, currency):
    query = f"""
        SELECT given.*, pool_unit_price * pooled_quantity AS pool_cost, 1 AS order_id, 1 AS dealer_id,
            1 AS factory_id, 1 AS product_id, 0 AS flexed, 0.13 AS tax_rate, 0 AS newly_covered, 0 AS taken,
            0 AS waiting, '' AS waiting_reason, 1 AS schedule_line_id, 1 AS purchase_order_line_id
        FROM {unnest(COLUMNS)}
    """
    rows = fetch_dicts(
        f"SELECT * FROM ({repriced(query)}) found ORDER BY id",
        {
            **transpose(list(COLUMNS), ((number, *one) for number, one in enumerate(given_lines))),
            "places": exponent(currency),
            "dealer": rule.dealer,
            "platform": rule.platform if rule.platform + rule.factory else 1,
            "others": rule.platform + rule.factory or 1,
        },
    )
    for row, (quantity, pooled, unit, solo, pool, ceiling) in zip(rows, given_lines, strict=True):
        want = reprice(
            quantity=quantity, pooled_quantity=pooled, unit_price=unit, solo_unit_price=solo,
            pool_unit_price=pool, currency=currency, rule=rule, ceiling=ceiling,
        )  # fmt: skip
        assert (row["baseline"], row["pooled"]) == (want.baseline, want.pooled)
        assert (row["dealer_share"], row["platform_share"], row["factory_share"]) == (
            want.dealer_share,
            want.platform_share,
            want.factory_share,
        )
        assert (row["new_unit_price"], row["new_net_amount"]) == (want.unit_price, want.net_amount)
        assert min(want.dealer_share, want.platform_share, want.factory_share) >= 0
        assert want.baseline - want.pooled == want.dealer_share + want.platform_share + want.factory_share


def test_an_event_made_in_sql_reads_as_the_one_made_in_python():
    market = made.trade(products=3, breaks=((1, "10"), (50, "8.123456")))
    cycle = made.cycle(market)
    made.order(market, [30, 40, 1])
    wish(market, 25, dealer=1, need_by_date="2026-11-24")
    close(cycle)
    events = {event.order_id: event for event in told(OrderChanged)}
    assert len(events) == 2
    for order in Order.objects.all():
        stood = ordered_lines.of_orders([order.pk])[order.pk]
        reason = f"pooled in {cycle.number}"
        assert events[order.pk] == ordered_lines.changed(order, stood, reason=reason, at=LATER)


def test_a_reason_is_text_whatever_is_in_it():
    from b2b.core.ids import uuid7
    from b2b.outbox.models import OutboxEvent
    from b2b.outbox.publish import publish_from

    order = made.order(made.trade(), [5])
    reason = "50 % \"off\" \\ it's 'new'\n"
    query, params = ordered_lines.changes(currency="CNY", reason=reason, at=NOW)
    with unit_of_work():
        publish_from(OrderChanged, {str(order.pk): uuid7()}, query, params)
    [event] = OutboxEvent.objects.filter(topic=OrderChanged.topic)
    assert OrderChanged.from_json(json.dumps(event.payload)).reason == reason
    assert event.parties == [order.dealer_id]
    assert Decimal(event.payload["lines"][0]["unit_price"]) == 10
