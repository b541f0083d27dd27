"""The harness of all tests: databases, a web server, a browser.

Ordinary tests ask for `db` and are rolled back. Tests that need commits, several connections or processes
ask for `committed_db`. Files named tests/support/*_fixtures.py are loaded as further plugins.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

pytest_plugins = [
    f"tests.support.{path.stem}" for path in sorted((Path(__file__).parent / "support").glob("*_fixtures.py"))
]

NO_FLUSH = (
    "Tables refuse TRUNCATE here, so a test cannot be cleaned up by flushing. "
    "Ask for the fixture `committed_db` instead of transaction=True, transactional_db or live_server "
    "(for a web server: `server`)."
)
_numbers = itertools.count()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name workbooks alike: each holds the second it was made in, and all workers have to find the same tests."""
    return "workbook" if isinstance(val, bytes) and val.startswith(b"PK\x03\x04") else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("django_db")
    if marker is not None and (marker.kwargs.get("transaction") or (marker.args and marker.args[0])):
        pytest.fail(NO_FLUSH, pytrace=False)


@pytest.fixture
def transactional_db() -> None:
    """Refuse; see NO_FLUSH."""
    pytest.fail(NO_FLUSH, pytrace=False)


@pytest.fixture(scope="session")
def database_server() -> Iterator[object]:
    """Start or join the test server."""
    from tests.support.database import TestServer

    server = TestServer()
    server.acquire()
    server.sweep()
    yield server
    server.release()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, database_server: object
) -> Iterator[None]:
    """Give this session (each xdist worker has its own) a clone of the template."""
    with django_db_blocker.unblock():
        name = database_server.clone(_new_name(database_server))
        database_server.point(name)
    yield
    with django_db_blocker.unblock():
        database_server.point(name)
        database_server.drop(name)


def _new_name(server: object) -> str:
    return f"{server.prefix}p{os.getpid()}_{next(_numbers)}"


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    database_server: object,
) -> Iterator[str]:
    """Give the test a database of its own, where commits are real; yield its name."""
    from django.db import connections

    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        pytest.fail(
            "Ask for `db` (or the mark django_db) or for `committed_db`, not for both.", pytrace=False
        )
    session_name = connections.settings["default"]["NAME"]
    with django_db_blocker.unblock():
        name = database_server.clone(_new_name(database_server))
        database_server.point(name)
        try:
            yield name
        finally:
            database_server.point(session_name)
            database_server.drop(name)
