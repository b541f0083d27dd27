"""Every route of the API, every method, tried as everybody (tenancy_matrix.py says what each may expect)."""

import pytest

from tests.house.routes import fill, routes, takes
from tests.house.tenancy_matrix import MATRIX, World

CHANGES = ("post", "put", "patch", "delete")
REFUSED = {403, 404}


def test_every_route_has_a_line_and_every_line_a_route():
    missing = sorted(set(routes()) - set(MATRIX))
    assert not missing, f"add to tests/house/tenancy_matrix.py: {missing}"
    assert not sorted(set(MATRIX) - set(routes()))


@pytest.mark.parametrize("route", sorted(routes()))
@pytest.mark.django_db
def test_everybody_sees_and_changes_only_what_they_may(api_as, route):
    line, world = MATRIX[route], World()
    case, view = line.make(world), routes()[route]
    clients = {name: api_as(party) for name, party in world.callers(line.owner).items()}
    for name, client in clients.items():
        _check_read(
            name, client, line, case, fill(route, case.values) + case.query, has_get=hasattr(view, "get")
        )
    # Who may not goes first: what somebody changed or removed would refuse everybody after it.
    for name, client in sorted(clients.items(), key=lambda one: one[0] in line.changes):
        for method in CHANGES:
            # What nobody can do is tried as who may do most and as who may do nothing.
            if takes(view, method) or name in ("owner", "anonymous"):
                _check_change(name, client, line, case, world, (method, view, fill(route, case.values)))


def _check_read(name, client, line, case, address, *, has_get):
    answer = client.get(address)
    said = f"{name} {address}: {answer.status_code} {answer.content[:300]!r}"
    if name == "anonymous":
        assert answer.status_code == 401, said
    elif not has_get:
        assert answer.status_code in {405, *REFUSED}, said
    elif name in line.sees:
        assert answer.status_code == 200, said
        assert case.marker in answer.content.decode(errors="replace"), said
    else:
        _check_refusal(name, case, answer, said)
    if name in ("owner", "rival"):
        assert client.head(address).status_code == answer.status_code, said


def _check_refusal(name, case, answer, said):
    if case.values:
        assert answer.status_code in ({404} if name == "rival" else REFUSED), said
    else:
        assert answer.status_code in {200, *REFUSED}, said
    assert not case.marker or case.marker not in answer.content.decode(errors="replace"), said


def _check_change(name, client, line, case, world, asked):
    method, view, address = asked
    answer = getattr(client, method)(address, line.body(world), headers={"If-Match": '"0"'})
    said = f"{name} {method} {address}: {answer.status_code} {answer.content[:300]!r}"
    if name == "anonymous":
        assert answer.status_code == 401, said
    elif not takes(view, method):
        assert answer.status_code in {405, *REFUSED}, said
    elif name in line.changes:
        assert answer.status_code not in {401, 403, 404, 405}, said
        assert answer.status_code < 500, said
    else:
        expected = {404} if name == "rival" and case.values else REFUSED
        assert answer.status_code in expected, said
