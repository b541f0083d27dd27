"""Every route of the API, every method, tried as everybody (tenancy_matrix.py says what each may expect)."""

import pytest

from tests.house.routes import fill, routes
from tests.house.tenancy_matrix import MATRIX, World

READS = ("get", "head")
CHANGES = ("post", "put", "patch", "delete")
REFUSED = {403, 404}


def test_every_route_has_a_line_and_every_line_a_route():
    missing = sorted(set(routes()) - set(MATRIX))
    assert not missing, f"add to tests/house/tenancy_matrix.py: {missing}"
    assert not sorted(set(MATRIX) - set(routes()))


@pytest.mark.parametrize("route", sorted(routes()))
@pytest.mark.django_db
def test_reads_show_only_what_is_ones_own(api_as, route):
    line, world = MATRIX[route], World()
    case = line.make(world)
    address = fill(route, case.values) + case.query
    has_get = hasattr(routes()[route], "get")
    for name, party in world.callers(line.owner).items():
        client = api_as(party)
        answers = [getattr(client, method)(address) for method in READS]
        said = f"{name} {address}: {answers[0].status_code} {answers[0].content[:300]!r}"
        if name == "anonymous":
            assert {answer.status_code for answer in answers} == {401}, said
        elif not has_get:
            assert {answer.status_code for answer in answers} <= {405, *REFUSED}, said
        elif name in line.sees:
            assert {answer.status_code for answer in answers} == {200}, said
            assert case.marker in answers[0].content.decode(errors="replace"), said
        else:
            _check_refusal(name, case, answers[0], said)


def _check_refusal(name, case, answer, said):
    if case.values:
        assert answer.status_code in ({404} if name == "rival" else REFUSED), said
    else:
        assert answer.status_code in {200, *REFUSED}, said
    assert not case.marker or case.marker not in answer.content.decode(errors="replace"), said


@pytest.mark.parametrize("route", sorted(routes()))
@pytest.mark.django_db
def test_changes_are_for_those_who_may(api_as, route):
    line, world = MATRIX[route], World()
    case = line.make(world)
    address = fill(route, case.values)
    view = routes()[route]
    for name, party in world.callers(line.owner).items():
        client = api_as(party)
        for method in CHANGES:
            answer = getattr(client, method)(address, line.body(world), headers={"If-Match": '"0"'})
            said = f"{name} {method} {address}: {answer.status_code} {answer.content[:300]!r}"
            if name == "anonymous":
                assert answer.status_code == 401, said
            elif not hasattr(view, method):
                assert answer.status_code in {405, *REFUSED}, said
            elif name in line.changes:
                assert answer.status_code not in {401, 403, 404, 405}, said
                assert answer.status_code < 500, said
            else:
                expected = {404} if name == "rival" and case.values else REFUSED
                assert answer.status_code in expected, said
