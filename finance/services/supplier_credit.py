"""Take what a factory bears of a claim off what it is owed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils import timezone

from b2b.contracts.finance import SupplierCreditIssued
from b2b.contracts.returns import ClaimSettled
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db import sequences
from b2b.db.locks import advisory_lock
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import SupplierCredit, SupplierCreditShare
from finance.policies.chart import ADVANCES, MAIN, PAYABLES, RECOVERED
from finance.policies.entry import Entry, Line, entry_id
from finance.services import chart, ledger
from finance.services.chart import Wanted

PREFIX: Final = "SC"


@unit_of_work()
def issue(claim: ClaimSettled, *, by: Actor, at: datetime) -> SupplierCredit:
    """Post a settled claim once: the factory is owed less, dealers get their parts, the platform recovers the rest.

    Publishes SupplierCreditIssued. Told twice, return the first credit.
    """
    advisory_lock(f"finance.supplier_credit:{claim.claim_id}")
    known = SupplierCredit.objects.filter(claim_id=claim.claim_id).first()
    if known is not None:
        return known
    seller = chart.seller()
    passed_on = sum((part.amount for part in claim.passed_on), Decimal(0))
    entry = _entry(claim, claim.amount - passed_on, at=at)
    ledger.post_late([entry], by=by)
    credit = SupplierCredit(
        number=sequences.number(
            PREFIX, seller.code.upper(), sequences.take("supplier_credit", seller.pk).start
        ),
        factory_id=claim.factory_id,
        claim_id=claim.claim_id,
        claim_number=claim.number,
        purchase_order_id=claim.purchase_order_id,
        currency=claim.currency,
        issue_date=timezone.localtime(at).date(),
        amount=claim.amount,
        recovered_amount=claim.amount - passed_on,
        passed_on_amount=passed_on,
        entry_id=entry.id,
        created_at=at,
        updated_at=at,
    )
    credit.save(force_insert=True)
    SupplierCreditShare.objects.bulk_create(
        SupplierCreditShare(
            supplier_credit=credit, dealer_id=part.dealer_id, currency=claim.currency, amount=part.amount
        )
        for part in claim.passed_on
        if part.amount
    )
    record([(credit, "issue", "", credit.status)], by=by, at=at)
    publish(
        SupplierCreditIssued(
            occurred_at=at,
            supplier_credit_id=credit.pk,
            number=credit.number,
            claim_id=claim.claim_id,
            factory_id=claim.factory_id,
            currency=claim.currency,
            amount=claim.amount,
        )
    )
    return credit


def _entry(claim: ClaimSettled, recovered: Decimal, *, at: datetime) -> Entry:
    legs = [
        (Wanted(PAYABLES, claim.currency, claim.factory_id), claim.amount, f"claim:{claim.number}"),
        (Wanted(RECOVERED, claim.currency), -recovered, ""),
        *((Wanted(ADVANCES, claim.currency, part.dealer_id), -part.amount, "") for part in claim.passed_on),
    ]
    keys = chart.accounts(account for account, _, _ in legs)
    return Entry(
        id=entry_id("supplier_credit", claim.claim_id),
        book_id=chart.books()[MAIN],
        kind="supplier_credit",
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=tuple(
            Line(keys[account], Money(amount, claim.currency).minor, dimension)
            for account, amount, dimension in legs
            if amount
        ),
        source_type="claim",
        source_id=str(claim.claim_id),
    )
