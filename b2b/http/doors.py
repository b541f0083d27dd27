"""Settings of signing in and of what a browser may load, imported by b2b.settings.base; imports nothing of Django's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from b2b.core import actor

# --- Signing in ---------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
# A name is locked for the address that guesses, not for its owner elsewhere; many addresses meet API_SIGN_IN_RATE.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "b2b.http.address.of_caller"
# The sign-in form itself says that the door is locked and for how long; see b2b.admin.login.
SILENCED_SYSTEM_CHECKS = ["axes.W002"]

OTP_TOTP_ISSUER = "Midstream"
# Kinds of organisation whose people may not do without a second factor; production names some.
SECOND_FACTOR_REQUIRED: frozenset[str] = frozenset()
SHARED_MONEY_AND_GOODS = frozenset({actor.OPERATOR, actor.FUNDER})

SESSION_COOKIE_AGE = 12 * 3600  # seconds: a working day, then everybody signs in again
SESSION_IDLE_SECONDS = {actor.OPERATOR: 3600, actor.FUNDER: 3600}

X_FRAME_OPTIONS = "DENY"


def policy(*, pictures_from: str = "") -> dict[str, Any]:
    """Say what a browser may load (CSP level 3): files of ours, and map tiles where an address of some is set.

    ADR 18 tells of the two words that are looser than one would wish.
    """
    server = urlsplit(pictures_from)
    tiles = [f"{server.scheme}://{server.netloc}"] if server.netloc else []
    return {
        "DIRECTIVES": {
            "default-src": ["'none'"],
            "script-src": ["'self'", "'unsafe-eval'"],
            "style-src": ["'self'", "'unsafe-inline'"],
            "img-src": ["'self'", "data:", "blob:", *tiles],
            "font-src": ["'self'", "data:"],
            "connect-src": ["'self'"],
            "worker-src": ["'self'", "blob:"],
            "manifest-src": ["'self'"],
            "form-action": ["'self'"],
            "frame-ancestors": ["'none'"],
            "base-uri": ["'none'"],
            "object-src": ["'none'"],
        }
    }
