from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies import promising, rotation, scarcity
from warehousing.policies.promising import FOR_EVER, NO_DAY, Wish
from warehousing.policies.scarcity import Open

DAYS = [date(2026, 6, 1) + timedelta(days=n) for n in range(5)]
levels = st.sampled_from([NO_DAY, *DAYS])
supplies = st.dictionaries(st.sampled_from([*DAYS, FOR_EVER]), st.integers(0, 12), max_size=5)
wishes = st.lists(st.builds(Wish, st.integers(0, 8), levels), max_size=8)


def lots(supply: dict[date, int]) -> list[rotation.Supply]:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        rotation.Supply(key, 1, quantity, None if day == FOR_EVER else day, since)
        for key, (day, quantity) in enumerate(supply.items())
    ]


@given(supplies, wishes, st.randoms(use_true_random=False))
def test_what_is_promised_can_be_kept_whatever_the_order_of_the_waves(
    supply: dict[date, int], asked: list[Wish], random: object
) -> None:
    given_ = promising.promise(asked, supply, {})
    wants = [
        rotation.Want(key, 1, quantity, wish.day)
        for key, (wish, quantity) in enumerate(zip(asked, given_, strict=True))
    ]
    random.shuffle(wants)  # type: ignore[attr-defined]
    takes = rotation.assign(wants, lots(supply))
    for want in wants:
        assert sum(take.quantity for take in takes if take.want == want.key) == want.quantity


@given(supplies, wishes)
def test_a_wish_is_cut_only_where_one_more_could_not_be_kept(
    supply: dict[date, int], asked: list[Wish]
) -> None:
    promised: dict[date, int] = {}
    for wish, quantity in zip(asked, promising.promise(asked, supply, {}), strict=True):
        assert 0 <= quantity <= wish.quantity
        promised[wish.day] = promised.get(wish.day, 0) + quantity
        assert promising.fits(supply, promised)
        if quantity < wish.quantity:
            assert not promising.fits(supply, {**promised, wish.day: promised[wish.day] + 1})


@given(supplies, wishes, st.dictionaries(levels, st.integers(0, 9), max_size=3))
def test_where_more_is_promised_than_there_is_nothing_is_added(
    supply: dict[date, int], asked: list[Wish], before: dict[date, int]
) -> None:
    given_ = promising.promise(asked, supply, before)
    if not promising.fits(supply, {NO_DAY: sum(before.values())}):
        assert not any(given_)


@given(supplies, st.lists(st.builds(Wish, st.integers(1, 8), levels), max_size=8))
def test_scarce_goods_are_shared_so_that_all_shares_can_be_had(
    supply: dict[date, int], asked: list[Wish]
) -> None:
    open_ = [Open(key, wish.quantity, wish.day) for key, wish in enumerate(asked)]

    def in_proportion(quantity: int, promises: list[Open]) -> list[int]:
        whole = max(1, sum(one.quantity for one in promises))
        return [min(one.quantity, quantity * one.quantity // whole) for one in promises]

    caps = scarcity.caps(supply, open_, in_proportion)
    wants = [rotation.Want(one.key, 1, caps[one.key], one.day) for one in reversed(open_)]
    takes = rotation.assign(wants, lots(supply))
    assert sum(take.quantity for take in takes) == sum(caps.values())
    assert all(0 <= caps[one.key] <= one.quantity for one in open_)
    promised: dict[date, int] = {}
    for one in open_:
        promised[one.day] = promised.get(one.day, 0) + one.quantity
    if promising.fits(supply, promised):
        assert all(caps[one.key] == one.quantity for one in open_)


@given(
    st.lists(st.tuples(st.sampled_from(DAYS), st.integers(0, 8)), max_size=6),
    st.dictionaries(st.sampled_from(DAYS), st.integers(0, 9), max_size=4),
)
def test_goods_on_their_way_are_promised_once_and_in_time(
    wanted: list[tuple[date, int]], coming: dict[date, int]
) -> None:
    given_ = promising.in_time(wanted, coming, {})
    for limit in DAYS:
        by_then = sum(part for (day, _), part in zip(wanted, given_, strict=True) if day <= limit)
        assert by_then <= sum(n for day, n in coming.items() if day <= limit)
    assert all(0 <= part <= asked for (_, asked), part in zip(wanted, given_, strict=True))
