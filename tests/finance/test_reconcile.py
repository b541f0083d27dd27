"""`manage.py reconcile` compares, opens cases once, closes what is gone, and writes nothing in a dry run."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db import reconcilers
from b2b.db.bulk import execute
from b2b.db.reconcilers import Difference, Outcome
from b2b.outbox.schedule import SCHEDULES
from finance import facade
from finance.models import Case, CreditHold, ReconciliationRun
from tests.factories.finance import NOON, PLATFORM, dealer_with_credit, our_bank_account

pytestmark = pytest.mark.django_db
OURS = ("bank", "credit", "grir", "ledger")


def reconcile(*what: str, dry_run: bool = False) -> tuple[int, str]:
    out, code = StringIO(), 0
    try:
        call_command("reconcile", what=list(what), dry_run=dry_run, stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue()


@pytest.fixture
def wobbly(monkeypatch):
    """Register a comparison whose differences the test decides."""
    found: list[Difference] = []
    monkeypatch.setitem(reconcilers.RECONCILERS, "wobbly", lambda: Outcome(7, tuple(found)))
    dealer_with_credit()
    return found


DIFFERENCE = Difference("thing", "T-1", "1", "2", "they differ")


def test_all_is_well_in_an_empty_platform(db):
    code, printed = reconcile("all")
    assert code == 0
    for name in reconcilers.RECONCILERS:
        assert f"\n{name} " in printed


def test_a_difference_is_one_case_until_it_is_gone(wobbly):
    wobbly.append(DIFFERENCE)
    assert reconcile("wobbly")[0] == 1
    assert reconcile("wobbly")[0] == 1
    with acting_as(PLATFORM):
        assert [(found.kind, found.reference) for found in Case.objects.all()] == [
            ("WOBBLY_DIFFERENCE", "T-1")
        ]
        assert ReconciliationRun.objects.count() == 2
    wobbly.clear()
    assert reconcile("wobbly")[0] == 0
    with acting_as(PLATFORM):
        assert Case.objects.get().status == "RESOLVED"


def test_a_dry_run_tells_and_writes_nothing(wobbly):
    wobbly.append(DIFFERENCE)
    code, printed = reconcile("wobbly", dry_run=True)
    assert code == 1
    assert "T-1: expected 1, found 2" in printed
    with acting_as(PLATFORM):
        assert not Case.objects.exists()
        assert not ReconciliationRun.objects.exists()


def test_an_unknown_name_is_refused_with_the_known_ones(db):
    with pytest.raises(CommandError, match=r"known: .*ledger"):
        reconcile("moon")


def test_a_hold_that_was_changed_behind_our_back_is_found(db):
    dealer = dealer_with_credit(100)
    our_bank_account()
    facade.hold(dealer_id=dealer.pk, order_id=uuid7(), amount=Money(Decimal(10), "CNY"), at=NOON)
    assert reconcile(*OURS)[0] == 0
    with acting_as(PLATFORM):
        CreditHold.objects.update(held=999)
    assert reconcile("credit")[0] == 1


def test_a_balance_that_was_changed_behind_our_back_is_found(db):
    dealer_with_credit(100)
    with acting_as(PLATFORM):
        execute("UPDATE finance_accountbalance SET posted = 5")
    assert reconcile("ledger")[0] == 1


def test_the_ledger_verifies_and_the_night_run_is_scheduled(db):
    dealer = dealer_with_credit(100)
    facade.hold(dealer_id=dealer.pk, order_id=uuid7(), amount=Money(Decimal(10), "CNY"), at=NOON)
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "as it was posted" in out.getvalue()
    SCHEDULES["finance.reconcile"].call()
    with acting_as(PLATFORM):
        assert set(ReconciliationRun.objects.values_list("what", flat=True)) == set(reconcilers.RECONCILERS)
