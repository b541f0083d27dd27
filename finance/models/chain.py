"""What follows the journal at its own pace: the chain of hashes, and the balances that are folded with it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from finance.models.ledger import Account


class UnsealedPosting(models.Model):
    """The entries of one posting that no block holds yet; written by the database with the entries themselves."""

    entry_ids = ArrayField(models.UUIDField())

    class Meta:
        verbose_name = _("unsealed posting")
        verbose_name_plural = _("unsealed postings")

    def __str__(self) -> str:
        return f"{len(self.entry_ids)} entries"


class ChainBlock(models.Model):
    """Entries in the order they were sealed; its hash covers their content and the hash before; append-only."""

    number = models.BigIntegerField(_("number"), primary_key=True)
    previous_hash = models.CharField(_("previous hash"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)
    entry_ids = ArrayField(models.UUIDField())
    sealed_at = models.DateTimeField(_("sealed"))

    class Meta:
        verbose_name = _("chain block")
        verbose_name_plural = _("chain blocks")

    def __str__(self) -> str:
        return f"block {self.number}"


class BalanceCheckpoint(models.Model):
    """What moved an account in one span of booking and became effective on one day: sealed posted lines, summed.

    A cache of the lines that `manage.py verify_ledger` compares and can be made anew. Spans are days, and for accounts
    of no party, where everybody's postings meet, minutes besides (UTC). Minor units.
    """

    class Span(models.TextChoices):
        """How long the booking took."""

        DAY = "D", _("Day")
        MINUTE = "M", _("Minute")

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    span = models.CharField(max_length=1, choices=Span.choices)
    booked_from = models.DateTimeField()
    effective_date = models.DateField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()

    class Meta:
        verbose_name = _("balance checkpoint")
        verbose_name_plural = _("balance checkpoints")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "span", "booked_from", "effective_date"],
                include=["debit", "credit"],
                name="one_checkpoint_per_span",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.booked_from}: {self.debit - self.credit}"
