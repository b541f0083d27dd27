"""Every technique of supply-chain finance is lived in a market, and the books stay clean by everybody's count."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch_value
from b2b.market import play
from b2b.market.play import Result
from finance.models import Financing, FinancingOffer, Programme
from finance.policies.technique import TECHNIQUES
from tests.finance.ledger.test_export import bean_check, export

FIRST_DAY = date(2026, 3, 2)
BOOKS = {
    "MAIN": 100,
    "CREDIT": 10,
    "FINANCING": 100,
    "VOUCHERS": 5,
    "GOODS": 3,
}  # entries that are there at least
UNEQUAL = """
    SELECT count(*) FROM (
        SELECT programme_id, rule_version, facts_key FROM finance_financingoffer GROUP BY 1, 2, 3
        HAVING count(DISTINCT (is_offer, reasons, advance, rate, fee, discount, maturity)) > 1) unequal
"""


@pytest.mark.parametrize(
    ("days", "dealers"),
    [
        pytest.param(16, 4, id="fortnight", marks=pytest.mark.timeout(1_200)),
        pytest.param(60, 6, marks=[pytest.mark.soak, pytest.mark.timeout(7_200)], id="sixty-days"),
    ],
)
def test_all_programmes_are_used_and_the_books_are_clean(
    committed_db: str, tmp_path: Path, days: int, dealers: int
) -> None:
    result = play.market(days=days, dealers=dealers, seed=7, first_day=FIRST_DAY)
    assert result.broken == ()
    assert result.open_cases == 0
    _used(result)
    call_command("verify_ledger", stdout=StringIO())
    for book, entries in BOOKS.items():
        text = export("beancount", book=book)
        assert text.count(" * ") >= entries, book
        checked = bean_check(text, tmp_path)
        assert checked.returncode == 0, checked.stderr
    if days > 30:
        assert {"defaults", "recourse taken", "written off"} <= result.counts.keys()


def _used(result: Result) -> None:
    for known in TECHNIQUES.values():
        assert result.counts.get(f"financed: {known.name.lower()}", 0) > 0, known.name
    for what in ("financings repaid", "repayments entered late", "vouchers redeemed"):
        assert result.counts.get(what, 0) > 0, what
    with acting_as(system("test")):
        assert set(Programme.objects.values_list("kind", "status")) == {(kind, "OPEN") for kind in TECHNIQUES}
        assert not Programme.objects.filter(opened_by="").exists()
        drawn = Financing.objects.values_list("programme__kind", flat=True)
        assert set(drawn) == set(TECHNIQUES)
        assert FinancingOffer.objects.count() > len(TECHNIQUES)
        assert fetch_value(UNEQUAL) == 0
