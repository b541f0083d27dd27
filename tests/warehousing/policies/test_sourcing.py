from itertools import product as every

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from warehousing.policies.sourcing import EXACT_WAREHOUSES, Offer, Part, plan

HOUSES = st.integers(1, 3)


@st.composite
def questions(draw: st.DrawFn) -> tuple[dict[int, int], list[Offer], dict[int, int], int]:
    houses = range(draw(HOUSES))
    goods = range(draw(st.integers(1, 2)))
    wants = {one: draw(st.integers(0, 4)) for one in goods}
    offers = [
        Offer(house, one, draw(st.integers(0, 4)), draw(st.integers(0, 9)))
        for house in houses
        for one in goods
    ]
    return wants, offers, {house: draw(st.integers(0, 20)) for house in houses}, draw(st.integers(0, 8))


def price(parts: list[Part], offers: list[Offer], opening: dict[int, int], split: int) -> int:
    unit = {(offer.warehouse, offer.product): offer.unit_cost for offer in offers}
    lines = {part.product for part in parts}
    return (
        sum(part.quantity * unit[part.warehouse, part.product] for part in parts)
        + sum(opening[house] for house in {part.warehouse for part in parts})
        + split * (len(parts) - len(lines))
    )


def cheapest(
    wants: dict[int, int], offers: list[Offer], opening: dict[int, int], split: int
) -> tuple[int, int]:
    """Try everything: how much can be served, and the least that costs."""
    best = (0, 0)
    found = [offer for offer in offers if wants[offer.product]]
    for amounts in every(*(range(min(offer.quantity, wants[offer.product]) + 1) for offer in found)):
        parts = [
            Part(offer.product, offer.warehouse, n) for offer, n in zip(found, amounts, strict=True) if n
        ]
        if any(sum(p.quantity for p in parts if p.product == one) > n for one, n in wants.items()):
            continue
        best = min(best, (-sum(amounts), price(parts, offers, opening, split)))
    return -best[0], best[1]


@settings(max_examples=examples(100), deadline=None)
@given(questions())
def test_no_plan_that_serves_as_much_costs_less(
    question: tuple[dict[int, int], list[Offer], dict[int, int], int],
) -> None:
    wants, offers, opening, split = question
    made = plan(wants, offers, opening=opening, split_penalty=split)
    served, cost = cheapest(*question)
    assert sum(part.quantity for part in made.parts) == served
    assert made.cost == made.bound == cost == price(list(made.parts), offers, opening, split)
    assert made.is_exact
    there = {(offer.warehouse, offer.product): offer.quantity for offer in offers}
    assert all(0 < part.quantity <= there[part.warehouse, part.product] for part in made.parts)
    assert set(made.reasons) == set(wants)


@settings(max_examples=examples(40), deadline=None)
@given(st.randoms(use_true_random=False))
def test_with_many_warehouses_the_distance_from_the_cheapest_is_told(random: object) -> None:
    houses, goods = range(EXACT_WAREHOUSES + 4), range(12)
    roll = random.randint  # type: ignore[attr-defined]
    offers = [Offer(house, one, roll(0, 40), roll(1, 30)) for house in houses for one in goods]
    opening = {house: roll(50, 500) for house in houses}
    wants = {one: roll(0, 60) for one in goods}
    made = plan(wants, offers, opening=opening, split_penalty=20)
    there = {one: sum(offer.quantity for offer in offers if offer.product == one) for one in goods}
    for one in goods:
        assert sum(part.quantity for part in made.parts if part.product == one) == min(wants[one], there[one])
    assert made.bound <= made.cost
    everything_open = plan(wants, offers, opening=dict.fromkeys(houses, 0), split_penalty=20)
    assert made.cost <= everything_open.cost + sum(opening.values())


def test_the_reasons_are_told() -> None:
    offers = [
        Offer(1, 7, 10, 1),
        Offer(2, 7, 100, 2),
        Offer(1, 8, 5, 1),
        Offer(2, 8, 5, 1),
        Offer(2, 9, 9, 5),
    ]
    made = plan({7: 50, 8: 10, 9: 20, 4: 1}, offers, opening={1: 10, 2: 10}, split_penalty=100)
    assert made.reasons == {
        7: "one warehouse has it all: a split would cost more",
        8: "split: no warehouse has it all",
        9: "the cheapest warehouse that has it; 11 are nowhere",
        4: "no warehouse has any",
    }
