"""How callers identify themselves, for the OpenAPI file."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

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
