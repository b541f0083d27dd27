"""Accounting periods, and what was decided about them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import StatusField
from finance.models.ledger import Account, Book
from finance.states import PERIOD


class Period(models.Model):
    """Days of a book that are closed together; days that no period covers are open.

    Its state is the one its last event led to. Nothing becomes effective within a period that is not open, and periods
    of a book do not overlap: the database refuses both.
    """

    book = models.ForeignKey(Book, models.PROTECT, related_name="periods")
    first_date = models.DateField(_("first day"))
    last_date = models.DateField(_("last day"))

    machine = PERIOD

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = (
            models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="period_has_days"),
        )

    def __str__(self) -> str:
        return f"{self.book_id}: {self.first_date} to {self.last_date}"

    @property
    def status(self) -> str:
        """Return the state its last event led to; reads the events unless they were fetched with it."""
        events = list(self.events.all())
        return events[-1].status if events else PERIOD.initial


class PeriodEvent(models.Model):
    """A step in the life of a period: who, when, why; append-only.

    The database takes the next number only, a step the state allows, and a reopening only from somebody else than who
    asked for it.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    verb = models.CharField(_("step"), max_length=24)
    status = StatusField(PERIOD)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor_name = models.CharField(_("by"), max_length=150)
    user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("period event")
        verbose_name_plural = _("period events")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["period", "number"], name="one_period_event_number"),
            models.CheckConstraint(
                condition=~Q(verb="ask_reopen") | ~Q(reason=""), name="reopening_has_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.verb} by {self.actor_name}"


class PeriodBalance(models.Model):
    """What an account came to at the end of a period when it was closed; minor units, debit positive; append-only."""

    event = models.ForeignKey(PeriodEvent, models.PROTECT, related_name="balances", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    balance = models.BigIntegerField()

    class Meta:
        verbose_name = _("balance at closing")
        verbose_name_plural = _("balances at closing")
        constraints = (models.UniqueConstraint(fields=["event", "account"], name="one_balance_at_closing"),)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.balance}"
