"""Settings of the API, imported by b2b.settings.base; imports nothing of Django's."""

from __future__ import annotations

import os
from typing import Any

API_PREFIX = "/api/"
API_MAX_BODY = 64 * 2**20  # bytes: files of orders, bank statements
API_MAX_JSON = 16 * 2**20  # bytes: what is parsed in memory
API_MAX_DEPTH = 32  # levels of nested JSON
API_PAGE_SIZE = 50
API_MAX_PAGE_SIZE = 200
API_RATE_PER_MINUTE = int(os.environ.get("API_RATE_PER_MINUTE", "6000"))  # requests of one organisation
API_SIGN_IN_RATE_PER_MINUTE = int(
    os.environ.get("API_SIGN_IN_RATE_PER_MINUTE", "120")
)  # refusals of one address
API_KEY_TRUST_SECONDS = float(os.environ.get("API_KEY_TRUST_SECONDS", "5"))  # a revocation works after that
API_TRUSTED_PROXIES = int(os.environ.get("API_TRUSTED_PROXIES", "0"))  # hops whose X-Forwarded-For counts

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["b2b.http.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["b2b.http.permissions.MayCall"],
    "DEFAULT_PARSER_CLASSES": ["b2b.http.parsers.StrictJSON"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "b2b.http.negotiation.Forgiving",
    "DEFAULT_PAGINATION_CLASS": "b2b.http.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "b2b.http.schema.Schema",
    "EXCEPTION_HANDLER": "b2b.http.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "DATETIME_FORMAT": "iso-8601",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Midstream",
    "DESCRIPTION": "Orders, stock, shipments and money between factories and dealers.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]+",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SORT_OPERATIONS": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "b2b.http.schema.share_problem",
    ],
    "PREPROCESSING_HOOKS": ["b2b.http.schema.only_api"],
}

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER: dict[str, Any] = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 15 * 60,
    "SCOPES_BACKEND_CLASS": "b2b.http.oauth.ClientScopes",
    "ERROR_RESPONSE_WITH_SCOPES": True,
    "PKCE_REQUIRED": True,
    # RFC 9700, the best current practice of OAuth2, in full.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}


def caches(broker_url: str, cache_url: str = "") -> dict[str, dict[str, str]]:
    """Return the cache that all processes share: CACHE_URL, else the broker when it is a Redis or Valkey.

    With another broker and no CACHE_URL each process counts for itself, so that limits are looser, never tighter.
    """
    url = cache_url or broker_url
    if url.startswith("redis+socket://"):
        url = "unix://" + url.removeprefix("redis+socket://")
    if url.startswith(("redis://", "rediss://", "unix://")):
        return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}
    return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
