"""What a programme would answer for an asset, and the accounts that count what is used of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from b2b.core.actor import OPERATOR
from b2b.directory.models import Organization
from finance.models import Programme
from finance.policies import offering
from finance.policies.entry import Line
from finance.policies.financing_accounts import BOOK, NAMES, USED, USED_BY, USED_BY_CONTRA, USED_CONTRA
from finance.policies.interest import bank_discount
from finance.policies.offering import Answer, Facts
from finance.policies.technique import TECHNIQUES
from finance.selectors.financeable import Asset
from finance.services import memo_accounts, scoring
from finance.services.memo_accounts import Memo


@dataclass(frozen=True, slots=True)
class Quote:
    """What a programme would offer for an asset now, and why not more."""

    programme: Programme
    asset: Asset
    facts: Facts
    answer: Answer
    discount: int

    @property
    def is_sold(self) -> bool:
        """Whether the asset is bought, so that its obligor pays it back and not the borrower."""
        return TECHNIQUES[self.programme.kind].is_purchase

    @property
    def paid_out(self) -> int:
        """What the borrower gets, minor units: the advance less interest that is kept back."""
        return self.answer.advance - self.discount


def quote(programme: Programme, asset: Asset, *, wanted: int | None = None, at: datetime) -> Quote:
    """Return what a programme would answer; nothing is written but the score it rests on. Acts as the platform."""
    known = TECHNIQUES[programme.kind]
    faults = list(asset.faults)
    if asset.kind not in known.assets:
        faults.append(f"{programme.name} finances {', '.join(sorted(known.assets))}, not {asset.kind}")
    if asset.currency != programme.currency:
        faults.append(f"the programme is in {programme.currency}, the asset in {asset.currency}")
    day = timezone.localtime(at).date()
    facts = Facts(
        face=asset.face,
        wanted=asset.face if wanted is None else wanted,
        grade=_grade(asset.obligor if known.is_purchase else asset.borrower, at=at),
        asset_due=asset.due,
        from_day=day,
        faults=tuple(faults),
    )
    answer = offering.answer(_terms(programme), facts)
    discount = 0
    if known.is_upfront and answer.maturity is not None:
        discount = bank_discount(answer.advance, answer.rate, programme.day_count, day, answer.maturity)
    return Quote(programme, asset, facts, answer, discount)


def _terms(programme: Programme) -> offering.Terms:
    return offering.Terms(
        advance_rate=programme.advance_rate,
        fee_rate=programme.fee_rate,
        grade_rates={grade: Decimal(rate) for grade, rate in programme.grade_rates.items()},
        min_days=programme.min_days,
        max_days=programme.max_days,
        is_purchase=TECHNIQUES[programme.kind].is_purchase,
    )


def _grade(payer: Organization, *, at: datetime) -> str:
    """The one who will pay is judged; the platform, which books every day in these books, is an A."""
    if payer.kind == OPERATOR:
        return "A"
    return scoring.current(payer.pk, payer.kind, at=at).grade


def limit_accounts(programme: Programme, borrower_id: int) -> tuple[int, tuple[int, ...]]:
    """Return the financing book and the four accounts that count what is used of a programme."""
    book = memo_accounts.book(BOOK, "Financings")
    unit = programme.currency
    wanted = [
        Memo(f"{USED}.{programme.serial}", unit, None, NAMES[USED][0], is_limited=True, ceiling=programme.limit),
        Memo(f"{USED_CONTRA}.{programme.serial}", unit, None, NAMES[USED_CONTRA][0], "CREDIT"),
        Memo(
            f"{USED_BY}.{programme.serial}", unit, borrower_id, NAMES[USED_BY][0], is_limited=True,
            ceiling=programme.party_limit,
        ),
        Memo(f"{USED_BY_CONTRA}.{programme.serial}", unit, borrower_id, NAMES[USED_BY_CONTRA][0], "CREDIT"),
    ]  # fmt: skip
    keys = memo_accounts.accounts(book, wanted)
    return book, tuple(keys[one.key] for one in wanted)


def limit_lines(keys: Iterable[int], amount: int) -> tuple[Line, ...]:
    """Return the lines that use `amount` minor units of a programme, in all and by one party."""
    signs = (1, -1, 1, -1)
    return tuple(Line(key, sign * amount) for key, sign in zip(keys, signs, strict=True))
