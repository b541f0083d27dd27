"""Another price than the agreed one: taken within the tolerance of the supply terms, else the operator's to decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.contracts.order_changes import DecidedPrice, PurchasePricesDecided
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, NotFound
from b2b.core.money import round_to_currency
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import PriceAnswer, PurchaseOrder
from orders.policies.order_answer import Settled
from orders.policies.order_response import price_state
from orders.services import price_rise, purchase_order_restating, savings_restating
from orders.states import PRICE_ANSWER

_ANSWERS: Final = {"line_id": "bigint", "agreed": "numeric", "offered": "numeric", "status": "text"}
_PRICES: Final = {"line_id": "bigint", "unit_price": "numeric", "net_amount": "numeric"}


def note(order: PurchaseOrder, settled: Sequence[Settled], *, by: Actor, at: datetime) -> None:
    """Keep the prices of an answer by state and take those within the tolerance; the caller holds the purchase order.

    A proposal of an earlier answer lapses with a new answer to its line. A constant number of statements.
    """
    tolerances = _tolerances(order, [one.line.product_id for one in settled if one.answer.unit_price])
    states = {
        one.line.line_id: price_state(
            one.line.unit_price,
            one.answer.unit_price if one.confirmed else None,
            tolerance_basis_points=tolerances.get(one.line.product_id, 0),
        )
        for one in settled
    }
    execute(
        "DELETE FROM orders_priceanswer WHERE purchase_order_line_id = ANY(%s) AND status = 'PROPOSED'",
        [list(states)],
    )
    asked = [one for one in settled if states[one.line.line_id] != "AGREED"]
    if not asked:
        return
    rows = (
        (one.line.line_id, one.line.unit_price, one.answer.unit_price, states[one.line.line_id])
        for one in asked
    )
    execute(
        f"""
        INSERT INTO orders_priceanswer AS kept (id, purchase_order_id, purchase_order_line_id, factory_id,
            response_version, agreed_unit_price, offered_unit_price, status, updated_at)
        SELECT gen_random_uuid(), %(order)s, line_id, %(factory)s, %(version)s, agreed, offered, status, %(at)s
        FROM {unnest(_ANSWERS)}
        ON CONFLICT (purchase_order_line_id) DO UPDATE SET response_version = excluded.response_version,
            agreed_unit_price = excluded.agreed_unit_price, offered_unit_price = excluded.offered_unit_price,
            status = excluded.status, updated_at = excluded.updated_at
        """,
        {
            **transpose(list(_ANSWERS), rows),
            "order": order.pk,
            "factory": order.factory_id,
            "version": order.response_version,
            "at": at,
        },
    )
    taken = {
        one.line.line_id: one.answer.unit_price
        for one in asked
        if states[one.line.line_id] == "WITHIN_TOLERANCE" and one.answer.unit_price is not None
    }
    if taken:
        _take(order, taken, by=by, at=at)


def _tolerances(order: PurchaseOrder, product_ids: Collection[int]) -> dict[int, int]:
    if not product_ids:
        return {}
    return dict(
        fetch(
            """
            SELECT product_id, price_tolerance_basis_points FROM orders_supplysource
            WHERE factory_id = %s AND product_id = ANY(%s)
            """,
            [order.factory_id, list(product_ids)],
        )
    )


@unit_of_work()
def decide(
    purchase_order: PurchaseOrder,
    *,
    accept: Collection[int] = (),
    refuse: Collection[int] = (),
    by: Actor,
    at: datetime,
) -> list[PriceAnswer]:
    """Accept or refuse proposed prices by line number; accepted lines are bought at the new price from now on.

    Publishes PurchasePricesDecided and, when a price was accepted, PurchaseOrderChanged. A refused line stays at the
    agreed price, and the factory may answer it anew.

    :raises Forbidden: unless the operator asks. :raises NotFound: when a line has no price to decide on.
    """
    if not by.sees_all:
        raise Forbidden("only the operator decides on prices")
    with acting_as(system("orders")):
        order = lock_one(PurchaseOrder.objects.filter(pk=purchase_order.pk))
        found = lock(
            PriceAnswer.objects.filter(
                purchase_order=order,
                status="PROPOSED",
                purchase_order_line__line_number__in=[*accept, *refuse],
            ).select_related("purchase_order_line")
        )
        if len(found) != len({*accept, *refuse}) or set(accept) & set(refuse):
            raise NotFound(f"{order.number} has no price to decide on in one of these lines")
        for one in found:
            verb = "accept" if one.purchase_order_line.line_number in accept else "refuse"
            one.status, one.updated_at = PRICE_ANSWER.next(one.status, verb), at
        PriceAnswer.objects.bulk_update(found, ["status", "updated_at"])
        publish(_decided(order, found, at))
        accepted = {
            one.purchase_order_line_id: one.offered_unit_price for one in found if one.status == "ACCEPTED"
        }
        if accepted:
            _take(order, accepted, by=by, at=at)
    return found


def _take(order: PurchaseOrder, prices: Mapping[int, Decimal], *, by: Actor, at: datetime) -> None:
    stated_in = savings_restating.stated_in(order)
    passed_on = price_rise.pass_on(order, prices, stated_in=stated_in, by=by, at=at)
    savings_restating.restate(order, prices, passed_on, stated_in=stated_in, by=by, at=at)
    quantities = dict(order.lines.filter(pk__in=list(prices)).values_list("pk", "quantity"))
    rows = (
        (line_id, price, round_to_currency(price * quantities[line_id], order.currency))
        for line_id, price in prices.items()
    )
    execute(
        f"""
        UPDATE orders_purchaseorderline line SET unit_price = given.unit_price, net_amount = given.net_amount
        FROM {unnest(_PRICES)} WHERE line.id = given.line_id
        """,
        transpose(list(_PRICES), rows),
    )
    purchase_order_restating.restate(order, reason="price", by=by, at=at)


def _decided(order: PurchaseOrder, found: Sequence[PriceAnswer], at: datetime) -> PurchasePricesDecided:
    return PurchasePricesDecided(
        occurred_at=at,
        purchase_order_id=order.pk,
        number=order.number,
        factory_id=order.factory_id,
        lines=tuple(
            DecidedPrice(
                line_id=one.purchase_order_line_id,
                line_number=one.purchase_order_line.line_number,
                agreed_unit_price=one.agreed_unit_price,
                offered_unit_price=one.offered_unit_price,
                is_accepted=one.status == "ACCEPTED",
            )
            for one in found
        ),
    )
