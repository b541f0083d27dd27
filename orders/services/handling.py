"""Say how long a warehouse needs; the next cycle that closes reckons with it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, Problem
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from orders.models import HandlingTerm
from orders.models.handling_term import LONGEST_DAYS
from orders.services import terms_history
from orders.services.cycle_plan import operators_only
from orders.services.terms_history import Change

HANDLING: Final = "HANDLING"


class InvalidHandling(Invalid):
    """No warehouse needs so long."""

    code = "invalid_handling"


@unit_of_work()
def put(warehouse: Site, *, days: int, reason: str = "", by: Actor, at: datetime) -> HandlingTerm:
    """Let goods of a warehouse take `days` from its door to a dealer's; the history keeps who changed it and why.

    :raises Forbidden: unless the operator asks. :raises InvalidHandling: for a place that is no warehouse, or more
        than LONGEST_DAYS.
    """
    operators_only(by)
    problems = []
    if warehouse.kind != Site.Kind.WAREHOUSE:
        problems.append(
            Problem(
                "no_warehouse",
                f"{warehouse.code} is no warehouse",
                field="warehouse",
                remedy="Choose a warehouse.",
            )
        )
    if not 0 <= days <= LONGEST_DAYS:
        remedy = f"Enter 0 to {LONGEST_DAYS}."
        problems.append(
            Problem("invalid_days", f"{days} are no days of handling", field="days", remedy=remedy)
        )
    if problems:
        raise InvalidHandling(problems=problems)
    with acting_as(system("orders")):
        advisory_lock(f"orders.handling.{warehouse.pk}")
        known = HandlingTerm.objects.filter(site=warehouse).first()
        term, _ = HandlingTerm.objects.update_or_create(site=warehouse, defaults={"handling_days": days})
        before = {"handling_days": known.handling_days} if known else None
        after = {"handling_days": days}
        if before != after:
            change = Change(
                HANDLING,
                warehouse.pk,
                warehouse.organization_id,
                "change" if known else "create",
                before,
                after,
            )
            terms_history.record([change], by=by, at=at, reason=reason)
    return term
