"""One financing from the question to the last repayment, whatever the technique. Amounts are minor units."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.models.programme import Programme, RateField
from finance.policies.technique import ASSETS
from finance.states import FINANCING, FINANCING_REQUEST

PARTIES: dict[str, Any] = {
    actor.DEALER: "borrower_id",
    actor.FACTORY: "borrower_id",
    actor.FUNDER: "funder_id",
}
MINOR: dict[str, Any] = {"default": 0}


class FinancingRequest(Document):
    """Somebody asks for money on an asset; what is asked for stays, its status does not.

    `asset_key` is the key of the asset in the platform; `fingerprint` and `alike` tell it from others.
    """

    machine = FINANCING_REQUEST
    tenancy: ClassVar[dict[str, Any]] = PARTIES

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="requests")
    borrower = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    funder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    obligor = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(FINANCING_REQUEST)
    asset_kind = models.CharField(_("asset"), max_length=16, choices=[(one, one) for one in ASSETS])
    asset_key = models.CharField(max_length=64)
    asset_number = models.CharField(_("asset"), max_length=80)
    asset_due = models.DateField(_("asset due"))
    face = models.BigIntegerField(_("face value"))
    wanted = models.BigIntegerField(_("wanted"))
    currency = CurrencyField(_("currency"))
    fingerprint = models.CharField(max_length=64)
    alike = models.CharField(max_length=64)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("financing request")
        verbose_name_plural = _("financing requests")
        constraints = (
            models.UniqueConstraint(fields=["borrower", "number"], name="one_financing_request_number"),
            models.UniqueConstraint(
                fields=["programme", "fingerprint"],
                condition=Q(status__in=("ASKED", "OFFERED")) & ~Q(asset_kind="STOCK"),
                name="one_open_request_per_asset",
            ),
            models.CheckConstraint(
                condition=Q(face__gt=0, wanted__gt=0), name="financing_request_is_positive"
            ),
        )
        indexes = (
            models.Index(fields=["funder", "status"], name="request_of_funder"),
            models.Index(fields=["borrower", "-id"], name="request_of_borrower"),
        )


class FinancingOffer(models.Model):
    """What was answered to a request, on which facts and by which rule: the fair-offer log; append-only.

    Two rows of one programme, rule and `facts_key` say the same, the database sees to it.
    """

    tenancy: ClassVar[dict[str, Any]] = PARTIES

    request = models.OneToOneField(FinancingRequest, models.PROTECT, related_name="offer")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    borrower = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    funder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    facts = models.JSONField(_("facts"))
    facts_key = models.CharField(max_length=64)
    rule_version = models.CharField(_("rule"), max_length=20)
    is_offer = models.BooleanField(_("offered"))
    reasons = ArrayField(models.CharField(max_length=300), verbose_name=_("reasons"))
    advance = models.BigIntegerField(_("advance"), **MINOR)
    rate = RateField(_("rate"), default=0)
    fee = models.BigIntegerField(_("fee"), **MINOR)
    discount = models.BigIntegerField(_("interest kept back"), **MINOR)
    maturity = models.DateField(_("maturity"), null=True)
    valid_until = models.DateTimeField(_("valid until"), null=True)
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("made"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("financing offer")
        verbose_name_plural = _("financing offers")
        constraints = (
            models.CheckConstraint(
                condition=Q(is_offer=True, advance__gt=0, maturity__isnull=False, entry__isnull=False)
                | Q(is_offer=False, advance=0, maturity=None, entry=None),
                name="offer_or_refusal",
            ),
        )
        indexes = (models.Index(fields=["programme", "rule_version", "facts_key"], name="offer_by_facts"),)

    def __str__(self) -> str:
        return f"{self.request_id}: {self.advance}"


class Financing(Document):
    """Money that was paid out on an asset; terms are those of the day it was drawn.

    `debtor` pays it back: the obligor of a receivable that was sold until recourse is taken, else the borrower. What is
    owed is kept as of `booked_until`, from the ledger entries that `FinancingBooking` names.
    """

    machine = FINANCING
    tenancy: ClassVar[dict[str, Any]] = PARTIES

    request = models.OneToOneField(FinancingRequest, models.PROTECT, related_name="financing")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="financings")
    borrower = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    funder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    debtor = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(FINANCING)
    currency = CurrencyField(_("currency"))
    drawn_date = models.DateField(_("drawn"))
    maturity = models.DateField(_("maturity"))
    drawn = models.BigIntegerField(_("drawn"))
    fee = models.BigIntegerField(_("fee"))
    discount = models.BigIntegerField(_("interest kept back"))
    rate = RateField(_("rate"))
    penalty_rate = RateField(_("penalty rate"))
    day_count = models.CharField(_("day count"), max_length=12)
    grace_days = models.PositiveIntegerField(_("grace, days"))
    waterfall = ArrayField(models.CharField(max_length=12), verbose_name=_("waterfall"))
    with_recourse = models.BooleanField(_("with recourse"))
    principal_owed = models.BigIntegerField(_("principal owed"))
    interest_owed = models.BigIntegerField(_("interest owed"), **MINOR)
    fee_owed = models.BigIntegerField(_("fee owed"), **MINOR)
    penalty_owed = models.BigIntegerField(_("penalty owed"), **MINOR)
    recourse_date = models.DateField(_("recourse taken"), null=True)
    lost_date = models.DateField(_("written off"), null=True)
    booked_until = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("financing")
        verbose_name_plural = _("financings")
        constraints = (
            models.UniqueConstraint(fields=["borrower", "number"], name="one_financing_number"),
            models.CheckConstraint(
                condition=Q(drawn__gt=0, fee__gte=0, discount__gte=0, principal_owed__gte=0),
                name="financing_is_positive",
            ),
        )
        indexes = (
            models.Index(fields=["funder", "status"], name="financing_of_funder"),
            models.Index(fields=["borrower", "-id"], name="financing_of_borrower"),
            models.Index(
                fields=["booked_until"],
                condition=Q(status__in=("DRAWN", "DEFAULTED", "RECOURSE")),
                name="financing_running",
            ),
        )


class FinancingPart(models.Model):
    """Shared by the rows of a financing: who may see them is who may see it."""

    tenancy: ClassVar[dict[str, Any]] = PARTIES

    borrower = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    funder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


class FinancingInstalment(FinancingPart):
    """What of a financing falls due when; append-only."""

    financing = models.ForeignKey(Financing, models.PROTECT, related_name="instalments")
    due_date = models.DateField(_("due"))
    principal = models.BigIntegerField(_("principal"))
    interest = models.BigIntegerField(_("interest"))

    class Meta:
        verbose_name = _("financing instalment")
        verbose_name_plural = _("financing instalments")
        constraints = (
            models.UniqueConstraint(fields=["financing", "due_date"], name="one_instalment_per_day"),
            models.CheckConstraint(
                condition=Q(principal__gte=0, interest__gte=0), name="financing_instalment_is_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.financing_id}: {self.due_date}"


class FinancingRepayment(FinancingPart):
    """Money that came in for a financing; append-only, taken back by a row that `reverses` it."""

    financing = models.ForeignKey(Financing, models.PROTECT, related_name="repayments")
    value_date = models.DateField(_("value date"))
    amount = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("reference"), max_length=80)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    entered_at = models.DateTimeField(_("entered"))
    entered_by = models.CharField(_("entered by"), max_length=150)

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = (
            models.UniqueConstraint(fields=["financing", "reference"], name="repayment_entered_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.financing_id}: {self.amount}"


class FinancingBooking(FinancingPart):
    """What was posted of a financing for one of its days; append-only, so that later knowledge posts the difference.

    `moved` is account code and party -> minor units, debit positive.
    """

    financing = models.ForeignKey(Financing, models.PROTECT, related_name="bookings")
    number = models.PositiveIntegerField()
    day = models.DateField(_("day"))
    moved = models.JSONField()
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("accrual")
        verbose_name_plural = _("accruals")
        constraints = (models.UniqueConstraint(fields=["financing", "number"], name="one_booking_number"),)

    def __str__(self) -> str:
        return f"{self.financing_id}/{self.number}"


class FinancedAsset(FinancingPart):
    """An asset that is financed; live once, whoever finances it. Kept when it is released."""

    financing = models.OneToOneField(Financing, models.PROTECT, related_name="asset")
    kind = models.CharField(_("kind"), max_length=16)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    alike = models.CharField(max_length=64)
    released_at = models.DateTimeField(_("released"), null=True)

    class Meta:
        verbose_name = _("financed asset")
        verbose_name_plural = _("financed assets")
        constraints = (
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(released_at=None) & ~Q(kind="STOCK"),
                name="one_asset_one_financing",
            ),
        )
        indexes = (models.Index(fields=["alike"], condition=Q(released_at=None), name="asset_alike"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint[:12]}"
