"""Databases for tests: one template per state of the migrations, a clone per session, a clone per committing test."""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import psutil
import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from b2b.embedded import databases, roles
from b2b.embedded.postgres import Postgres

ALIASES = {"default": roles.APPLICATION, "owner": roles.OWNER}


class TestServer:
    """The server that holds the test databases: our own, or the one TEST_DATABASE_URL names."""

    __test__ = False

    def __init__(self) -> None:
        self.url = os.environ.get("TEST_DATABASE_URL", "")
        self.embedded = Postgres(settings.VAR_DIR / "test-postgres", durable=False)
        place = hashlib.sha256(str(settings.BASE_DIR).encode()).hexdigest()[:6]
        # Several checkouts may share an external server; each touches only databases with its own prefix.
        self.prefix = f"test_{place}_"

    def acquire(self) -> None:
        """Start or join the server, and make sure that the roles exist."""
        if not self.url:
            self.embedded.acquire()
        with self.connect() as connection:
            roles.create_roles(connection, login=not self.url)

    def release(self) -> None:
        """Leave the server; the last one stops it."""
        if not self.url:
            self.embedded.release()

    def connect(self, database: str = "postgres") -> "psycopg.Connection":
        """Open an administrator's connection."""
        if self.url:
            return databases.connect({**databases.parse(self.url), "NAME": database})
        return self.embedded.connect(database)

    def describe(self, name: str, role: str) -> dict[str, Any]:
        """Return Django's settings for a database as a role sees it."""
        if self.url:
            return databases.taking_role({**databases.parse(self.url), "NAME": name}, role)
        return databases.on_server(self.embedded, name, role)

    def point(self, name: str) -> None:
        """Let both aliases mean a database, in this thread and in those that start later."""
        for alias, role in ALIASES.items():
            connections[alias].close()
            connections.settings[alias].update(self.describe(name, role))

    def clone(self, name: str) -> str:
        """Create a database as a copy of the template of the present migrations."""
        template = self.template()
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(roles.OWNER), sql.Identifier(template)
                )
            )
        with self.connect(name) as inside:
            roles.limit(inside)
        return name

    def drop(self, name: str) -> None:
        """Remove a database even when somebody is still connected."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def template(self) -> str:
        """Return the template database of the present migrations, building it when nobody has."""
        name = f"{self.prefix}template_{migrations_digest()}"
        with self.connect() as connection:
            if self._exists(connection, name):
                return name
            connection.execute("SELECT pg_advisory_lock(hashtext('midstream test template'))")
            if not self._exists(connection, name):
                self._build(connection, name)
        return name

    def sweep(self) -> None:
        """Drop what killed runs and older migrations left."""
        with self.connect() as connection:
            query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
            names = [name for (name,) in connection.execute(query, [self.prefix])]
        current = f"{self.prefix}template_{migrations_digest()}"
        for name in names:
            owner = re.search(r"_p(\d+)_", name)
            stale_template = "_template_" in name and not owner and name != current
            if stale_template or (owner and not psutil.pid_exists(int(owner[1]))):
                with contextlib.suppress(psycopg.errors.ObjectInUse):
                    self.drop(name)

    def _exists(self, connection: "psycopg.Connection", name: str) -> bool:
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())

    def _build(self, connection: "psycopg.Connection", name: str) -> None:
        building = f"{self.prefix}p{os.getpid()}_building"
        self.drop(building)
        roles.create_database(connection, building)
        with self.connect(building) as inside:
            roles.grant(inside)
        before = {alias: dict(connections.settings[alias]) for alias in ALIASES}
        self.point(building)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        for alias, old in before.items():
            connections[alias].close()
            connections.settings[alias].update(old)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
        )


def migrations_digest() -> str:
    """Return a digest of everything that decides what `migrate` builds."""
    digest = hashlib.sha256(django.get_version().encode())
    for path in sorted(_migration_sources()):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _migration_sources() -> Iterator[Path]:
    for config in apps.get_app_configs():
        for kind in ("*.py", "*.sql"):
            yield from (Path(config.path) / "migrations").glob(kind)
    yield from (settings.BASE_DIR / "b2b" / "db").glob("**/*.py")
    yield settings.BASE_DIR / "b2b" / "embedded" / "roles.py"
