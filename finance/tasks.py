"""What finance does by the clock."""

from __future__ import annotations

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db.reconcilers import RECONCILERS
from b2b.outbox.schedule import daily
from finance.services import comparison


@daily("finance.reconcile", at="06:00")
def reconcile() -> None:
    """Compare everything before the operator's morning; what differs is a case by then."""
    with acting_as(system("reconcile")) as desk:
        comparison.run(sorted(RECONCILERS), by=desk, at=clock.now())
