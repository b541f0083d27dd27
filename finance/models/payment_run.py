"""What is paid out: to whom, for which bills, and what the bank said of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.states import PAYEE_ACCOUNT, PAYMENT_ORDER, PAYMENT_RUN

FACTORY: dict[str, Any] = {actor.FACTORY: "factory_id"}


class PayeeAccount(Document):
    """Where a factory is paid; used once a second person has confirmed it, the latest confirmed counts."""

    machine = PAYEE_ACCOUNT
    tenancy: ClassVar[dict[str, Any]] = FACTORY

    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(PAYEE_ACCOUNT)
    currency = CurrencyField(_("currency"))
    holder = models.CharField(_("holder"), max_length=70)
    identifier = models.CharField(_("IBAN or number"), max_length=34)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    proposed_by = models.CharField(_("proposed by"), max_length=150)
    confirmed_by = models.CharField(_("confirmed by"), max_length=150, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)

    class Meta:
        verbose_name = _("payee account")
        verbose_name_plural = _("payee accounts")
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | ~Q(confirmed_by=models.F("proposed_by")),
                name="payee_account_has_two_pairs_of_eyes",
            ),
        )
        indexes = (
            models.Index(fields=["factory", "currency", "-confirmed_at"], name="payee_account_of_factory"),
        )


class PaymentRun(Document):
    """A batch of payments from one of our accounts; handed to the bank as one pain.001 message once approved."""

    machine = PAYMENT_RUN
    tenancy: ClassVar[dict[str, Any]] = {}

    status = StatusField(PAYMENT_RUN)
    bank_account = models.ForeignKey("finance.BankAccount", models.PROTECT, related_name="+")
    currency = CurrencyField(_("currency"))
    execution_date = models.DateField(_("execution date"))
    total_amount = AmountField(_("total"))
    order_count = models.PositiveIntegerField(_("payments"))
    proposed_by = models.CharField(_("proposed by"), max_length=150)
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("payment run")
        verbose_name_plural = _("payment runs")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="one_payment_run_number"),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=models.F("proposed_by")),
                name="payment_run_has_two_pairs_of_eyes",
            ),
        )


class PaymentOrder(Document):
    """One transfer of a run to one factory; `number` is its end-to-end id, by which the bank speaks of it.

    `statement_line` booked it, alone or together with the others of its run; `return_line` brought it back.
    """

    machine = PAYMENT_ORDER
    tenancy: ClassVar[dict[str, Any]] = FACTORY

    run = models.ForeignKey(PaymentRun, models.PROTECT, related_name="orders")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(PAYMENT_ORDER)
    payee = models.ForeignKey(PayeeAccount, models.PROTECT, related_name="+")
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"))
    bank_reason = models.CharField(_("the bank's reason"), max_length=140, blank=True)
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, null=True, related_name="+")
    statement_line = models.ForeignKey(
        "finance.StatementLine", models.PROTECT, null=True, related_name="payment_orders"
    )
    return_line = models.ForeignKey(
        "finance.StatementLine", models.PROTECT, null=True, related_name="returned_orders"
    )

    class Meta:
        verbose_name = _("payment order")
        verbose_name_plural = _("payment orders")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="one_end_to_end_id"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_order_is_positive"),
        )
        indexes = (models.Index(fields=["run"], name="payment_order_of_run"),)


class PaymentOrderItem(models.Model):
    """A bill that a payment settles, or a supplier credit it is lowered by (negative).

    Only one live payment holds a bill; when the bank refuses it, it lives no more and the bill can be paid again.
    """

    tenancy: ClassVar[dict[str, Any]] = FACTORY

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="items")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    supplier_invoice = models.ForeignKey(
        "finance.SupplierInvoice", models.PROTECT, null=True, related_name="paid_by"
    )
    supplier_credit = models.ForeignKey(
        "finance.SupplierCredit", models.PROTECT, null=True, related_name="taken_by"
    )
    amount = AmountField(_("amount"))
    is_live = models.BooleanField(_("live"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment order item")
        verbose_name_plural = _("payment order items")
        constraints = (
            models.UniqueConstraint(
                fields=["supplier_invoice"], condition=Q(is_live=True), name="bill_in_one_live_payment"
            ),
            models.UniqueConstraint(
                fields=["supplier_credit"], condition=Q(is_live=True), name="credit_in_one_live_payment"
            ),
            models.CheckConstraint(
                condition=Q(supplier_invoice__isnull=False, supplier_credit=None, amount__gt=0)
                | Q(supplier_invoice=None, supplier_credit__isnull=False, amount__lt=0),
                name="payment_item_is_bill_or_credit",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount}"
