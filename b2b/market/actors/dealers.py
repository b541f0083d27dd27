"""Dealers: each has its own assortment and pace, and orders by uploading a spreadsheet."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import timedelta

from b2b.catalog.models import Product
from b2b.directory.models import Organization, Site
from b2b.market.actors import alone
from b2b.market.stage import Stage
from orders.models import Order
from orders.services import bulk_order, upload
from orders.services.order import CreditRefused

ORDERS_A_DAY = 0.35  # chance that a dealer orders on a day
HEADER = ("sku", "quantity", "unit", "need_by_date")


def order(stage: Stage) -> None:
    """Let some dealers order in the morning."""
    alone.stand_ready(stage, hour=7.9)
    for dealer, content in sheets(stage, pace=ORDERS_A_DAY):
        _upload(stage, dealer, 8 + stage.chance.random() * 4, content)


def sheets(stage: Stage, *, pace: float) -> Iterator[tuple[Organization, bytes]]:
    """Yield who orders today and the spreadsheet it would upload; `pace` is the chance that a dealer does."""
    for dealer in stage.world.dealers:
        if stage.chance.random() < pace:
            yield dealer, _sheet(stage, assortment_of(stage, dealer))


def assortment_of(stage: Stage, dealer: Organization) -> list[tuple[Product, int]]:
    """Return what a dealer sells, with its usual order quantity in base units."""
    if not stage.assortment:
        stage.assortment.update(_assortment(stage))
    return stage.assortment[dealer.pk]


def _assortment(stage: Stage) -> dict[int, list[tuple[Product, int]]]:
    """Return what each dealer sells with its usual order quantity; fixed by the seed, not by the day."""
    products = list(Product.objects.filter(is_active=True).prefetch_related("packagings").order_by("sku"))
    chosen = {}
    for dealer in stage.world.dealers:
        taste = random.Random(f"{stage.seed}/{dealer.code}")
        size = taste.lognormvariate(0, 0.5)
        chosen[dealer.pk] = [
            (product, max(1, round(size * taste.uniform(0.5, 4) * _carton(product))))
            for product in taste.sample(products, k=min(len(products), taste.randint(5, 14)))
        ]
    return chosen


def _carton(product: Product) -> int:
    return max((pack.units for pack in product.packagings.all()), default=1)


def _sheet(stage: Stage, assortment: list[tuple[Product, int]]) -> bytes:
    """Write the spreadsheet a dealer would upload: some lines in pieces, some in cartons."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(HEADER)
    lines = stage.chance.sample(assortment, k=stage.chance.randint(1, len(assortment)))
    need_by = stage.today + timedelta(days=stage.chance.randint(4, 9))
    for product, usual in lines:
        quantity = max(1, round(usual * stage.chance.uniform(0.5, 1.5)))
        carton = _carton(product)
        if carton > 1 and quantity >= carton and stage.chance.random() < 0.5:
            writer.writerow([product.sku, round(quantity / carton), "CT", need_by.isoformat()])
        else:
            writer.writerow([product.sku, quantity, "", need_by.isoformat()])
    return table.getvalue().encode()


def _upload(stage: Stage, dealer: Organization, hour: float, content: bytes) -> None:
    """Upload once: the reference keeps a repeated upload from ordering twice."""
    reference = f"{dealer.code}/{stage.today.isoformat()}"
    with stage.at(hour) as now, stage.acting(dealer) as by:
        if Order.objects.visible_to(by).filter(external_reference=reference).exists():
            return
        try:
            submission = bulk_order.submit(
                upload.read(content, filename="order.csv"),
                dealer=dealer,
                ship_to=Site.objects.visible_to(by).filter(organization=dealer).first(),
                external_reference=reference,
                by=by,
                at=now,
            )
        except CreditRefused:
            stage.counts["orders refused for credit"] += 1
            return
        stage.counts["orders"] += 1
        stage.counts["order lines"] += len(submission.preview.good)
    if not stage.is_pooling:
        with stage.at(hour):
            alone.buy(stage, dealer, reference)
