"""Turn the environment into Django's DATABASES: the embedded server, or the one an URL names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from b2b.embedded import roles
from b2b.embedded.failure import EmbeddedError
from b2b.embedded.postgres import Postgres

NAME = "midstream"
ENGINE = "b2b.db.backend"


def parse(url: str) -> dict[str, Any]:
    """Read a postgres:// URL into Django's database settings; raise EmbeddedError when it is none."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql", "pgsql"} or not parts.path.strip("/"):
        raise EmbeddedError(
            "A database URL reads postgresql://user:password@host:5432/name; "
            f"this one does not: {parts.scheme}://{parts.hostname or ''}{parts.path}"
        )
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": ENGINE,
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def connect(database: Mapping[str, Any]) -> "psycopg.Connection":
    """Open an autocommit connection to what a database setting names."""
    options = {name: value for name, value in database["OPTIONS"].items() if name != "pool"}
    return psycopg.connect(
        host=database["HOST"] or None, port=database["PORT"] or None, user=database["USER"] or None,
        password=database["PASSWORD"] or None, dbname=database["NAME"], autocommit=True,
        **{"connect_timeout": 5, **options},
    )  # fmt: skip


def on_server(server: Postgres, name: str, role: str) -> dict[str, Any]:
    """Describe a database of the embedded server as one role sees it."""
    return {
        "ENGINE": ENGINE, "NAME": name, "USER": role, "PASSWORD": "",
        "HOST": str(server.socket_directory), "PORT": "5432", "OPTIONS": {},
    }  # fmt: skip


def taking_role(database: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Describe the same database for connections that log in as administrator and take on a role."""
    return {**database, "OPTIONS": {**database["OPTIONS"], "options": roles.startup_options(role)}}


def configure(environ: Mapping[str, str], var: Path) -> dict[str, dict[str, Any]]:
    """Return the aliases `default` (application role) and `owner` (migrations)."""
    url = environ.get("DATABASE_URL", "")
    if not url:
        server = Postgres(var / "postgres")
        default, owner = (on_server(server, NAME, role) for role in (roles.APPLICATION, roles.OWNER))
    else:
        default, owner = parse(url), parse(environ.get("DATABASE_OWNER_URL") or url)
        if administers(default, environ):
            default = taking_role(default, roles.APPLICATION)
        if administers(owner, environ):
            owner = taking_role(owner, roles.OWNER)
    size = int(environ.get("MIDSTREAM_POOL", "8"))
    if size:
        default["OPTIONS"]["pool"] = {"min_size": 1, "max_size": size, "timeout": 10}
    # A statement-pooling proxy hands each statement to another session, where a cursor would be lost.
    default["DISABLE_SERVER_SIDE_CURSORS"] = environ.get("DATABASE_PROXY", "") != ""
    return {"default": finish(default), "owner": finish(owner)}


def finish(database: dict[str, Any]) -> dict[str, Any]:
    """Add what every alias has in common."""
    return {**database, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False}


def administers(database: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    """Ask an external server once whether this user must take on a role; DATABASE_ROLES=0 or 1 decides instead.

    A server that does not answer leaves it open: then only the two roles by their own names are let be, since an
    administrator who took on no role would pass by row-level security for as long as the process lives.
    """
    decided = environ.get("DATABASE_ROLES", "")
    if decided:
        return decided == "1"
    try:
        with connect(database) as connection:
            return roles.standing(connection).administers
    except psycopg.Error:
        return database["USER"] not in (roles.APPLICATION, roles.OWNER)
