"""The promises of the declared policies of sharing a shortage, and of rounding to packs."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from b2b.core.money import Money
from orders.policies import fair_share, rounding
from orders.policies.fair_share import POLICIES, Claim, entitle
from orders.policies.rounding import NANO, share

WHOLE = "all_or_nothing"
PARTIAL = sorted(set(POLICIES) - {WHOLE})
SUPPLIES = st.integers(0, 3000)
SEEDS = st.integers(0, 2**63 - 1)
PACKS = st.integers(1, 12)
OWED = st.integers(-3 * NANO, 3 * NANO)
NOBODY = st.just(False)


@st.composite
def claims(draw, *, packs=PACKS, owed=OWED, wishes=st.booleans):
    count = draw(st.integers(0, 12))
    ranks = draw(st.permutations(range(count)))
    made = []
    for rank in ranks:
        requested = draw(st.integers(0, 200))
        made.append(
            Claim(
                requested=requested,
                weight=draw(st.integers(0, 50)),
                tier=draw(st.integers(1, 3)),
                rank=rank,
                pack=draw(packs),
                all_or_nothing=draw(wishes()),
                owed=draw(owed),
            )
        )
    return made


def quantities(shares):
    return [one.quantity for one in shares]


def test_the_usage_vector():
    wanted = [Claim(25, weight=10, rank=1), Claim(35, weight=20, rank=2), Claim(40, weight=50, rank=3)]
    shares = share(50, wanted, "usage")
    assert quantities(shares) == [6, 13, 31]
    assert Fraction(shares[0].numerator, shares[0].denominator) == Fraction(25, 4)


def test_the_money_vectors():
    parts = Money.of("6.85", "CNY").split([1] * 6)
    assert sorted(str(part.amount) for part in parts) == ["1.14"] * 5 + ["1.15"]
    assert sum(part.minor for part in Money.of(1000, "CNY").split([6, 6, 3, 6])) == 100_000


@given(st.sampled_from(sorted(POLICIES)), SUPPLIES, claims())
def test_entitlements_are_exact_and_within_requests(policy, supply, wanted):
    found = entitle(supply, wanted, policy)
    most = min(supply, sum(one.requested for one in wanted))
    assert sum(found.numerators) == found.total * found.denominator
    assert found.total == most if policy != WHOLE else found.total <= most
    for numerator, one in zip(found.numerators, wanted, strict=True):
        assert 0 <= numerator <= one.requested * found.denominator


@given(st.sampled_from(PARTIAL), SUPPLIES, SUPPLIES, claims())
def test_more_supply_lowers_no_entitlement(policy, one, other, wanted):
    less, more = (entitle(supply, wanted, policy) for supply in sorted((one, other)))
    assert all(less.exact(i) <= more.exact(i) for i in range(len(wanted)))


@given(
    st.sampled_from(("proportional", "equal")),
    SUPPLIES,
    claims(packs=st.just(3), owed=st.just(0), wishes=lambda: NOBODY),
    SEEDS,
)
def test_who_asks_more_gets_no_less_and_equal_requests_differ_by_a_pack_at_most(policy, supply, wanted, seed):
    given_ = share(supply, wanted, policy, seed=seed)
    entitled = entitle(supply, wanted, policy)
    for i, one in enumerate(wanted):
        for j, other in enumerate(wanted):
            if one.requested >= other.requested:
                assert entitled.exact(i) >= entitled.exact(j)
                assert given_[i].quantity >= given_[j].quantity - one.pack


@given(st.sampled_from(sorted(POLICIES)), SUPPLIES, claims(), SEEDS)
def test_shares_sum_exactly_and_stay_within_supply_and_requests(policy, supply, wanted, seed):
    shares = share(supply, wanted, policy, seed=seed)
    taking = [one for one, got in zip(wanted, shares, strict=True) if not got.is_forgone]
    assert sum(quantities(shares)) == entitle(supply, taking, policy).total <= supply
    if policy != WHOLE and not any(one.all_or_nothing for one in wanted):
        assert sum(quantities(shares)) == min(supply, sum(one.requested for one in wanted))
    for one, got in zip(wanted, shares, strict=True):
        assert 0 <= got.quantity <= one.requested
        if one.all_or_nothing or policy == WHOLE:
            assert got.quantity in (0, one.requested)
    assert sum(got.owed for got in shares) == sum(one.owed for one in wanted)


@given(st.sampled_from(PARTIAL), SUPPLIES, claims(wishes=lambda: NOBODY), SEEDS)
def test_at_most_one_pack_is_broken(policy, supply, wanted, seed):
    shares = share(supply, wanted, policy, seed=seed)
    # An exact entitlement is no rounding.
    broken = [
        got.quantity
        for one, got in zip(wanted, shares, strict=True)
        if got.quantity % one.pack and got.quantity < one.requested and got.numerator % got.denominator
    ]
    assert len(broken) <= 1


@given(st.sampled_from(sorted(POLICIES)), SUPPLIES, claims(), SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_claims_does_not_matter(policy, supply, wanted, seed, random):
    shuffled = random.sample(wanted, len(wanted))
    by_rank = {
        one.rank: got for one, got in zip(shuffled, share(supply, shuffled, policy, seed=seed), strict=True)
    }
    for one, got in zip(wanted, share(supply, wanted, policy, seed=seed), strict=True):
        assert by_rank[one.rank].quantity == got.quantity


@given(st.sampled_from(PARTIAL), SUPPLIES, claims(packs=st.just(4), wishes=lambda: NOBODY), SEEDS)
def test_no_pack_goes_to_one_while_another_is_owed_more_than_a_pack_more(policy, supply, wanted, seed):
    shares = share(supply, wanted, policy, seed=seed)
    rounded = [
        (one, got)
        for one, got in zip(wanted, shares, strict=True)
        if 0 < got.numerator < one.requested * got.denominator
    ]
    for _, ahead in rounded:
        for one, behind in rounded:
            if ahead.quantity >= 4 and one.requested - behind.quantity >= 4:
                # A broken pack, and billionths, are the only slack.
                assert behind.owed - ahead.owed <= 8 * NANO


@given(claims(), st.data())
def test_what_is_held_is_kept(wanted, data):
    held = [
        one._replace(held=data.draw(st.integers(0, one.requested)), all_or_nothing=False) for one in wanted
    ]
    supply = sum(one.held for one in held) + data.draw(st.integers(0, 300))
    policy = data.draw(st.sampled_from(PARTIAL))
    shares = share(supply, held, policy)
    assert all(one.held <= got.quantity <= one.requested for one, got in zip(held, shares, strict=True))
    assert sum(quantities(shares)) == min(supply, sum(one.requested for one in held))


def test_ties_go_by_the_recorded_seed():
    wanted = [Claim(5, rank=rank) for rank in range(6)]
    winners = {tuple(quantities(share(1, wanted, seed=seed))) for seed in range(60)}
    assert len(winners) == 6
    assert share(1, wanted, seed=7) == share(1, wanted, seed=7)


def test_priority_first_come_packs_and_whole_requests():
    wanted = [Claim(10, tier=2, rank=1), Claim(10, tier=1, rank=2), Claim(10, tier=2, rank=0)]
    assert quantities(share(16, wanted, "priority")) == [3, 10, 3]
    assert quantities(share(16, wanted, "first_come")) == [6, 0, 10]
    assert quantities(share(16, wanted, WHOLE)) == [0, 10, 0]
    assert sorted(quantities(share(20, [Claim(12, pack=4, rank=rank) for rank in range(2)]))) == [8, 12]


def test_all_or_nothing_of_a_line_leaves_the_others_more():
    wanted = [Claim(40, rank=1, all_or_nothing=True), Claim(40, rank=2), Claim(20, rank=3)]
    shares = share(60, wanted)
    assert [(one.quantity, one.is_forgone) for one in shares] == [(0, True), (40, False), (20, False)]
    assert Fraction(shares[0].numerator, shares[0].denominator) == 24
    assert shares[0].owed == 0


@st.composite
def contests(draw):
    """Cycles in which the same dealers compete, each for more than a pack more than it is entitled to."""
    dealers = draw(st.integers(2, 8))
    packs = draw(st.lists(st.sampled_from((1, 4, 6, 12)), min_size=1, max_size=1)) * dealers
    policy = draw(st.sampled_from(("proportional", "equal", "usage", "priority")))
    cycles = []
    for _ in range(20):
        wanted = [
            Claim(
                requested=draw(st.integers(40, 60)) * packs[rank],
                weight=draw(st.integers(2, 3)),
                rank=rank,
                pack=packs[rank],
            )
            for rank in range(dealers)
        ]
        most = sum(one.requested for one in wanted)
        cycles.append((draw(st.integers(most // 10, most // 2)), wanted, draw(SEEDS)))
    return policy, cycles


def _followed(policy, cycles):
    """Yield after each cycle how far every dealer is from its entitlements so far, in its own packs."""
    owed, behind = {}, {}
    for supply, wanted, seed in cycles:
        carried = [one._replace(owed=owed.get(one.rank, 0)) for one in wanted]
        for one, got in zip(carried, share(supply, carried, policy, seed=seed), strict=True):
            owed[one.rank] = got.owed
            exact = Fraction(got.numerator, got.denominator)
            behind[one.rank] = behind.get(one.rank, Fraction(0)) + (exact - got.quantity) / one.pack
            yield behind[one.rank]


@given(contests())
def test_nobody_is_more_than_a_pack_from_its_entitlements_over_twenty_cycles(contest):
    assert all(abs(behind) <= 1 for behind in _followed(*contest))


@pytest.mark.parametrize(("absent", "most"), [(0, 1), (0.4, 2)])
@pytest.mark.parametrize("pack", [1, 6])
def test_nor_with_random_requests_and_little_more_with_absences(pack, absent, most):
    """Who is absent keeps its debt, so that with absences no rule that shares all supply can promise one pack."""
    random = Random(3)
    for _ in range(100):
        dealers = random.randint(2, 12)
        cycles = []
        for _ in range(20):
            wanted = [
                Claim(0 if random.random() < absent else random.randint(1, 40) * pack, rank=rank, pack=pack)
                for rank in range(dealers)
            ]
            supply = random.randint(0, sum(one.requested for one in wanted))
            cycles.append((supply, wanted, random.getrandbits(60)))
        assert all(abs(behind) <= most for behind in _followed("proportional", cycles))


def test_an_undeclared_policy_and_negative_numbers_are_refused():
    with pytest.raises(fair_share.UnknownPolicy):
        share(1, [Claim(1)], "whim")
    with pytest.raises(ValueError, match="not negative"):
        share(-1, [Claim(1)])


@given(SUPPLIES, claims(owed=st.just(0)))
def test_billionths_sum_exactly(supply, wanted):
    assume(wanted)
    found = entitle(supply, wanted, "usage")
    assert sum(rounding._billionths(found)) == found.total * NANO
