"""The two database roles: one owns the schema and migrates it, the other is what the application is."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from b2b.embedded.failure import EmbeddedError

OWNER = "midstream_owner"
APPLICATION = "midstream_app"

# Waiting for a lock longer than a dealer waits for a page is a fault, so it ends with an error instead.
LIMITS = {
    APPLICATION: {
        "lock_timeout": "10s",
        "statement_timeout": "120s",
        "idle_in_transaction_session_timeout": "60s",
    },
    OWNER: {"lock_timeout": "5s", "statement_timeout": "0"},
}


@dataclass(frozen=True)
class Standing:
    """What a connection may do on its server."""

    user: str
    superuser: bool
    creates_roles: bool
    owns_database: bool
    bypasses_row_security: bool

    @property
    def administers(self) -> bool:
        """Tell whether the application must not work under this user itself."""
        return self.superuser or self.owns_database or self.bypasses_row_security


def standing(connection: psycopg.Connection) -> Standing:
    """Read what the connected user may do."""
    row = connection.execute(
        """SELECT rolname, rolsuper, rolcreaterole, d.datdba = r.oid, rolbypassrls
             FROM pg_roles r CROSS JOIN pg_database d
            WHERE rolname = session_user AND datname = current_database()"""
    ).fetchone()
    if row is None:
        raise EmbeddedError("The database does not know the user it was asked with.")
    return Standing(*row)


def create_roles(connection: psycopg.Connection, *, login: bool) -> None:
    """Create both roles unless they exist; without login they are granted to the connected user."""
    for role in (OWNER, APPLICATION):
        name = sql.Identifier(role)
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('midstream roles'))")
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} NOBYPASSRLS").format(name))
            if login:
                connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(name))
            elif not connection.execute("SELECT pg_has_role(session_user, %s, 'MEMBER')", [role]).fetchone()[
                0
            ]:
                connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))


def create_database(connection: psycopg.Connection, name: str) -> None:
    """Create a database of the owner role unless it exists."""
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
        )


def grant(connection: psycopg.Connection) -> None:
    """Give the schema of the connected database to the owner, and the use of it to the application."""
    database = connection.info.dbname
    statements = [
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APPLICATION}",
    ]
    rights = {
        "TABLES": "SELECT, INSERT, UPDATE, DELETE",
        "SEQUENCES": "USAGE, SELECT",
        "FUNCTIONS": "EXECUTE",
    }
    for kind, right in rights.items():
        statements.append(
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT {right} ON {kind} TO {APPLICATION}"
        )
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('midstream roles'))")
        for statement in statements:
            connection.execute(statement)
        connection.execute(
            sql.SQL("GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                sql.Identifier(database), sql.Identifier(OWNER)
            )
        )
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                sql.Identifier(database), sql.Identifier(APPLICATION)
            )
        )


def limit(connection: psycopg.Connection) -> None:
    """Set how long each role may wait, in the connected database only."""
    for role, values in LIMITS.items():
        for name, value in values.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                    sql.Identifier(role),
                    sql.Identifier(connection.info.dbname),
                    sql.Identifier(name),
                    sql.Literal(value),
                )
            )


def startup_options(role: str) -> str:
    """Return the startup parameter by which an administrator's connection takes on a role with its limits.

    Settings of a role apply at login only, so a connection that takes the role on brings them along.
    """
    settings = {"role": role, **LIMITS[role]}
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
