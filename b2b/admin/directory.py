"""Organisations, sites and people, as the operator keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from b2b.admin.base import ReferenceAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.directory.models import BuyerGroup, BuyerGroupMembership, Membership, Organization, Site, User
from b2b.directory.services import second_factor


class PeopleAdmin(ReferenceAdmin):
    """Who may act for whom is for the operator's administrators: whoever writes it could make themselves anybody."""

    def _may_write(self, request: HttpRequest) -> bool:
        return super()._may_write(request) and Membership.Role.ADMIN in actor_of(request).roles


@admin.register(Organization, site=operator_site)
class OrganizationAdmin(ReferenceAdmin):
    """Who trades on the platform."""

    nav = Nav("data", 10, "domain")
    list_display = ("code", "name", "kind", "country", "currency", "payment_terms_days", "is_active")
    list_filter = ("kind", "is_active", "country")
    search_fields = ("code", "name", "uscc", "vat_number")
    ordering = ("code",)
    autocomplete_fields = ("group",)
    fieldsets = (
        (None, {"fields": (("kind", "code"), "name", ("pseudonym", "group"), "is_active")}),
        (_("Trade"), {"fields": (("country", "currency"), "payment_terms_days")}),
        (_("Identifiers"), {"fields": (("uscc", "vat_number"), ("lei", "gln", "gs1_prefix"))}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what documents and tenancy hang on."""
        return ("kind", "code") if obj else ()


@admin.register(Site, site=operator_site)
class SiteOfOrganizationAdmin(ReferenceAdmin):
    """Plants, warehouses and drop points."""

    nav = Nav("data", 20, "location_on")
    list_display = ("code", "name", "kind", "organization", "region", "opens", "closes", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("organization",)
    search_fields = ("code", "name", "region", "organization__code")
    autocomplete_fields = ("organization",)
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": (("organization", "kind"), ("code", "name"), "is_active")}),
        (_("Place"), {"fields": ("address", ("region", "gln"), ("latitude", "longitude"))}),
        (_("Receiving hours"), {"fields": (("opens", "closes"), "time_zone")}),
    )


class MembershipInline(TabularInline):
    """The organisations a person acts for."""

    model = Membership
    extra = 1
    autocomplete_fields = ("organization",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Follow the site's door."""
        return operator_site.has_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(User, site=operator_site)
class PersonAdmin(PeopleAdmin, UserAdmin):
    """People who sign in; what they may do follows from their membership."""

    nav = Nav("data", 30, "group")
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active", "memberships__organization__kind")
    search_fields = ("username", "email", "first_name", "last_name", "memberships__organization__code")
    ordering = ("username",)
    inlines = (MembershipInline,)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    readonly_fields = ("last_login", "date_joined")
    actions = ("forget_second_factor",)
    add_fieldsets = ((None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),)

    @admin.action(description=_("Remove the second factor of those who lost it"), permissions=["change"])
    def forget_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people sign in by password once more, to set up a new one."""
        people = list(queryset)
        second_factor.forget(people)
        self.message_user(
            request,
            ngettext(
                "%(count)d person sets up the second factor anew.",
                "%(count)d people set up the second factor anew.",
                len(people),
            )
            % {"count": len(people)},
        )


@admin.register(Membership, site=operator_site)
class MembershipAdmin(PeopleAdmin):
    """Who acts for whom, and how far."""

    nav = Nav("data", 40, "badge")
    list_display = ("user", "organization", "role")
    list_filter = ("role", "organization__kind")
    list_select_related = ("user", "organization")
    search_fields = ("user__username", "organization__code", "organization__name")
    autocomplete_fields = ("user", "organization")
    ordering = ("organization__code", "user__username")


class MemberInline(TabularInline):
    """The dealers of a buyer group and when they are in it."""

    model = BuyerGroupMembership
    extra = 1
    autocomplete_fields = ("organization",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Follow the site's door."""
        return operator_site.has_permission(request)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; a membership ends on a day, so that old prices stay explained."""
        return False


@admin.register(BuyerGroup, site=operator_site)
class BuyerGroupAdmin(ReferenceAdmin):
    """Dealers that trade on the same terms."""

    nav = Nav("data", 25, "groups")
    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)
    inlines = (MemberInline,)
