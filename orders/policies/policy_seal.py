"""The seal of a declared policy: what counts is the policy that dealers could read before the cut-off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from b2b.core.errors import DomainError


class PolicyChanged(DomainError):
    """The policy is not the one that was sealed at the freeze; nothing is shared by it."""

    code = "policy_changed"


def seal(policy: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a policy in canonical JSON."""
    return hashlib.sha256(json.dumps(policy, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check(policy: Mapping[str, Any], sealed: str) -> None:
    """Check that a policy is the sealed one. :raises PolicyChanged: when it is not."""
    if seal(policy) != sealed:
        raise PolicyChanged
