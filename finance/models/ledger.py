"""The ledger: books, accounts, entries that are only ever added, and the balances of limited accounts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core.ids import uuid7
from b2b.db.fields import CurrencyField


class Book(models.Model):
    """A set of accounts that balances by itself: a legal entity's, or a memorandum book without one."""

    code = models.CharField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=200)
    organization = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("book")
        verbose_name_plural = _("books")

    def __str__(self) -> str:
        return self.code


class Account(models.Model):
    """A place where one unit (a currency, a voucher, a product) is counted, for one party or for none.

    `floor` and `ceiling` (minor units, debit positive) make it a limited account: its balance, pending entries
    included, may not be moved past them.
    """

    class Type(models.TextChoices):
        """What the account means in the statements."""

        ASSET = "ASSET", _("Asset")
        LIABILITY = "LIABILITY", _("Liability")
        EQUITY = "EQUITY", _("Equity")
        INCOME = "INCOME", _("Income")
        EXPENSE = "EXPENSE", _("Expense")
        MEMO = "MEMO", _("Memorandum")

    class Side(models.TextChoices):
        """The side on which the account grows."""

        DEBIT = "DEBIT", _("Debit")
        CREDIT = "CREDIT", _("Credit")

    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts")
    code = models.CharField(_("code"), max_length=24)
    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    normal_side = models.CharField(_("normal side"), max_length=6, choices=Side.choices)
    unit = CurrencyField(_("unit"), max_length=24)
    party = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    floor = models.BigIntegerField(_("floor"), null=True)
    ceiling = models.BigIntegerField(_("ceiling"), null=True)
    is_limited = models.BooleanField(_("limited"), default=False)
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = (
            models.UniqueConstraint(
                fields=["book", "code", "unit", "party"], nulls_distinct=False, name="one_account_per_party"
            ),
            models.CheckConstraint(
                condition=Q(is_limited=True) | Q(floor=None, ceiling=None), name="only_limited_accounts_bound"
            ),
        )

    def __str__(self) -> str:
        return f"{self.book_id}/{self.code}/{self.unit}"


class JournalEntry(models.Model):
    """A balanced movement; append-only. Its id comes from whoever posts it and makes posting repeatable.

    A pending entry reserves until another `resolves` it or it expires; an entry is undone by one that `reverses` it.
    `line_count` closes the entry: the database takes it with exactly that many lines, in one statement (ADR 10).
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    # The check of the lines asks for the book and finds it by the accounts.
    book = models.ForeignKey(
        Book, models.PROTECT, related_name="entries", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=40)
    is_pending = models.BooleanField(default=False)
    effective_date = models.DateField()
    booked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.CharField(max_length=64, blank=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    resolves = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    line_count = models.IntegerField()
    description = models.CharField(max_length=200, blank=True)
    actor_name = models.CharField(max_length=150)
    body_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints = (
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="entry_reversed_once"
            ),
            models.UniqueConstraint(
                fields=["resolves"], condition=Q(resolves__isnull=False), name="entry_resolved_once"
            ),
            models.CheckConstraint(
                condition=Q(line_count__gt=0) | Q(resolves__isnull=False), name="entry_moves_something"
            ),
        )
        indexes = (
            models.Index(fields=["source_type", "source_id"], name="entry_of_source"),
            models.Index(
                fields=["expires_at"], condition=Q(expires_at__isnull=False), name="entry_that_expires"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class JournalLine(models.Model):
    """One leg of an entry, in minor units, debit positive; append-only, partitioned by month of `booked_at`.

    `dimension` names what the amount is about within the account, e.g. a purchase order line. What balances are asked
    by is repeated from the entry, and the database holds both equal.
    """

    # Foreign keys would ask the database once a row; a trigger asks once a statement (ADR 10).
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_number = models.IntegerField()
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField()
    dimension = models.CharField(max_length=64, blank=True)
    booked_at = models.DateTimeField()
    effective_date = models.DateField()
    is_pending = models.BooleanField()

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = (
            models.UniqueConstraint(
                fields=["entry", "line_number", "booked_at"], name="one_journal_line_number"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="journal_line_moves_something"),
        )
        indexes = (
            models.Index(
                fields=["account", "booked_at"],
                include=["effective_date", "amount", "is_pending"],
                name="line_of_account",
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id}/{self.line_number}"


class AccountBalance(models.Model):
    """The balance of a limited account, locked by every posting to it; minor units, debit positive.

    Pending debits and credits are kept apart, so that neither can hide the other from a limit.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="balance")
    posted = models.BigIntegerField(default=0)
    pending_debit = models.BigIntegerField(default=0)
    pending_credit = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("account balance")
        verbose_name_plural = _("account balances")
        constraints = (
            models.CheckConstraint(
                condition=Q(pending_debit__gte=0) & Q(pending_credit__gte=0), name="pending_is_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id}: {self.posted}"
