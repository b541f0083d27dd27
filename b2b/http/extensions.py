"""What drf-spectacular cannot know by itself: how callers identify themselves, and what a time of day is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension

from b2b.directory.scopes import SCOPES


class ActorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names the three ways in."""

    target_class = "b2b.http.authentication.ActorAuthentication"
    name = ["oauth2", "apiKey", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """Describe OAuth2 client credentials, API keys and the session."""
        scopes = {scope: text for scope, (text, _) in SCOPES.items()}
        return [
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "/oauth/token/", "scopes": scopes}},
            },
            {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]


class LocalTime(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A time of day at a place: without a zone of its own, so it is not the `time` of RFC 3339."""

    target_class = "rest_framework.fields.TimeField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Describe hours, minutes and perhaps seconds."""
        return {
            "type": "string",
            "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
            "examples": ["08:30:00"],
        }
