"""Standing agreements: a few dealers agree on a quantity for the month and call it off week by week."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from b2b.core.actor import Actor
from b2b.directory.models import Site
from b2b.market.actors import alone
from b2b.market.actors.dealers import assortment_of
from b2b.market.stage import Stage
from orders.models import BlanketOrder, PriceBreak
from orders.services import blanket_order, blanket_release
from orders.services.blanket_order import Wanted
from orders.services.order import CreditRefused

EVERY_NTH_DEALER = 5
WEEKS = 4
DISCOUNT = Decimal("0.97")


def agree(stage: Stage) -> None:
    """End what is over, and agree with every fifth dealer on four weeks' need of its first product."""
    with stage.at(7) as now, stage.acting(stage.world.operator) as by:
        blanket_order.expire_due(by=by, at=now)
        running = BlanketOrder.objects.filter(status="AGREED", valid_to__gte=stage.today)
        bound = set(running.values_list("dealer_id", flat=True))
        for dealer in stage.world.dealers[::EVERY_NTH_DEALER]:
            if dealer.pk in bound:
                continue
            product, usual = assortment_of(stage, dealer)[0]
            listed = PriceBreak.objects.filter(agreement__product=product, min_quantity=1).first()
            assert listed is not None  # every product of the market has a list price
            price = (listed.unit_price * DISCOUNT).quantize(Decimal("0.0001"))
            blanket_order.agree(
                dealer,
                lines=[Wanted(product.sku, WEEKS * usual, price)],
                valid_from=stage.today,
                valid_to=stage.today + timedelta(days=7 * WEEKS - 1),
                tolerance_bp=1_000,
                ship_to=Site.objects.filter(organization=dealer).first(),
                by=by,
                at=now,
            )
            stage.counts["blanket orders"] += 1


def call_off(stage: Stage) -> None:
    """Call a week's part off on the second day of each week."""
    alone.stand_ready(stage, hour=12.4)
    with stage.at(12.5) as now:
        for dealer in stage.world.dealers[::EVERY_NTH_DEALER]:
            with stage.acting(dealer) as by:
                agreed = BlanketOrder.objects.visible_to(by).filter(status="AGREED").order_by("pk")
                for blanket in agreed:
                    week, day = divmod((stage.today - blanket.valid_from).days, 7)
                    if day == 1 and blanket.releases.count() == week:
                        _call_off(stage, blanket, week, by=by, at=now)


def _call_off(stage: Stage, blanket: BlanketOrder, week: int, *, by: Actor, at: datetime) -> None:
    parts = {line.line_number: line.quantity // WEEKS for line in blanket.lines.all()}
    reference = f"{blanket.number}/{week + 1}"
    try:
        blanket_release.release(blanket, quantities=parts, external_reference=reference, by=by, at=at)
    except CreditRefused:
        stage.counts["orders refused for credit"] += 1
        return
    stage.counts["blanket releases"] += 1
    if not stage.is_pooling and blanket.dealer is not None:
        alone.buy(stage, blanket.dealer, reference)
