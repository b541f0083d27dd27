"""Sixteen threads do random things to vouchers: what is held and what was redeemed stays their face value."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import DomainError
from b2b.db.bulk import fetch_value
from b2b.directory.models import Organization
from finance.models import VoucherRoot
from finance.services import voucher, voucher_pledge, voucher_redemption
from tests.factories.directory import actor, factory_organization, funder
from tests.factories.finance import NOON, PLATFORM
from tests.finance.financing.test_voucher import clean, holder, issued, live
from tests.finance.ledger.book import at_once

OPERATIONS = ("split", "transfer", "pledge", "release", "enforce", "redeem")


def _random_step(
    roots: list[VoucherRoot], parties: list[Organization], luck: random.Random, at: datetime
) -> str:
    """Do one thing to one piece that may be done, or lose it to somebody quicker."""
    pieces = live(luck.choice(roots))
    if not pieces:
        return "over"
    piece, other = luck.choice(pieces), luck.choice(parties)
    todo = luck.choice(OPERATIONS if len(pieces) > 3 else OPERATIONS[:5])
    by, bank = holder(piece), actor(piece.pledgee) if piece.pledgee else actor(other)
    try:
        if todo == "split":
            cut = luck.randint(1, max(1, piece.amount - 1))
            voucher.split(piece.pk, [cut, piece.amount - cut], by=by, at=at)
        elif todo == "transfer":
            amount = luck.choice([None, luck.randint(1, piece.amount)])
            voucher.transfer(
                piece.pk, to_id=other.pk, with_recourse=luck.random() < 0.5, amount=amount, by=by, at=at
            )
        elif todo == "pledge":
            voucher_pledge.pledge(piece.pk, to_id=other.pk, by=by, at=at)
        elif todo == "redeem":
            voucher_redemption.redeem(piece.pk, by=by, at=at)
        else:
            getattr(voucher_pledge, todo)(piece.pk, by=bank, at=at)
    except DomainError as error:
        return error.code
    return todo


def campaign(operations: int) -> None:
    """Do many random things to a few vouchers from sixteen threads; what is held and redeemed stays the face."""
    parties = [factory_organization() for _ in range(4)] + [funder() for _ in range(2)]
    roots = [issued(parties[n % 4], price="100000").root for n in range(4)]
    at = NOON + timedelta(days=60)

    def work(number: int) -> str:
        return _random_step(roots, parties, random.Random(number), at)

    done = at_once(work, operations, threads=16)
    assert set(OPERATIONS) <= set(done), f"not everything was tried: {set(done)}"
    assert {"busy", "limit_passed", "unbalanced_entry"}.isdisjoint(done)
    with acting_as(PLATFORM):
        for root in roots:
            total = fetch_value(
                "SELECT sum(line.amount) FROM finance_journalline line JOIN finance_account account"
                " ON account.id = line.account_id WHERE account.unit = %s AND account.code IN ('8300', '8310')"
                " AND NOT line.is_pending",
                [root.unit],
            )
            assert total == root.face
    clean()


@pytest.mark.usefixtures("committed_db")
def test_a_voucher_is_conserved_over_many_hands() -> None:
    campaign(320)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.usefixtures("committed_db")
def test_a_voucher_is_conserved_over_ten_thousand_operations() -> None:
    campaign(10_000)
