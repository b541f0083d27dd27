"""OpenAPI from the base views: inputs, outputs, keys, versions, scopes and the problem document."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from b2b.http.permissions import kinds_of, scope_of

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem document.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; programs decide by it."},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "row": {"type": "integer", "description": "Row of the input, from 1."},
                    "field": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
    },
}


def only_api(endpoints: list[Any], **_: Any) -> list[Any]:
    """Leave out what is no part of the API."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def share_problem(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Put the problem document among the components and name it as every operation's default answer."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "A problem document.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    components.setdefault("responses", {})["Problem"] = answer
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    return result


class Schema(AutoSchema):
    """Reads the attributes of b2b.http.views."""

    def _is_command(self) -> bool:
        return self.method not in ("GET", "HEAD") and hasattr(self.view, "call")

    def _is_list_view(self, serializer: Any = None) -> bool:
        if hasattr(self.view, "scope"):
            return self.method == "GET" and hasattr(self.view, "ordering")
        return bool(super()._is_list_view(serializer))

    def get_request_serializer(self) -> Any:
        """Return the command's input."""
        return self.view.input if self._is_command() else super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        """Return the command's output under its status."""
        if not self._is_command():
            return super().get_response_serializers()
        if self.view.output is None:
            return {204: OpenApiResponse(description="Done.")}
        return {int(self.view.status): self.view.output}

    def get_tags(self) -> list[str]:
        """Group by the part of the API."""
        scope = getattr(self.view, "scope", "")
        return [scope] if scope else super().get_tags()

    def get_override_parameters(self) -> list[Any]:
        """Describe `fields` of reads and the headers of commands."""
        if getattr(self.view, "sparse", False) and self.method == "GET":
            text = "Names of the members wanted, separated by commas."
            return [OpenApiParameter("fields", str, description=text)]
        if not self._is_command():
            return []
        where = OpenApiParameter.HEADER
        key = "Repeat a request safely: the same key gives the same answer and one effect."
        later = "`respond-async` answers 202 with a job under `Location`, for a credential's long work."
        headers = [
            OpenApiParameter("Idempotency-Key", str, where, description=key),
            OpenApiParameter("Prefer", str, where, description=later),
        ]
        if self.view.versioned:
            tag = "ETag of the version that is changed."
            headers.append(OpenApiParameter("If-Match", str, where, required=True, description=tag))
        return headers

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Name the three ways in, any of which will do."""
        if not hasattr(self.view, "scope"):
            return list(super().get_auth())
        scope = scope_of(self.view, self.method)
        return [{"oauth2": [scope] if scope else []}, {"apiKey": []}, {"session": []}]

    def get_description(self) -> str:
        """Return what the view says of itself, who may call it and with which scope."""
        if not hasattr(self.view, "scope"):
            return super().get_description() or ""
        says = (
            type(self.view).call
            if self._is_command()
            else getattr(type(self.view), self.method.lower(), None)
        )
        ours = says is not None and not says.__module__.startswith("b2b.http.")
        text = cleandoc((ours and says.__doc__) or type(self.view).__doc__ or "")
        kinds = kinds_of(self.view, self.method)
        who = "every organisation" if kinds is None else ", ".join(sorted(kinds))
        scope = scope_of(self.view, self.method)
        needs = f" Scope: `{scope}`." if scope else ""
        return f"{text}\n\nFor: {who}.{needs}".strip()
