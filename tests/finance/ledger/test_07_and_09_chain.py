"""7 and 9. Nobody who posts waits for the chain or for a control account, and the chain shows what was changed."""

from __future__ import annotations

from io import StringIO
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from b2b.core.actor import acting_as
from b2b.db.bulk import execute, fetch_value
from b2b.db.transactions import unit_of_work
from finance.models import AccountBalance, ChainBlock, UnsealedPosting
from finance.services import chain, ledger
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import accounts, as_owner, entry, post, without_guards


@pytest.fixture
def keys(committed_db):
    with acting_as(PLATFORM):
        yield accounts()


def verify(*arguments: str) -> tuple[bool, str]:
    """Run the command; say whether it found nothing, and what it printed."""
    said = StringIO()
    try:
        call_command("verify_ledger", *arguments, stdout=said)
    except SystemExit:
        return False, said.getvalue()
    return True, said.getvalue()


class Unfinished:
    """A transaction on another connection that has done its work and does not commit before it is told to."""

    def __init__(self, work) -> None:
        self.done, self.go = Event(), Event()
        self.thread = Thread(target=self._run, args=(work,))

    def _run(self, work) -> None:
        with acting_as(PLATFORM), unit_of_work():
            work()
            self.done.set()
            self.go.wait(60)
        connection.close()

    def __enter__(self):
        self.thread.start()
        assert self.done.wait(60)
        return self

    def __exit__(self, *_error) -> None:
        self.go.set()
        self.thread.join(60)


def test_07_two_postings_to_one_control_account_do_not_wait_for_each_other(keys):
    with Unfinished(lambda: ledger.post([entry(keys)], by=PLATFORM)), transaction.atomic():
        execute("SELECT set_config('lock_timeout', '100ms', true)")
        ledger.post([entry(keys)], by=PLATFORM)
    assert fetch_value("SELECT count(*) FROM finance_journalentry") == 2
    assert not AccountBalance.objects.filter(account__in=keys).exists()


def test_09_sealing_neither_waits_for_postings_nor_keeps_them(keys):
    post(entry(keys))
    with Unfinished(lambda: ledger.post([entry(keys)], by=PLATFORM)):
        assert chain.seal(at=NOON) == 1
    with Unfinished(lambda: chain.seal(at=NOON)), transaction.atomic():
        execute("SELECT set_config('lock_timeout', '100ms', true)")
        ledger.post([entry(keys)], by=PLATFORM)
    assert chain.seal_all(at=NOON) == 1
    assert ChainBlock.objects.count() == 3
    assert not UnsealedPosting.objects.exists()


def test_09_blocks_follow_each_other_and_hold_every_entry_once(keys):
    made = [entry(keys) for _ in range(7)]
    for one in made:
        post(one)
    assert [chain.seal(at=NOON, most=3) for _ in range(4)] == [3, 3, 1, 0]
    blocks = list(ChainBlock.objects.order_by("number"))
    assert [key for block in blocks for key in block.entry_ids] == [one.id for one in made]
    assert [block.previous_hash for block in blocks[1:]] == [block.hash for block in blocks[:-1]]
    assert verify() == (True, f"every entry is as it was posted; head 3:{blocks[-1].hash}\n")


@pytest.mark.parametrize(
    ("table", "statement", "kinds"),
    [
        (
            "finance_journalline",
            "UPDATE finance_journalline SET amount = amount * 2",
            {"changed", "checkpoint"},
        ),
        (
            "finance_journalline",
            "UPDATE finance_journalline SET dimension = 'x' WHERE line_number = 1",
            {"changed"},
        ),
        ("finance_journalline", "DELETE FROM finance_journalline", {"changed", "checkpoint"}),
        ("finance_journalentry", "UPDATE finance_journalentry SET description = 'other'", {"changed"}),
        (
            "finance_journalentry",
            "UPDATE finance_journalentry SET booked_at = booked_at + '1 s'",
            {"changed", "checkpoint"},
        ),
        ("finance_journalentry", "DELETE FROM finance_journalentry", {"changed", "checkpoint"}),
        (
            "finance_chainblock",
            "UPDATE finance_chainblock SET hash = repeat('0', 64) WHERE number = 1",
            {"changed", "torn"},
        ),
        (
            "finance_chainblock",
            "DELETE FROM finance_chainblock WHERE number = 1",
            {"torn", "unknown", "checkpoint"},
        ),
    ],
)
def test_09_whatever_was_changed_past_the_guards_is_found(keys, table, statement, kinds):
    for _ in range(2):
        post(entry(keys))
        chain.seal(at=NOON)
    with without_guards(table):
        as_owner(statement)
    assert {fault.kind for fault in chain.faults()} == kinds
    assert not verify()[0]


def test_09_a_chain_that_was_written_anew_is_told_by_a_head_kept_elsewhere(keys):
    post(entry(keys))
    chain.seal(at=NOON)
    noted = "{}:{}".format(*chain.head())
    post(entry(keys))
    assert verify("--head", noted)[0]
    with without_guards("finance_chainblock"):
        as_owner("UPDATE finance_chainblock SET previous_hash = 'x' WHERE number = 1")
        as_owner("UPDATE finance_chainblock SET hash = finance_block_hash('x', entry_ids) WHERE number = 1")
    assert "rewritten" in verify("--head", noted)[1]
