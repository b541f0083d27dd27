import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.pick_lists import Job, divide
from warehousing.policies.picking_path import Stop, walk

JOBS = st.lists(
    st.builds(
        Job,
        st.builds(
            Stop,
            key=st.integers(0, 10**6),
            aisle=st.integers(0, 3),
            bay=st.integers(0, 5),
            sequence=st.sampled_from([0, 0, 1, 2, 3]),
        ),
        order=st.integers(0, 5),
        zone=st.sampled_from(["", "A", "B"]),
    ),
    unique_by=lambda job: job.stop.key,
    max_size=30,
)
SIZES = st.integers(1, 5)


@given(JOBS, st.sampled_from(["SINGLE", "BATCH", "CLUSTER", "ZONE"]), SIZES, SIZES)
def test_every_pick_is_on_one_list_that_keeps_the_method(
    jobs: list[Job], method: str, list_size: int, orders_per_list: int
) -> None:
    by_key = {job.stop.key: job for job in jobs}
    parts = divide(jobs, method, list_size=list_size, orders_per_list=orders_per_list)
    assert sorted(key for part in parts for key in part.keys) == sorted(by_key)
    owners: dict[object, int] = {}
    for number, part in enumerate(parts):
        of = [by_key[key] for key in part.keys]
        assert list(part.keys) == walk(job.stop for job in of)
        orders = {job.order for job in of}
        if method in ("SINGLE", "CLUSTER"):
            assert len(orders) <= (1 if method == "SINGLE" else orders_per_list)
            assert all(owners.setdefault(order, number) == number for order in orders)
        else:
            assert 0 < len(of) <= list_size
        if method == "ZONE":
            assert {job.zone for job in of} == {part.zone}


@given(JOBS)
def test_given_sequences_ascend_and_come_first(jobs: list[Job]) -> None:
    by_key = {job.stop.key: job.stop for job in jobs}
    sequences = [by_key[key].sequence for key in walk(by_key.values())]
    numbered = [number for number in sequences if number]
    assert sequences == sorted(numbered) + [0] * (len(sequences) - len(numbered))


def test_a_list_without_room_or_a_method_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        divide([], "BATCH", list_size=0, orders_per_list=1)
    with pytest.raises(ValueError, match="no method"):
        divide([], "GUESS", list_size=1, orders_per_list=1)
