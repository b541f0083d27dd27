"""Offers are compared by what is really paid for covering a line."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.policies.pricing import Break
from orders.policies.quotation import BEST_PRICE, FASTEST, Offer, price, rank, scenarios


@st.composite
def offers(draw):
    made = []
    for offer_id in range(draw(st.integers(0, 8))):
        quantities = sorted(draw(st.sets(st.integers(1, 200), min_size=1, max_size=3)))
        made.append(
            Offer(
                offer_id=offer_id,
                supplier_id=draw(st.integers(1, 3)),
                line_number=draw(st.integers(1, 3)),
                moq=draw(st.integers(1, 50)),
                order_multiple=draw(st.sampled_from([1, 6, 24])),
                lead_time_days=draw(st.integers(0, 60)),
                breaks=tuple(Break(quantity, Decimal(draw(st.integers(1, 100)))) for quantity in quantities),
            )
        )
    return made


NEEDS = st.dictionaries(st.integers(1, 3), st.integers(1, 150), min_size=1)


@given(NEEDS, offers())
def test_no_complete_scenario_is_cheaper_than_the_best_price_or_faster_than_the_fastest(needs, made):
    found = scenarios(needs, made)
    best, fastest = (next(one for one in found if one.name == name) for name in (BEST_PRICE, FASTEST))
    for one in found:
        if one.is_complete:
            assert best.is_complete
            assert best.cost <= one.cost
            assert fastest.lead_time_days <= one.lead_time_days


@given(NEEDS, offers())
def test_what_is_bought_keeps_to_the_offer_and_covers_the_line(needs, made):
    for number, ranked in rank(needs, made).items():
        assert [one.cost for one in ranked] == sorted(one.cost for one in ranked)
        for one in ranked:
            assert one.quantity >= max(needs[number], one.offer.moq)
            assert one.quantity % one.offer.order_multiple == 0
            assert one.cost == one.quantity * one.unit_price


def test_a_minimum_is_part_of_the_cost():
    cheap = Offer(1, 1, 1, moq=100, order_multiple=1, lead_time_days=5, breaks=(Break(1, Decimal(9)),))
    dear = Offer(2, 2, 1, moq=1, order_multiple=1, lead_time_days=5, breaks=(Break(1, Decimal(12)),))
    assert (price(cheap, 20).cost, price(dear, 20).cost) == (900, 240)
    assert rank({1: 20}, [cheap, dear])[1][0].offer is dear


def test_one_supplier_alone_may_leave_lines_open():
    one = Offer(1, 7, 1, 1, 1, 5, (Break(1, Decimal(9)),))
    alone = scenarios({1: 1, 2: 1}, [one])[-1]
    assert (alone.supplier_id, alone.missing, alone.is_complete) == (7, (2,), False)
