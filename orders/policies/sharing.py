"""What pooling saved on a line, and who gets which part of it, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from b2b.core.money import Money, round_to_currency

BASIS_POINTS: Final = 10_000
PRICE_STEP: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class SharingRule:
    """Parts of a saving in basis points; they sum to 10,000."""

    dealer: int = 7000
    platform: int = 2000
    factory: int = 1000

    def __post_init__(self) -> None:
        parts = (self.dealer, self.platform, self.factory)
        if min(parts) < 0 or sum(parts) != BASIS_POINTS:
            raise ValueError(f"{parts} are not parts of {BASIS_POINTS} basis points")


@dataclass(frozen=True, slots=True)
class LineSaving:
    """A repriced line: baseline - pooled = dealer + platform + factory share; amounts before tax."""

    baseline: Decimal
    pooled: Decimal
    dealer_share: Decimal
    platform_share: Decimal
    factory_share: Decimal
    unit_price: Decimal
    net_amount: Decimal


def reprice(
    *,
    quantity: int,
    pooled_quantity: int,
    unit_price: Decimal,
    solo_unit_price: Decimal,
    pool_unit_price: Decimal,
    currency: str,
    rule: SharingRule,
    ceiling: Decimal | None = None,
) -> LineSaving:
    """Give the dealer its part of the saving on `pooled_quantity` as a lower unit price on the whole line.

    Promise: the price never rises and is not negative; the shares are not negative and sum to the saving exactly; the
    dealer's share is what the line's net amount really fell by. The price is rounded up at its sixth decimal, so that
    the dealer is never given more than the saving; what that leaves goes to the platform and the factory by their
    parts. A line that joined under a `ceiling` pays no more than it where the saving allows, even if the rule would
    give it less.
    `orders.services.repricing` does the same in SQL for whole cycles.

    :raises ValueError: when the pooled quantity is not within the line's.
    """
    if not 0 < pooled_quantity <= quantity:
        raise ValueError(f"{pooled_quantity} pooled of a line of {quantity}")
    baseline = Money.of(solo_unit_price * pooled_quantity, currency)
    pooled = min(Money.of(pool_unit_price * pooled_quantity, currency), baseline)
    saving = baseline - pooled
    target, _ = saving.split([rule.dealer, BASIS_POINTS - rule.dealer])
    before = round_to_currency(unit_price * quantity, currency)
    target_amount = min(target.amount, before)
    lowered = (unit_price - target_amount / quantity).quantize(PRICE_STEP, rounding=ROUND_CEILING)
    lowered = min(max(lowered, Decimal(0)), unit_price)
    if ceiling is not None and before - round_to_currency(ceiling * quantity, currency) <= saving.amount:
        lowered = min(lowered, ceiling)
    after = round_to_currency(lowered * quantity, currency)
    dealer = Money(before - after, currency)
    weights = [rule.platform, rule.factory] if rule.platform + rule.factory else [1, 0]
    platform, factory = (saving - dealer).split(weights)
    return LineSaving(
        baseline=baseline.amount,
        pooled=pooled.amount,
        dealer_share=dealer.amount,
        platform_share=platform.amount,
        factory_share=factory.amount,
        unit_price=lowered,
        net_amount=after,
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """What came true of a stated saving: baseline - pooled = dealer + platform + factory share."""

    baseline: Decimal
    pooled: Decimal
    dealer_share: Decimal
    platform_share: Decimal
    factory_share: Decimal


def settle(
    shares: Sequence[Decimal], *, pooled: Decimal, received: int, quantity: int, currency: str
) -> Settled:
    """Return the part of a saving that is of `received` of the pooled `quantity`.

    `shares` are what was stated for the dealer, the platform and the factory; one may be negative, when prices rose.
    Promise: all of it when all was received, and the shares sum to the settled saving to the cent: what it comes to is
    rounded once and split by largest remainder (Hamilton), no share a cent off its exact part.

    :raises ValueError: when more was received than was pooled.
    """
    if not 0 <= received <= quantity or not quantity:
        raise ValueError(f"{received} received of {quantity} pooled")
    exact = [Money.of(share, currency).minor * received for share in shares]
    whole = (2 * sum(exact) + quantity) // (2 * quantity)
    parts = [one // quantity for one in exact]
    first = sorted(range(len(parts)), key=lambda index: (-(exact[index] % quantity), index))
    for index in first[: whole - sum(parts)]:
        parts[index] += 1
    bought = Money.of(pooled * received / quantity, currency)
    dealer, platform, factory = (Money.from_minor(part, currency).amount for part in parts)
    saving = Money.from_minor(whole, currency)
    return Settled((bought + saving).amount, bought.amount, dealer, platform, factory)
