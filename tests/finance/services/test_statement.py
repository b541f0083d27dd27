"""A statement is taken whole or not at all; the same file again changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.market.bank import Movement, statement
from finance.models import BankStatement, Case, StatementLine
from finance.services import statement as statements
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM, our_bank_account

pytestmark = pytest.mark.django_db

ACCOUNT = "CN-6222-0001"
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        our_bank_account(ACCOUNT)
        yield


def written(*movements: Movement, opening: str = "0", name: str = "S-1", **values: object) -> bytes:
    common: dict[str, object] = {
        "account": ACCOUNT,
        "currency": "CNY",
        "opening": Decimal(opening),
        "statement_id": name,
        "created_at": NOON,
    }
    return statement(movements, **{**common, **values})


def moved(amount: str, text: str = "", day: date = DAY, **values: object) -> Movement:
    return Movement(day, Decimal(amount), text, "Dealer Ltd", "CN-1111", **values)


def take(source: bytes):
    return statements.import_file(source, by=PLATFORM, at=NOON)


def test_lines_keep_what_the_bank_said():
    [imported] = take(written(moved("100.50", "INV-MID-000001"), moved("-3", "fee")))
    assert (imported.is_new, imported.new_lines) == (True, 2)
    first, second = StatementLine.objects.order_by("line_number")
    assert (first.amount, first.remittance_text, first.counterparty_name) == (
        Decimal("100.50"),
        "INV-MID-000001",
        "Dealer Ltd",
    )
    assert (first.counterparty_identifier, first.booking_date, second.amount) == ("CN-1111", DAY, Decimal(-3))


def test_the_same_file_again_changes_nothing():
    source = written(moved("1"), moved("2"))
    take(source)
    [again] = take(source)
    assert (again.is_new, again.new_lines) == (False, 0)
    assert (BankStatement.objects.count(), StatementLine.objects.count()) == (1, 2)


def test_two_equal_lines_of_one_file_are_both_kept():
    source = written(moved("5", "same"), moved("5", "same"))
    take(source)
    take(source)
    assert sorted(StatementLine.objects.values_list("occurrence", flat=True)) == [1, 2]


def test_an_overlapping_file_adds_only_what_is_new():
    take(written(moved("5", "a"), moved("5", "a"), name="day"))
    later = DAY + timedelta(days=1)
    take(written(moved("5", "a"), moved("5", "a"), moved("7", "b", later), name="two days"))
    assert StatementLine.objects.count() == 3
    assert not Case.objects.exists()


def test_equal_lines_of_a_statement_that_continues_the_last_are_new():
    take(written(moved("5", "a"), name="morning"))
    take(written(moved("5", "a"), opening="5", name="afternoon"))
    assert StatementLine.objects.count() == 2


def test_a_missing_day_opens_one_case():
    take(written(moved("5"), name="one"))
    third = written(moved("1", day=DAY + timedelta(days=2)), opening="9", name="three")
    take(third)
    take(third)
    found = Case.objects.get()
    assert (found.kind, found.amount) == ("STATEMENT_GAP", Decimal(4))


GOOD = written(moved("5"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (GOOD.replace(b"camt.053", b"camt.060"), "no camt.052"),
        (GOOD.replace(b"2026-03-02", b"2026-13-02"), "no date"),
        (GOOD.replace(b">5.00<", b">5.005<"), "finer"),
        (GOOD.replace(b">5.00<", b">NaN<"), "no amount"),
        (GOOD.replace(b"CNY", b"EUR"), "not one of our bank accounts"),
        (GOOD.replace(b"6222-0001", b"6222-0002"), "not one of our bank accounts"),
        (GOOD[: len(GOOD) // 2], "line"),
        (b"", "line 1"),
        (b"not xml at all", "neither camt nor MT940"),
        (b"<a/>", "camt.053"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "DOCTYPE"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "DOCTYPE"),
        ("<?xml version='1.0' encoding='utf-32'?><!DOCTYPE a><a/>".encode("utf-32"), "DOCTYPE|line 1"),
        (b"<a>" * 100 + b"</a>" * 100, "camt.053"),
        (b"<a>" * 300 + b"</a>" * 300, "depth"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason_and_leaves_nothing(source, message):
    with pytest.raises(Invalid, match=message):
        take(source)
    assert not BankStatement.objects.exists()
    assert not StatementLine.objects.exists()


def test_one_bad_statement_spoils_the_whole_file():
    good, bad = written(moved("5")), written(moved("5"), name="S-2", account="CN-OTHER")
    body = bad[bad.index(b"<Stmt>") : bad.index(b"</Stmt>") + 7]
    with pytest.raises(Invalid):
        take(good.replace(b"</BkToCstmrStmt>", body + b"</BkToCstmrStmt>"))
    assert not BankStatement.objects.exists()


def test_only_the_operator_imports():
    with pytest.raises(Forbidden):
        statements.import_file(GOOD, by=actor(organization()), at=NOON)


def test_queries_do_not_grow_with_the_lines(django_assert_max_num_queries):
    for size, name, opening in ((2, "few", "0"), (300, "many", "2")):
        with django_assert_max_num_queries(20):
            take(written(*(moved("1", str(n)) for n in range(size)), opening=opening, name=name))
    assert StatementLine.objects.count() == 302
