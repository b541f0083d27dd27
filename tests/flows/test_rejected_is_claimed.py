"""What an inspection rejects is claimed from the factory by itself, at the rate its source declares."""

from __future__ import annotations

from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Invalid
from b2b.outbox.models import OutboxEvent
from orders.models import Claim, ClaimLine, PurchaseOrder, SupplySource
from orders.services import claim, supply_source
from orders.services.supply_source import Source
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound
from warehousing.models import Inspection, ReceivingRule
from warehousing.services import inspection, receipt

pytestmark = pytest.mark.django_db


def held(rate: int | None) -> tuple[Chain, PurchaseOrder, Inspection]:
    """A factory sends 100 units at 10; they are held and their sample is bad."""
    chain = Chain.of(make.trade(dealers=2, breaks=((1, "10"),)))
    with acting_as(PLATFORM):
        SupplySource.objects.update(rejection_basis_points=rate)
        cycle = make.cycle(chain.trade)
        for dealer, quantity in enumerate((60, 40)):
            chain.wants(quantity, dealer=dealer)
        placed = chain.closes(cycle)
        ReceivingRule.objects.create(factory=placed.factory, inspection_level="II", aql="2.5")
        chain.answers(placed)
        chain.sends(placed, 100)
        chain.receives()
        one = Inspection.objects.get()
        inspection.judge(one.pk, nonconforming=one.sample_size, by=PLATFORM, at=chain.now)
    return chain, placed, one


@pytest.mark.parametrize(("rate", "asked"), [(None, "0"), (2_500, "250"), (10_000, "1000")])
def test_a_rejected_inspection_is_claimed_at_the_declared_rate(rate: int | None, asked: str) -> None:
    chain, placed, one = held(rate)
    with acting_as(PLATFORM):
        assert not Claim.objects.exists()
        inspection.reject(one.pk, reason="threads cut short", by=PLATFORM, at=chain.now)
        chain.settled()
        made = Claim.objects.get()
        line = made.lines.get()
        assert (made.status, made.purchase_order_id, made.compensation_rate) == ("SENT", placed.pk, None)
        assert (line.cause, line.claimed_quantity) == (ClaimLine.Cause.REJECTED, 100)
        assert made.claimed_amount == line.claimed_amount == Decimal(asked)
        assert sorted(line.shares.values_list("quantity", flat=True)) == [40, 60]
        told = OutboxEvent.objects.filter(topic="orders.claim.raised.v1")
        assert told.count() == 1
    assert sound()


def test_only_the_bad_part_of_a_sorted_lot_is_claimed_and_only_once() -> None:
    chain, placed, one = held(5_000)
    with acting_as(PLATFORM):
        inspection.sort(one.pk, accepted=70, reason="sorted by hand", by=PLATFORM, at=chain.now)
        chain.settled()
        made = Claim.objects.get()
        assert (made.lines.get().claimed_quantity, made.claimed_amount) == (30, Decimal(150))
        with pytest.raises(claim.NothingToClaim):
            claim.raise_for(placed, by=PLATFORM, at=chain.now)


def test_what_the_dock_finds_damaged_waits_for_somebody_to_claim_it() -> None:
    chain = Chain.of(make.trade(dealers=1, breaks=((1, "10"),)))
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade)
        chain.wants(50)
        placed = chain.closes(cycle)
        chain.answers(placed)
        chain.sends(placed, 50)
        chain.receives([receipt.Count(1, 45, 5, rejection_reason="crushed")])
        assert not Claim.objects.exists()
        nothing = claim.raise_for(placed, by=PLATFORM, at=chain.now)
        assert nothing.claimed_amount == 0, "nothing is agreed, and nothing was owed"
        claim.withdraw(nothing, reason="a rate was agreed meanwhile", by=PLATFORM, at=chain.now)
        SupplySource.objects.update(rejection_basis_points=10_000, missing_basis_points=5_000)
        by_hand = claim.raise_for(placed, by=PLATFORM, at=chain.now)
        assert by_hand.claimed_amount == Decimal(50)


def test_missing_goods_are_claimed_at_a_rate_of_their_own() -> None:
    chain = Chain.of(make.trade(dealers=1, breaks=((1, "10"),)))
    with acting_as(PLATFORM):
        SupplySource.objects.update(rejection_basis_points=10_000, missing_basis_points=2_000)
        cycle = make.cycle(chain.trade)
        chain.wants(50)
        placed = chain.closes(cycle)
        chain.answers(placed)
        chain.sends(placed, 50)
        chain.receives([receipt.Count(1, 35, 5, rejection_reason="crushed")])
        made = claim.raise_for(placed, by=PLATFORM, at=chain.now)
        asked = dict(made.lines.values_list("cause", "claimed_amount"))
        assert asked == {"REJECTED": Decimal(50), "MISSING": Decimal(20)}


def test_more_than_the_price_is_no_compensation() -> None:
    trade = make.trade(dealers=1)
    for wrong in (-1, 10_001):
        source = Source(rejection_basis_points=wrong, missing_basis_points=wrong)
        with acting_as(PLATFORM), pytest.raises(Invalid) as caught:
            supply_source.put(trade.maker, trade.products[0], source, by=PLATFORM, at=make.NOW)
        named = [problem.field for problem in caught.value.problems]
        assert named == ["rejection_basis_points", "missing_basis_points"]
