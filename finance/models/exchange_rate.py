"""What one currency was worth in another on a day, who says so, and what accounts in it were worth by that."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import CurrencyField
from b2b.db.querysets import ScopedQuerySet


class ExchangeRate(models.Model):
    """One unit of `base` was `rate` units of `quote` on a day; append-only, the last one told of a day counts."""

    base = CurrencyField(_("of"))
    quote = CurrencyField(_("in"))
    date = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)
    source = models.CharField(_("source"), max_length=80)
    set_by = models.CharField(_("set by"), max_length=150)
    set_at = models.DateTimeField(_("set"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = (
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_is_positive"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="exchange_rate_is_of_two_currencies"),
        )
        indexes = (models.Index(fields=["base", "quote", "-date", "-id"], name="exchange_rate_of_day"),)

    def __str__(self) -> str:
        return f"{self.date}: 1 {self.base} = {self.rate.normalize():f} {self.quote}"


class ExchangeValuation(models.Model):
    """What an account in a foreign currency was worth in the books' own at the end of a day; append-only.

    Minor units, debit positive: `balance` in the account's currency; `historic` is what its movements were worth on
    their days, `worth` what the balance is worth at the day's rate. The difference of the two is in the ledger since
    `entry`; the last row of an account counts. No entry: nothing changed since the row before.
    """

    account = models.ForeignKey("finance.Account", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    currency = CurrencyField(_("books in"))
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)
    balance = models.BigIntegerField()
    historic = models.BigIntegerField()
    worth = models.BigIntegerField()
    entry = models.ForeignKey(
        "finance.JournalEntry", models.PROTECT, null=True, related_name="+", db_index=False
    )
    valued_at = models.DateTimeField(_("valued"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange valuation")
        verbose_name_plural = _("exchange valuations")
        constraints = (models.CheckConstraint(condition=Q(rate__gt=0), name="valued_at_a_positive_rate"),)
        indexes = (models.Index(fields=["account", "-id"], name="exchange_valuation_of_account"),)

    def __str__(self) -> str:
        return f"{self.account_id} on {self.day}"

    @property
    def difference(self) -> int:
        """What the account gained since its movements, in minor units of the books' currency."""
        return self.worth - self.historic
