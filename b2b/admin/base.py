"""What the lists of both sites have in common: what an actor may see, read from a selector, changed by services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from b2b.admin import related
from b2b.admin.actions import ServiceAction, carry_out
from b2b.admin.nav import Nav
from b2b.admin.pagination import BoundedPaginator
from b2b.admin.sites import actor_of
from b2b.admin.tables import Entry, Fact, Table
from b2b.admin.wording import past
from b2b.core.actor import SYSTEM, Actor
from b2b.db import selectors as kernel


class SiteAdmin(ModelAdmin):
    """A list on one of the sites; who may open it follows from the site's door."""

    nav: Nav | None = None
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    list_filter_submit = False
    empty_value_display = "–"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the list to everybody the site lets in."""
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let everybody look whom the site lets in; the queryset says at what."""
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing of the trade is deleted."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the list's own actions, never the bulk delete."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class ReadOnlyAdmin(SiteAdmin):
    """A list and a detail page; the only way to change anything is a button that calls a service.

    `rows` says what an actor may see; `facts`, `tables` and `entries` fill the detail page.
    """

    buttons: Sequence[str] = ()
    detail_template = "b2b_admin/detail.html"
    detail_select_related: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what the selector shows the actor, with the joins the page needs."""
        rows = self.rows(actor_of(request))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse; documents come from services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; documents are changed by services."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return the list, the detail page and the buttons; there is nothing to add, edit, delete or import."""
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            *(self._path_from_custom_url(url) for url in self.get_custom_urls()),
            path("", wrap(self.changelist_view), name=f"{info}_changelist"),
            path("<str:object_id>/", wrap(self.detail_view), name=f"{info}_change"),
            path("<str:object_id>/<slug:button>/", wrap(self.button_view), name=f"{info}_button"),
        ]

    # --- what a subclass fills in ---------------------------------------------------------------------------
    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what the actor may see, as the model's tenancy says; a subclass may ask a selector of its app."""
        return kernel.visible(actor, self.model)

    def facts(self, request: HttpRequest, obj: Any) -> Iterable[Fact]:
        """Return the labelled values at the top of the page."""
        return ()

    def tables(self, request: HttpRequest, obj: Any) -> Iterable[Table]:
        """Return the tables below the facts."""
        return ()

    def entries(self, request: HttpRequest, obj: Any) -> Iterable[Entry]:
        """Return moments of the timeline beside those of the history."""
        return ()

    def status_of(self, obj: Any) -> str:
        """Return the status shown beside the title."""
        return getattr(obj, "status", "")

    # --- pages ----------------------------------------------------------------------------------------------
    def found(self, request: HttpRequest, object_id: str) -> Any:
        """Return the object if the actor may see it.

        :raises Http404: when there is none, or it is somebody else's.
        """
        rows = self.get_queryset(request)
        if self.detail_select_related:
            rows = rows.select_related(*self.detail_select_related)
        try:
            return rows.get(pk=self.opts.pk.to_python(unquote(object_id)))
        except (self.model.DoesNotExist, ValidationError, ValueError):
            raise Http404(_("There is no such page, or it is not yours to see.")) from None

    def detail_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show one document: its facts, tables and timeline, and the buttons its status allows."""
        obj = self.found(request, object_id)
        actor = actor_of(request)
        context = self._context(
            request,
            obj,
            facts=list(self.facts(request, obj)),
            tables=[*self.tables(request, obj), *related.tables_of(request, obj)],
            timeline=self._timeline(request, obj),
            offered=[button for button in self.service_actions() if button.offered(actor, obj)],
        )
        return TemplateResponse(request, self.detail_template, context)

    def button_view(self, request: HttpRequest, object_id: str, button: str) -> HttpResponse:
        """Ask what the button needs to know, then call its service and go back to the document."""
        obj = self.found(request, object_id)
        action = next((known for known in self.service_actions() if known.name == button), None)
        if action is None:
            raise Http404(_("There is no such button."))
        back = self.url_of(obj)
        if not action.offered(actor_of(request), obj):
            self.message_user(request, _("This is not possible (any more) in the present status."), "ERROR")
            return HttpResponseRedirect(back)
        form_class = self._form_of(action, request, obj)
        form = form_class(request.POST or None, request.FILES or None) if form_class else None
        if request.method == "POST" and (form is None or form.is_valid()):
            data = form.cleaned_data if form else {}
            told = carry_out(request, lambda call: action.method(self, call), obj, data)
            if isinstance(told, HttpResponseBase):
                return told
            if told or form is None:
                return HttpResponseRedirect(back)
        context = self._context(request, obj, action=action, form=form, back=back)
        return TemplateResponse(request, "b2b_admin/button.html", context)

    def url_of(self, obj: Model) -> str:
        """Return the address of an object's detail page on this site."""
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{self.admin_site.name}:{info}_change", args=[obj.pk])

    @classmethod
    def service_actions(cls) -> list[ServiceAction]:
        """Return the buttons in their declared order."""
        return [getattr(cls, name).service_action for name in cls.buttons]

    @staticmethod
    def _form_of(action: ServiceAction, request: HttpRequest, obj: Any) -> Any:
        if action.form is None or isinstance(action.form, type):
            return action.form
        return action.form(request, obj)

    def _timeline(self, request: HttpRequest, obj: Any) -> list[Entry]:
        if not hasattr(obj, "machine"):
            return sorted([*self.entries(request, obj), *related.entries_of(request, obj)])
        changes = kernel.history(actor_of(request), obj.pk)[:200]
        history = [
            Entry(
                at=change.at,
                title=past(change.verb),
                detail=change.reason,
                who="" if change.actor_kind == SYSTEM else change.actor_name,
                tone=change.to_status,
            )
            for change in changes
        ]
        return sorted([*history, *self.entries(request, obj), *related.entries_of(request, obj)])

    def _context(self, request: HttpRequest, obj: Any, **more: Any) -> dict[str, Any]:
        return self.admin_site.page_context(
            request,
            str(obj),
            opts=self.opts,
            original=obj,
            object_id=obj.pk,
            status=self.status_of(obj),
            inline_admin_formsets=[],
            info=f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}",
            **more,
        )


class ReferenceAdmin(SiteAdmin):
    """Reference data that the operator keeps by hand: added and changed, archived but never deleted."""

    warn_unsaved_form = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let operators add who may act at all."""
        return self._may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators change who may act at all."""
        return self._may_write(request)

    def _may_write(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request) and "VIEWER" not in actor_of(request).roles
