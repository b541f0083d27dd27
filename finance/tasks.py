"""What finance does by the clock."""

from __future__ import annotations

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db.reconcilers import RECONCILERS
from b2b.outbox.schedule import daily, every
from finance.services import (
    chain,
    comparison,
    exchange_valuation,
    financing_request,
    pending,
    pledge_valuation,
    repayment,
    scoring,
)


@daily("finance.reconcile", at="06:00")
def reconcile() -> None:
    """Compare everything before the operator's morning; what differs is a case by then."""
    with acting_as(system("reconcile")) as desk:
        comparison.run(sorted(RECONCILERS), by=desk, at=clock.now())


@every("finance.seal", seconds=60)
def seal() -> None:
    """Put what was posted into the chain and its lines into checkpoints."""
    with acting_as(system("seal")):
        chain.seal_all(at=clock.now())


@daily("finance.free_expired", at="03:00")
def free_expired() -> None:
    """Free what has expired; limits have ignored it since."""
    with acting_as(system("expiry")) as desk:
        while pending.free_expired(by=desk, at=clock.now()):
            pass


@daily("finance.accrue", at="00:30")
def accrue() -> None:
    """Post a day's interest of what is financed."""
    with acting_as(system("financing")) as desk:
        while repayment.accrue(by=desk, at=clock.now()):
            pass


@every("finance.lapse_offers", seconds=600)
def lapse_offers() -> None:
    """Close offers that nobody took in time."""
    with acting_as(system("financing")) as desk:
        while financing_request.lapse(by=desk, at=clock.now()):
            pass


@daily("finance.revalue_pledges", at="01:00")
def revalue_pledges() -> None:
    """Value pledged goods and call for more where they do not secure what is owed."""
    with acting_as(system("pledges")) as desk:
        pledge_valuation.revalue(by=desk, at=clock.now())


@daily("finance.score", at="02:00")
def score() -> None:
    """Score every party anew, so that limits and offers are judged by what yesterday showed."""
    with acting_as(system("scores")) as desk:
        scoring.assess_all(by=desk, at=clock.now())


@daily("finance.value_currencies", at="00:45")
def value_currencies() -> None:
    """Value what is had and owed in foreign currencies at the rates of the day that ended."""
    with acting_as(system("valuation")) as desk:
        exchange_valuation.value_ended(by=desk, at=clock.now())
