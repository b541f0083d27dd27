"""Keep the figures of order lines and deliveries as events tell of them; the sums of days follow by a trigger."""

from __future__ import annotations

from typing import Final

from b2b.contracts.logistics import DeliveryConfirmed
from b2b.contracts.orders import OrderCancelled, OrderChanged, OrderConfirmed
from b2b.core.errors import NotYet
from b2b.core.money import Money, round_to_currency
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.tower.models import FlowKind
from b2b.tower.services import flows

LINE_COLUMNS: Final = {
    "order_line_id": "bigint",
    "product_id": "bigint",
    "factory_id": "bigint",
    "need_by_date": "date",
    "quantity": "bigint",
    "amount": "numeric",
}
DELIVERY_COLUMNS: Final = {
    "order_line_id": "bigint",
    "order_id": "uuid",
    "product_id": "bigint",
    "delivered": "bigint",
    "short": "bigint",
    "freight": "numeric",
}
# The newest version's price and date count, the first moment and the largest quantity stay.
NOTE_LINES: Final = f"""
    INSERT INTO tower_orderlinefact AS fact (order_line_id, order_id, order_number, dealer_id, product_id, factory_id,
        category, currency, version, ordered_at, day, need_by_date, ordered_quantity, ordered_amount)
    SELECT order_line_id, %(order_id)s, %(number)s, %(dealer_id)s, given.product_id, given.factory_id,
        coalesce(product.category, ''), %(currency)s, %(version)s, %(at)s, %(day)s, need_by_date, quantity, amount
    FROM {unnest(LINE_COLUMNS)} LEFT JOIN catalog_product product ON product.id = given.product_id
    ORDER BY order_line_id
    ON CONFLICT (order_line_id) DO UPDATE SET
        ordered_at = least(fact.ordered_at, excluded.ordered_at),
        day = least(fact.day, excluded.day),
        ordered_quantity = greatest(fact.ordered_quantity, excluded.ordered_quantity),
        order_number = excluded.order_number,
        currency = CASE WHEN fact.version = 0 THEN excluded.currency ELSE fact.currency END,
        category = CASE WHEN fact.version = 0 THEN excluded.category ELSE fact.category END,
        factory_id = CASE WHEN excluded.version > fact.version THEN excluded.factory_id ELSE fact.factory_id END,
        need_by_date = CASE WHEN excluded.version > fact.version THEN excluded.need_by_date ELSE fact.need_by_date END,
        ordered_amount = CASE WHEN excluded.version > fact.version THEN excluded.ordered_amount
            ELSE fact.ordered_amount END,
        cancelled_at = CASE WHEN excluded.version > fact.version THEN NULL ELSE fact.cancelled_at END,
        version = greatest(fact.version, excluded.version)
"""
# A delivery that is heard before its order leaves a line without a day, which counts nowhere yet.
NOTE_DELIVERIES: Final = f"""
    WITH new AS (
        INSERT INTO tower_deliveryfact (shipment_id, shipment_number, order_line_id, dealer_id, delivered_quantity,
            short_quantity, freight_amount, currency, delivered_at)
        SELECT %(shipment_id)s, %(number)s, order_line_id, %(dealer_id)s, delivered, short, freight, %(currency)s,
            %(at)s
        FROM {unnest(DELIVERY_COLUMNS)} ORDER BY order_line_id
        ON CONFLICT (shipment_id, order_line_id) DO NOTHING
        RETURNING order_line_id, delivered_quantity, freight_amount
    )
    INSERT INTO tower_orderlinefact AS fact (order_line_id, order_id, dealer_id, product_id, currency, version,
        ordered_quantity, ordered_amount, delivered_quantity, freight_amount, delivered_at, delivered_date)
    SELECT order_line_id, order_id, %(dealer_id)s, product_id, %(currency)s, 0, 0, 0, new.delivered_quantity,
        new.freight_amount, %(at)s, %(day)s
    FROM new JOIN {unnest(DELIVERY_COLUMNS)} USING (order_line_id) ORDER BY order_line_id
    ON CONFLICT (order_line_id) DO UPDATE SET
        delivered_quantity = fact.delivered_quantity + excluded.delivered_quantity,
        freight_amount = fact.freight_amount + excluded.freight_amount,
        delivered_at = greatest(fact.delivered_at, excluded.delivered_at),
        delivered_date = greatest(fact.delivered_date, excluded.delivered_date)
"""


@unit_of_work()
def note_order(event: OrderConfirmed | OrderChanged) -> None:
    """Keep each line as ordered; the newest version of the order wins, whenever it arrives.

    Fill rate is measured against what was first ordered, so the first version's date and the largest quantity stay.
    """
    rows = [
        (
            line.line_id,
            line.product_id,
            line.factory_id,
            line.need_by_date,
            line.quantity,
            round_to_currency(line.unit_price * line.quantity, event.currency),
        )
        for line in event.lines
    ]
    execute(
        NOTE_LINES,
        {
            **transpose(list(LINE_COLUMNS), rows),
            "order_id": event.order_id,
            "number": event.number,
            "dealer_id": event.dealer_id,
            "currency": event.currency,
            "version": event.version,
            "at": event.occurred_at,
            "day": flows.day_of(event.occurred_at),
        },
    )
    if isinstance(event, OrderConfirmed):
        _count(event, 1, event.currency)


@unit_of_work()
def note_cancellation(event: OrderCancelled) -> None:
    """Mark the lines of a withdrawn order; they count neither for nor against the fill rate.

    An order that was reopened since is left as it is.

    :raises NotYet: when the order's confirmation has not been noted.
    """
    marked = execute(
        """
        UPDATE tower_orderlinefact SET version = greatest(version, %(version)s),
            cancelled_at = CASE WHEN version > %(version)s THEN cancelled_at ELSE coalesce(cancelled_at, %(at)s) END
        WHERE order_id = %(order)s AND version > 0
        """,
        {"at": event.occurred_at, "order": event.order_id, "version": event.version},
    )
    if not marked:
        raise NotYet(f"the order {event.number} has not been noted")
    _count(event, 0, "")


def _count(event: OrderConfirmed | OrderCancelled, quantity: int, currency: str) -> None:
    """Count an order on the day it was first confirmed, or not any more."""
    execute(
        """
        INSERT INTO tower_flowfact AS kept (kind, source_id, part, version, number, at, day, dealer_id, currency,
            quantity, amount)
        VALUES (%(kind)s, %(order)s, '', %(version)s, %(number)s, %(at)s, %(day)s, %(dealer)s, %(currency)s,
            %(quantity)s, 0)
        ON CONFLICT (kind, source_id, part) DO UPDATE SET
            at = least(kept.at, excluded.at), day = least(kept.day, excluded.day),
            currency = CASE WHEN excluded.currency = '' THEN kept.currency ELSE excluded.currency END,
            quantity = CASE WHEN excluded.version > kept.version THEN excluded.quantity ELSE kept.quantity END,
            version = greatest(kept.version, excluded.version)
        """,
        {
            "kind": FlowKind.ORDER,
            "order": event.order_id,
            "version": event.version,
            "number": event.number,
            "at": event.occurred_at,
            "day": flows.day_of(event.occurred_at),
            "dealer": event.dealer_id,
            "currency": currency,
            "quantity": quantity,
        },
    )


@unit_of_work()
def note_delivery(event: DeliveryConfirmed) -> None:
    """Keep what arrived of each line; the freight of the shipment is split by delivered quantity, to the cent."""
    weights = [line.delivered_quantity for line in event.lines]
    freight = Money.of(event.freight_amount, event.currency)
    shares = freight.split(weights) if any(weights) else [freight - freight] * len(weights)
    rows = [
        (
            line.order_line_id,
            line.order_id,
            line.product_id,
            line.delivered_quantity,
            line.short_quantity,
            share.amount,
        )
        for line, share in zip(event.lines, shares, strict=True)
    ]
    execute(
        NOTE_DELIVERIES,
        {
            **transpose(list(DELIVERY_COLUMNS), rows),
            "shipment_id": event.shipment_id,
            "number": event.number,
            "dealer_id": event.dealer_id,
            "currency": event.currency,
            "at": event.delivered_at,
            "day": flows.day_of(event.delivered_at),
        },
    )
