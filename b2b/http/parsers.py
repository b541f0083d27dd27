"""What a body may be: JSON of bounded size and depth, or the raw bytes of a trade document."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from b2b.core.errors import DomainError


class TooLarge(DomainError):
    """The body is larger than the platform accepts; send it in parts or as a file."""

    code = "too_large"
    status = 413


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check_depth(text: str, limit: int) -> None:
    depth, inside, escaped = 0, False, False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            if depth > limit:
                raise ParseError(f"JSON is nested deeper than {limit} levels")
        elif character in "]}":
            depth -= 1


class StrictJSON(JSONParser):
    """JSON in UTF-8 without NaN, at most API_MAX_JSON bytes and API_MAX_DEPTH levels."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the value.

        :raises ParseError: when it is no JSON. :raises TooLarge: when it has too many bytes.
        """
        content = stream.read(settings.API_MAX_JSON + 1)
        if len(content) > settings.API_MAX_JSON:
            raise TooLarge(f"JSON may have {settings.API_MAX_JSON} bytes at most")
        try:
            text = content.decode("utf-8")
            if max(text.count("["), text.count("{")) > settings.API_MAX_DEPTH // 2:
                _check_depth(text, settings.API_MAX_DEPTH)
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}") from error


class Raw(BaseParser):
    """The body as it came, for trade documents; a view names the media types by subclassing."""

    media_type = "application/octet-stream"
    others: ClassVar[tuple[str, ...]] = ()

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> bytes:
        """Return the bytes."""
        content: bytes = stream.read(settings.API_MAX_BODY + 1)
        if len(content) > settings.API_MAX_BODY:
            raise TooLarge
        return content


class Xml(Raw):
    """An XML document."""

    media_type = "application/xml"


class XmlText(Raw):
    """An XML document, by its other media type."""

    media_type = "text/xml"
