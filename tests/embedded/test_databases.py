"""Addresses from the environment: read exactly, refused in words, never with the password in them."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from b2b.embedded import databases, roles
from b2b.embedded.failure import EmbeddedError
from b2b.embedded.secret import kept_key
from tests.embedded.conftest import ROOT

URL = "postgresql://dealer%40x:p%2Fw@db.example:6543/trade?sslmode=require"
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "b2b.settings.prod", "SECRET_KEY": "".join(map(chr, range(48, 112))),
    "ALLOWED_HOSTS": "midstream.example", "DATABASE_URL": URL, "DATABASE_ROLES": "0",
    "CELERY_BROKER_URL": "amqp://broker.example",
}  # fmt: skip


def test_a_url_is_read_with_its_escapes_and_options():
    read = databases.parse(URL)
    assert (read["USER"], read["PASSWORD"], read["HOST"], read["PORT"]) == (
        "dealer@x",
        "p/w",
        "db.example",
        "6543",
    )
    assert (read["NAME"], read["OPTIONS"]) == ("trade", {"sslmode": "require"})


def test_a_socket_directory_may_stand_in_the_query():
    assert databases.parse("postgres:///trade?host=%2Frun%2Fpg")["HOST"] == "/run/pg"


@pytest.mark.parametrize("url", ["mysql://u:secret@h/x", "postgresql://u:secret@h", "nonsense"])
def test_anything_else_is_refused_without_showing_the_password(url):
    with pytest.raises(EmbeddedError, match="postgresql://user:password@host") as caught:
        databases.parse(url)
    assert "secret" not in str(caught.value)


def test_an_administrator_takes_on_the_role_with_its_limits(tmp_path):
    found = databases.configure({"DATABASE_URL": URL, "DATABASE_ROLES": "1", "MIDSTREAM_POOL": "3"}, tmp_path)
    assert found["default"]["OPTIONS"]["options"].startswith(
        f"-c role={roles.APPLICATION} -c lock_timeout=10s"
    )
    assert found["owner"]["OPTIONS"]["options"].startswith(f"-c role={roles.OWNER}")
    assert found["default"]["OPTIONS"]["pool"]["max_size"] == 3
    assert "pool" not in found["owner"]["OPTIONS"]


def test_a_plain_role_is_used_as_it_is(tmp_path):
    environ = {"DATABASE_URL": URL, "DATABASE_OWNER_URL": "postgresql://o@h/trade", "DATABASE_ROLES": "0"}
    found = databases.configure({**environ, "MIDSTREAM_POOL": "0"}, tmp_path)
    assert found["default"]["OPTIONS"] == {"sslmode": "require"}
    assert found["owner"]["USER"] == "o"


@pytest.mark.parametrize(("user", "takes"), [("postgres", True), (roles.APPLICATION, False)])
def test_an_administrator_takes_on_the_role_even_while_the_server_is_away(tmp_path, monkeypatch, user, takes):
    def away(database):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(databases, "connect", away)
    found = databases.configure({"DATABASE_URL": f"postgresql://{user}@h/trade"}, tmp_path)
    assert found["default"]["OPTIONS"].get("options", "").startswith("-c role=") is takes


def test_the_key_of_a_machine_stays_the_same_and_private(tmp_path):
    key = kept_key(tmp_path)
    assert len(key) >= 50
    assert kept_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_those_who_start_together_get_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: kept_key(tmp_path), range(64)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_an_empty_key_is_made_anew(tmp_path):
    (tmp_path / "secret_key").touch()
    assert len(kept_key(tmp_path)) >= 50


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("SECRET_KEY", "Set SECRET_KEY"),
        ("ALLOWED_HOSTS", "Set ALLOWED_HOSTS"),
        ("DATABASE_URL", "Set DATABASE_URL"),
        ("CELERY_BROKER_URL", "Set CELERY_BROKER_URL"),
    ],
)
def test_production_does_not_start_without(missing, said):
    environ = {name: value for name, value in PRODUCTION.items() if name != missing}
    result = run("-c", "import b2b.settings.prod", environ=environ)
    assert result.returncode
    assert said in result.stderr


def test_production_passes_the_deployment_checks():
    result = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", environ=PRODUCTION)
    assert result.returncode == 0, result.stderr


def run(*arguments, environ):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], **environ}, check=False,
    )  # fmt: skip
