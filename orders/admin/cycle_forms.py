"""What the operator is asked when it plans a cycle or moves a cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.policies.recurrence import DAYS, MONTH, WEEK

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


def moment(label: Any, **options: Any) -> forms.DateTimeField:
    """Ask for a moment, in the time zone of the desk."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **options)


class ExtendForm(forms.Form):
    """Until when, and why."""

    cutoff_at = moment(_("New cut-off"))
    reason = forms.CharField(label=_("Reason"), max_length=400, help_text=_("It is kept in the history."))


class NewCycleForm(forms.Form):
    """What a first cycle is of."""

    factory = forms.CharField(label=_("Factory (code)"), max_length=24, required=False)
    category = forms.CharField(
        label=_("Or a product category"), max_length=80, required=False,
        help_text=_("Of all factories; name a factory or a category."),
    )  # fmt: skip
    warehouse = forms.CharField(label=_("Warehouse (code)"), max_length=32)
    region = forms.CharField(
        label=_("Region"), max_length=40, required=False, help_text=_("Empty for all regions.")
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency"), required=False, help_text=_("Empty for the factory's own.")
    )


class RepeatingForm(forms.Form):
    """How a cycle repeats."""

    every = forms.ChoiceField(
        label=_("Repeats"),
        required=False,
        choices=(
            ("", _("not")),
            (DAYS, _("every so many days")),
            (WEEK, _("on weekdays")),
            (MONTH, _("monthly")),
        ),
    )
    interval = forms.IntegerField(
        label=_("Every so many days, weeks or months"), min_value=1, max_value=366, initial=1, required=False
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    month_day = forms.IntegerField(label=_("Day of the month"), min_value=1, max_value=31, required=False)
    skip = forms.CharField(
        label=_("Never on"),
        required=False,
        max_length=2000,
        help_text=_("Days such as 2026-10-01, by commas."),
    )

    def recurrence(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what was chosen as `policies.recurrence` reads it."""
        rule = {
            "every": given.get("every"),
            "interval": given.get("interval") or 1,
            "weekdays": given.get("weekdays") or [],
            "month_days": [given["month_day"]] if given.get("month_day") else [],
            "skip": [day.strip() for day in given.get("skip", "").split(",") if day.strip()],
        }
        return rule if rule["every"] else None


class PlanForm(RepeatingForm):
    """When a cycle opens, fills packs and closes, and how it repeats."""

    opens_at = moment(_("Opens"))
    boxfill_at = moment(
        _("Fills packs from"),
        required=False,
        help_text=_("From then on only what fills started packs is taken."),
    )
    cutoff_at = moment(_("Cut-off"))

    field_order = ("opens_at", "boxfill_at", "cutoff_at")

    def clean(self) -> dict[str, Any]:
        """Return the arguments of `cycle_plan.plan`."""
        given = super().clean() or {}
        return {
            "opens_at": given.get("opens_at"),
            "boxfill_at": given.get("boxfill_at"),
            "cutoff_at": given.get("cutoff_at"),
            "recurrence": self.recurrence(given),
        }
