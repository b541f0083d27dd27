"""Make the parties and their keys on the server's own machine, then trade only over HTTP."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.db.transactions import unit_of_work
from b2b.directory import scopes
from b2b.directory.models import ApiKey, Organization
from b2b.directory.services import api_key
from b2b.market import play, terms, world
from b2b.market.actors import desk
from b2b.market.actors.payers import BANK_ACCOUNT
from b2b.market.remote.client import Client
from b2b.market.remote.parties import ROUND, Remote
from b2b.market.stage import Stage
from b2b.market.world import World

KEY_NAME = "market over HTTP"
CUTOFF_HOURS = 24


def market(
    base: str,
    *,
    rounds: int,
    dealers: int,
    seed: int,
    settle: Callable[[Stage], None] = Stage.settle,
    report: Callable[[Stage], None] | None = None,
) -> play.Result:
    """Trade `rounds` rounds with the server at `base`, in real time; `settle` waits for its workers after each step.

    The database is touched only to make the parties, their terms, keys and cycles, and to check invariants at the end.
    """
    with acting_as(system("market")):
        made = world.make(dealers=dealers, seed=seed)
        terms.agree(made, today=clock.today())
    stage = Stage(made, seed, clock.today("Asia/Shanghai"), rounds, through_workers=True)
    stage.chance = random.Random(seed)
    desk.prepare(stage, bank_identifier=BANK_ACCOUNT)
    remote = Remote(stage, _clients(base, made), serial=uuid7().hex[-12:])
    try:
        for remote.round in range(1, rounds + 1):
            desk.reopen_cycles(stage, hours=CUTOFF_HOURS)
            for step in ROUND:
                step(remote)
                settle(stage)
            if report:
                report(stage)
    finally:
        for client in remote.clients.values():
            client.close()
        _revoke(made)
    stage.counts["requests"] = sum(client.calls for client in remote.clients.values())
    return play.result(stage, since=clock.now() - timedelta(days=1), until=clock.now() + timedelta(days=1))


def _parties(made: World) -> list[Organization]:
    return [made.operator, *made.factories, *made.carriers, *made.dealers]


def _clients(base: str, made: World) -> dict[str, Client]:
    by = system("market")
    with acting_as(by):
        return {
            party.code: Client(
                base.rstrip("/"),
                api_key.issue(
                    party,
                    name=KEY_NAME,
                    scopes=scopes.allowed(party.kind),
                    by=by,
                    at=clock.now(),
                    lifetime_days=1,
                )[1],
            )
            for party in _parties(made)
        }


@unit_of_work()
def _revoke(made: World) -> None:
    """End the keys of this run; they were needed for it only."""
    by = system("market")
    with acting_as(by):
        for key in ApiKey.objects.filter(
            organization__in=_parties(made), name=KEY_NAME, revoked_at__isnull=True
        ):
            api_key.revoke(key.pk, by=by, at=clock.now())
