"""Webhooks: a party's own, everybody's for the operator; their log, and what may be sent again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, explain, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import PartySite, actor_of, dealer_site, factory_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.core.errors import DomainError
from b2b.directory.selectors import organization
from b2b.exchange.models import WebhookMessage, WebhookSubscription
from b2b.exchange.policies import signature
from b2b.exchange.policies.topics import TOPICS
from b2b.exchange.selectors import webhook
from b2b.exchange.services import fan_out, message, subscription


class WebhookForm(forms.Form):
    """Where to send what."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://erp.example.com/midstream"}),
    )
    description = forms.CharField(label=gettext_lazy("What it is for"), max_length=200, required=False)
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("Topics"), required=False, choices=[(topic, topic) for topic in sorted(TOPICS)],
        widget=forms.SelectMultiple(attrs={"size": 12}), help_text=gettext_lazy("None chosen: every topic."),
    )  # fmt: skip
    scheme = forms.ChoiceField(
        label=gettext_lazy("Signature"),
        choices=[(signature.HMAC, "HMAC-SHA256"), (signature.ED25519, "Ed25519")],
    )


class SpanForm(forms.Form):
    """From when to when."""

    since = forms.DateTimeField(label=gettext_lazy("From"))
    until = forms.DateTimeField(label=gettext_lazy("Before"))


def _said(one: WebhookMessage) -> Any:
    if one.status == WebhookMessage.Status.PENDING and one.attempts:
        return f"{one.last_error} ({_('again')} {cells.moment(one.due_at)})"
    return one.last_error or (cells.moment(one.taken_at) if one.taken_at else "")


class WebhookPages(ReadOnlyAdmin):
    """A list of webhooks; the page of one with its log."""

    nav = Nav("platform", 45, "webhook")
    ordering = ("-created_at",)
    buttons = ("test", "pause", "resume", "rotate", "replay_span", "end")
    search_fields = ("url__icontains",)
    detail_select_related = ("organization",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookSubscription]:
        """Show what the actor may see."""
        return webhook.subscriptions(actor_of(request))

    def facts(self, request: HttpRequest, obj: WebhookSubscription) -> Iterable[Fact]:
        """Say who listens where to what, and how it goes."""
        yield Fact(_("Organisation"), obj.organization.name)
        yield Fact(_("Address"), cells.code(obj.url))
        yield Fact(_("What it is for"), obj.description or cells.NOTHING)
        yield Fact(_("Topics"), ", ".join(obj.topics) or _("every topic"))
        yield Fact(_("Signature"), obj.get_scheme_display())
        yield Fact(_("Messages"), cells.quantity(obj.last_sequence))
        if obj.failing_since:
            yield Fact(_("Failing since"), cells.moment(obj.failing_since))

    def tables(self, request: HttpRequest, obj: WebhookSubscription) -> Iterable[Table]:
        """Show the log, newest first."""
        base = reverse(f"{self.admin_site.name}:exchange_webhookmessage_changelist")
        yield paged(
            request,
            webhook.messages(actor_of(request), obj.pk).order_by("-sequence"),
            _("Messages"),
            headings(
                (_("Sequence"),),
                _("Topic"),
                _("Written"),
                _("Status"),
                (_("Attempts"),),
                _("What came of it"),
            ),
            lambda one: (
                cells.link(str(one.sequence), f"{base}{one.pk}/"),
                one.topic,
                cells.moment(one.created_at),
                cells.badge(one.status, one.get_status_display()),
                cells.quantity(one.attempts),
                _said(one),
            ),
            empty=_("Nothing was sent yet. Send a test event to try the address."),
        )

    @service_action(gettext_lazy("Send a test event"), when=lambda one: one.status == "ACTIVE")
    def test(self, call: Call) -> Any:
        """Send it."""
        subscription.require_manager(call.by, call.obj.organization_id)
        fan_out.send_test(call.obj.pk, at=call.at)
        return _("A test event is on its way; its line below says what the address answered.")

    @service_action(gettext_lazy("Pause"), verb="pause")
    def pause(self, call: Call) -> Any:
        """Send nothing for now."""
        subscription.move(call.obj.pk, "pause", by=call.by, at=call.at)
        return _("Messages wait until the webhook goes on.")

    @service_action(gettext_lazy("Go on"), verb="resume")
    def resume(self, call: Call) -> Any:
        """Send again."""
        subscription.move(call.obj.pk, "resume", by=call.by, at=call.at)
        return _("Messages are sent again.")

    @service_action(
        gettext_lazy("Replace the key"),
        confirm=gettext_lazy(
            "A new key is made and shown once; for a day messages bear the signatures of both."
        ),
        when=lambda one: one.status != "ENDED",
    )
    def rotate(self, call: Call) -> Any:
        """Make a new key and show it in the answer, once."""
        _held, key = subscription.rotate_key(call.obj.pk, by=call.by, at=call.at)
        return show_key(call.request, self.admin_site, key)

    @service_action(gettext_lazy("Send again"), form=SpanForm, when=lambda one: one.status == "ACTIVE")
    def replay_span(self, call: Call) -> Any:
        """Send what was told in a span of time again."""
        sent = message.replay_span(call.obj.pk, **call.data, by=call.by, at=call.at)
        return _("%(count)d events are sent.") % {"count": sent}

    @service_action(
        gettext_lazy("End"),
        verb="end",
        danger=True,
        confirm=gettext_lazy("Nothing is sent to this address any more. The log stays."),
    )
    def end(self, call: Call) -> Any:
        """End it for good."""
        subscription.move(call.obj.pk, "end", by=call.by, at=call.at)
        return _("The webhook is ended.")


class MessagePages(ReadOnlyAdmin):
    """What was sent to whom, and what came of it."""

    nav = Nav("platform", 46, "outgoing_mail")
    ordering = ("-created_at",)
    list_display = (
        columns.text("topic", gettext_lazy("Topic")),
        columns.moment("created_at", gettext_lazy("Written"), "created_at"),
        columns.status(),
        columns.quantity("attempts", gettext_lazy("Attempts")),
        "last_error",
    )
    list_filter = ("status",)
    buttons = ("replay",)
    detail_select_related = ("subscription",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookMessage]:
        """Show what the actor may see."""
        return webhook.messages(actor_of(request))

    def facts(self, request: HttpRequest, obj: WebhookMessage) -> Iterable[Fact]:
        """Say what it is, and what it says."""
        name = f"{self.admin_site.name}:exchange_webhooksubscription_change"
        yield Fact(
            _("Webhook"), cells.link(obj.subscription.number, reverse(name, args=[obj.subscription_id]))
        )
        yield Fact(_("Topic"), obj.topic)
        yield Fact(_("Sequence"), cells.quantity(obj.sequence))
        yield Fact("webhook-id", cells.code(str(obj.pk)))
        yield Fact(_("Says"), cells.code(obj.body))

    def tables(self, request: HttpRequest, obj: WebhookMessage) -> Iterable[Table]:
        """Show every attempt."""
        yield paged(
            request,
            webhook.attempts(actor_of(request), obj.pk),
            _("Attempts"),
            headings(_("At"), (_("Answer"),), (_("Took (ms)"),), _("Said")),
            lambda one: (
                cells.moment(one.at),
                str(one.status_code) if one.status_code else _("none"),
                cells.quantity(one.duration_ms),
                one.said,
            ),
            empty=_("Not sent yet."),
        )

    @service_action(gettext_lazy("Send again"), when=lambda one: one.status != "PENDING")
    def replay(self, call: Call) -> Any:
        """Send it once more."""
        message.replay(call.obj.pk, by=call.by, at=call.at)
        return _("It is sent again, with the same id.")


def show_key(request: HttpRequest, site: PartySite, key: str) -> HttpResponse:
    """Show a key in the answer itself: it goes into no message, session or cookie."""
    context = site.page_context(
        request,
        _("Key of the webhook"),
        token=key,
        back=reverse(f"{site.name}:exchange_webhooksubscription_changelist"),
        note=_("Your system verifies every message with it (Standard Webhooks)."),
    )
    return TemplateResponse(request, "b2b_admin/key.html", context)


def _ask(request: HttpRequest, site: PartySite) -> HttpResponse:
    who = actor_of(request)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            own = organization.visible(who).get(pk=who.organization_id)
            _made, key = subscription.subscribe(own, **form.cleaned_data, by=who, at=clock.now())
            return show_key(request, site, key)
        except DomainError as error:
            form.add_error(None, explain(error))
    back = reverse(f"{site.name}:exchange_webhooksubscription_changelist")
    context = site.page_context(request, _("New webhook"), form=form, back=back, submit=_("Subscribe"))
    return TemplateResponse(request, "b2b_admin/key.html", context)


@dealer_site.page("exchange/webhooks/new/", name="new_webhook")
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Ask where a dealer's system listens."""
    return _ask(request, dealer_site)


@factory_site.page("exchange/webhooks/new/", name="new_webhook")
def new_factory_webhook(request: HttpRequest) -> HttpResponse:
    """Ask where a factory's system listens."""
    return _ask(request, factory_site)


@operator_site.page("exchange/webhooks/new/", name="new_webhook")
def new_operator_webhook(request: HttpRequest) -> HttpResponse:
    """Ask where a system of the platform's own listens; it hears everything."""
    return _ask(request, operator_site)


SHOWN = (
    "number",
    columns.text("url", gettext_lazy("Address")),
    columns.status(),
    columns.quantity("last_sequence", gettext_lazy("Messages")),
    columns.moment("failing_since", gettext_lazy("Failing since"), "failing_since"),
)


@admin.register(WebhookSubscription, site=dealer_site)
@admin.register(WebhookSubscription, site=factory_site)
class OwnWebhooks(WebhookPages):
    """The party's own."""

    list_display = SHOWN
    list_before_template = "b2b_admin/new_webhook.html"


@admin.register(WebhookSubscription, site=operator_site)
class OperatorWebhooks(WebhookPages):
    """Everybody's."""

    list_display = (
        columns.text("organization.code", gettext_lazy("Organisation"), "organization__code"),
        *SHOWN,
    )
    list_filter = ("status",)
    list_before_template = "b2b_admin/new_webhook.html"


for site in (dealer_site, factory_site, operator_site):
    admin.register(WebhookMessage, site=site)(MessagePages)
