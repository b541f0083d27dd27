"""What a new plan changes is counted once each."""

from hypothesis import given
from hypothesis import strategies as st

from logistics.policies.changes import NOTICED_S, compare
from logistics.policies.problem import Call, Plan, Route


def plan(*routes):
    made = []
    for van, jobs in routes:
        calls = tuple(Call(job, at, at, at) for job, at in jobs)
        made.append(Route(van, 0, 0, 0, calls))
    return Plan(tuple(made))


def test_each_kind_of_change_is_told():
    before = plan(("v1", [("a", 100), ("b", 200), ("c", 300), ("d", 400)]), ("v2", [("e", 100)]))
    after = plan(("v1", [("a", 100), ("c", 200), ("d", 400 + NOTICED_S), ("new", 900)]), ("v3", [("b", 200)]))
    found = compare(before, after)
    assert (found.moved, found.reordered, found.retimed) == (("b",), ("c",), ("d",))
    assert (found.added, found.dropped, found.unchanged) == (("new",), ("e",), 1)
    assert (found.vans_added, found.vans_dropped) == (("v3",), ("v2",))


jobs = st.lists(st.sampled_from("abcdefgh"), unique=True).map(
    lambda names: [(name, 600 * row) for row, name in enumerate(names)]
)


@given(jobs, jobs)
def test_every_job_is_counted_exactly_once(one, other):
    found = compare(plan(("v", one)), plan(("v", other)))
    counted = [*found.moved, *found.reordered, *found.retimed, *found.added, *found.dropped]
    assert len(counted) == len(set(counted))
    assert len(counted) + found.unchanged == len({name for name, _ in one} | {name for name, _ in other})
    same = compare(plan(("v", one)), plan(("v", one)))
    assert same.unchanged == len(one)
