"""What must always hold: each app states its invariants as a query for the rows that break them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute, fetch_dicts
from b2b.db.transactions import unit_of_work

SHOWN = 20  # offending rows printed with a break


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise in a sentence, and the SQL that finds rows breaking it; no row means it holds."""

    name: str
    promise: str
    breaking_rows: str


@dataclass(frozen=True, slots=True)
class Break:
    """A broken invariant with the first offending rows."""

    invariant: Invariant
    rows: list[dict[str, Any]]


INVARIANTS: dict[str, Invariant] = {}


def invariant(name: str, promise: str, breaking_rows: str) -> None:
    """State an invariant; apps do so in `<app>/selectors/invariants.py`.

    :raises ValueError: when the name is taken.
    """
    if name in INVARIANTS:
        raise ValueError(f"invariant {name} is stated twice")
    INVARIANTS[name] = Invariant(name, promise, breaking_rows)


def check(names: list[str] | None = None) -> list[Break]:
    """Check the named invariants, or all, on one snapshot of the database and return the broken ones."""
    chosen = [INVARIANTS[name] for name in names] if names else list(INVARIANTS.values())
    broken = []
    with acting_as(system("invariants")):
        for stated in chosen:
            with unit_of_work():
                # Whole tables are compared: where statistics are missing a nested loop would take for ever.
                execute("SELECT set_config('enable_nestloop', 'off', true)")
                rows = fetch_dicts(f"SELECT * FROM ({stated.breaking_rows}) breaking LIMIT {SHOWN}")
            if rows:
                broken.append(Break(stated, rows))
    return broken
