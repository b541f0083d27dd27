"""A PostgreSQL backend that tells the database who acts and what time it is.

Row-level security reads `midstream.scope` and `midstream.organization`, `midstream_now()` reads `midstream.clock`.
The settings are local to a transaction, so that they cannot leak through a connection pool in transaction mode;
a statement outside any transaction is given one of its own. An unset actor sees no tenant row at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import transaction
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from b2b.core import actor, clock

OWNER_ALIAS = "owner"
# No statement is run so often that it is prepared for that alone; b2b.db.bulk asks by name.
ON_DEMAND = 2**31

SETTINGS: Final = ("midstream.scope", "midstream.organization", "midstream.clock")
UNSET: Final = ("", "", "")
QUOTED: Final = frozenset("'\\%")
# The arms of a CASE are evaluated in order: the expression sees the settings (PostgreSQL manual, 4.2.14).
STAMPED = (
    "SELECT CASE WHEN set_config('midstream.scope', %(stamped_scope)s, true)"
    " || set_config('midstream.organization', %(stamped_organization)s, true)"
    " || set_config('midstream.clock', %(stamped_clock)s, true) IS NOT NULL THEN {} END"
)


class DatabaseWrapper(base.DatabaseWrapper):
    """Stamps the current actor and clock on each transaction, once, before its first statement.

    BEGIN and the stamp travel in front of the statement that needs them: one round trip instead of three.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stamp: tuple[str, str, str] | None = None
        self._stamps_itself = False
        self.execute_wrappers.append(self._as_actor)

    def _wanted_stamp(self) -> tuple[str, str, str]:
        who = actor.current()
        scope = actor.SYSTEM if self.alias == OWNER_ALIAS else who.kind
        moment = clock.travelled_to()
        return (scope, str(who.organization_id or ""), moment.isoformat() if moment else "")

    def _preamble(self, wanted: tuple[str, str, str]) -> str:
        """Return what must run before the next statement: BEGIN, and the settings that are not yet as wanted."""
        status = self.connection.pgconn.transaction_status
        if status == TransactionStatus.INERROR or (
            wanted == self._stamp and status != TransactionStatus.IDLE
        ):
            return ""  # in error nothing runs any more but the rollback
        is_new = status == TransactionStatus.IDLE
        known = UNSET if is_new else self._stamp
        settings = ", ".join(
            f"set_config('{name}', {_quoted(value)}, true)"
            for place, (name, value) in enumerate(zip(SETTINGS, wanted, strict=True))
            if known is None or value != known[place]
        )
        return (self._begin() if is_new else "") + (f"SELECT {settings}; " if settings else "")

    def _begin(self) -> str:
        level = self.connection.isolation_level
        return f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}; " if level else "BEGIN; "

    def stamp(self) -> None:
        """Write the current actor into the open transaction; COPY calls this, everything else does so by itself."""
        wanted = self._wanted_stamp()
        if preamble := self._preamble(wanted):
            self._stamp = None
            with self.wrap_database_errors:
                self.connection.execute(preamble)
        self._stamp = wanted

    @contextmanager
    def stamped_by_itself(self) -> Iterator[tuple[str, str, str]]:
        """Let a statement outside transactions carry the actor in its own text, as `STAMPED`; yield what to stamp."""
        self._stamps_itself = True
        try:
            yield self._wanted_stamp()
        finally:
            self._stamps_itself = False

    def _as_actor(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if self.in_atomic_block or not self.get_autocommit():
            if self.needs_rollback:
                return execute(sql, params, many, context)
            return self._stamped(execute, sql, params, many, context)
        # Maintenance statements may refuse a transaction block.
        if self.alias == OWNER_ALIAS or self._stamps_itself:
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.alias):
            return self._stamped(execute, sql, params, many, context)

    def _stamped(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        cursor = context["cursor"].cursor
        if many or type(cursor) is not base.Cursor or not isinstance(sql, str):
            self.stamp()  # these speak a protocol of one statement at a time
            return execute(sql, params, many, context)
        wanted = self._wanted_stamp()
        preamble = self._preamble(wanted)
        if not preamble:
            return execute(sql, params, many, context)
        self._stamp = None  # not known until both have run
        found = execute(preamble + sql, params, many, context)
        self._stamp = wanted
        while cursor.nextset():  # pass over what the preamble answered
            pass
        return found

    def get_connection_params(self) -> dict[str, Any]:
        """Allow statements to be prepared where the code asks for it, unless a proxy hands each to another session."""
        found: dict[str, Any] = super().get_connection_params()
        if (
            not self.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
            and found.get("prepare_threshold") is None
        ):
            found["prepare_threshold"] = ON_DEMAND
        return found

    def init_connection_state(self) -> None:
        """Reset what a new or pooled connection knows; the owner role works as the platform itself."""
        super().init_connection_state()
        self._stamp = None
        if self.alias == OWNER_ALIAS:
            self.connection.execute("SELECT set_config('midstream.scope', %s, false)", [actor.SYSTEM])

    def create_cursor(self, name: str | None = None) -> Any:
        """Open a cursor; a named one outlives its transaction only where Django has opened none."""
        if name and not self.get_autocommit():
            return base.ServerSideCursor(self.connection, name=name, scrollable=False, withhold=False)
        return super().create_cursor(name)

    def _set_autocommit(self, autocommit: bool) -> None:
        # The driver would send BEGIN by itself, and wait for the answer: it is told of no transaction.
        if not self.connection.autocommit:
            super()._set_autocommit(True)
        self._stamp = None

    def _savepoint_rollback(self, sid: str) -> None:
        self._stamp = (
            self._wanted_stamp()
        )  # a transaction that failed takes no stamp before it is rolled back
        super()._savepoint_rollback(sid)
        self._stamp = None  # settings made since the savepoint are gone with it

    def close(self) -> None:
        """Close the connection and forget whom it served."""
        super().close()
        self._stamp = None


def _quoted(value: str) -> str:
    """Write a literal.

    :raises ValueError: for what no kind of actor and no moment holds, and a literal would have to escape.
    """
    if not QUOTED.isdisjoint(value):
        raise ValueError(f"{value!r} is no kind of actor")
    return f"'{value}'"
