"""Money goes where two people say it goes: to accounts that are still confirmed, on a day to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Invalid
from finance.models import PayeeAccount
from finance.policies import chart
from finance.services import payee_account, payment_run
from finance.services.payment_run import NothingDue, PayeeWithdrawn
from finance.services.second_person import SamePerson
from tests.factories.finance import NOON, our_bank_account
from tests.finance.payables.paying import ACCOUNT, ANNA, BEN, SOON, owed_factory, propose
from tests.finance.payables.test_matching import balance


def test_nothing_goes_to_an_account_that_was_withdrawn_since(db):
    owed_factory("100")
    run = propose()
    with acting_as(BEN):
        payee_account.withdraw(PayeeAccount.objects.get().pk, reason="the letter was forged", by=BEN, at=NOON)
        with pytest.raises(PayeeWithdrawn):
            payment_run.approve(run.pk, by=BEN, at=NOON)
        payment_run.drop(run.pk, reason="wrong account", by=BEN, at=NOON)
    assert balance(chart.IN_TRANSIT) == 0
    with pytest.raises(NothingDue):
        propose()


def test_another_name_makes_no_second_person(db):
    factory = owed_factory("100", confirmed=False)
    carla = replace(ANNA, name="Carla", user_id=7)
    renamed = replace(carla, name="C. Martini")
    with acting_as(carla):
        payee = payee_account.propose(
            factory_id=factory.pk, currency="CNY", holder="F", identifier="6222-7", by=carla, at=NOON
        )
        with pytest.raises(SamePerson):
            payee_account.confirm(payee.pk, by=renamed, at=NOON)
        payee_account.confirm(payee.pk, by=BEN, at=NOON)
        run = payment_run.propose(
            our_bank_account(ACCOUNT).pk, due_until=SOON, execution_date=SOON, by=carla, at=NOON
        )
        with pytest.raises(SamePerson):
            payment_run.approve(run.pk, by=renamed, at=NOON)


def test_a_bank_cannot_pay_yesterday(db):
    owed_factory("100")
    account = our_bank_account(ACCOUNT)
    with acting_as(ANNA), pytest.raises(Invalid, match="passed"):
        payment_run.propose(
            account.pk, due_until=SOON, execution_date=NOON.date() - timedelta(days=1), by=ANNA, at=NOON
        )


@pytest.mark.parametrize("wrong", [{"holder": "F\x01"}, {"identifier": "６２２２"}, {"identifier": "-"}])
def test_an_account_is_named_in_what_banks_can_read(db, wrong):
    factory = owed_factory()
    given = {"holder": "F", "identifier": "6222-7", **wrong}
    with acting_as(ANNA), pytest.raises(Invalid):
        payee_account.propose(factory_id=factory.pk, currency="CNY", **given, by=ANNA, at=NOON)
