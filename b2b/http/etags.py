"""Versions of documents as ETags: read one, send it back with the change, and no change of another is lost."""

from __future__ import annotations

from typing import Any

from b2b.core.errors import DomainError


class VersionRequired(DomainError):
    """Name the version you change: send its ETag as If-Match."""

    code = "version_required"
    status = 428


class VersionChanged(DomainError):
    """Somebody changed it since you read it; read it again and decide anew."""

    code = "version_changed"
    status = 412


def etag(document: Any) -> str:
    """Return the entity tag of a document's version."""
    return f'"{document.version}"'


def require_match(header: str | None, document: Any) -> None:
    """Check that the caller changes the version that is there; the caller of this holds the lock.

    :raises VersionRequired: without a header. :raises VersionChanged: when the version is another.
    """
    if not header:
        raise VersionRequired
    wanted = [tag.strip() for tag in header.split(",")]
    if "*" not in wanted and etag(document) not in wanted:
        raise VersionChanged(f"the version is now {etag(document)}", version=document.version)
