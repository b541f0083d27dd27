"""Pledged goods move for nobody: not to a customer, not to another funder, and back only as far as they may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import DomainError, Forbidden, NotFound
from b2b.core.ids import uuid7
from b2b.db import invariants
from b2b.directory.models import Organization
from finance.models import Case, PledgeValuation, StockPledge
from finance.services import pledge, pledge_valuation, repayment
from finance.services.goods_book import Goods, StockPledged
from finance.services.pledge import ReleaseRefused
from tests.factories.directory import actor, dealer, funder
from tests.factories.finance import NOON, PLATFORM, operator
from tests.factories.warehousing import AT, World
from tests.finance.financing.stock import ask, draw, house_of, lend, secured
from tests.finance.financing.test_financing import FINANCE
from tests.finance.financing.world import reread
from tests.warehousing.services.test_outbound import packed, trip
from warehousing.models import Demand, PackageLine, Quant
from warehousing.services import demand, issue, movement, promise

pytestmark = pytest.mark.usefixtures("db")


def clean() -> None:
    assert invariants.check(FINANCE) == []


def taken(house: World, units: int) -> None:
    """Let the dealer's goods leave the way the warehouse asks for it."""
    goods = Goods(house.dealer.pk, house.product.pk, house.warehouse.site_id, units)
    pledge.take([goods], document_id=uuid7(), at=NOON)


def test_goods_secure_money_and_are_pledged_once() -> None:
    house = house_of(dealer(), operator())
    first, second = ask(lend(), house, 60), ask(lend(), house, 60)
    one = draw(first)
    assert one.drawn == 30_000  # half of sixty at 10.00
    with pytest.raises(DomainError) as refused:
        draw(second)
    assert "40 units are there and not pledged" in str(refused.value)
    assert ask(lend(), house, 41).status == "REFUSED"
    assert draw(ask(lend(), house, 40)).drawn == 20_000
    clean()


def test_pledged_goods_do_not_leave_the_rest_may() -> None:
    house = house_of(dealer(), operator())
    draw(ask(lend(), house, 60))
    with pytest.raises(StockPledged, match="41 units are not free"):
        taken(house, 41)
    taken(house, 40)
    clean()


def test_a_truck_with_pledged_goods_does_not_depart() -> None:
    house = house_of(dealer(), operator())
    with acting_as(PLATFORM):
        line = house.demand_line(50)
        demand.cover([line], at=AT)
        own = Demand.objects.filter(order_line_id=line.order_line_id)
        own.update(owner=house.dealer)
        promise.make([own.get().pk], at=AT)
        packages = _packed_of_own(house)
    draw(ask(lend(), house, 60))
    with acting_as(PLATFORM):
        with pytest.raises(StockPledged):
            issue.depart(trip(packages, AT), by=PLATFORM, at=AT)
        held = StockPledge.objects.get()
    repayment.repay(
        held.financing_id,
        amount=30_000,
        value_date=NOON.date(),
        reference="paid",
        by=actor(held.funder),
        at=NOON,
    )
    with acting_as(PLATFORM):
        assert StockPledge.objects.get().status == "RELEASED"
        assert issue.depart(trip(packages, AT), by=PLATFORM, at=AT) == 1
        assert not Quant.objects.filter(owner=house.dealer, location__kind="STAGING", on_hand__gt=0).exists()
    clean()


def _packed_of_own(house: World) -> list[object]:
    """Have fifty of the dealer's own goods packed."""
    with acting_as(PLATFORM):
        packages = packed(house, AT)
        assert set(PackageLine.objects.values_list("owner_id", flat=True)) == {house.dealer.pk}
    return packages


def test_goods_are_released_as_far_as_the_rest_secures_what_is_owed() -> None:
    held = secured(dealer(), funder(), operator())
    bank, stranger = actor(held.funder), actor(funder())
    with pytest.raises(NotFound):
        pledge.release(held.pk, by=stranger, at=NOON)
    with pytest.raises(Forbidden):
        pledge.release(held.pk, by=actor(held.borrower), at=NOON)
    with pytest.raises(ReleaseRefused, match=r"300\.00 CNY is owed"):
        pledge.release(held.pk, quantity=1, by=bank, at=NOON)
    repayment.repay(
        held.financing_id, amount=10_000, value_date=NOON.date(), reference="a third", by=bank, at=NOON
    )
    assert pledge.release(held.pk, quantity=20, by=bank, at=NOON).remaining == 40
    with pytest.raises(ReleaseRefused):
        pledge.release(held.pk, quantity=1, by=bank, at=NOON)
    clean()
    repayment.repay(
        held.financing_id, amount=20_000, value_date=NOON.date(), reference="rest", by=bank, at=NOON
    )
    assert (reread(held).status, reread(held).remaining) == ("RELEASED", 0)
    clean()


def test_lost_goods_call_for_more_and_a_payment_cures_it() -> None:
    house = house_of(dealer(), operator())
    one = draw(ask(lend(), house, 100))  # 500.00 on 1,000.00
    assert pledge_valuation.revalue(by=PLATFORM, at=NOON) == 0
    with acting_as(PLATFORM):
        lose(house, 40)  # 600.00 left: 500.00 is more than eight tenths of it
    day = NOON + timedelta(days=1)
    assert pledge_valuation.revalue(by=PLATFORM, at=day) == pledge_valuation.revalue(by=PLATFORM, at=day) == 1
    with acting_as(PLATFORM):
        call = Case.objects.get(kind="MARGIN_CALL")
        assert "500.00 CNY is owed, the goods are worth 600.00 CNY" in call.reason
        assert list(PledgeValuation.objects.order_by("day").values_list("worth", "is_call")) == [
            (100_000, False),
            (60_000, True),
        ]
    repayment.repay(
        one.pk, amount=10_000, value_date=day.date(), reference="more", by=actor(one.funder), at=day
    )
    assert pledge_valuation.revalue(by=PLATFORM, at=day + timedelta(days=1)) == 0
    assert reread(call).status == "RESOLVED"
    clean()


def lose(house: World, units: int) -> None:
    movement.post(
        [
            movement.Move(
                product_id=house.product.pk,
                source_id=house.places["STORAGE"].pk,
                destination_id=house.places["LOSS"].pk,
                quantity=units,
                owner_id=house.dealer.pk,
            )
        ],
        at=AT,
        document_type="test",
        document_id=uuid7(),
    )


def test_what_nobody_was_invoiced_for_secures_nothing() -> None:
    buyer: Organization = dealer()
    seller = operator()
    with acting_as(PLATFORM):
        house = World.build(operator=seller, dealer=buyer)
        house.stock(10, owner=buyer)
    request = ask(lend(), house, 10)
    assert request.status == "REFUSED"
    assert any("nobody knows what it is worth" in reason for reason in request.offer.reasons)
