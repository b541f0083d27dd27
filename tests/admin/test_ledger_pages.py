"""The operator closes a period, opens it again with a colleague, and reads what accounts came to."""

from __future__ import annotations

from datetime import date

import pytest

from b2b.core.actor import OPERATOR, Actor, acting_as
from finance.models import ChainBlock, Period
from finance.services import chain, period
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import accounts, entry, post

pytestmark = pytest.mark.django_db
COLLEAGUE = Actor(kind=OPERATOR, user_id=2**40, name="colleague")
PERIODS = "/operator/finance/period/"


@pytest.fixture
def desk(operator):
    with acting_as(PLATFORM):
        post(entry(accounts(), 12_345))
        chain.seal_all(at=NOON)
    return operator.client


def test_a_period_is_closed_on_its_page_and_opened_by_a_second_person(desk):
    days = {"book": "MAIN", "first_date": "2026-03-01", "last_date": "2026-03-31"}
    assert desk.post("/operator/finance/close-period/", days).status_code == 302
    with acting_as(PLATFORM):
        closed = Period.objects.get()
        assert closed.status == "CLOSED"
    page = f"{PERIODS}{closed.pk}/"
    assert "Ask to open again" in desk.get(page).content.decode()
    desk.post(f"{page}ask_reopen/", {"reason": "late freight"})
    desk.post(f"{page}grant_reopen/", {})
    with acting_as(PLATFORM):
        assert Period.objects.get().status == "REOPEN_ASKED"
        period.grant_reopen(closed.pk, by=COLLEAGUE, at=NOON)
    desk.post(f"{page}close_again/", {})
    shown = desk.get(page).content.decode()
    assert "late freight" in shown
    assert "Nothing changed." in shown
    assert "2026" in desk.get(PERIODS).content.decode()


def test_the_trial_balance_is_of_the_day_that_is_asked_for(desk):
    now = desk.get("/operator/finance/trial-balance/?effective=2026-03-02").content.decode()
    assert "123.45" in now
    before = desk.get("/operator/finance/trial-balance/?effective=2026-03-01").content.decode()
    assert "123.45" not in before
    known = desk.get(
        "/operator/finance/trial-balance/?effective=2026-03-02&booked=2026-03-01T00:00"
    ).content.decode()
    assert "Nothing had moved." in known
    assert date(2026, 3, 2) == NOON.date()


def test_the_chain_shows_its_blocks(desk):
    with acting_as(PLATFORM):
        block = ChainBlock.objects.get()
    assert block.hash in desk.get("/operator/finance/chainblock/").content.decode()
    assert block.hash in desk.get("/operator/finance/chainblock/1/").content.decode()
