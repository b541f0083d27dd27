"""A PostgreSQL backend that tells the database who acts and what time it is.

Row-level security reads `midstream.scope` and `midstream.organization`, `midstream_now()` reads `midstream.clock`.
The settings are local to a transaction, so that they cannot leak through a connection pool in transaction mode;
a statement outside any transaction is given one of its own. An unset actor sees no tenant row at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base

from b2b.core import actor, clock

OWNER_ALIAS = "owner"

STAMP = (
    "SELECT set_config('midstream.scope', %s, true), set_config('midstream.organization', %s, true),"
    " set_config('midstream.clock', %s, true)"
)


class DatabaseWrapper(base.DatabaseWrapper):
    """Stamps the current actor and clock on each transaction, once, before its first statement."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stamp: tuple[str, str, str] | None = None
        self.execute_wrappers.append(self._as_actor)

    def _wanted_stamp(self) -> tuple[str, str, str]:
        who = actor.current()
        scope = actor.SYSTEM if self.alias == OWNER_ALIAS else who.kind
        moment = clock.travelled_to()
        return (scope, str(who.organization_id or ""), moment.isoformat() if moment else "")

    def stamp(self) -> None:
        """Write the current actor into the open transaction; COPY calls this, everything else does so by itself."""
        wanted = self._wanted_stamp()
        if wanted != self._stamp:
            with self.wrap_database_errors:
                self.connection.execute(STAMP, wanted)
            self._stamp = wanted

    def _as_actor(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if self.in_atomic_block or not self.get_autocommit():
            if not self.needs_rollback:
                self.stamp()
            return execute(sql, params, many, context)
        if self.alias == OWNER_ALIAS:  # maintenance statements may refuse a transaction block
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.alias):
            self.stamp()
            return execute(sql, params, many, context)

    def init_connection_state(self) -> None:
        """Reset what a new or pooled connection knows; the owner role works as the platform itself."""
        super().init_connection_state()
        self._stamp = None
        if self.alias == OWNER_ALIAS:
            self.connection.execute("SELECT set_config('midstream.scope', %s, false)", [actor.SYSTEM])

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
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
