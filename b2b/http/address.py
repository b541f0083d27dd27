"""Where a request comes from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def of_caller(request: HttpRequest) -> str:
    """Return the caller's address; X-Forwarded-For counts only as far as API_TRUSTED_PROXIES hops are ours."""
    direct: str = request.META.get("REMOTE_ADDR", "")
    hops = int(settings.API_TRUSTED_PROXIES)
    if not hops:
        return direct
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return chain[-hops] if len(chain) >= hops else direct
