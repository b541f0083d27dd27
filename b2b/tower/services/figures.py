"""Keep the figures of order lines, deliveries and savings as events tell of them."""

from __future__ import annotations

from b2b.contracts.logistics import DeliveryConfirmed
from b2b.contracts.orders import OrderCancelled, OrderChanged, OrderConfirmed, SavingsStated
from b2b.contracts.returns import CostsShared
from b2b.core.errors import NotYet
from b2b.core.money import Money, round_to_currency
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.tower.models import SavingFact

LINE_COLUMNS = {
    "order_line_id": "bigint",
    "product_id": "bigint",
    "need_by_date": "date",
    "quantity": "bigint",
    "amount": "numeric",
}
DELIVERY_COLUMNS = {"order_line_id": "bigint", "delivered": "bigint", "short": "bigint", "freight": "numeric"}


@unit_of_work()
def note_order(event: OrderConfirmed | OrderChanged) -> None:
    """Keep each line as ordered; the newest version of the order wins, whenever it arrives.

    Fill rate is measured against what was first ordered, so the first version's date and the largest quantity stay.
    """
    rows = [
        (
            line.line_id,
            line.product_id,
            line.need_by_date,
            line.quantity,
            round_to_currency(line.unit_price * line.quantity, event.currency),
        )
        for line in event.lines
    ]
    execute(
        f"""
        INSERT INTO tower_orderlinefact AS fact (order_line_id, order_id, dealer_id, product_id, currency, version,
            ordered_at, need_by_date, ordered_quantity, ordered_amount)
        SELECT order_line_id, %(order_id)s, %(dealer_id)s, product_id, %(currency)s, %(version)s,
            %(at)s, need_by_date, quantity, amount FROM {unnest(LINE_COLUMNS)}
        ON CONFLICT (order_line_id) DO UPDATE SET
            ordered_at = least(fact.ordered_at, excluded.ordered_at),
            ordered_quantity = greatest(fact.ordered_quantity, excluded.ordered_quantity),
            need_by_date = CASE WHEN excluded.version > fact.version THEN excluded.need_by_date
                ELSE fact.need_by_date END,
            ordered_amount = CASE WHEN excluded.version > fact.version THEN excluded.ordered_amount
                ELSE fact.ordered_amount END,
            cancelled_at = CASE WHEN excluded.version > fact.version THEN NULL ELSE fact.cancelled_at END,
            version = greatest(fact.version, excluded.version)
        """,
        {
            **transpose(list(LINE_COLUMNS), rows),
            "order_id": event.order_id,
            "dealer_id": event.dealer_id,
            "currency": event.currency,
            "version": event.version,
            "at": event.occurred_at,
        },
    )


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
        WHERE order_id = %(order)s
        """,
        {"at": event.occurred_at, "order": event.order_id, "version": event.version},
    )
    if not marked:
        raise NotYet(f"the order {event.number} has not been noted")


@unit_of_work()
def note_delivery(event: DeliveryConfirmed) -> None:
    """Keep what arrived of each line; the freight of the shipment is split by delivered quantity, to the cent."""
    weights = [line.delivered_quantity for line in event.lines]
    freight = Money.of(event.freight_amount, event.currency)
    shares = freight.split(weights) if any(weights) else [freight - freight] * len(weights)
    rows = [
        (line.order_line_id, line.delivered_quantity, line.short_quantity, share.amount)
        for line, share in zip(event.lines, shares, strict=True)
    ]
    params = transpose(list(DELIVERY_COLUMNS), rows)
    execute(
        f"""
        INSERT INTO tower_deliveryfact (shipment_id, order_line_id, dealer_id, delivered_quantity, short_quantity,
            freight_amount, currency, delivered_at)
        SELECT %(shipment_id)s, order_line_id, %(dealer_id)s, delivered, short, freight, %(currency)s, %(at)s
        FROM {unnest(DELIVERY_COLUMNS)} ON CONFLICT (shipment_id, order_line_id) DO NOTHING
        """,
        {
            **params,
            "shipment_id": event.shipment_id,
            "dealer_id": event.dealer_id,
            "currency": event.currency,
            "at": event.delivered_at,
        },
    )


@unit_of_work()
def note_saving(event: SavingsStated) -> None:
    """Keep one savings statement; of one that is restated nothing counts any more, whichever is told first."""
    if event.restates_id is not None:
        none = dict.fromkeys(("baseline", "pooled", "dealer_share", "platform_share", "factory_share"), 0)
        SavingFact.objects.update_or_create(
            statement_id=event.restates_id,
            defaults=none,
            create_defaults={
                **none,
                "number": "",
                "cycle_id": event.cycle_id,
                "dealer_id": event.dealer_id,
                "currency": event.currency,
                "stated_at": event.occurred_at,
            },
        )
    SavingFact.objects.bulk_create(
        [
            SavingFact(
                statement_id=event.statement_id,
                number=event.number,
                cycle_id=event.cycle_id,
                dealer_id=event.dealer_id,
                currency=event.currency,
                baseline=event.baseline,
                pooled=event.pooled,
                dealer_share=event.dealer_share,
                platform_share=event.platform_share,
                factory_share=event.factory_share,
                stated_at=event.occurred_at,
            )
        ],
        ignore_conflicts=True,
    )


@unit_of_work()
def note_cost(event: CostsShared) -> None:
    """Keep what a dealer bears of a cost; the newest version counts, whenever it arrives."""
    execute(
        """
        INSERT INTO tower_costfact AS fact (voucher_id, number, version, dealer_id, kind, currency, amount, shared_at)
        VALUES (%(voucher)s, %(number)s, %(version)s, %(dealer)s, %(kind)s, %(currency)s, %(amount)s, %(at)s)
        ON CONFLICT (voucher_id, dealer_id) DO UPDATE SET
            shared_at = least(fact.shared_at, excluded.shared_at),
            amount = CASE WHEN excluded.version > fact.version THEN excluded.amount ELSE fact.amount END,
            version = greatest(fact.version, excluded.version)
        """,
        {
            "voucher": event.voucher_id,
            "number": event.number,
            "version": event.version,
            "dealer": event.dealer_id,
            "kind": event.kind,
            "currency": event.currency,
            "amount": event.amount,
            "at": event.occurred_at,
        },
    )
