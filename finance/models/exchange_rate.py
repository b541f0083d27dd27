"""What one currency was worth in another on a day, and who says so."""

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
