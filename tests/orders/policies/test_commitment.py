"""Who joins a pool under a ceiling, and what becomes of what is bought beyond the need."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies import pooling
from orders.policies.pooling import Tier
from orders.policies.pricing import Break
from orders.policies.tranche import Part

TABLE = (Break(1, Decimal(10)), Break(100, Decimal(8)), Break(1000, Decimal(6)))
EACH = {"minimum": 1, "multiple": 1}


@st.composite
def falling(draw):
    """Break tables whose price never rises with the quantity."""
    starts = sorted(draw(st.sets(st.integers(2, 300), max_size=4)) | {1})
    prices = sorted(
        draw(st.lists(st.integers(1, 1000), min_size=len(starts), max_size=len(starts))), reverse=True
    )
    return tuple(Break(start, Decimal(price)) for start, price in zip(starts, prices, strict=True))


tiers = st.lists(
    st.builds(Tier, st.none() | st.integers(1, 1000).map(Decimal), st.integers(1, 120)),
    min_size=1,
    max_size=8,
)
rules = st.fixed_dictionaries({"minimum": st.integers(1, 50), "multiple": st.integers(1, 12)})


def price_of(members, table, rule):
    found = pooling.plan(sum(one.quantity for one in members), breaks=table, **rule)
    return found.unit_price if found else None


def joined(members, found):
    return [one for one in members if found is not None and one.accepts(found.purchase.unit_price)]


@given(tiers, falling(), rules, st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing(members, table, rule, chance):
    found = pooling.commit(members, breaks=table, **rule)
    shuffled = list(members)
    chance.shuffle(shuffled)
    assert pooling.commit(shuffled, breaks=table, **rule) == found


@given(tiers, falling(), rules)
def test_it_is_the_greatest_set_in_which_everybody_accepts(members, table, rule):
    found = pooling.commit(members, breaks=table, **rule)
    inside = joined(members, found)
    assert found is None or found.need == sum(one.quantity for one in inside)
    assert not inside or price_of(inside, table, rule) == found.purchase.unit_price
    # Every set that is content with its own price lies within it: enough to try the sets of all above a ceiling.
    for least in {one.ceiling for one in members}:
        some = [one for one in members if one.ceiling is None or (least is not None and one.ceiling >= least)]
        if some and all(one.accepts(price_of(some, table, rule)) for one in some):
            assert len(some) <= len(inside)


@given(tiers, tiers, falling(), rules)
def test_more_demand_never_worsens_who_is_in(members, more, table, rule):
    before = pooling.commit(members, breaks=table, **rule)
    after = pooling.commit([*members, *more], breaks=table, **rule)
    if before is not None:
        assert after is not None
        assert after.purchase.unit_price <= before.purchase.unit_price
        assert set(map(id, joined(members, before))) <= set(map(id, joined(members, after)))


def test_a_ceiling_joins_only_a_pool_that_reaches_it():
    alone = [Tier(Decimal(8), 60)]
    assert pooling.commit(alone, breaks=TABLE, **EACH) is None
    both = pooling.commit([*alone, Tier(None, 50)], breaks=TABLE, **EACH)
    assert (both.need, both.purchase.unit_price) == (110, 8)
    # Two who would each only come along with the other come together.
    pair = pooling.commit([Tier(Decimal(8), 60), Tier(Decimal("8.5"), 60)], breaks=TABLE, **EACH)
    assert pair.need == 120


@pytest.mark.parametrize(("quantity", "tolerance", "packs"), [(2, 2, 1), (4, 4, 1), (5, 3, 2)])
def test_tolerance_takes_the_surplus_of_a_pack(quantity, tolerance, packs):
    found = pooling.commit([Tier(None, quantity, flex_up=tolerance)], minimum=1, multiple=4, breaks=TABLE[:1])
    assert (found.purchase.quantity, found.purchase.surplus) == (packs * 4, 0)


def test_flexibility_downwards_avoids_a_surplus_at_the_same_price():
    found = pooling.commit([Tier(None, 50, flex_down=2)], minimum=48, multiple=24, breaks=TABLE[:1])
    assert (found.purchase.quantity, found.purchase.surplus, found.flexed) == (48, 0, -2)
    # Fewer would lose the break: everybody would pay more.
    dear = pooling.commit([Tier(None, 101, flex_down=5)], minimum=1, multiple=6, breaks=TABLE)
    assert (dear.purchase.quantity, dear.flexed, dear.purchase.unit_price) == (102, 0, 8)


@given(
    st.lists(
        st.builds(Tier, st.none(), st.integers(1, 90), st.integers(0, 20), st.integers(0, 1)),
        min_size=1,
        max_size=5,
    ),
    falling(),
    rules,
)
def test_flexibility_never_raises_the_price_and_adds_up(members, table, rule):
    found = pooling.commit(members, breaks=table, **rule)
    rigid = pooling.plan(found.need, breaks=table, **rule)
    assert found.purchase.unit_price <= rigid.unit_price
    assert found.purchase.quantity == found.need + found.flexed + found.purchase.surplus
    assert -sum(one.flex_down for one in members) <= found.flexed <= sum(one.flex_up for one in members)
    assert found.purchase.surplus <= rigid.surplus
    assert pooling.admits(found.purchase.quantity, **rule)


@given(
    tiers,
    falling(),
    rules,
    st.lists(st.builds(Part, st.integers(1, 200), st.integers(1, 900).map(Decimal)), max_size=2),
)
def test_beside_agreements_the_greatest_set_above_a_ceiling_joins(members, table, rule, agreed):
    """An agreement that ends makes a pool dearer: fewer may pay less, and still nobody with a higher ceiling is out."""
    found = pooling.commit(members, breaks=table, agreed=agreed, **rule)
    ceilings = sorted({one.ceiling for one in members} - {None})
    sets = [members]
    sets += [[one for one in members if one.ceiling is None or one.ceiling > least] for least in ceilings]
    content = []
    for some in filter(None, sets):
        bought = pooling.plan(sum(one.quantity for one in some), breaks=table, agreed=agreed, **rule)
        if bought and all(one.accepts(bought.unit_price) for one in some):
            content.append(sum(one.quantity for one in some))
    assert (found.need if found else None) == (content[0] if content else None)
