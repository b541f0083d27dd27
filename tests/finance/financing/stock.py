"""A dealer's own goods in a warehouse, invoiced before, that secure money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.directory.models import Organization
from finance import handlers
from finance.models import Financing, FinancingRequest, Programme, StockPledge
from finance.services import financing, financing_request
from tests.factories.directory import actor, carrier
from tests.factories.finance import NOON, PLATFORM, confirmed, delivered
from tests.factories.warehousing import World
from tests.finance import rest_world
from tests.finance.financing.world import open_programme


def house_of(dealer: Organization, operator: Organization, *, units: int = 100, price: str = "10") -> World:
    """Let a dealer own units of a product it was invoiced for at `price`."""
    with acting_as(PLATFORM):
        house = World.build(operator=operator, dealer=dealer)
        line = 9_000_000 + next(rest_world.serial)
        order = confirmed(dealer.pk, (line, 1, price, "0"), products={line: house.product.pk})
        handlers.keep_terms(order)
        handlers.invoice(delivered(order, carrier().pk, {line: 1}))
        if units:
            house.stock(units, owner=dealer)
    return house


def key(house: World, units: int) -> str:
    """Name goods as a request does."""
    with acting_as(PLATFORM):
        return f"{house.warehouse.site.code}:{house.product.sku}:{units}"


def lend(bank: Organization | None = None, **terms: Any) -> Programme:
    """Open a programme that lends half of what goods are worth and calls above eight tenths."""
    common = {"advance_rate": Decimal("0.5"), "margin_call_rate": Decimal("0.8")}
    return open_programme("LOAN_INVENTORY", of=bank, **{**common, **terms})


def ask(of: Programme, house: World, units: int) -> FinancingRequest:
    """Ask for money on goods."""
    with clock.travel(NOON):
        return financing_request.ask(
            of.pk,
            asset_kind="STOCK",
            asset_key=key(house, units),
            borrower_id=house.dealer.pk,
            by=actor(house.dealer),
            at=NOON,
        )


def draw(request: FinancingRequest) -> Financing:
    """Take what is offered."""
    with clock.travel(NOON):
        return financing.draw(request.pk, by=actor(request.borrower), at=NOON)


def secured(dealer: Organization, bank: Organization, operator: Organization) -> StockPledge:
    """Let a dealer draw on sixty of a hundred units from a bank's programme."""
    one = draw(ask(lend(bank), house_of(dealer, operator), 60))
    with acting_as(PLATFORM):
        return StockPledge.objects.select_related("funder", "borrower").get(financing=one)
