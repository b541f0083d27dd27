"""What the OpenAPI file allows, and what it does not, thrown at every operation: no 500, and answers as described."""

from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.directory import scopes
from b2b.directory.services import api_key
from tests.house.routes import PREFIX, routes, takes
from tests.house.tenancy_matrix import MATRIX, World
from tests.support.examples import examples

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
OPERATIONS = [
    (route, method)
    for route, view in sorted(routes().items())
    for method in METHODS
    if takes(view, method.lower())
]


@schemathesis.serializer("application/EDIFACT")
def as_edifact(context, value):
    """Send whatever was made up as the text that the operation takes."""
    return str(value).encode()


@pytest.fixture(scope="session")
def document(django_db_setup, django_db_blocker):
    from drf_spectacular.generators import SchemaGenerator

    from b2b.wsgi import application

    with django_db_blocker.unblock():
        described = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = application
    schema.config.base_url = None
    return schema


@pytest.fixture(autouse=True)
def _one_connection(db):
    """Keep the handler from closing the connection that holds the test's transaction."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def _key(party) -> str:
    by = system("test")
    with acting_as(by):
        return api_key.issue(
            party,
            name="tester",
            scopes=scopes.allowed(party.kind),
            by=by,
            at=clock.now() - timedelta(hours=1),
        )[1]


@pytest.mark.parametrize(("route", "method"), OPERATIONS, ids=str)
def test_every_operation_answers_as_described(document, route, method):
    line, world = MATRIX[route], World()
    made = line.make(world)
    wanted = line.sees if method == "GET" else line.changes
    callers = world.callers(line.owner)
    party = callers[next((name for name in ("owner", *sorted(wanted)) if name in wanted), "operator")]
    headers = {"Authorization": f"Bearer {_key(party)}"}
    path = "/" + PREFIX + _template(route)
    operation = document[path][method]

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    @settings(
        max_examples=examples(3),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def answers(case):
        if made.values:
            case.path_parameters = {name: str(value) for name, value in made.values.items()}
        for name in (
            "fields",
            "cursor",
        ):  # fewer members than described, and a text that only the list gives out
            (case.query or {}).pop(name, None)
        response = case.call(headers=headers)
        case.validate_response(
            response,
            checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
        )

    answers()


def _template(route: str) -> str:
    import re

    return re.sub(r"<[a-z]+:(\w+)>", r"{\1}", route)
