"""Who may call a view: kinds of organisation, scopes of a credential, roles of a person."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden


class WrongKind(Forbidden):
    """Organisations of your kind have no business here."""

    code = "wrong_kind"


class MissingScope(Forbidden):
    """The credential lacks the scope this call needs."""

    code = "missing_scope"


class ReadOnlyRole(Forbidden):
    """Your role may look but not change."""

    code = "read_only_role"


def scope_of(view: Any, method: str) -> str:
    """Return the scope a call needs: `<view.scope>:read` or `:write`; empty when the view asks for none."""
    if not view.scope:
        return ""
    return f"{view.scope}:{'read' if method in SAFE_METHODS else 'write'}"


def kinds_of(view: Any, method: str) -> frozenset[str] | None:
    """Return the kinds of organisation that may call; None when every kind may."""
    kinds = view.kinds
    if method not in SAFE_METHODS and view.write_kinds is not None:
        kinds = view.write_kinds
    return None if kinds is None else frozenset(kinds)


class MayCall(BasePermission):
    """Refuses strangers (401), the wrong kind, a missing scope and a viewer's change (403)."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Tell that the caller may go on, or say why not."""
        actor: Actor = request._request.actor
        if actor.is_anonymous:
            raise exceptions.NotAuthenticated
        kinds = kinds_of(view, request.method)
        if kinds is not None and actor.kind not in kinds:
            raise WrongKind(f"this is for {', '.join(sorted(kinds))}; you are {actor.kind}")
        scope = scope_of(view, request.method)
        if actor.credential and scope and scope not in actor.scopes:
            raise MissingScope(f"the credential needs the scope {scope}")
        if not actor.credential and request.method not in SAFE_METHODS and actor.roles == {"VIEWER"}:
            raise ReadOnlyRole
        return True
