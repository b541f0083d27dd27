"""A sharing is a function of its packed inputs."""

from hypothesis import given
from hypothesis import strategies as st

from orders.policies import sharing_run
from orders.policies.fair_share import POLICIES
from orders.policies.sharing_run import Inputs, Peg, Supply

NUMBERS = st.integers(0, 90)


@st.composite
def inputs(draw):
    supplies = []
    for key in range(draw(st.integers(0, 4))):
        pegs = [
            Peg(
                100 * key + rank, draw(st.integers(1, 4)), draw(NUMBERS), draw(NUMBERS), draw(st.integers(1, 3)),
                rank, draw(st.integers(1, 12)), 0, draw(st.booleans()),
            )
            for rank in range(draw(st.integers(0, 5)))
        ]  # fmt: skip
        supplies.append(Supply(key, key, draw(st.sampled_from(("", "tools"))), draw(NUMBERS), pegs))
    owed = draw(
        st.dictionaries(
            st.tuples(st.integers(1, 4), st.sampled_from(("", "tools"))), st.integers(-(10**9), 10**9)
        )
    )
    policy = draw(st.sampled_from(sorted(POLICIES)))
    return Inputs("doc", 1, policy, "seal", draw(st.integers(0, 2**63 - 1)), supplies, owed)


@given(inputs())
def test_packed_inputs_give_the_same_outcomes_and_hashes(made):
    packed, digest = sharing_run.pack(made)
    again = sharing_run.unpack(packed)
    assert sharing_run.pack(again) == (packed, digest)
    assert sharing_run.run(again) == sharing_run.run(made)
    assert sharing_run.result_hash(sharing_run.run(again)) == sharing_run.result_hash(sharing_run.run(made))


@given(inputs())
def test_what_rounding_owes_one_it_owes_to_another(made):
    outcomes = sharing_run.run(made)
    assert sum(sharing_run.changes(outcomes).values()) == 0


@given(inputs())
def test_no_supply_is_overdrawn(made):
    got = {one.key: one for one in sharing_run.run(made)}
    for supply in made.supplies:
        assert sum(got[peg.key].quantity for peg in supply.pegs) <= supply.quantity
        assert all(0 <= got[peg.key].quantity <= peg.requested for peg in supply.pegs)


def test_a_debt_goes_from_one_supply_to_the_next():
    pegs = [Peg(rank, rank, 5, 0, 1, rank, 1, 0, False) for rank in (1, 2)]
    supplies = [
        Supply(n, n, "tools", 5, [peg._replace(key=10 * n + peg.key) for peg in pegs]) for n in range(4)
    ]
    outcomes = sharing_run.run(Inputs("doc", 1, "proportional", "", 11, supplies, {}))
    by_dealer = [sum(one.quantity for one in outcomes if one.dealer_id == dealer) for dealer in (1, 2)]
    assert by_dealer == [10, 10]


def test_the_seed_comes_from_what_nobody_chooses():
    assert sharing_run.seed_of("one", "seal") == sharing_run.seed_of("one", "seal")
    assert sharing_run.seed_of("one", "seal") != sharing_run.seed_of("two", "seal")
