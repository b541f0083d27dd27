"""A bill is sold, a loan is drawn, and every step is posted; nobody finances an asset twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.db.bulk import fetch
from finance.models import FinancedAsset, Programme, SupplierInvoice
from finance.policies import offering
from finance.selectors import payment_run as due
from finance.services import financing, financing_default, financing_request, programme, repayment
from finance.services.financing import AssetChanged, AssetTaken, OfferLapsed
from finance.services.financing_default import NotInDefault
from finance.services.financing_request import AlreadyAsked, ProgrammeFull, UnknownAsset
from finance.services.second_person import SamePerson
from tests.factories.directory import actor, dealer, factory_organization, funder
from tests.factories.finance import NOON, PLATFORM, operator
from tests.finance.financing.world import ask, bill, draw, open_programme, repay, reread, second

pytestmark = pytest.mark.django_db


def balance(code: str, *, party: int | None = None) -> int:
    """Return what stands on the accounts of a code, of one party or of all."""
    with acting_as(PLATFORM):
        [(total,)] = fetch(
            "SELECT coalesce(sum(line.amount), 0) FROM finance_journalline line"
            " JOIN finance_account account ON account.id = line.account_id"
            " WHERE account.code LIKE %s AND coalesce(account.party_id = %s, true) AND NOT line.is_pending",
            [f"{code}%", party],
        )
    return int(total)


FINANCE = sorted(name for name in invariants.INVARIANTS if name.startswith("finance."))


def clean() -> None:
    assert invariants.check(FINANCE) == []


def test_a_bill_is_sold_paid_out_less_interest_and_paid_when_due() -> None:
    sold = bill()  # 1,130.00 due in 30 days
    days = (sold.due_date - NOON.date()).days
    request = ask(open_programme(), sold)
    assert request.status == "OFFERED"
    kept_back = round(Decimal(113_000) * 6 * days / 36_000)
    assert (request.offer.advance, request.offer.discount) == (113_000, kept_back)
    one = draw(request)
    assert balance("8150") == -(113_000 - kept_back)
    assert (reread(sold).status, reread(sold).open_amount) == ("ASSIGNED", 0)
    assert balance("2050") == -113_000
    with acting_as(PLATFORM):
        assert not due.due("CNY", sold.due_date + timedelta(days=90)).exists()
    clean()

    repay(one, 113_000, days)
    one = reread(one)
    assert (one.status, one.principal_owed, one.interest_owed) == ("REPAID", 0, 0)
    assert (balance("8160"), balance("8145"), balance("8180"), balance("2050")) == (-kept_back, 0, 0, 0)
    assert reread(sold).status == "PAID"
    with acting_as(PLATFORM):
        assert FinancedAsset.objects.get().released_at is not None
    clean()


def test_what_the_match_holds_is_refused_with_its_verdict_and_logged() -> None:
    from tests.finance.payables.bills import Purchase

    held = Purchase(factory_organization(), (1, "1000")).invoice((1, "1000"))
    request = ask(open_programme(), held)
    assert request.status == "REFUSED"
    assert "HELD (GOODS_AWAITED)" in request.offer.reasons[0]
    clean()


def test_one_asset_one_financing_whatever_the_programme() -> None:
    sold = bill()
    first, second = open_programme(), open_programme("LOAN_RECEIVABLES")
    one, other = ask(first, sold), ask(second, sold)
    with pytest.raises(AlreadyAsked):
        ask(first, sold)
    draw(one)
    with pytest.raises(AssetTaken):
        draw(other)
    assert ask(open_programme(), sold).status == "REFUSED"
    clean()


def test_programme_and_party_limits_are_the_ledgers() -> None:
    maker = factory_organization()
    small = open_programme(limit=200_000, party_limit=150_000)
    taken = draw(ask(small, bill(maker)))
    with pytest.raises(ProgrammeFull):
        ask(small, bill(maker))
    with pytest.raises(ProgrammeFull):
        ask(small, bill())
    assert ask(small, bill(price="700")).status == "OFFERED"
    repay(taken, 113_000, 30)
    assert ask(small, bill(maker)).status == "OFFERED"
    clean()


def test_an_offer_that_is_not_taken_frees_its_limit_and_can_no_longer_be_taken() -> None:
    small = open_programme(limit=120_000, party_limit=120_000)
    first = ask(small, bill())
    later = NOON + timedelta(days=4)
    with pytest.raises(OfferLapsed):
        draw(first, at=later)
    financing_request.lapse(by=PLATFORM, at=later)
    assert reread(first).status == "LAPSED"
    second = ask(small, bill(), at=later)
    declined = financing_request.turn_down(second.pk, by=actor(second.borrower), at=later)
    assert declined.status == "DECLINED"
    assert ask(small, bill(), at=later).status == "OFFERED"
    clean()


def test_an_asset_that_changed_since_is_not_drawn_on() -> None:
    sold = bill()
    request = ask(open_programme(), sold)
    with acting_as(PLATFORM):
        SupplierInvoice.objects.filter(pk=sold.pk).update(open_amount=1)
    with pytest.raises(AssetChanged, match="worth less"):
        draw(request)


def test_a_loan_accrues_day_by_day_and_a_late_payment_counts_from_its_day() -> None:
    one = draw(ask(open_programme("LOAN_RECEIVABLES"), bill()))
    for day in (1, 2, 20):
        repayment.accrue(at=NOON + timedelta(days=day), by=PLATFORM)
    assert reread(one).interest_owed == int(Decimal(113_000) * one.rate * 20 / 360 + Decimal("0.5"))
    repay(one, 50_000, 10, entered=21)
    again = repay(one, 50_000, 10, entered=25)
    interest = int(Decimal(113_000) * one.rate * 10 / 360 + Decimal("0.5"))
    assert again.principal_owed == 113_000 - (50_000 - interest)
    with pytest.raises(Invalid, match="another amount"):
        repay(one, 1, 10, entered=25, reference="10:50000")
    with pytest.raises(Invalid, match="to come"):
        repay(one, 1, 40, entered=25)
    clean()


def test_a_payment_taken_back_leaves_no_trace_in_what_is_owed() -> None:
    sold = bill()
    one = draw(ask(open_programme(), sold))
    repay(one, 113_000, 5)
    assert reread(one).status == "REPAID"
    with acting_as(PLATFORM):
        paid = one.repayments.get()
    repayment.take_back(paid.pk, reason="returned", by=actor(one.funder), at=NOON + timedelta(days=8))
    one = reread(one)
    assert (one.status, one.principal_owed, reread(sold).status) == ("DRAWN", 113_000, "ASSIGNED")
    assert (balance("8170"), balance("2050"), balance("8180")) == (0, -113_000, 0)
    clean()


@pytest.mark.parametrize("with_recourse", [True, False])
def test_nobody_pays_then_the_borrower_does_or_the_funder_bears_it(with_recourse: bool) -> None:
    sold = bill()
    one = draw(ask(open_programme(with_recourse=with_recourse), sold))
    bank, late = actor(one.funder), NOON + timedelta(days=30 + 29)
    with pytest.raises(NotInDefault, match="29 days"):
        financing_default.declare_default(one.pk, by=bank, at=late)
    late += timedelta(days=1)
    assert financing_default.declare_default(one.pk, by=bank, at=late).status == "DEFAULTED"
    if with_recourse:
        financing_default.take_recourse(one.pk, by=bank, at=late)
        assert balance("8110", party=one.borrower_id) == 113_000
        assert (reread(sold).status, balance("2050")) == ("APPROVED", 0)
        owed = reread(one)
        total = owed.principal_owed + owed.interest_owed + owed.penalty_owed
        assert repay(one, total, 60).status == "REPAID"
    else:
        with pytest.raises(Invalid, match="without recourse"):
            financing_default.take_recourse(one.pk, by=bank, at=late)
        financing_default.write_off(one.pk, reason="gone", by=bank, at=late)
        assert balance("8190", party=one.funder_id) > 113_000
        assert balance("8110") == balance("8200.") == 0
    clean()


def test_terms_stay_once_open_and_only_the_funder_opens() -> None:
    made = open_programme()
    with acting_as(PLATFORM), pytest.raises(DatabaseError, match="only status"):
        Programme.objects.filter(pk=made.pk).update(advance_rate=Decimal("0.5"))


def test_a_programme_is_its_funders_to_open() -> None:
    from tests.finance.financing.world import TERMS

    operator()
    bank, rival = funder(), funder()
    terms = programme.Draft(kind="FACTORING", **TERMS)
    made = programme.draft(terms, funder_id=bank.pk, by=PLATFORM, at=NOON)
    with pytest.raises(Forbidden):
        programme.open_programme(made.pk, by=PLATFORM, at=NOON)
    with pytest.raises(NotFound):
        programme.open_programme(made.pk, by=actor(rival), at=NOON)
    with pytest.raises(Forbidden):
        programme.draft(terms, funder_id=bank.pk, by=actor(rival), at=NOON)
    with pytest.raises(NotFound):
        ask(made, bill())
    with acting_as(PLATFORM):
        Programme.objects.filter(pk=made.pk).update(proposed_by=str(actor(bank)))
    with pytest.raises(SamePerson):
        programme.open_programme(made.pk, by=actor(bank), at=NOON)
    assert programme.open_programme(made.pk, by=second(bank), at=NOON).status == "OPEN"
    assert programme.close(made.pk, by=actor(bank), at=NOON).status == "CLOSED"
    with pytest.raises(IllegalTransition):
        programme.open_programme(made.pk, by=second(bank), at=NOON)


def test_every_fault_of_a_draft_is_named() -> None:
    from tests.finance.financing.world import TERMS

    bad = {
        **TERMS,
        "advance_rate": Decimal(2),
        "grade_rates": {"Z": Decimal(1)},
        "day_count": "ACT",
        "max_days": 0,
    }
    with pytest.raises(Invalid) as found:
        programme.draft(programme.Draft(kind="USURY", **bad), funder_id=funder().pk, by=PLATFORM, at=NOON)
    assert [one.field for one in found.value.problems] == [
        "kind", "day_count", "advance_rate", "grade_rates", "max_days",
    ]  # fmt: skip


def test_strangers_can_neither_ask_draw_nor_enter_payments() -> None:
    sold = bill()
    made = open_programme()
    rival, bank = factory_organization(), made.funder
    with pytest.raises(Forbidden):
        financing_request.ask(
            made.pk,
            asset_kind="BILL",
            asset_key=str(sold.pk),
            borrower_id=sold.factory_id,
            by=actor(rival),
            at=NOON,
        )
    with pytest.raises(UnknownAsset):
        financing_request.ask(
            made.pk, asset_kind="BILL", asset_key=str(sold.pk), borrower_id=rival.pk, by=actor(rival), at=NOON
        )
    request = ask(made, sold)
    for stranger in (actor(rival), actor(bank), actor(dealer())):
        with pytest.raises(NotFound):
            financing.draw(request.pk, by=stranger, at=NOON)
    one = draw(request)
    with pytest.raises(Forbidden):
        repayment.repay(
            one.pk, amount=1, value_date=NOON.date(), reference="x", by=actor(sold.factory), at=NOON
        )
    with pytest.raises(NotFound):
        repayment.repay(one.pk, amount=1, value_date=NOON.date(), reference="x", by=actor(funder()), at=NOON)


def test_equals_get_equal_offers_and_the_database_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = open_programme("LOAN_RECEIVABLES")
    requests = [ask(made, bill()) for _ in range(4)]
    said = {(one.offer.facts_key, one.offer.advance, one.offer.rate, one.offer.maturity) for one in requests}
    assert len(said) == 1
    honest = offering.answer

    def dearer(*given: Any) -> offering.Answer:
        return replace(honest(*given), rate=Decimal("0.3"))

    monkeypatch.setattr(offering, "answer", dearer)
    with pytest.raises(DatabaseError, match="answered otherwise"):
        ask(made, bill())
