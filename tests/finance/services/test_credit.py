"""An order holds credit, an invoice uses it, a payment gives it back; nobody passes the limit by being quick."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import NotFound
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.transactions import unit_of_work
from b2b.outbox.models import OutboxEvent
from finance import facade
from finance.models import AccountBalance, Case, CreditHold
from finance.selectors import credit as positions
from finance.services import credit, exposure, ledger, period
from finance.services.credit import Share
from finance.services.exposure import Settled
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM, dealer_with_credit


class CreditRefused(Exception):
    """What orders raises."""


def cny(amount: int | str) -> Money:
    return Money.of(amount, "CNY")


def hold(dealer, amount, order_id=None):
    return facade.hold(dealer_id=dealer.pk, order_id=order_id or uuid7(), amount=cny(amount), at=NOON)


@pytest.fixture
def dealer(db):
    return dealer_with_credit(500)


def test_a_refusal_says_limit_used_reserved_and_shortfall(dealer):
    assert hold(dealer, 450).granted
    refused = hold(dealer, 60)
    assert not refused.granted
    assert (refused.limit, refused.used, refused.reserved) == (cny(500), cny(0), cny(450))
    assert refused.shortfall == cny(10)
    assert facade.position(dealer_id=dealer.pk, currency="CNY").available == cny(50)


def test_12_a_refusal_opens_one_case_that_outlives_the_order(dealer):
    def order(amount: int) -> None:
        with unit_of_work():
            answer = hold(dealer, amount)
            if not answer.granted:
                raise CreditRefused

    def cases() -> list[Case]:
        with acting_as(PLATFORM):
            return list(Case.objects.filter(kind="CREDIT_REFUSED").order_by("pk"))

    order(450)
    assert cases() == []
    for _ in range(2):  # asked twice, told once
        with pytest.raises(CreditRefused):
            order(60)
    [found] = cases()
    assert found.reason == (
        "an order of 60.00 CNY exceeds the credit by 10.00 CNY: limit 500.00 CNY, used 0.00 CNY, reserved 450.00 CNY"
    )
    assert (found.amount, found.currency, found.status) == (10, "CNY", "OPEN")
    assert found.reference.startswith(dealer.code)
    with acting_as(PLATFORM):
        told = OutboxEvent.objects.filter(topic="finance.case.opened.v1").values_list("payload", flat=True)
        assert [one["reference"] for one in told] == [found.reference]
        exposure.set_limit(party_id=dealer.pk, amount=cny(505), by=PLATFORM, at=NOON)
    assert [one.status for one in cases()] == ["RESOLVED"]
    with pytest.raises(CreditRefused):
        order(60)
    assert [one.status for one in cases()] == ["RESOLVED", "OPEN"]


def test_12_exposure_is_that_of_the_group_and_its_case_ends_with_a_new_limit(dealer):
    sister = organization(group=dealer)
    assert hold(dealer, 400).granted
    refused = hold(sister, 200)
    assert (refused.granted, refused.reserved, refused.shortfall) == (False, cny(400), cny(100))
    with acting_as(PLATFORM):
        assert Case.objects.get(kind="CREDIT_REFUSED").reference.startswith(sister.code)
        exposure.set_limit(party_id=dealer.pk, amount=cny(600), by=PLATFORM, at=NOON)
        assert Case.objects.get(kind="CREDIT_REFUSED").status == "RESOLVED"
    assert hold(sister, 200).granted


def test_a_dealer_without_limit_gets_no_credit(db):
    dealer = dealer_with_credit(0)
    assert not hold(dealer, 1).granted


def test_holding_again_changes_the_hold_and_does_not_add_to_it(dealer):
    order = uuid7()
    hold(dealer, 300, order)
    assert hold(dealer, 400, order).reserved == cny(400)
    assert facade.adjust(order_id=order, amount=cny(100), at=NOON).reserved == cny(100)
    assert not facade.adjust(order_id=order, amount=cny(501), at=NOON).granted
    assert facade.position(dealer_id=dealer.pk, currency="CNY").reserved == cny(100)


def test_release_frees_everything_and_reopening_reserves_again(dealer):
    order = uuid7()
    hold(dealer, 500, order)
    facade.release(order_id=order, at=NOON)
    facade.release(order_id=order, at=NOON)
    assert facade.position(dealer_id=dealer.pk, currency="CNY").available == cny(500)
    assert not hold(dealer, 1, uuid7()).shortfall.minor
    assert not hold(dealer, 500, order).granted


def test_adjusting_what_was_never_held_is_not_found(dealer):
    with pytest.raises(NotFound):
        facade.adjust(order_id=uuid7(), amount=cny(1), at=NOON)


def test_many_holds_are_lowered_at_once_and_none_is_raised(dealer, django_assert_num_queries):
    others = [dealer_with_credit(500) for _ in range(5)]
    orders = {uuid7(): one for one in (dealer, *others)}
    for order, whose in orders.items():
        hold(whose, 300, order)
    first, second, *rest = orders
    with CaptureQueriesContext(connection) as few:
        facade.lower(amounts={first: cny(200)}, at=NOON)
    with django_assert_num_queries(len(few)):
        facade.lower(amounts={second: cny(400), uuid7(): cny(1)} | dict.fromkeys(rest, cny(0)), at=NOON)
    held = [facade.position(dealer_id=one.pk, currency="CNY").reserved for one in (dealer, *others)]
    assert held == [cny(200), cny(300), *[cny(0)] * 4]
    with acting_as(PLATFORM):
        statuses = sorted(CreditHold.objects.values_list("status", flat=True))
    assert statuses == ["HELD"] * 2 + ["RELEASED"] * 4


def test_companies_of_a_group_share_one_limit(dealer):
    sister = organization(group=dealer)
    assert hold(dealer, 300).granted
    assert not hold(sister, 300).granted
    assert hold(sister, 200).granted


def test_an_invoice_turns_the_hold_into_a_debt_and_a_payment_frees_it(dealer):
    order, invoice = uuid7(), uuid7()
    hold(dealer, 500, order)
    with acting_as(PLATFORM):
        share = {order: Share(20_000, is_complete=False)}
        credit.turn_into_receivable(
            source_id=invoice, dealer_id=dealer.pk, currency="CNY", shares=share, by=PLATFORM, at=NOON
        )
        now = positions.position(PLATFORM, dealer.pk, "CNY")
        assert (now.used, now.reserved) == (cny(200), cny(300))
        with unit_of_work():
            repaid = exposure.repayments([Settled("payment", "p1", dealer.pk, "CNY", 20_000)], at=NOON)
            ledger.post(repaid, by=PLATFORM)
        assert positions.position(PLATFORM, dealer.pk, "CNY").used == cny(0)
        credit.turn_into_receivable(
            source_id=uuid7(),
            dealer_id=dealer.pk,
            currency="CNY",
            shares={order: Share(29_999, is_complete=True)},
            by=PLATFORM,
            at=NOON,
        )
        kept = CreditHold.objects.get(pk=order)
    assert (kept.status, kept.held, kept.invoiced) == ("INVOICED", 0, 49_999)


def test_a_late_version_changes_nothing(dealer):
    order = uuid7()
    with acting_as(PLATFORM):
        credit.hold(dealer_id=dealer.pk, order_id=order, amount=cny(100), by=PLATFORM, at=NOON, version=3)
        credit.adjust(order_id=order, amount=cny(400), by=PLATFORM, at=NOON, version=2)
        assert positions.position(PLATFORM, dealer.pk, "CNY").reserved == cny(100)
        credit.adjust(order_id=order, amount=cny(900), by=PLATFORM, at=NOON, version=4, forced=True)
        assert positions.position(PLATFORM, dealer.pk, "CNY").reserved == cny(900)


def test_lowering_the_limit_refuses_new_orders_only(dealer):
    order = uuid7()
    hold(dealer, 400, order)
    with acting_as(PLATFORM):
        exposure.set_limit(party_id=dealer.pk, amount=cny(100), by=PLATFORM, at=NOON, reason="late payer")
    assert hold(dealer, 1).shortfall == cny(301)
    assert facade.adjust(order_id=order, amount=cny(350), at=NOON).granted


def test_a_rival_sees_neither_position_nor_holds(dealer):
    hold(dealer, 400)
    rival = actor(organization())
    with acting_as(rival):
        with pytest.raises(NotFound):
            positions.position(rival, dealer.pk, "CNY")
        assert not positions.holds(rival).exists()
        assert not CreditHold.objects.exists()
    own = actor(dealer)
    with acting_as(own):
        assert positions.position(own, dealer.pk, "CNY").reserved == cny(400)
        assert positions.holds(own).count() == 1


def test_a_hundred_parallel_orders_of_ten_pass_exactly_fifty_times(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        dealer = dealer_with_credit(500)

        def order(_: int) -> bool:
            try:
                return hold(dealer, 10).granted
            finally:
                connection.close()

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(order, range(100)))
        assert sum(answers) == 50
        with acting_as(PLATFORM):
            now = facade.position(dealer_id=dealer.pk, currency="CNY")
            assert (now.reserved, now.available) == (cny(500), cny(0))
            assert AccountBalance.objects.get(account__party=dealer).pending_debit == 50_000


def test_credit_is_held_on_a_day_that_is_closed_from_the_first_open_one(dealer):
    day = NOON.date()
    with acting_as(PLATFORM):
        for first, last in ((day.replace(day=1), day), (day + timedelta(days=1), day + timedelta(days=3))):
            period.close(book="CREDIT", first_date=first, last_date=last, by=PLATFORM, at=NOON)
    order = uuid7()
    assert hold(dealer, 300, order).granted
    assert hold(dealer, 400, order).reserved == cny(400)
    assert not hold(dealer, 200).granted
    with acting_as(PLATFORM):
        kept = CreditHold.objects.get(pk=order)
        assert (kept.held, kept.entry.effective_date) == (40_000, day + timedelta(days=4))
