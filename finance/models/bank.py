"""Bank statements as they were imported; operators only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.querysets import ScopedQuerySet
from finance.policies.bank_statement import Kind
from finance.states import STATEMENT_LINE


class BankAccount(models.Model):
    """One of our own accounts at a bank, and the ledger account that mirrors it."""

    identifier = models.CharField(_("IBAN or number"), max_length=40)
    currency = CurrencyField(_("currency"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    account = models.OneToOneField("finance.Account", models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = (
            models.UniqueConstraint(fields=["identifier", "currency"], name="one_bank_account_per_currency"),
        )

    def __str__(self) -> str:
        return f"{self.identifier} {self.currency}"


class StatementLayout(models.Model):
    """How the bank of an account writes its CSV export, see finance.policies.bank_csv."""

    bank_account = models.OneToOneField(BankAccount, models.PROTECT, related_name="layout")
    columns = models.JSONField(_("columns"))
    delimiter = models.CharField(_("delimiter"), max_length=1, default=",")
    encoding = models.CharField(_("encoding"), max_length=24, default="utf-8-sig")
    date_format = models.CharField(_("date format"), max_length=24, default="%Y-%m-%d")
    decimal_mark = models.CharField(_("decimal mark"), max_length=1, default=".")
    skipped_rows = models.PositiveSmallIntegerField(_("rows before the header"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement layout")
        verbose_name_plural = _("statement layouts")

    def __str__(self) -> str:
        return str(self.bank_account)


class CounterpartyAccount(models.Model):
    """A foreign account known to be an organisation's, learnt when a person resolved a payment from it."""

    identifier = models.CharField(_("IBAN or number"), max_length=40, unique=True)
    organization = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    learnt_at = models.DateTimeField(_("learnt at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("counterparty account")
        verbose_name_plural = _("counterparty accounts")

    def __str__(self) -> str:
        return self.identifier


class BankStatement(models.Model):
    """One message of the bank about one account, with the balances that its lines must lead from and to; append-only.

    With a `problem` it is in quarantine: its lines are held until another statement brings them or a person releases
    them. So are the lines of reports and notifications, which announce what a statement will book.
    """

    bank_account = models.ForeignKey(BankAccount, models.PROTECT, related_name="statements")
    statement_id = models.CharField(_("statement"), max_length=70)
    message_id = models.CharField(_("message"), max_length=70, blank=True)
    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=[(one.value, one.value.title()) for one in Kind],
        default=Kind.STATEMENT.value,
    )
    format = models.CharField(_("format"), max_length=24, blank=True)
    digest = models.CharField(max_length=64)
    opening_amount = AmountField(_("opening"), null=True)
    closing_amount = AmountField(_("closing"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    first_date = models.DateField(_("from"))
    last_date = models.DateField(_("to"))
    line_count = models.PositiveIntegerField(_("lines"))
    imported_by = models.CharField(_("imported by"), max_length=150)
    imported_at = models.DateTimeField(_("imported at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        constraints = (
            models.UniqueConstraint(fields=["bank_account", "digest"], name="one_import_per_statement"),
        )
        indexes = (models.Index(fields=["bank_account", "-last_date", "-id"], name="statement_of_account"),)

    def __str__(self) -> str:
        return self.statement_id

    @property
    def is_booked(self) -> bool:
        """Whether its lines are booked for good."""
        return self.kind == Kind.STATEMENT and not self.problem


class StatementLine(models.Model):
    """One booked entry of a statement; signed, money in is positive.

    The same line is recognised by `fingerprint` and `occurrence`: a file imported again or overlapping adds nothing,
    two equal lines of one file are both kept. Only `status` ever changes, and where it belongs when a statement books
    what was only announced.
    """

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    bank_account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines")
    fingerprint = models.CharField(max_length=64)
    occurrence = models.PositiveIntegerField()
    line_number = models.PositiveIntegerField(_("line"))
    booking_date = models.DateField(_("booked"))
    value_date = models.DateField(_("value date"))
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"))
    end_to_end_id = models.CharField(_("end-to-end id"), max_length=70, blank=True)
    bank_reference = models.CharField(_("bank reference"), max_length=70, blank=True)
    structured_reference = models.CharField(_("creditor reference"), max_length=70, blank=True)
    remittance_text = models.TextField(_("remittance text"), blank=True)
    counterparty_name = models.CharField(_("counterparty"), max_length=200, blank=True)
    counterparty_identifier = models.CharField(_("counterparty account"), max_length=40, blank=True)
    transaction_code = models.CharField(_("bank's code"), max_length=35, blank=True)
    is_return = models.BooleanField(_("return"), default=False)
    instructed_amount = AmountField(_("ordered"), null=True)
    instructed_currency = CurrencyField(_("ordered in"), blank=True, default="")
    charges_amount = AmountField(_("charges"), null=True)
    status = StatusField(STATEMENT_LINE)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        constraints = (
            models.UniqueConstraint(
                fields=["bank_account", "fingerprint", "occurrence"], name="one_statement_line"
            ),
        )
        indexes = (
            models.Index(fields=["id"], condition=models.Q(status="OPEN"), name="statement_line_open"),
            models.Index(fields=["statement", "line_number"], name="line_of_statement"),
        )

    def __str__(self) -> str:
        return f"{self.booking_date} {self.amount} {self.currency}"
