"""Post journal entries of two lines, with all invariants on, beside other ways to keep a ledger; read balances back."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from threading import Barrier
from typing import Final

import psutil
import psycopg
from django.db import connection

from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from b2b.db.backend.base import STAMPED
from b2b.db.transactions import unit_of_work
from b2b.embedded.roles import APPLICATION
from benchmarks import ledger_hordak, ledger_peers, ledger_reads, limit, world
from benchmarks.ledger_peers import PEERS, Move
from benchmarks.report import Report
from finance.policies.chart import MAIN, RECEIVABLES, SUSPENSE
from finance.policies.entry import Entry, Line
from finance.services import chart, ledger
from finance.services.chart import Wanted
from finance.services.posting_values import POST, POST_ONE, columns, values

CLIENTS: Final = 8
ACCOUNTS: Final = 1_000
BATCH: Final = 100
WARM: Final = 10
ROUNDS: Final = 3  # all ways in turn, so that whatever else the machine does meets all of them
# The scope of the session goes with the statement, as a service's transaction would set it.
DIRECT: Final = f"""
    SELECT count(*) FROM (SELECT set_config('midstream.scope', 'system', true)) scope, LATERAL ({POST}) posted
"""
DIRECT_ONE: Final = STAMPED.format(POST_ONE)
STAMP: Final = {"stamped_scope": "system", "stamped_organization": "", "stamped_clock": ""}
_numbers = count(1)


@dataclass(frozen=True)
class Shape:
    """Who moves what: between how many accounts, how many entries in a commit, how many in all."""

    name: str
    accounts: int
    batch: int
    entries: int
    hot: bool = False

    def commits(self) -> list[list[Move]]:
        """Return the moves of each commit; the same ones in every run."""
        dice = random.Random(self.name)
        return [[self._move(dice) for _ in range(self.batch)] for _ in range(self.entries // self.batch)]

    def _move(self, dice: random.Random) -> Move:
        one, other = dice.sample(range(1, self.accounts + 1), 2)
        return one, 1 if self.hot and one != 1 else other, dice.randint(1, 10_000)


MANY, FEW = "one a commit, 1,000 accounts", "one a commit, 10 accounts"
BATCHES, HOT = f"{BATCH} a commit, 1,000 accounts", f"{BATCH} a commit, one control account"
SHAPES: Final = (
    Shape(MANY, ACCOUNTS, 1, 3_000),
    Shape(FEW, 10, 1, 3_000),
    Shape(BATCHES, ACCOUNTS, BATCH, 60_000),
    Shape(HOT, ACCOUNTS, BATCH, 60_000, hot=True),
)
WANTED: Final[dict[tuple[str, str], dict[str, float]]] = {
    ("finance_post_one", MANY): {"at_least_ratio": 1.3},
    ("finance_post_one", FEW): {"at_least_ratio": 2.0},
    ("ledger.post_alone", MANY): {"at_least_ratio": 1.3},
    ("ledger.post_alone", FEW): {"at_least_ratio": 2.0},
    ("finance_post", BATCHES): {"at_least_ratio": 2.0},
    ("ledger.post", BATCHES): {"at_least": 15_000},
    ("ledger.post", HOT): {"at_least": 15_000},
}


@dataclass
class Pace:
    """How long a shape took: by the clock, and in processor time of the client and of the database."""

    seconds: float = 0.0
    client: float = 0.0
    database: float = 0.0

    def __add__(self, other: Pace) -> Pace:
        """Return both, one after the other."""
        return Pace(self.seconds + other.seconds, self.client + other.client, self.database + other.database)


@dataclass(frozen=True)
class Place:
    """The book and its accounts, the control account first."""

    book: int
    keys: list[int]

    def entry(self, move: Move) -> Entry:
        """Return the entry a move is."""
        debit, credit, amount = move
        return Entry(
            id=uuid7(), book_id=self.book, kind="benchmark", effective_date=world.AT.date(), booked_at=world.AT,
            lines=(Line(self.keys[debit - 1], amount), Line(self.keys[credit - 1], -amount)),
            source_type="benchmark", source_id=str(next(_numbers)),
        )  # fmt: skip


def run(report: Report) -> None:
    """Measure our posting in every shape beside the other ways, in one run on one server; then read balances."""
    made = world.build(products=1, dealers=ACCOUNTS)
    wanted = [Wanted(SUSPENSE, "CNY"), *(Wanted(RECEIVABLES, "CNY", one.pk) for one in made.dealers[1:])]
    with unit_of_work():
        opened = chart.accounts(wanted)
        place = Place(chart.books()[MAIN], [opened[one] for one in wanted])
    with limit.connect() as bare:
        bare.execute(ledger_peers.SCHEMA)
    for shape in SHAPES:
        entries = min(shape.entries, report.most)
        measure(report, replace(shape, entries=entries, batch=min(shape.batch, entries)), place)
    ledger_reads.measure(report, place.book, place.keys)


def peers(report: Report) -> None:
    """Measure other projects as they are, after ours on the same server."""
    ledger_hordak.measure(report)


def measure(report: Report, shape: Shape, place: Place) -> None:
    """Post one shape in every way; the limit of each figure is pgledger's way.

    All ways have as many clients, sessions, a driver, and a durable commit of their own each time. `finance_post_one`
    is to pgledger's function what `ledger.post_alone` is to a service around it.
    """
    commits = shape.commits()
    entries = len(commits) * shape.batch
    ways: dict[str, Callable[[psycopg.Connection, Sequence[Move]], None]] = {
        **{peer.name: peer.post for peer in PEERS},
        "finance_post": lambda session, moves: _call(session, [place.entry(move) for move in moves]),
        "ledger.post": lambda _, moves: _post([place.entry(move) for move in moves]),
    }
    if shape.batch == 1:
        ways["finance_post_one"] = lambda session, moves: _call_one(session, place.entry(moves[0]))
        ways["ledger.post_alone"] = lambda _, moves: ledger.post_alone(place.entry(moves[0]), by=world.BY)
    paces = dict.fromkeys(ways, Pace())
    for turn in range(ROUNDS):
        for name, post in ways.items():
            paces[name] += _timed(post, commits[turn::ROUNDS])
    for name, pace in paces.items():
        wanted = WANTED.get((name, shape.name), {})
        report.rate(
            f"{name}: {shape.name}", entries, pace.seconds, unit="entries/s",
            limit_seconds=paces[PEERS[0].name].seconds, **wanted,
        )  # fmt: skip
        client, database = (f"{spent / entries * 1e6:.0f}" for spent in (pace.client, pace.database))
        report.note(f"µs of processor an entry: {client} client, {database} database")


def _timed(
    post: Callable[[psycopg.Connection, Sequence[Move]], None], commits: Sequence[Sequence[Move]]
) -> Pace:
    """Let the clients post their shares side by side, each on a connection of its own, after a warm-up."""
    sessions = [limit.connect(APPLICATION) for _ in range(CLIENTS)]

    def work(client: int, turns: Sequence[Sequence[Move]]) -> None:
        with acting_as(world.BY):
            for moves in turns:
                post(sessions[client], moves)

    def client(number: int) -> None:
        try:
            work(number, commits[:WARM])
            ready.wait()
            started.wait()
            work(number, commits[number::CLIENTS])
        finally:
            finished.wait()
            connection.close()

    ready, started, finished = (Barrier(CLIENTS + 1, timeout=300) for _ in range(3))
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(client, number) for number in range(CLIENTS)]
        ready.wait()
        database, spent, began = _database_seconds(), time.process_time(), time.perf_counter()
        started.wait()
        finished.wait()
        found = Pace(time.perf_counter() - began, time.process_time() - spent, _database_seconds() - database)
    for one in running:
        one.result()
    for session in sessions:
        session.close()
    return found


def _database_seconds() -> float:
    """Return the processor time of the server, of the sessions that have ended too."""
    with limit.connect() as asking:
        (backend,) = asking.execute("SELECT pg_backend_pid()").fetchone()
        server = psutil.Process(backend).parent()
    ended = server.cpu_times()
    found = ended.children_user + ended.children_system
    for process in [server, *server.children()]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            found += times.user + times.system
    return found


def _call(session: psycopg.Connection, entries: Sequence[Entry]) -> None:
    """Post by one statement that commits, without the service's transaction around it."""
    session.execute(DIRECT, {**columns(entries), "actor": "benchmark"}, prepare=True)


def _call_one(session: psycopg.Connection, entry: Entry) -> None:
    """Post one by the function for one, without the service."""
    session.execute(DIRECT_ONE, {**values(entry, "benchmark"), **STAMP}, prepare=True)


@unit_of_work()
def _post(entries: Sequence[Entry]) -> None:
    ledger.post(entries, by=world.BY)
