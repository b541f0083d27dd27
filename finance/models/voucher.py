"""Transferable vouchers: an issuer's promise to pay on a day, in pieces that change hands. Amounts are minor units."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.states import VOUCHER

HOLDERS: dict[str, Any] = dict.fromkeys(
    (actor.DEALER, actor.FACTORY, actor.FUNDER), ("holder_id", "pledgee_id")
)


class VoucherRoot(models.Model):
    """A voucher as it was issued, on a bill that was approved; it is a unit of its own in the voucher book.

    Append-only: what became of it is what became of its pieces. `warning` is what its jurisdiction says to its term.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "first_holder_id"}

    serial = models.PositiveIntegerField(unique=True)
    number = models.CharField(_("number"), max_length=40, unique=True)
    unit = models.CharField(max_length=24, unique=True)
    issuer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    first_holder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    bill = models.OneToOneField("finance.SupplierInvoice", models.PROTECT, related_name="voucher")
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    currency = CurrencyField(_("currency"))
    face = models.BigIntegerField(_("face value"))
    issue_date = models.DateField(_("issued"))
    due_date = models.DateField(_("due"))
    warning = models.CharField(_("warning"), max_length=200, blank=True)
    issued_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher root")
        verbose_name_plural = _("voucher roots")
        constraints = (
            models.CheckConstraint(condition=Q(face__gt=0), name="voucher_is_worth_something"),
            models.CheckConstraint(condition=Q(due_date__gt=F("issue_date")), name="voucher_is_due_later"),
        )

    def __str__(self) -> str:
        return self.number


class Voucher(Document):
    """A piece of a voucher in somebody's hands; due when its root is.

    `parent` is the piece it came from: by a split, or by the hop that `with_recourse` is about. A pledge is the pending
    entry `pledge` in favour of `pledgee`.
    """

    machine = VOUCHER
    tenancy: ClassVar[dict[str, Any]] = HOLDERS

    root = models.ForeignKey(VoucherRoot, models.PROTECT, related_name="pieces")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    holder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(VOUCHER)
    amount = models.BigIntegerField(_("amount"))
    with_recourse = models.BooleanField(_("with recourse"), default=False)
    pledgee = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    pledge = models.ForeignKey("finance.JournalEntry", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="one_voucher_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="voucher_piece_is_positive"),
            models.CheckConstraint(
                condition=Q(status="PLEDGED", pledge__isnull=False, pledgee__isnull=False)
                | (~Q(status="PLEDGED") & Q(pledge=None, pledgee=None)),
                name="pledged_voucher_has_its_entry",
            ),
        )
        indexes = (
            models.Index(fields=["holder", "status"], name="voucher_of_holder"),
            models.Index(fields=["root"], name="voucher_of_root"),
        )
