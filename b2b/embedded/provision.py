"""Start what the environment does not name, and make the roles and the database ready."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import psycopg

from b2b.embedded import databases, roles
from b2b.embedded.failure import EmbeddedError
from b2b.embedded.postgres import Postgres
from b2b.embedded.valkey import Valkey

BASE = Path(__file__).resolve().parent.parent.parent


def var_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where everything this machine keeps is stored."""
    return Path(environ.get("MIDSTREAM_VAR") or BASE / "var").resolve()


@cache
def postgres() -> Postgres:
    """Return the embedded server of this installation, not yet started."""
    return Postgres(var_directory() / "postgres")


@cache
def valkey() -> Valkey:
    """Return the embedded broker of this installation, not yet started."""
    return Valkey(var_directory() / "valkey")


def broker_url(environ: Mapping[str, str]) -> str:
    """Return the broker the environment names, or the embedded one."""
    return environ.get("CELERY_BROKER_URL") or valkey().url


def start_postgres() -> None:
    """Join or start the embedded PostgreSQL with its roles and database; nothing when DATABASE_URL is set."""
    if os.environ.get("DATABASE_URL"):
        return
    server = postgres()
    server.acquire()
    prepare(server, databases.NAME)


def start_valkey() -> None:
    """Join or start the embedded broker; nothing when CELERY_BROKER_URL is set."""
    if not os.environ.get("CELERY_BROKER_URL"):
        valkey().acquire()


def prepare(server: Postgres, name: str) -> None:
    """Create roles, database and rights on an embedded server, unless this was done before."""
    with server.connect() as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [name]).fetchone() and (server.home / "provisioned").exists():
            return
    with server.gate(), server.connect() as connection:
        roles.create_roles(connection, login=True)
        roles.create_database(connection, name)
        with server.connect(name) as inside:
            roles.grant(inside)
            roles.limit(inside)
        (server.home / "provisioned").touch()


def prepare_external(url: str) -> str:
    """Create the roles and rights on a server of the administrator's; return what was done, in one sentence."""
    database = databases.parse(url)
    try:
        with databases.connect(database) as connection:
            standing = roles.standing(connection)
            if not standing.administers:
                return f"The database user {standing.user} is a plain role and is used as it is."
            version = connection.info.server_version
            if version < 150000:
                raise EmbeddedError(f"PostgreSQL 15 or newer is needed; the server is {version // 10000}.")
            roles.create_roles(connection, login=False)
            roles.grant(connection)
            if standing.superuser or standing.creates_roles:
                roles.limit(connection)
            return f"Connections of {standing.user} take on the roles {roles.OWNER} and {roles.APPLICATION}."
    except psycopg.errors.InsufficientPrivilege as error:
        raise EmbeddedError(
            f"DATABASE_URL names an owner that may not prepare the database: {error.diag.message_primary}. "
            "Give the URL of a superuser once, or create the roles by hand (docs/operating.md)."
        ) from error
    except psycopg.OperationalError as error:
        raise EmbeddedError(
            f"DATABASE_URL does not answer: {str(error).strip()}. Start that server, or unset DATABASE_URL "
            "to use the embedded one."
        ) from error
