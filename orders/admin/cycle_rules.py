"""The rules a cycle declares: both desks read them, the operator changes them before the cut-off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import Call
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from orders.admin.cycle_forms import moment
from orders.admin.terms_pages import reason_field
from orders.models import OrderCycle
from orders.models.cycle import default_policy
from orders.policies.sharing import BASIS_POINTS
from orders.services import cycle_policy

FAIR_SHARE: Final = {
    "proportional": gettext_lazy("by what each ordered"),
    "equal": gettext_lazy("equally"),
    "priority": gettext_lazy("by priority, then by what each ordered"),
    "first_come": gettext_lazy("first come, first served"),
    "usage": gettext_lazy("by what each used before"),
    "all_or_nothing": gettext_lazy("all of an order or nothing"),
}
SURPLUS: Final = {"PLATFORM": gettext_lazy("platform stock"), "NEXT_CYCLE": gettext_lazy("the next cycle")}
GIVEN_UP: Final = {
    "ask": gettext_lazy("the factory is asked to make less"),
    "stock": gettext_lazy("platform stock takes it"),
}
SHARES: Final = {
    "dealer": gettext_lazy("Dealers' part of a saving, %"),
    "platform": gettext_lazy("The platform's part, %"),
    "factory": gettext_lazy("The factory's part, %"),
}
COUNTS: Final = {
    ("shortage", "withdraw_hours"): gettext_lazy("Hours to withdraw what came short or dearer"),
    ("shortage", "second_source_hours"): gettext_lazy("Hours the pool of a second source stays open"),
    ("progress", "fewest_dealers"): gettext_lazy("Progress is told from so many dealers on"),
    ("progress", "every_minutes"): gettext_lazy("Minutes between two moments of telling"),
    ("progress", "parts"): gettext_lazy("Steps to the next price"),
    ("progress", "least_step"): gettext_lazy("Narrowest step, in base units"),
}


def _of(cycle: OrderCycle) -> dict[str, Any]:
    """Return the whole policy; what an older cycle does not name is as declared by default."""
    return {**default_policy(), **cycle.policy}


def facts(cycle: OrderCycle) -> Iterable[Fact]:
    """Say by which rules a cycle shares."""
    shortage, saving, surplus = summary(_of(cycle))
    yield Fact(_("Shortage is shared"), shortage)
    yield Fact(_("Saving is shared"), saving)
    yield Fact(_("Surplus belongs to"), surplus)
    if cycle.policy_hash:
        yield Fact(_("Policy seal"), cells.code(cycle.policy_hash[:16]))


def summary(policy: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Say how a whole policy shares a shortage, a saving and a surplus."""
    return (
        FAIR_SHARE.get(policy["fair_share"], policy["fair_share"]),
        _sharing(policy["sharing"]),
        SURPLUS.get(policy["surplus"], policy["surplus"]),
    )


def _sharing(parts: dict[str, int]) -> str:
    words = {"dealer": _("dealers"), "platform": _("platform"), "factory": _("factory")}
    return ", ".join(f"{words.get(name, name)} {points / 100:g} %" for name, points in parts.items())


def table(cycle: OrderCycle) -> Table:
    """Show all rules, and whether they are sealed."""
    policy = _of(cycle)
    rows: list[tuple[Any, ...]] = [
        (_("Given up after the cut-off, and nobody waits for it"), GIVEN_UP.get(policy["given_up"], "")),
        (
            _("Needs pooled together"),
            _("those of %(days)d days") % {"days": cycle.window_days}
            if cycle.window_days
            else _("of all dates"),
        ),
        *(
            (label, str(policy.get(part, {}).get(name, default_policy()[part][name])))
            for (part, name), label in COUNTS.items()
        ),
    ]
    note = (
        _("Sealed at the freeze: %(seal)s.") % {"seal": cycle.policy_hash}
        if cycle.policy_hash
        else _("The operator may change them until the cut-off; then they are sealed.")
    )
    return Table(_("Declared rules"), headings(_("Rule"), _("As declared")), rows, note=note)


class RulesForm(forms.Form):
    """The rules of a cycle, or of cycles to come, as they shall be."""

    fair_share = forms.ChoiceField(
        label=gettext_lazy("A shortage is shared"), choices=tuple(FAIR_SHARE.items())
    )
    surplus = forms.ChoiceField(
        label=gettext_lazy("What rounding buys beyond the need belongs to"), choices=tuple(SURPLUS.items())
    )
    given_up = forms.ChoiceField(
        label=gettext_lazy("Of what is given up after the cut-off"), choices=tuple(GIVEN_UP.items())
    )
    window_days = forms.IntegerField(
        label=gettext_lazy("Needs of so many days are bought together"), required=False, min_value=1, max_value=366,
        help_text=gettext_lazy("Empty for all dates."),
    )  # fmt: skip
    reason = reason_field()

    field_order = (
        "category", "fair_share", "surplus", "given_up", *SHARES, *(name for _part, name in COUNTS), "window_days",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in SHARES.items():
            self.fields[name] = forms.DecimalField(
                label=label, min_value=0, max_value=100, max_digits=5, decimal_places=2
            )
        for (_part, name), label in COUNTS.items():
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=10**6)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Return the policy with what else was asked."""
        given = super().clean() or {}
        if self.errors:
            return given
        sharing = {name: int(given[name] * 100) for name in SHARES}
        if sum(sharing.values()) != BASIS_POINTS:
            raise forms.ValidationError(_("The three parts of a saving come to 100 %."))
        policy: dict[str, Any] = {name: given[name] for name in ("fair_share", "surplus", "given_up")}
        policy["sharing"] = sharing
        for part, name in COUNTS:
            policy.setdefault(part, {})[name] = given[name]
        return {"policy": policy, "window_days": given["window_days"], "reason": given["reason"]}


class PolicyForm(RulesForm):
    """The rules of one cycle."""

    boxfill_at = moment(
        gettext_lazy("Fills packs from"), required=False, help_text=gettext_lazy("Empty for never.")
    )
    following = forms.BooleanField(
        label=gettext_lazy("The cycle planned after this one too"), required=False, initial=True
    )

    def clean(self) -> dict[str, Any]:
        """Return the arguments of `cycle_policy.declare`."""
        given = dict(self.cleaned_data)
        whole = super().clean()
        if self.errors:
            return whole
        return {**whole, "boxfill_at": given["boxfill_at"], "following": given["following"]}


def kept(policy: dict[str, Any], window_days: int | None) -> dict[str, Any]:
    """Return what a form of rules shows at first."""
    found: dict[str, Any] = {name: policy[name] for name in ("fair_share", "surplus", "given_up")}
    found |= {name: f"{points / 100:g}" for name, points in policy["sharing"].items()}
    found |= dict(_counts(policy))
    return found | {"window_days": window_days}


def policy_form(request: HttpRequest, cycle: OrderCycle) -> type[forms.Form]:
    """Return the form of the rules as they stand."""
    shown = kept(_of(cycle), cycle.window_days) | {"boxfill_at": cycle.boxfill_at}

    class Declared(PolicyForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, initial=shown, **kwargs)

    return Declared


def _counts(policy: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for part, name in COUNTS:
        yield name, policy.get(part, {}).get(name, default_policy()[part][name])


def declare(call: Call) -> str:
    """Change the rules."""
    before = call.obj.version
    changed = cycle_policy.declare(call.obj, **call.data, by=call.by, at=call.at)
    if changed.version == before:
        return _("Nothing changed.")
    return _("The rules of %(number)s are declared; the history keeps what they were.") % {
        "number": changed.number
    }
