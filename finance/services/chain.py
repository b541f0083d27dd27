"""Seal the journal in blocks, each with the hash of the one before, and prove that nothing was changed since.

Sealing follows the postings at its own pace: it takes what has been committed, so that nobody who posts waits for it.
With each block its lines are folded into balance checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from b2b.db.bulk import execute, fetch, fetch_value
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from finance.models import ChainBlock, JournalEntry
from finance.services import ledger

POSTINGS_IN_A_BLOCK: Final = 1_000
BROKEN: Final = """
    SELECT block.number, block.previous_hash <> coalesce(before.hash, '') OR block.number > 1 AND before.number IS NULL,
        block.hash <> finance_block_hash(block.previous_hash, block.entry_ids)
    FROM finance_chainblock block LEFT JOIN finance_chainblock before ON before.number = block.number - 1
    ORDER BY block.number
"""
OUTSIDE: Final = """
    SELECT entry.id FROM finance_journalentry entry
    LEFT JOIN (
        SELECT unnest(entry_ids) AS id FROM finance_chainblock
        UNION ALL SELECT unnest(entry_ids) FROM finance_unsealedposting) known ON known.id = entry.id
    WHERE known.id IS NULL
"""
# Checkpoints that are not what their lines come to, and lines that are in none.
WRONG_CHECKPOINTS: Final = """
    SELECT account_id, span, booked_from, effective_date
    FROM (SELECT account_id, span, booked_from, effective_date, debit, credit FROM finance_balancecheckpoint) kept
    FULL JOIN finance_fold(ARRAY(SELECT unnest(entry_ids) FROM finance_chainblock)) AS folded
        USING (account_id, span, booked_from, effective_date)
    WHERE (kept.debit, kept.credit) IS DISTINCT FROM (folded.debit, folded.credit)
"""
_REBUILD: Final = """
    INSERT INTO finance_balancecheckpoint (account_id, span, booked_from, effective_date, debit, credit)
    SELECT * FROM finance_fold(ARRAY(SELECT unnest(entry_ids) FROM finance_chainblock))
"""


class Fault(NamedTuple):
    """What does not agree, and with what."""

    kind: str
    reference: str


class Head(NamedTuple):
    """The last block; kept elsewhere it proves that the whole chain was not written anew."""

    number: int
    hash: str


@unit_of_work()
def seal(*, at: datetime, most: int = POSTINGS_IN_A_BLOCK) -> int:
    """Put the oldest `most` postings that no block holds into the next one; return how many entries it got."""
    return int(fetch_value("SELECT finance_seal(%s, %s)", [most, at]))


def seal_all(*, at: datetime) -> int:
    """Seal until nothing is left, a transaction for each block; return how many entries."""
    total = 0
    while sealed := seal(at=at):
        total += sealed
    return total


def head() -> Head:
    """Return the last block, number 0 when there is none."""
    last = ChainBlock.objects.order_by("-number").values_list("number", "hash").first()
    return Head(*last) if last else Head(0, "")


def faults() -> Iterator[Fault]:
    """Yield what was changed behind the ledger's back: blocks, entries, lines, checkpoints."""
    for number, is_torn, is_changed in fetch(BROKEN):
        if is_torn:
            yield Fault("torn", f"block {number} does not follow the one before")
        if is_changed:
            yield Fault("changed", f"an entry of block {number} is not what was sealed")
    for (key,) in fetch(OUTSIDE):
        yield Fault("unknown", f"entry {key} was not posted through the ledger")
    for key in tampered():
        yield Fault("changed", f"entry {key} is not what was posted")
    for account_id, span, booked_from, effective_date in fetch(WRONG_CHECKPOINTS):
        yield Fault(
            "checkpoint", f"account {account_id}, {span} of {booked_from}, effective {effective_date}"
        )


def tampered(*, batch: int = 2_000) -> Iterator[object]:
    """Yield the entries whose rows no longer give the fingerprint they were posted with."""
    entries = JournalEntry.objects.order_by("pk").prefetch_related("lines")
    for posted in entries.iterator(chunk_size=batch):
        if ledger.as_posted(posted).body_hash() != posted.body_hash:
            yield posted.pk


@unit_of_work()
def rebuild_checkpoints() -> int:
    """Make the checkpoints anew from the sealed lines and return how many there are."""
    advisory_lock("finance.seal")
    execute("DELETE FROM finance_balancecheckpoint")
    return execute(_REBUILD)
