"""The harness keeps its own promises: role, roll-back, real commits in a database of the test's own."""

import threading
import urllib.request

import pytest
from django.db import connection, connections

from tests.conftest import pytest_runtest_setup

QUERY = "SELECT current_user, current_database(), current_setting('lock_timeout')"


def ask(alias: str = "default") -> tuple[str, str, str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(QUERY)
        return cursor.fetchone()


@pytest.mark.django_db
def test_a_test_is_the_application_role_and_waits_briefly():
    user, _, timeout = ask()
    assert (user, timeout) == ("midstream_app", "10s")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_a_committing_test_has_its_own_database_in_every_thread(committed_db):
    seen = []

    def look():
        seen.append(ask())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [("midstream_app", committed_db, "10s")]
    assert ask("owner")[:2] == ("midstream_owner", committed_db)


@pytest.mark.parametrize("run", [1, 2])
def test_what_is_committed_is_gone_with_its_database(committed_db, run):
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE only_here (run int)")


def test_the_server_serves_the_platform(server):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{server}/no-such-page")
    assert caught.value.code == 404
    caught.value.close()


def test_a_flushing_test_is_refused_with_the_remedy():
    class Item:
        @staticmethod
        def get_closest_marker(name: str) -> pytest.Mark:
            return pytest.mark.django_db(transaction=True).mark

    with pytest.raises(pytest.fail.Exception, match="committed_db"):
        pytest_runtest_setup(Item())
