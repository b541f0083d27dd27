"""How supply-chain finance looks in the API; amounts are in the currency they are of, rates fractions a year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from b2b.core.money import Money
from finance.models import Programme
from finance.policies import day_count, schedule, score, waterfall
from finance.policies.technique import ASSETS, TECHNIQUES

LIMIT = 10**14


class Minor(serializers.CharField):
    """Minor units, shown as an amount in the currency of their row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, source="*", **options)

    def to_representation(self, value: Any) -> str:
        """Write the amount."""
        name = self.field_name or ""
        holder = value if hasattr(value, "currency") else value.programme
        return str(Money.from_minor(getattr(value, name), holder.currency).amount)


def rate(**options: Any) -> serializers.DecimalField:
    """Return a field for a rate or a share, a fraction."""
    return serializers.DecimalField(max_digits=8, decimal_places=6, **options)


def given(**options: Any) -> serializers.DecimalField:
    """Return a field for an amount of money that is sent."""
    return serializers.DecimalField(max_digits=18, decimal_places=3, max_value=LIMIT, **options)


class ProgrammeInput(serializers.Serializer[Any]):
    """The terms of a programme; the operator names the funder, a funder drafts its own."""

    funder = serializers.CharField(max_length=24, required=False)
    kind = serializers.ChoiceField(list(TECHNIQUES))
    name = serializers.CharField(max_length=120)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    limit = given(min_value=Decimal("0.01"))
    party_limit = given(min_value=Decimal("0.01"))
    advance_rate = rate(min_value=0, max_value=1)
    grade_rates = serializers.DictField(child=rate(min_value=0))
    day_count = serializers.ChoiceField(list(day_count.CONVENTIONS))
    max_days = serializers.IntegerField(min_value=1, max_value=3650)
    min_days = serializers.IntegerField(min_value=1, max_value=3650, required=False, default=1)
    penalty_rate = rate(min_value=0, required=False, default=Decimal(0))
    fee_rate = rate(min_value=0, max_value=1, required=False, default=Decimal(0))
    schedule = serializers.ChoiceField(list(schedule.KINDS), required=False, default=schedule.BULLET)
    grace_days = serializers.IntegerField(min_value=0, max_value=365, required=False, default=0)
    default_days = serializers.IntegerField(min_value=0, max_value=3650, required=False, default=30)
    waterfall = serializers.ListField(
        child=serializers.ChoiceField(list(waterfall.PARTS)), required=False, default=list(waterfall.PARTS)
    )
    with_recourse = serializers.BooleanField(required=False, default=True)
    margin_call_rate = rate(min_value=0, max_value=1, required=False, allow_null=True, default=None)


class ProgrammeShape(serializers.Serializer[Any]):
    """Terms that are the same for whoever asks."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    funder = serializers.CharField(source="funder.code")
    borrower_kind = serializers.CharField()
    currency = serializers.CharField()
    limit = Minor()
    party_limit = Minor()
    advance_rate = rate()
    grade_rates = serializers.DictField(child=rate())
    penalty_rate = rate()
    fee_rate = rate()
    day_count = serializers.CharField()
    schedule = serializers.CharField()
    min_days = serializers.IntegerField()
    max_days = serializers.IntegerField()
    grace_days = serializers.IntegerField()
    default_days = serializers.IntegerField()
    waterfall = serializers.ListField(child=serializers.CharField())
    with_recourse = serializers.BooleanField()
    updated_at = serializers.DateTimeField()


class AskInput(serializers.Serializer[Any]):
    """Ask a programme for money on an asset of one's own, by its id in the platform; all there is unless `wanted`."""

    programme = serializers.UUIDField()
    asset_kind = serializers.ChoiceField(list(ASSETS))
    asset_id = serializers.CharField(max_length=64)
    wanted = given(min_value=Decimal("0.01"), required=False, allow_null=True, default=None)


class AssetInput(serializers.Serializer[Any]):
    """An asset of one's own, by its id in the platform."""

    asset_kind = serializers.ChoiceField(list(ASSETS))
    asset_id = serializers.CharField(max_length=64)


class FinancingOfferShape(serializers.Serializer[Any]):
    """What was answered: an offer, or every reason against one."""

    is_offer = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    advance = Minor()
    fee = Minor()
    discount = Minor()
    rate = rate()
    maturity = serializers.DateField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    rule_version = serializers.CharField()


class LoggedOfferShape(FinancingOfferShape):
    """An answer in the log with the facts it rests on; answers of one programme and `facts_key` are equal."""

    request = serializers.CharField(source="request.number")
    programme = serializers.CharField(source="programme.number")
    borrower = serializers.CharField(source="borrower.code")
    facts = serializers.DictField()
    facts_key = serializers.CharField()
    made_at = serializers.DateTimeField()


class FinancingRequestShape(serializers.Serializer[Any]):
    """Somebody asked for money on an asset, and what was answered."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    programme = serializers.CharField(source="programme.number")
    borrower = serializers.CharField(source="borrower.code")
    funder = serializers.CharField(source="funder.code")
    obligor = serializers.CharField(source="obligor.code")
    asset_kind = serializers.CharField()
    asset = serializers.CharField(source="asset_number")
    asset_due = serializers.DateField()
    currency = serializers.CharField()
    face = Minor()
    wanted = Minor()
    fingerprint = serializers.CharField()
    offer = FinancingOfferShape()
    updated_at = serializers.DateTimeField()


class FinancingQuoteShape(serializers.Serializer[Any]):
    """What a programme would offer now, and why not more; asking for it is another call."""

    programme = serializers.UUIDField(source="programme.pk")
    number = serializers.CharField(source="programme.number")
    kind = serializers.CharField(source="programme.kind")
    is_offer = serializers.BooleanField(source="answer.is_offer")
    reasons = serializers.ListField(child=serializers.CharField(), source="answer.reasons")
    currency = serializers.CharField(source="programme.currency")
    advance = serializers.SerializerMethodField()
    paid_out = serializers.SerializerMethodField()
    fee = serializers.SerializerMethodField()
    rate = rate(source="answer.rate")
    maturity = serializers.DateField(source="answer.maturity", allow_null=True)
    grade = serializers.ChoiceField(list(score.GRADES), source="facts.grade")

    def get_advance(self, quote: Any) -> str:
        """Say what would be owed."""
        return _amount(quote.answer.advance, quote.programme)

    def get_paid_out(self, quote: Any) -> str:
        """Say what would be paid out, less interest that is kept back."""
        return _amount(quote.paid_out, quote.programme)

    def get_fee(self, quote: Any) -> str:
        """Say what the fee would be."""
        return _amount(quote.answer.fee, quote.programme)


class FinancingQuotes(serializers.Serializer[Any]):
    """What every open programme would offer, the best first, refusals last."""

    quotes = FinancingQuoteShape(many=True)


def _amount(minor: int, programme: Programme) -> str:
    return str(Money.from_minor(minor, programme.currency).amount)


class FinancingInstalmentShape(serializers.Serializer[Any]):
    """What falls due when."""

    due_date = serializers.DateField()
    principal = serializers.SerializerMethodField()
    interest = serializers.SerializerMethodField()

    def get_principal(self, part: Any) -> str:
        """Say the principal."""
        return str(Money.from_minor(part.principal, part.financing.currency).amount)

    def get_interest(self, part: Any) -> str:
        """Say the interest."""
        return str(Money.from_minor(part.interest, part.financing.currency).amount)


class RepaymentShape(serializers.Serializer[Any]):
    """Money that came in on its value date; one that `reverses` another takes it back."""

    id = serializers.IntegerField()
    financing = serializers.CharField(source="financing.number")
    value_date = serializers.DateField()
    amount = serializers.SerializerMethodField()
    reference = serializers.CharField()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    entered_at = serializers.DateTimeField()

    def get_amount(self, paid: Any) -> str:
        """Say the amount."""
        return str(Money.from_minor(paid.amount, paid.financing.currency).amount)


class FinancingShape(serializers.Serializer[Any]):
    """Money that was paid out on an asset, and where it stands as of a day."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    programme = serializers.CharField(source="programme.number")
    request = serializers.CharField(source="request.number")
    asset_kind = serializers.CharField(source="request.asset_kind")
    asset = serializers.CharField(source="request.asset_number")
    borrower = serializers.CharField(source="borrower.code")
    funder = serializers.CharField(source="funder.code")
    debtor = serializers.CharField(source="debtor.code")
    currency = serializers.CharField()
    drawn_date = serializers.DateField()
    maturity = serializers.DateField()
    drawn = Minor()
    discount = Minor()
    fee = Minor()
    rate = rate()
    day_count = serializers.CharField()
    with_recourse = serializers.BooleanField()
    principal_owed = Minor()
    interest_owed = Minor()
    fee_owed = Minor()
    penalty_owed = Minor()
    booked_until = serializers.DateField()
    instalments = FinancingInstalmentShape(many=True, source="instalments.all")
    updated_at = serializers.DateTimeField()


class RepayInput(serializers.Serializer[Any]):
    """Money that came in: on which day and under which reference of the bank, told once however often sent."""

    amount = given(min_value=Decimal("0.01"))
    value_date = serializers.DateField()
    reference = serializers.CharField(max_length=80)


class FinancingReason(serializers.Serializer[Any]):
    """Say why; it is kept."""

    reason = serializers.CharField(max_length=200)


class ScoreShape(serializers.Serializer[Any]):
    """A party's score as of a moment, what it was reckoned from and why it is no better."""

    party = serializers.CharField(source="party.code")
    points = serializers.IntegerField()
    grade = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    inputs = serializers.DictField()
    rule_version = serializers.CharField()
    scored_at = serializers.DateTimeField()
