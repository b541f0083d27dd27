"""At a day's end what is had and owed in foreign currencies is worth what the day's rates say, and the books know."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import OPERATOR, acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch_value
from b2b.db.transactions import unit_of_work
from finance import tasks
from finance.models import Case, ExchangeValuation, JournalEntry
from finance.policies.chart import ADVANCES, MAIN, PAYABLES, RECEIVABLES, REVENUE, VALUATION, VALUED
from finance.policies.entry import Entry, Line
from finance.policies.exchange import Rate
from finance.services import chain, chart, exchange_rate, exchange_valuation, ledger
from finance.services.chart import Wanted
from tests.admin.conftest import *  # noqa: F403 - the fixtures of people at their desks
from tests.factories.directory import actor
from tests.factories.directory import dealer as make_dealer
from tests.factories.finance import NOON, PLATFORM, operator, our_bank_account

pytestmark = pytest.mark.django_db
DAY = NOON.date()


def day(number: int):
    return DAY + timedelta(days=number)


def rates(*values: str, unit: str = "USD", first: int = 0) -> None:
    with acting_as(PLATFORM):
        told = [Rate(day(first + place), unit, "CNY", Decimal(value)) for place, value in enumerate(values)]
        exchange_rate.keep(told, source="bank", by=PLATFORM, at=NOON)


def move(debit: Wanted | int, credit: Wanted | int, minor: int, on: int = 0) -> None:
    with acting_as(PLATFORM), unit_of_work():
        keys = chart.accounts(one for one in (debit, credit) if isinstance(one, Wanted))
        one = Entry(
            id=uuid7(), book_id=chart.books()[MAIN], kind="test", effective_date=day(on), booked_at=NOON,
            lines=(Line(keys.get(debit, debit), minor), Line(keys.get(credit, credit), -minor)),
        )  # fmt: skip
        ledger.post([one], by=PLATFORM)


def value(on: int) -> list[ExchangeValuation]:
    with acting_as(PLATFORM):
        fresh = exchange_valuation.value(day(on), by=PLATFORM, at=NOON + timedelta(days=on))
        for one in fresh:
            assert one.account.unit != one.currency  # read while somebody may
        return fresh


def booked(code: str, until: int = 1_000) -> int:
    with acting_as(PLATFORM):
        return fetch_value(
            "SELECT coalesce(sum(line.amount), 0)::bigint FROM finance_journalline line"
            " JOIN finance_account account ON account.id = line.account_id"
            " WHERE account.code = %s AND account.unit = 'CNY' AND line.effective_date <= %s",
            [code, day(until)],
        )


@pytest.fixture
def owed():
    operator()
    dealer = make_dealer()
    return Wanted(RECEIVABLES, "USD", dealer.pk)


def test_golden_an_invoice_in_dollars_from_issue_to_the_money_in_the_bank(owed):
    rates("7.10", "7.20", "7.05", "7.00")
    bank = our_bank_account("US-1", "USD").account_id
    move(owed, Wanted(REVENUE, "USD"), 100_000)
    assert [one.difference for one in value(0)] == [0]
    [one] = value(1)
    assert (one.balance, one.historic, one.worth, one.entry_id is None) == (100_000, 710_000, 720_000, False)
    assert (booked(VALUED), booked(VALUATION)) == (10_000, -10_000)
    move(bank, owed, 100_000, on=2)
    value(2)
    assert booked(VALUATION) == 5_000  # what the dealer's dollars lost until they came
    value(3)
    assert booked(VALUATION) == 10_000  # and what they lost in the bank since
    assert booked(VALUED) == -10_000  # 1,000 dollars at 7.00 are 100 CNY less than at 7.10
    assert (booked(VALUATION, 1), booked(VALUATION, 2)) == (-10_000, 5_000)  # each on its day


def test_again_nothing_and_what_is_told_late_is_put_right_by_the_difference(owed):
    rates("7.10", "7.20")
    move(owed, Wanted(REVENUE, "USD"), 100_000)
    value(1)
    assert value(1) == []
    rates("7.25", first=1)
    move(owed, Wanted(REVENUE, "USD"), 100_000)  # of the day before, known now
    with acting_as(PLATFORM):
        chain.seal_all(at=NOON)  # sealed or not, it counts once
    [one] = value(1)
    assert (one.balance, one.difference) == (200_000, 30_000)
    assert booked(VALUED) == 30_000
    with pytest.raises(Invalid, match="earlier ones are done"):
        value(0)
    with acting_as(PLATFORM):
        assert exchange_valuation.value_ended(by=PLATFORM, at=NOON) == []
        with pytest.raises(Invalid, match="are to come"):
            exchange_valuation.value(day(2), by=PLATFORM, at=NOON + timedelta(days=1))


def test_what_is_owed_loses_when_the_currency_gains_and_advances_stay(owed):
    rates("7.10", "7.20")
    factory = make_dealer()
    move(Wanted(REVENUE, "USD"), Wanted(PAYABLES, "USD", factory.pk), 50_000)
    move(Wanted(REVENUE, "USD"), Wanted(ADVANCES, "USD", factory.pk), 50_000)
    [one] = value(1)
    assert (one.account.code, one.difference, booked(VALUATION)) == (PAYABLES, -5_000, 5_000)


def test_a_currency_without_a_rate_is_a_case_and_stops_no_other(owed):
    rates("7.10", "7.20")
    move(owed, Wanted(REVENUE, "USD"), 100_000)
    move(Wanted(RECEIVABLES, "EUR", owed.party_id), Wanted(REVENUE, "EUR"), 100_000)
    assert [one.account.unit for one in value(1)] == ["USD"]
    with acting_as(PLATFORM):
        missing = Case.objects.get(kind="EXCHANGE_RATE_MISSING")
        assert (missing.reference, missing.status) == ("EUR in CNY", "OPEN")
    rates("7.8", unit="EUR")
    assert [one.account.unit for one in value(1)] == ["EUR"]
    with acting_as(PLATFORM):
        missing.refresh_from_db()
        assert missing.status == "RESOLVED"


def test_as_many_statements_whatever_the_number_of_accounts(owed):
    rates("7.10", "7.20", "7.30", "7.40")
    counts = []
    for turn, many in enumerate((1, 1, 1, 20)):  # the second opens the accounts that gains are booked on
        for _ in range(many):
            move(Wanted(RECEIVABLES, "USD", make_dealer().pk), Wanted(REVENUE, "USD"), 100_000)
        with CaptureQueriesContext(connection) as captured, acting_as(PLATFORM):
            exchange_valuation.value(day(turn), by=PLATFORM, at=NOON + timedelta(days=turn))
        counts.append(len(captured))
    assert counts[2] == counts[3]
    assert ExchangeValuation.objects.count() == 0  # nobody's but the operator's


def test_only_the_operator_values_and_the_night_values_the_day_before(owed, person):
    rates("7.10", "7.20")
    move(owed, Wanted(REVENUE, "USD"), 100_000)
    with acting_as(actor(make_dealer())) as rival, pytest.raises(Forbidden):
        exchange_valuation.value(DAY, by=rival, at=NOON)
    with clock.travel(NOON + timedelta(days=2)):
        tasks.value_currencies()
    with acting_as(PLATFORM):
        [one] = ExchangeValuation.objects.all()
        assert (one.day, one.difference) == (day(1), 10_000)
        assert JournalEntry.objects.get(pk=one.entry_id).kind == "exchange_valuation"
    desk = person(OPERATOR, "OPS")
    page = desk.client.get(reverse("operator:finance_exchangevaluation_changelist")).content.decode()
    assert "7,200.00 CNY" in page
    assert "100.00 CNY" in page
    pressed = desk.client.post(reverse("operator:value_currencies"), {"day": str(day(1))}, follow=True)
    assert "0 accounts are valued anew." in pressed.content.decode()
