"""On what terms the market trades: prices and breaks, sources, cycles, vehicles, credit."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from b2b.catalog.models import Product
from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from b2b.market.world import World, rows
from logistics.models import Vehicle
from orders.models import PriceAgreement, PriceBreak, SupplySource

LONG_AGO = timedelta(days=365)
VEHICLES = (("van", 1_200_000, 7_000_000, "2.20", "45"), ("truck", 5_000_000, 28_000_000, "3.60", "60"))


@unit_of_work()
def agree(world: World, *, today: date) -> None:
    """Write the price tables, sources and fleets that are not there yet."""
    with acting_as(system("market")):
        _prices(world, today)
        _fleet(world)


def _prices(world: World, today: date) -> None:
    factories: dict[str, Organization] = {factory.code: factory for factory in world.factories}
    products = {product.sku: product for product in Product.objects.all()}
    priced = set(PriceAgreement.objects.values_list("product__sku", flat=True))
    wanted = [row for row in rows("products.csv") if row["sku"] not in priced]
    agreements = PriceAgreement.objects.bulk_create(
        PriceAgreement(
            seller=factories[row["factory"]],
            product=products[row["sku"]],
            currency="CNY",
            valid_from=today - LONG_AGO,
        )
        for row in wanted
    )
    PriceBreak.objects.bulk_create(
        PriceBreak(agreement=agreement, min_quantity=quantity, unit_price=price)
        for agreement, row in zip(agreements, wanted, strict=True)
        for quantity, price in _breaks(row)
    )
    SupplySource.objects.bulk_create(
        SupplySource(
            factory=factories[row["factory"]],
            product=products[row["sku"]],
            **{
                name: int(row[name])
                for name in ("moq", "order_multiple", "lead_time_days", "weekly_capacity")
            },
        )
        for row in wanted
    )


def _breaks(row: dict[str, str]) -> list[tuple[int, Decimal]]:
    return [
        (1, Decimal(row["list_price"])),
        *((int(row[f"break_quantity_{step}"]), Decimal(row[f"break_price_{step}"])) for step in (1, 2)),
    ]


def _fleet(world: World) -> None:
    if Vehicle.objects.exists():
        return
    Vehicle.objects.bulk_create(
        Vehicle(
            carrier=carrier,
            code=f"{carrier.code}-{kind}-{number}",
            plate=f"SH-{carrier.code[0].upper()}{number}{kind[0].upper()}",
            warehouse_site=world.warehouse,
            capacity_weight_g=weight,
            capacity_volume_cm3=volume,
            cost_per_km=Decimal(per_km),
            cost_per_hour=Decimal(per_hour),
        )
        for carrier in world.carriers
        for kind, weight, volume, per_km, per_hour in VEHICLES
        for number in (1, 2, 3)
    )
