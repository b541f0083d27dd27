"""A dealer's own rules of approval: its administrator says from which amount on who approves, and who stands in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site
from b2b.admin.tables import Fact, Table
from b2b.core.actor import Actor
from b2b.directory.models import Membership
from b2b.directory.selectors import organization, site
from orders.admin.terms_pages import history_table
from orders.models import ApprovalRule, ApprovalSubstitute
from orders.selectors import approval as selectors
from orders.services import approval_rule

RULES = "dealer:orders_approvalrule_changelist"
SUBSTITUTES = "dealer:orders_approvalsubstitute_changelist"


class RuleForm(forms.Form):
    """From which amount on, for which orders, and who approves."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    tier = forms.IntegerField(
        label=gettext_lazy("Tier"), min_value=1, max_value=9, initial=1,
        help_text=gettext_lazy("Lower tiers are asked first."),
    )  # fmt: skip
    amount_from = forms.DecimalField(
        label=gettext_lazy("From a net amount of"), min_value=0, max_digits=15, decimal_places=3
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=gettext_lazy("Currency"), required=False,
        help_text=gettext_lazy("Empty for any."),
    )  # fmt: skip
    category = forms.CharField(
        label=gettext_lazy("Product category"), max_length=80, required=False,
        help_text=gettext_lazy("Empty for all goods."),
    )  # fmt: skip
    site = forms.ChoiceField(label=gettext_lazy("Ship to"), required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role that approves"), required=False)
    approver = forms.CharField(
        label=gettext_lazy("Or one person (user name)"), max_length=150, required=False
    )
    allow_requester = forms.BooleanField(
        label=gettext_lazy("Who ordered may approve"), required=False,
        help_text=gettext_lazy("Leave it open so that four eyes see every order."),
    )  # fmt: skip
    remind_after_hours = forms.IntegerField(
        label=gettext_lazy("Remind after hours"), min_value=1, max_value=24 * 90, initial=24
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {one.code: one for one in site.own(actor).order_by("code")}
        places: Any = self.fields["site"]
        places.choices = [("", _("any")), *((code, one.name) for code, one in self.sites.items())]
        roles: Any = self.fields["role"]
        roles.choices = [("", _("nobody")), *Membership.Role.choices]

    def clean_site(self) -> Any:
        """Return the site, None for any."""
        return self.sites.get(self.cleaned_data["site"])


class SubstituteForm(forms.Form):
    """Who is away, who decides instead, and when."""

    approver = forms.CharField(label=gettext_lazy("Who is away (user name)"), max_length=150)
    stand_in = forms.CharField(label=gettext_lazy("Who decides instead (user name)"), max_length=150)
    from_date = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    to_date = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))


def rule_form(request: HttpRequest, rule: ApprovalRule) -> type[forms.Form]:
    """Return the form of a rule as it stands."""

    class Changed(RuleForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kept = {
                name: getattr(rule, name) for name in RuleForm.base_fields if name not in ("site", "approver")
            }
            kept["site"] = rule.site.code if rule.site else ""
            kept["approver"] = rule.approver.get_username() if rule.approver else ""
            super().__init__(*args, actor=actor_of(request), initial=kept, **kwargs)

    return Changed


@admin.register(ApprovalRule, site=dealer_site)
class DealerRules(ReadOnlyAdmin):
    """The dealer's rules; its administrator adds, changes and retires them."""

    nav = Nav("buy", 27, "rule_settings", gettext_lazy("Rules of approval"))
    ordering = ("tier", "pk")
    list_display = ("name", "tier", "amount_from", "currency", "category", "role", "approver", "is_active")
    list_filter = ("is_active",)
    list_before_template = "orders/approval_rule_links.html"
    detail_select_related = ("organization", "site", "approver")
    buttons = ("change", "retire")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the rules of the dealer."""
        return selectors.rules(actor)

    def facts(self, request: HttpRequest, obj: ApprovalRule) -> Iterable[Fact]:
        """Say for which orders who approves."""
        yield Fact(_("Tier"), str(obj.tier))
        yield Fact(
            _("From"), f"{cells.amount(obj.amount_from, obj.currency or 'CNY')} {obj.currency or _('any')}"
        )
        yield Fact(_("For"), obj.category or _("all goods"))
        yield Fact(_("Ship to"), str(obj.site) if obj.site else _("any"))
        yield Fact(_("Who approves"), str(obj.approver) if obj.approver else obj.get_role_display())
        yield Fact(_("Four eyes"), _("no: who ordered may approve") if obj.allow_requester else _("yes"))
        yield Fact(_("In force"), _("yes") if obj.is_active else _("no"))

    def tables(self, request: HttpRequest, obj: ApprovalRule) -> Iterable[Table]:
        """Show who made it what it is."""
        yield history_table(request, approval_rule.APPROVAL, obj.pk)

    @service_action(gettext_lazy("Change the rule"), form=rule_form, when=lambda rule: rule.is_active)
    def change(self, call: Call) -> Any:
        """Replace the rule; what waits because of it goes on waiting."""
        approval_rule.replace(call.obj, by=call.by, at=call.at, **call.data)
        return _("The rule is changed.")

    @service_action(
        gettext_lazy("Retire the rule"),
        danger=True,
        confirm=gettext_lazy("New orders are not held back by it; what waits goes on waiting."),
        when=lambda rule: rule.is_active,
    )
    def retire(self, call: Call) -> Any:
        """Take the rule out of force."""
        approval_rule.retire(call.obj, by=call.by, at=call.at)
        return _("The rule is retired.")


@admin.register(ApprovalSubstitute, site=dealer_site)
class DealerSubstitutes(ReadOnlyAdmin):
    """Who of the dealer decides for whom while they are away."""

    nav = Nav("buy", 28, "switch_account", gettext_lazy("Substitutes"))
    ordering = ("-to_date", "pk")
    list_display = (
        "approver",
        "substitute",
        columns.day("from_date", gettext_lazy("First day"), "from_date"),
        columns.day("to_date", gettext_lazy("Last day"), "to_date"),
    )
    list_before_template = "orders/approval_rule_links.html"
    detail_select_related = ("approver", "substitute")


@dealer_site.page("approval-rules/new/", name="new_approval_rule")
def new_rule(request: HttpRequest) -> HttpResponse:
    """Ask for a rule and keep it."""
    form = RuleForm(request.POST or None, actor=actor_of(request))
    return asking_page(request, _("Add a rule of approval"), form, _put, RULES, site=dealer_site)


def _put(call: Call) -> str:
    approval_rule.put(organization.visible(call.by).get(), by=call.by, at=call.at, **call.data)
    return _("The rule is in force.")


@dealer_site.page("approval-rules/substitute/", name="new_substitute")
def new_substitute(request: HttpRequest) -> HttpResponse:
    """Ask who stands in for whom and keep it."""
    form = SubstituteForm(request.POST or None)
    return asking_page(request, _("Name a substitute"), form, _substitute, SUBSTITUTES, site=dealer_site)


def _substitute(call: Call) -> str:
    approval_rule.substitute(organization.visible(call.by).get(), by=call.by, at=call.at, **call.data)
    return _("The substitute is named.")
