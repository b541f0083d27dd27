"""Import statements, and let the rules match what they can."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from b2b.admin import columns
from b2b.admin.actions import Call, carry_out
from b2b.admin.asking import asking_page, may_act
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.core.actor import Actor
from finance.models import ReconciliationRun
from finance.selectors import bank
from finance.services import reconciliation, statement

LARGEST_FILE = 32 * 1024 * 1024


class StatementForm(forms.Form):
    """A bank statement."""

    file = forms.FileField(
        label=gettext_lazy("Bank's file"),
        widget=forms.FileInput(attrs={"accept": ".xml,.sta,.mt940,.940,.942,.txt,.csv"}),
        help_text=gettext_lazy(
            "camt.052, .053, .054, MT940, MT942 or CSV. A file taken before adds nothing; a faulty one is refused"
            " whole."
        ),
    )
    account = forms.ModelChoiceField(
        label=gettext_lazy("Account, for a CSV file"),
        queryset=None,
        required=False,
        help_text=gettext_lazy("The columns of its export are kept with the account."),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = bank.accounts(actor).filter(layout__isnull=False)

    def clean_file(self) -> Any:
        """Refuse a file that is too large to read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 32 MB; ask the bank for shorter periods."))
        return file


@operator_site.page(
    "finance/import/",
    name="import_statement",
    nav=Nav("money", 45, "upload_file", gettext_lazy("Import statement")),
)
def import_statement(request: HttpRequest) -> HttpResponse:
    """Take a file and match what it brought."""
    form = StatementForm(actor_of(request), request.POST or None, request.FILES or None)
    back = "operator:workbench"
    return asking_page(request, _("Import a bank statement"), form, _import, back)


@operator_site.page("finance/match/", name="match_payments")
@require_POST
def match_payments(request: HttpRequest) -> HttpResponse:
    """Let the rules match what waits."""
    if may_act(request):
        carry_out(request, _match, None, {})
    return HttpResponseRedirect(reverse("operator:finance_statementline_changelist"))


def _import(call: Call) -> str:
    account = call.data["account"]
    taken = statement.import_file(
        call.data["file"].file, by=call.by, at=call.at, account_id=account.pk if account else None
    )
    new = sum(one.new_lines for one in taken)
    known = sum(one.lines for one in taken) - new
    held = sum(bool(one.statement.problem) for one in taken)
    if held:
        return _("%(held)d statements do not add up and wait in quarantine; see their cases.") % {
            "held": held
        }
    return _("%(new)d new lines are imported, %(known)d were known.") % {"new": new, "known": known}


def _match(call: Call) -> str:
    run = reconciliation.match(by=call.by, at=call.at)
    return _("%(examined)d lines examined: %(matched)d matched, %(proposed)d proposed, %(cases)d cases.") % {
        "examined": run.examined,
        "matched": run.matched,
        "proposed": run.proposed,
        "cases": run.cases,
    }


@admin.register(ReconciliationRun, site=operator_site)
class Runs(ReadOnlyAdmin):
    """What was compared when, and what came out."""

    nav = Nav("money", 80, "fact_check")
    ordering = ("-started_at",)
    list_display = (
        "what",
        columns.moment("started_at", gettext_lazy("Started"), "started_at"),
        "run_by",
        columns.quantity("examined", gettext_lazy("Examined")),
        columns.quantity("matched", gettext_lazy("Matched")),
        columns.quantity("proposed", gettext_lazy("Proposed")),
        columns.quantity("cases", gettext_lazy("Cases")),
    )
    list_filter = ("what",)
