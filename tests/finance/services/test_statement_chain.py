"""Whatever order, overlap and repetition files come in, the same lines are kept; a missing day opens one case."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from os import environ
from pathlib import Path

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.market.bank import Movement, statement
from finance.models import Case, StatementLine
from finance.policies import bank_file
from finance.policies.bank_csv import Layout
from finance.policies.bank_statement import Statement
from finance.services import bank_account, reconciliation
from finance.services import statement as statements
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM, our_bank_account
from tests.finance.policies.test_camt import GOOD
from tests.finance.policies.test_swift_mt import ONE as MT940
from tests.finance.policies.test_swift_mt import REPORT as MT942

pytestmark = pytest.mark.django_db

ACCOUNT = "CN-6222-0001"
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def account(db):
    with acting_as(PLATFORM):
        yield our_bank_account(ACCOUNT)


def written(name: str, opening: int, *moves: tuple[str, int, int], account: str = ACCOUNT) -> bytes:
    """Write a statement over (text, amount, days after the first) moves."""
    movements = [
        Movement(DAY + timedelta(days), Decimal(amount), text, "Dealer Ltd") for text, amount, days in moves
    ]
    return statement(
        movements,
        account=account,
        currency="CNY",
        opening=Decimal(opening),
        statement_id=name,
        created_at=NOON,
    )


def take(source: bytes, **values: object):
    return statements.import_file(source, by=PLATFORM, at=NOON, **values)


def kept() -> list[tuple[str, Decimal]]:
    return sorted(StatementLine.objects.values_list("remittance_text", "amount"))


MORNING = ("a", 5, 0)
PARTS = [
    ("morning", 0, MORNING),
    ("noon", 5, MORNING),
    ("evening", 10, MORNING, ("b", 1, 0)),
    ("tuesday", 16, ("c", 2, 1)),
    ("both days", 0, MORNING, MORNING, MORNING, ("b", 1, 0), ("c", 2, 1)),
]


@pytest.mark.parametrize("order", [*list(permutations(range(5)))[::13], (3, 1, 2, 0, 4, 4, 0, 1)])
def test_order_overlap_and_repetition_do_not_matter(order):
    for at in order:
        take(written(*PARTS[at]))
    assert kept() == [("a", 5), ("a", 5), ("a", 5), ("b", 1), ("c", 2)]
    assert not Case.objects.filter(status="OPEN").exists()


def test_a_file_written_in_another_order_is_the_same_statement():
    take(written("S", 0, ("a", 1, 0), ("b", 2, 0)))
    [again] = take(written("S", 0, ("b", 2, 0), ("a", 1, 0)))
    assert (again.is_new, again.new_lines) == (False, 0)


def series(account: str, days: list[int]) -> bytes:
    """Write the statements of the days in one file; day n moves n + 1 from a balance that all days before made."""
    whole = b""
    for day in days:
        opening = sum(n + 1 for n in range(day))
        one = written(f"S-{day}", opening, (f"day {day}", day + 1, day), account=account)
        body = one[one.index(b"<Stmt>") : one.index(b"</Stmt>") + 7]
        whole = one if not whole else whole.replace(b"</BkToCstmrStmt>", body + b"</BkToCstmrStmt>")
    return whole


def test_155_daily_statements_raise_no_alarm_and_one_for_each_day_lost_or_doubled(account):
    take(series(ACCOUNT, list(range(155))))
    assert not Case.objects.exists()
    our_bank_account("CN-2")
    take(series("CN-2", [day for day in range(60) if day not in (20, 40)]))
    assert [case.reference for case in Case.objects.order_by("pk")] == ["S-21", "S-41"]
    take(series("CN-2", [40]))
    assert [case.reference for case in Case.objects.filter(status="OPEN")] == ["S-21"]
    our_bank_account("CN-3")
    take(written("one", 0, ("x", 5, 0), account="CN-3"))
    take(written("one again", 0, ("y", 5, 1), account="CN-3"))
    assert Case.objects.get(status="OPEN", kind="STATEMENT_GAP", reference="one again").amount == -5


def test_a_statement_that_does_not_add_up_waits_in_quarantine():
    whole = written("S", 0, ("a", 5, 0), ("b", 2, 0))
    start, end = whole.rindex(b"<Ntry>"), whole.rindex(b"</Ntry>") + 7
    [taken] = take(whole[:start] + whole[end:])
    assert "miss the closing balance by -2" in taken.statement.problem
    assert list(StatementLine.objects.values_list("status", flat=True)) == ["HELD"]
    assert Case.objects.get().kind == "STATEMENT_QUARANTINED"
    assert reconciliation.match(by=PLATFORM, at=NOON).examined == 0
    [whole_one] = take(whole)
    assert (whole_one.new_lines, whole_one.booked_lines) == (1, 1)
    assert set(StatementLine.objects.values_list("status", flat=True)) == {"OPEN"}


def test_a_person_may_release_what_is_in_quarantine():
    [taken] = take(written("S", 0, ("a", 5, 0), ("nothing", 0, 0)).replace(b"OPBD", b"OPAV"))
    with pytest.raises(Forbidden):
        statements.release(taken.statement.pk, reason="ok", by=actor(organization()), at=NOON)
    with pytest.raises(Invalid):
        statements.release(taken.statement.pk, reason=" ", by=PLATFORM, at=NOON)
    assert statements.release(taken.statement.pk, reason="the bank confirmed it", by=PLATFORM, at=NOON) == 2
    assert set(StatementLine.objects.values_list("amount", "status")) == {(5, "OPEN"), (0, "SET_ASIDE")}
    assert Case.objects.get().status == "RESOLVED"


def test_what_a_report_announces_is_booked_by_the_statement():
    whole = written("S", 0, ("a", 5, 0), ("b", 2, 0))
    report = (
        whole.replace(b"camt.053", b"camt.052").replace(b"<Stmt>", b"<Rpt>").replace(b"</Stmt>", b"</Rpt>")
    )
    [told] = take(report)
    assert (told.new_lines, told.statement.kind) == (2, "REPORT")
    assert reconciliation.match(by=PLATFORM, at=NOON).examined == 0
    [booked] = take(whole)
    assert (booked.new_lines, booked.booked_lines) == (0, 2)
    [late] = take(report.replace(b"<Id>S</Id>", b"<Id>S2</Id>"))
    assert (late.new_lines, late.booked_lines) == (0, 0)
    assert StatementLine.objects.filter(status="OPEN", statement=booked.statement).count() == 2


def test_an_amount_of_zero_needs_no_match():
    take(written("S", 0, ("info", 0, 0), ("a", 5, 0)))
    assert dict(StatementLine.objects.values_list("remittance_text", "status")) == {
        "info": "SET_ASIDE",
        "a": "OPEN",
    }


def test_a_csv_file_is_read_by_the_layout_kept_for_its_account(account):
    layout = Layout({"booking_date": "Date", "amount": "Amount", "remittance_text": "Text"})
    source = b"Date,Amount,Text\n2026-03-02,5.00,a\n2026-03-02,5.00,a\n"
    with pytest.raises(Invalid, match="saved columns"):
        take(source, account_id=account.pk)
    bank_account.keep_layout(account.pk, layout, by=PLATFORM)
    assert take(source, account_id=account.pk)[0].new_lines == 2
    assert take(source, account_id=account.pk)[0].new_lines == 0
    with pytest.raises(Invalid, match="line 4"):
        take(source + b"2026-03-03,much,b\n", account_id=account.pk)
    assert kept() == [("a", 5), ("a", 5)]


def test_queries_do_not_grow_with_the_lines(django_assert_max_num_queries):
    for size, name in ((2, "few"), (400, "many")):
        with django_assert_max_num_queries(24):
            take(written(name, 0, *((f"{name} {n}", 1, 0) for n in range(size))))


# Our own files are always tried, those published by banks and by ISO 20022's users where somebody has them.
SAMPLES = Path(environ.get("SAMPLES_DIR", Path(__file__).parents[4] / "shared" / "samples"))
PUBLISHED = [
    path.read_bytes() for path in sorted([*SAMPLES.glob("camt/*.xml"), *SAMPLES.glob("mt940/**/*.sta")])
]
PUBLISHED_TAKEN = 49 if PUBLISHED else 0
REFUSED = [b"", b"<Document/>", b"<Document><BkToCstmrStmt>", b":20:REF1\n:61:nonsense\n", b"\x00\x01\x02"]


def own_files() -> list[bytes]:
    versions = [
        GOOD.replace(b"053.001.08", f"053.001.{version}".encode()) for version in ("02", "04", "08", "13")
    ]
    return [*versions, MT940.encode(), MT942.encode()]


def told_of(source: bytes) -> tuple[list[Statement], str]:
    """Return the statements of a file, or why it is refused."""
    try:
        return [one for one in bank_file.read(source) if isinstance(one, Statement)], ""
    except Invalid as refused:
        return [], str(refused)


def test_each_file_is_taken_or_refused_with_a_reason_and_twice_is_once():
    taken = 0
    for source in [*own_files(), *PUBLISHED, *REFUSED]:
        heads, reason = told_of(source)
        assert bool(heads) != bool(reason), "a file is taken or refused in words"
        assert bool(heads) or source not in own_files()
        if not heads:
            continue
        assert source not in REFUSED
        for one in heads:
            our_bank_account(one.account[:40], one.currency)
        first = take(source)
        before = StatementLine.objects.order_by("pk").values_list("pk", "status", "statement_id")
        known = list(before)
        assert all(not one.is_new for one in take(source))
        assert list(before.all()) == known
        assert sum(one.lines for one in first) >= sum(one.new_lines for one in first)
        taken += 1
    assert taken >= len(own_files()) + PUBLISHED_TAKEN
