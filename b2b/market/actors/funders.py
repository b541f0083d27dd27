"""Funders: they open a programme of every technique, enter what is paid back, and go after what is not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.directory.models import Organization
from b2b.market.stage import Stage
from finance.models import Financing, Programme, Voucher
from finance.policies.technique import STOCK, TECHNIQUES, VOUCHER
from finance.services import (
    financing_booking,
    financing_default,
    financing_request,
    pledge_valuation,
    programme,
    repayment,
    voucher_pledge,
    voucher_redemption,
)
from finance.services.programme import Draft

HOUSE_TECHNIQUE: Final = "DYNAMIC_DISCOUNTING"  # the platform pays early out of its own cash
LOAN_DAYS: Final = 6  # short enough that a fortnight sees loans come back
DEFAULT_DAYS: Final = 4
NEVER_PAID: Final = 0.06  # share of financings that are not paid back when they are due
ENTERED_LATE: Final = 0.2  # chance that a payment is entered a day after it came
GRADES: Final = {"A": "0.06", "B": "0.08", "C": "0.11", "D": "0.15"}


def open_programmes(stage: Stage) -> None:
    """Draft what techniques have no programme yet; somebody else of the funder opens it."""
    with stage.at(7.1) as now:
        with acting_as(system("market")):
            known = set(Programme.objects.values_list("kind", flat=True))
        for number, kind in enumerate(sorted(TECHNIQUES)):
            if kind not in known:
                funder = _funder(stage, number, kind)
                with stage.acting(funder) as by:
                    programme.draft(_terms(kind), funder_id=funder.pk, by=by, at=now)
                    stage.counts["programmes"] += 1
        for funder in (*stage.world.funders, stage.world.operator):
            with stage.acting(funder) as by:
                second = replace(by, name=f"{by.name}, risk")
                for drafted in Programme.objects.filter(funder=funder, status="DRAFT").order_by("serial"):
                    programme.open_programme(drafted.pk, by=second, at=now)


def _funder(stage: Stage, number: int, kind: str) -> Organization:
    if kind == HOUSE_TECHNIQUE:
        return stage.world.operator
    return stage.world.funders[number % len(stage.world.funders)]


def _terms(kind: str) -> Draft:
    known = TECHNIQUES[kind]
    advance = "1" if known.is_purchase else "0.5" if STOCK in known.assets else "0.8"
    return Draft(
        kind=kind,
        name=known.name,
        currency="CNY",
        limit=10_000_000_000,
        party_limit=4_000_000_000,
        advance_rate=Decimal(advance),
        grade_rates={grade: Decimal(rate) for grade, rate in GRADES.items()},
        day_count="ACT/360",
        max_days=180 if known.is_purchase else LOAN_DAYS,
        penalty_rate=Decimal("0.06"),
        fee_rate=Decimal("0.001"),
        default_days=DEFAULT_DAYS,
        margin_call_rate=Decimal("0.9") if STOCK in known.assets else None,
    )


def night(stage: Stage) -> None:
    """Let interest accrue, offers lapse and goods be valued, as the clock does where it runs."""
    with stage.at(0.5) as now, acting_as(system("financing")) as by:
        repayment.accrue(by=by, at=now)
        financing_request.lapse(by=by, at=now)
        pledge_valuation.revalue(by=by, at=now)


def collect(stage: Stage) -> None:
    """Redeem vouchers on their day, enter what borrowers and obligors pay, and go from default to recourse or loss."""
    with stage.at(17.8) as now:
        _redeem(stage, now)
        with acting_as(system("market")):
            due = Financing.objects.filter(
                status__in=repayment.RUNNING, maturity__lte=stage.today
            ).select_related("funder", "request", "programme")
            found = list(due.order_by("pk"))
        for one in found:
            if one.request.asset_kind != VOUCHER or one.recourse_date is not None:
                _settle(stage, one, now)


def _redeem(stage: Stage, now: datetime) -> None:
    with acting_as(system("market")):
        pieces = Voucher.objects.filter(status__in=("HELD", "PLEDGED"), root__due_date__lte=stage.today)
        found = list(pieces.select_related("holder", "pledgee").order_by("pk"))
    for piece in found:
        if piece.pledgee is not None:
            with stage.acting(piece.pledgee) as by:
                voucher_pledge.release(piece.pk, by=by, at=now)
        with stage.acting(piece.holder) as by:
            voucher_redemption.redeem(piece.pk, by=by, at=now)
        stage.counts["vouchers redeemed"] += 1


def _settle(stage: Stage, one: Financing, now: datetime) -> None:
    with stage.acting(one.funder) as by:
        never = random.Random(f"{stage.seed}/{one.drawn}").random() < NEVER_PAID
        if never and one.recourse_date is None:
            _pursue(stage, one, by=by, now=now)
            return
        is_late = one.recourse_date is None and stage.chance_of(str(one.drawn)).random() < ENTERED_LATE
        if is_late and one.maturity == stage.today and not stage.is_last_day:
            return  # it came today and is entered tomorrow, with its value date
        _enter(stage, one, max(one.maturity, one.recourse_date or one.maturity), by=by, now=now)


def _enter(stage: Stage, one: Financing, value_date: date, *, by: Actor, now: datetime) -> None:
    with acting_as(system("market")):
        owed = sum(financing_booking.current(one, value_date).owed.values())
    repayment.repay(
        one.pk, amount=owed, value_date=value_date, reference=f"{one.number} {value_date}", by=by, at=now
    )
    stage.counts["financings repaid"] += 1
    if value_date < stage.today:
        stage.counts["repayments entered late"] += 1


def _pursue(stage: Stage, one: Financing, *, by: Actor, now: datetime) -> None:
    if (stage.today - one.maturity).days < DEFAULT_DAYS:
        return
    if one.status == "DRAWN":
        financing_default.declare_default(one.pk, by=by, at=now)
        stage.counts["defaults"] += 1
    elif one.status == "DEFAULTED" and one.drawn % 2:
        financing_default.take_recourse(one.pk, by=by, at=now)
        stage.counts["recourse taken"] += 1
    elif one.status == "DEFAULTED":
        financing_default.write_off(one.pk, reason="nobody pays", by=by, at=now)
        stage.counts["written off"] += 1
