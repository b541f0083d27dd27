"""A savings statement shows what freight, duty and fees leave of the saving, to the cent and up to date."""

from __future__ import annotations

from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.money import Money
from orders.models import SavingsStatement
from orders.services import cost_voucher
from tests.factories.orders import NOW
from tests.factories.returns import PLATFORM, delivered

pytestmark = pytest.mark.django_db


def test_costs_stand_beside_the_saving_and_sum_up(api_as, holds) -> None:
    goods = delivered([60, 60])
    with acting_as(PLATFORM):
        for kind, about, amount in (
            ("FREIGHT", {"purchase_order": goods.placed}, "33.33"),
            ("DUTY", {"cycle": goods.placed.cycle}, "10.01"),
            ("FEE", {"shipment_id": _shipment(goods)}, "5.00"),
        ):
            made = cost_voucher.plan(
                kind=kind,
                basis="QUANTITY",
                amount=Money(Decimal(amount), "CNY"),
                by=PLATFORM,
                at=NOW,
                **about,
            )
            cost_voucher.share(made, by=PLATFORM, at=NOW)
        statement = SavingsStatement.objects.get(dealer=goods.market.dealers[0])
    client = api_as(goods.market.dealers[0])
    shown = client.get(f"/api/v1/savings-statements/{statement.pk}/").json()
    assert (shown["freight"], shown["duty"], shown["fee"]) == ("16.670", "5.010", "5.000")
    left = Decimal(shown["dealer_share"]) - Decimal("26.68")
    assert Decimal(shown["saved_after_costs"]) == left
    for name in ("freight", "duty", "fee", "saved_after_costs", "dealer_share"):
        assert sum(Decimal(line[name]) for line in shown["lines"]) == Decimal(shown[name])
    assert shown["sharing"] == {"dealer": 7000, "platform": 2000, "factory": 1000}
    own = client.get("/api/v1/cost-shares/").json()["results"]
    assert sum(Decimal(share["amount"]) for share in own) == Decimal("26.68")
    assert {share["dealer"] for share in own} == {goods.market.dealers[0].code}
    holds()


def _shipment(goods) -> str:
    event = goods.orders[0].lines.get().quantity_events.get(kind="delivered")
    return event.source.removeprefix("shipment:")
