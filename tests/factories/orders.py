"""Terms of trade, cycles and orders for tests; documents are made by the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory

from b2b.catalog.models import Product
from b2b.core.actor import Actor, acting_as, system
from b2b.directory.models import Organization, Site
from orders.models import Order, OrderCycle, OrderRule, PriceAgreement, PriceBreak, SupplySource
from orders.services import bulk_order, order_cycle
from tests.factories import catalog, directory

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class PriceAgreementFactory(factory.django.DjangoModelFactory):
    """A general agreement without end."""

    class Meta:
        model = PriceAgreement

    valid_from = date(2026, 1, 1)


class OrderRuleFactory(factory.django.DjangoModelFactory):
    """A rule for everyone."""

    class Meta:
        model = OrderRule


class SupplySourceFactory(factory.django.DjangoModelFactory):
    """A source with a week of lead time."""

    class Meta:
        model = SupplySource


def agreement(
    seller: Organization,
    product: Product,
    breaks: Sequence[tuple[int, str]] = ((1, "10"), (100, "8")),
    **values: object,
) -> PriceAgreement:
    """Create a price agreement with (min_quantity, unit_price) breaks."""
    with acting_as(system("test")):
        made = PriceAgreementFactory(seller=seller, product=product, **values)
        PriceBreak.objects.bulk_create(
            PriceBreak(agreement=made, min_quantity=quantity, unit_price=Decimal(price))
            for quantity, price in breaks
        )
    return made


def source(maker: Organization, product: Product, **values: object) -> SupplySource:
    """Create a supply source."""
    with acting_as(system("test")):
        return SupplySourceFactory(factory=maker, product=product, **values)


def source_of(market: Trade, index: int) -> SupplySource:
    """Return the source of a product of the market."""
    with acting_as(system("test")):
        return SupplySource.objects.get(factory=market.maker, product=market.products[index])


def rule(seller: Organization, product: Product | None, **values: object) -> OrderRule:
    """Create an order rule."""
    with acting_as(system("test")):
        return OrderRuleFactory(seller=seller, product=product, **values)


@dataclass
class Trade:
    """A factory with products on sale, a warehouse, and dealers with a shop each."""

    maker: Organization
    products: list[Product]
    warehouse: Site
    dealers: list[Organization]
    shops: list[Site] = field(default_factory=list)

    def dealer_actor(self, index: int = 0) -> Actor:
        """Return the actor a dealer is."""
        return directory.actor(self.dealers[index])

    @property
    def factory_actor(self) -> Actor:
        """The actor the factory is."""
        return directory.actor(self.maker)

    @property
    def operator_actor(self) -> Actor:
        """The actor the operator is."""
        return directory.actor(self.warehouse.organization)


def trade(
    *,
    products: int = 1,
    dealers: int = 2,
    maker: Organization | None = None,
    buyers: Sequence[Organization] = (),
    breaks: Sequence[tuple[int, str]] = ((1, "10"), (100, "8")),
    moq: int = 1,
    multiple: int = 1,
    carton: int | None = None,
) -> Trade:
    """Create a small market."""
    maker = maker or directory.factory_organization()
    made = catalog.products(products, carton=carton)
    for product in made:
        agreement(maker, product, breaks)
        source(maker, product, moq=moq, order_multiple=multiple)
    buyers = buyers or [directory.dealer() for _ in range(dealers)]
    return Trade(
        maker=maker,
        products=made,
        warehouse=directory.warehouse(),
        dealers=list(buyers),
        shops=[directory.site(buyer) for buyer in buyers],
    )


def cycle(market: Trade, *, at: datetime = NOW, hours: int = 24, **values: object) -> OrderCycle:
    """Open a cycle that closes after `hours`."""
    with acting_as(system("test")):
        return order_cycle.open(
            market.maker,
            warehouse=market.warehouse,
            opens_at=at,
            cutoff_at=at + timedelta(hours=hours),
            by=system("test"),
            at=at,
            **values,  # type: ignore[arg-type]
        )


def order(
    market: Trade,
    quantities: Sequence[int] | dict[int, int],
    *,
    dealer: int = 0,
    at: datetime = NOW,
    told: Mapping[str, object] | None = None,
    **values: object,
) -> Order:
    """Place an order of one line per product (by index) as the dealer; each row says what is `told` besides."""
    wanted = quantities.items() if isinstance(quantities, dict) else enumerate(quantities)
    rows = bulk_order.rows_of(
        {"sku": market.products[index].sku, "quantity": quantity, **(told or {})}
        for index, quantity in wanted
        if quantity
    )
    who = market.dealer_actor(dealer)
    with acting_as(who):
        return bulk_order.submit(
            rows,
            dealer=market.dealers[dealer],
            ship_to=market.shops[dealer],
            by=who,
            at=at,
            **values,  # type: ignore[arg-type]
        ).order
