"""A market of a size: one factory, one warehouse, dealers with a shop and credit, products with price breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from b2b.catalog.models import Product
from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor, system
from b2b.core.money import Money
from b2b.directory.models import BuyerGroup, Organization, Site
from b2b.directory.selectors.acting import of_organization
from finance.services import exposure
from orders.models import OrderCycle, PriceAgreement, PriceBreak, SupplySource
from orders.services import order_cycle
from warehousing.models import Warehouse
from warehousing.services import warehouse

BY = system("benchmark")
AT = datetime.now(UTC).replace(microsecond=0)
SINCE = date(2020, 1, 1)
PACK = 12  # base units that a factory sells together
MOQ = 48


@dataclass
class World:
    """Who trades what where."""

    operator: Organization
    maker: Organization
    house: Warehouse
    dealers: list[Organization]
    shops: list[Site]
    products: list[Product]

    def dealer_actor(self, number: int = 0) -> Actor:
        """Return the actor a dealer is."""
        return of_organization(self.dealers[number])

    def sku(self, number: int) -> str:
        """Return the SKU of a line by its number, so that all products are met in turn."""
        return self.products[number % len(self.products)].sku


def build(
    *, products: int = 2_000, dealers: int = 20, makers: int = 1, category: str = "", prefix: str = ""
) -> World:
    """Create a market beside those of other prefixes; every product has a general agreement with three breaks.

    The products are of twenty categories unless one is named, and are made by the factories in turn.
    """
    operator = Organization.objects.create(kind=OPERATOR, code=f"{prefix}OPS", name="Operator")
    factories = Organization.objects.bulk_create(
        Organization(kind=FACTORY, code=f"{prefix}FAC{n or ''}", name=f"Factory {n or ''}".strip())
        for n in range(makers)
    )
    site = _site(operator, f"{prefix}WH", Site.Kind.WAREHOUSE)
    site.save()
    buyers = Organization.objects.bulk_create(
        Organization(kind=DEALER, code=f"{prefix}D{n:04}", name=f"Dealer {n}", pseudonym=f"Party {n}")
        for n in range(dealers)
    )
    shops = Site.objects.bulk_create(_site(buyer, f"S-{buyer.code}", Site.Kind.SHOP) for buyer in buyers)
    goods = Product.objects.bulk_create(
        Product(
            sku=f"{prefix}SKU-{n:06}",
            name=f"Article {n}",
            category=category or f"c{n % 20}",
            weight_g=500,
            volume_cm3=800,
        )
        for n in range(products)
    )
    for turn, maker in enumerate(factories):
        agree(maker, goods[turn::makers])
    SupplySource.objects.bulk_create(
        SupplySource(factory=factories[n % makers], product=one, moq=MOQ, order_multiple=PACK)
        for n, one in enumerate(goods)
    )
    for buyer in buyers:
        exposure.set_limit(party_id=buyer.pk, amount=Money.of(10**12, "CNY"), by=BY, at=AT)
    return World(operator, factories[0], warehouse.open_at(site.pk), buyers, shops, goods)


def agree(
    seller: Organization,
    goods: list[Product],
    buyer: Organization | None = None,
    *,
    group: BuyerGroup | None = None,
    prices: tuple[str, str, str] = ("10", "8.5", "7.25"),
) -> None:
    """Write price agreements of three breaks, for a buyer, a group, or everyone."""
    made = PriceAgreement.objects.bulk_create(
        PriceAgreement(
            seller=seller, buyer=buyer, buyer_group=group, product=one, currency="CNY", valid_from=SINCE
        )
        for one in goods
    )
    PriceBreak.objects.bulk_create(
        PriceBreak(agreement=one, min_quantity=quantity, unit_price=Decimal(price))
        for one in made
        for quantity, price in zip((1, 100, 1000), prices, strict=True)
    )


def cycle(world: World, *, hours: int = 24, category: str = "") -> OrderCycle:
    """Open a cycle of the factory, or of a category, that has begun and closes after `hours`."""
    return order_cycle.open(
        None if category else world.maker,
        category=category,
        warehouse=world.house.site,
        opens_at=AT - timedelta(hours=1),
        cutoff_at=AT + timedelta(hours=hours),
        by=BY,
        at=AT,
    )


def _site(owner: Organization, code: str, kind: str) -> Site:
    return Site(
        organization=owner, code=code, name=code, kind=kind, latitude="30.592800", longitude="114.305500"
    )
