"""The routes of blanket orders, quotations and approvals in the tenancy matrix."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from orders.models import ApprovalStep
from orders.policies.pricing import Break
from orders.services import (
    approval_rule,
    blanket_order,
    blanket_release,
    order_cycle,
    quotation,
    quotation_request,
)
from tests.factories import agreements as agreed
from tests.factories import directory
from tests.factories import orders as ordering
from tests.house.tenancy_line import Case, Line, World
from tests.support.order_ports import answered

BOTH = frozenset({"owner", "rival"})
ASKERS = frozenset({"owner", "rival", OPERATOR})
OWN: dict[str, Any] = {"changes": frozenset({"owner", OPERATOR}), "sees": frozenset()}
DESK: dict[str, Any] = {"owner": OPERATOR, "sees": frozenset(), "changes": BOTH}


def _market(world: World) -> ordering.Trade:
    return ordering.trade(maker=world[FACTORY], buyers=[world[DEALER]])


def _blanket(world: World, *, kind: str = DEALER) -> Any:
    market, today = _market(world), clock.now().date()
    with acting_as(system("test")) as platform:
        return blanket_order.agree(
            world[kind],
            lines=[blanket_order.Wanted(market.products[0].sku, 100, Decimal(7))],
            valid_from=today,
            valid_to=today + timedelta(days=30),
            ship_to=market.shops[0],
            by=platform,
            at=clock.now(),
        )


def _one_blanket(world: World) -> Case:
    made = _blanket(world)
    return Case({"blanket_order_id": made.pk}, marker=made.number)


def _released(world: World) -> Case:
    made = _blanket(world)
    with answered(), acting_as(directory.actor(world[DEALER])) as who:
        released = blanket_release.release(made, quantities={1: 5}, by=who, at=clock.now())
    return Case({"blanket_order_id": made.pk}, marker=released.order.number)


def _history(world: World) -> Case:
    return Case(_one_blanket(world).values, marker="agree")


def _listed(make: Callable[[World], Case]) -> Callable[[World], Case]:
    return lambda world: Case(marker=make(world).marker)


def _asked(world: World) -> Any:
    market = _market(world)
    with acting_as(system("test")) as platform:
        return quotation_request.ask(
            title="Own range",
            lines=[quotation_request.Requested(10, sku=market.products[0].sku)],
            deadline_at=clock.now() + timedelta(days=1),
            issuer=world[OPERATOR],
            factories=[world[FACTORY]],
            by=platform,
            at=clock.now(),
        )


def _request(world: World) -> Case:
    made = _asked(world)
    return Case({"request_id": made.pk}, marker=made.number)


def _dealers_request(world: World) -> Any:
    market = _market(world)
    with acting_as(directory.actor(world[DEALER])) as who:
        return quotation_request.ask(
            title="Own need",
            lines=[quotation_request.Requested(10, sku=market.products[0].sku)],
            deadline_at=clock.now() + timedelta(days=1),
            issuer=world[DEALER],
            ship_to=market.shops[0],
            by=who,
            at=clock.now(),
        )


def _own_request(world: World) -> Case:
    made = _dealers_request(world)
    return Case({"request_id": made.pk}, marker=made.number)


def _quote(request: Any, who: Any) -> Any:
    with acting_as(who):
        return quotation.submit(
            request,
            lines=[quotation.Offered(1, (Break(1, Decimal(9)),), lead_time_days=3)],
            valid_until=clock.now().date() + timedelta(days=9),
            by=who,
            at=clock.now(),
        )


def _quotation(world: World) -> Case:
    made = _quote(_asked(world), directory.actor(world[FACTORY]))
    return Case({"quotation_id": made.pk}, marker=made.number)


def _own_quotation(world: World) -> Case:
    made = _quote(_dealers_request(world), directory.actor(world[OPERATOR]))
    return Case({"quotation_id": made.pk}, marker=made.number)


def _step(world: World) -> Case:
    market, now = _market(world), clock.now()
    agreed.approval_rule(world[DEALER])
    with answered():
        made = ordering.order(market, [10], at=now)
    with acting_as(system("test")):
        number = ApprovalStep.objects.get(order=made).number
    return Case({"order_id": made.pk}, marker=number)


def _purchase_step(world: World) -> Case:
    market, now = _market(world), clock.now()
    agreed.approval_rule(world[OPERATOR])
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        ordering.order(market, [10], at=now)
        closed = order_cycle.close(cycle, early=True, by=platform, at=now)
        [made] = closed if isinstance(closed, list) else [closed]
        number = ApprovalStep.objects.get(purchase_order=made).number
    return Case({"purchase_order_id": made.pk}, marker=number)


def _rule(world: World) -> Case:
    made = agreed.approval_rule(world[DEALER], name="Own limit")
    return Case({"rule_id": made.pk}, marker="Own limit")


def _changed_rule(world: World) -> Case:
    with acting_as(system("test")) as platform:
        made = approval_rule.put(
            world[DEALER], name="Own limit", amount_from=Decimal(1), role="ADMIN", by=platform, at=clock.now()
        )
    return Case({"rule_id": made.pk}, marker="Own limit")


def _substitute(world: World) -> Case:
    away, stand_in = (directory.person(world[DEALER]) for _ in range(2))
    today = clock.now().date()
    agreed.substitute(world[DEALER], away, stand_in, from_date=today, to_date=today)
    return Case(marker=away.username)


LINES: dict[str, Line] = {
    "blanket-orders/": Line(_listed(_one_blanket), changes=frozenset({OPERATOR})),
    "blanket-orders/<uuid:blanket_order_id>/": Line(_one_blanket),
    "blanket-orders/<uuid:blanket_order_id>/cancel/": Line(_one_blanket, **DESK),
    "blanket-orders/<uuid:blanket_order_id>/history/": Line(_history),
    "blanket-orders/<uuid:blanket_order_id>/releases/": Line(
        _released, changes=frozenset({"owner", OPERATOR})
    ),
    "quotation-requests/": Line(_listed(_own_request), changes=ASKERS),
    "quotation-requests/<uuid:request_id>/": Line(_request, FACTORY),
    "quotation-requests/<uuid:request_id>/award/": Line(_request, **DESK),
    "quotation-requests/<uuid:request_id>/cancel/": Line(_own_request, **OWN),
    "quotation-requests/<uuid:request_id>/close/": Line(_request, **DESK),
    "quotation-requests/<uuid:request_id>/comparison/": Line(
        lambda world: Case(_request(world).values), OPERATOR, sees=BOTH
    ),
    "quotation-requests/<uuid:request_id>/decline/": Line(
        _request, FACTORY, sees=frozenset(), changes=frozenset({"owner"})
    ),
    "quotation-requests/<uuid:request_id>/unseal/": Line(_request, **DESK),
    "quotations/": Line(_listed(_quotation), FACTORY, changes=ASKERS),
    "quotations/<uuid:quotation_id>/": Line(_own_quotation),
    "quotations/<uuid:quotation_id>/accept/": Line(_own_quotation, **OWN),
    "quotations/<uuid:quotation_id>/withdraw/": Line(
        _quotation, FACTORY, sees=frozenset(), changes=frozenset({"owner"})
    ),
    "approvals/": Line(_listed(_step)),
    "approval-rules/": Line(_listed(_rule), changes=ASKERS),
    "approval-rules/<int:rule_id>/changes/": Line(_changed_rule),
    "approval-rules/<int:rule_id>/replace/": Line(
        _rule, **OWN, body=lambda world: {"name": "Own limit", "amount_from": "5", "role": "ADMIN"}
    ),
    "approval-rules/<int:rule_id>/retire/": Line(_rule, **OWN),
    "approval-substitutes/": Line(_substitute, changes=ASKERS),
    "orders/<uuid:order_id>/approvals/": Line(_step, changes=frozenset({"owner", OPERATOR})),
    "purchase-orders/<uuid:purchase_order_id>/approvals/": Line(
        _purchase_step, OPERATOR, sees=BOTH, changes=BOTH
    ),
}
