"""Who may see and change agreements, rules, price lists and proposals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from orders.models import PriceAgreement
from orders.policies.agreement_row import Draft, Scope
from orders.policies.pricing import Break
from orders.policies.raw_row import RawRow
from orders.services import agreements, buyers_items, handling, price_proposal, standing_rules
from tests.factories import catalog, directory
from tests.factories import orders as ordering
from tests.house.tenancy_line import Case, Line, World

SELLING = frozenset({"owner", FACTORY, OPERATOR})


def _agreed(world: World) -> PriceAgreement:
    """Agree a price for the dealer."""
    product = catalog.product()
    scope = Scope(world[FACTORY].pk, world[DEALER].pk, product.pk, "CNY", 1)
    draft = Draft(scope, date(2026, 1, 1), None, (Break(1, Decimal("77.125")),), 1, product.sku)
    agreements.put([draft], reason="OWN-REASON", by=directory.actor(world[OPERATOR]), at=clock.now())
    with acting_as(system("test")):
        return PriceAgreement.objects.get(product=product)


def _agreements(world: World) -> Case:
    _agreed(world)
    return Case(marker="77.125000")


def _agreement(world: World) -> Case:
    return Case({"agreement_id": _agreed(world).pk}, marker="77.125000")


def _changes(world: World) -> Case:
    return Case({"agreement_id": _agreed(world).pk}, marker="OWN-REASON")


def _rules(world: World) -> Case:
    ordering.rule(world[FACTORY], catalog.product(), buyer=world[DEALER], min_quantity=77_125)
    return Case(marker="77125")


def _proposed(world: World) -> Case:
    rows = [RawRow(2, {"sku": catalog.product().sku, "unit_price": "77.125"})]
    made = price_proposal.propose(rows, by=directory.actor(world[FACTORY]), at=clock.now())
    return Case({"proposal_id": made.pk}, marker=made.number)


def _proposals(world: World) -> Case:
    return Case(marker=_proposed(world).marker)


def _decided(world: World) -> Case:
    return Case(_proposed(world).values)


def _codes(world: World) -> Case:
    rows = [RawRow(2, {"buyers_code": "OWN-CODE-7", "sku": catalog.product().sku})]
    by = directory.actor(world[DEALER])
    with acting_as(by):
        buyers_items.put(rows, dealer=world[DEALER], by=by, at=clock.now())
    return Case(marker="OWN-CODE-7")


def _handling(world: World) -> Case:
    by = directory.actor(world[OPERATOR])
    house = directory.warehouse()
    with acting_as(by):
        handling.put(house, days=7, reason="OWN-REASON", by=by, at=clock.now())
    return Case({"site_id": house.pk}, marker=house.code)


def _handling_history(world: World) -> Case:
    return Case(_handling(world).values, marker="OWN-REASON")


def _standing(world: World) -> Case:
    by = directory.actor(world[OPERATOR])
    category = catalog.product(category="OWN-CATEGORY").category
    with acting_as(by):
        rules = standing_rules.put(category, reason="OWN-REASON", by=by, at=clock.now())
    return Case({"rules_id": rules.pk}, marker=category)


def _standing_history(world: World) -> Case:
    return Case(_standing(world).values, marker="OWN-REASON")


DESKS = frozenset({"owner", "rival"})
LINES: Mapping[str, Line] = {
    "buyers-items/": Line(_codes, changes=frozenset({"owner", "rival", OPERATOR})),
    "handling-times/": Line(lambda world: Case(marker=_handling(world).marker), owner=OPERATOR, sees=DESKS),
    "handling-times/<int:site_id>/": Line(
        _handling, owner=OPERATOR, sees=DESKS, changes=DESKS, body=lambda world: {"days": 3}
    ),
    "handling-times/<int:site_id>/changes/": Line(_handling_history, owner=OPERATOR, sees=DESKS),
    "order-rules/": Line(_rules, sees=SELLING),
    "price-agreements/": Line(_agreements, sees=SELLING),
    "price-agreements/<int:agreement_id>/": Line(_agreement, sees=SELLING),
    "price-agreements/<int:agreement_id>/changes/": Line(_changes, owner=FACTORY),
    "price-lists/": Line(
        lambda world: Case(), owner=FACTORY, sees=frozenset(), changes=frozenset({"owner", "rival", OPERATOR})
    ),
    "price-proposals/": Line(_proposals, owner=FACTORY),
    "price-proposals/<uuid:proposal_id>/": Line(_proposed, owner=FACTORY),
    "price-proposals/<uuid:proposal_id>/approve/": Line(
        _decided, owner=FACTORY, changes=frozenset({OPERATOR})
    ),
    "price-proposals/<uuid:proposal_id>/reject/": Line(
        _decided, owner=FACTORY, changes=frozenset({OPERATOR})
    ),
    "price-proposals/<uuid:proposal_id>/withdraw/": Line(
        _decided, owner=FACTORY, changes=frozenset({"owner", OPERATOR})
    ),
    "standing-rules/": Line(
        lambda world: Case(marker=_standing(world).marker),
        owner=OPERATOR,
        sees=DESKS,
        changes=DESKS,
        body=lambda world: {"window_days": 3},
    ),
    "standing-rules/<int:rules_id>/changes/": Line(_standing_history, owner=OPERATOR, sees=DESKS),
    "standing-rules/<int:rules_id>/withdraw/": Line(
        _standing, owner=OPERATOR, changes=DESKS, sees=frozenset()
    ),
}
