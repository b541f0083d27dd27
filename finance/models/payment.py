"""Money that came in, and the invoices it settled."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.states import PAYMENT


class Payment(Document):
    """A dealer's money on one of our bank accounts; `open_amount` is not yet allocated to invoices."""

    machine = PAYMENT
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(PAYMENT)
    statement_line = models.ForeignKey(
        "finance.StatementLine", models.PROTECT, null=True, related_name="payments"
    )
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"))
    open_amount = AmountField(_("unallocated"))
    value_date = models.DateField(_("value date"))
    remittance_text = models.TextField(_("remittance text"), blank=True)
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="one_payment_number"),
            models.UniqueConstraint(
                fields=["statement_line"],
                condition=~Q(status="CANCELLED"),
                name="one_payment_of_a_bank_line",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0) & Q(open_amount__lte=F("amount")), name="open_within_payment"
            ),
        )
        indexes = (models.Index(fields=["dealer", "-value_date"], name="payment_of_dealer"),)


class Allocation(models.Model):
    """The part of a payment that settled an invoice; append-only, undone by a negative twin that `reverses` it.

    `amount` is what the invoice lost, in its currency; `paid_amount` what of the payment was used, in the payment's.
    What lies between is a discount, a fee of the bank, a difference of exchange or a trifle written off.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey("finance.Invoice", models.PROTECT, related_name="allocations")
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    amount = AmountField(_("amount"))
    paid_amount = AmountField(_("paid"))
    discount_amount = AmountField(_("discount"), default=0)
    write_off_amount = AmountField(_("written off"), default=0)
    fee_amount = AmountField(_("bank's fee"), default=0)
    exchange_amount = AmountField(_("exchange difference"), default=0)
    at = models.DateTimeField(_("allocated at"))
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = (
            models.CheckConstraint(
                condition=Q(reverses=None, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
                name="allocation_has_its_sign",
            ),
        )

    def __str__(self) -> str:
        return f"{self.payment_id} -> {self.invoice_id}: {self.amount}"
