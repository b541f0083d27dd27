"""Standard Webhooks 1.0 signatures: `webhook-id.webhook-timestamp.body`, by HMAC-SHA256 or Ed25519.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md. A key is written as the specification
writes it: `whsec_` and base64 of 24 to 64 bytes (shared), `whsk_` and base64 of the 64 bytes seed and public key
(private), `whpk_` and base64 of 32 bytes (public).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SHARED, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
HMAC, ED25519 = "hmac", "ed25519"
SCHEMES: Final = (HMAC, ED25519)
TOLERANCE: Final = timedelta(minutes=5)
SHARED_BYTES = 32


class BadKey(ValueError):
    """The text is no key of Standard Webhooks."""


class BadSignature(ValueError):
    """No signature of the message fits the key, or its time stamp is too far off."""


def make_key(scheme: str) -> str:
    """Return a new secret key: shared for HMAC, private for Ed25519."""
    if scheme == HMAC:
        return SHARED + base64.b64encode(os.urandom(SHARED_BYTES)).decode()
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes_raw() + private.public_key().public_bytes_raw()
    return PRIVATE + base64.b64encode(raw).decode()


def shown(key: str) -> str:
    """Return what a receiver needs to verify: the shared key itself, or the public half of a private one."""
    if key.startswith(SHARED):
        return key
    return PUBLIC + base64.b64encode(_private(key).public_key().public_bytes_raw()).decode()


def headers(keys: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers; each key signs, so that receivers may change keys one after the other.

    :raises BadKey: when a key is none.
    """
    stamp = int(at.timestamp())
    content = f"{message_id}.{stamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(_sign(key, content) for key in keys),
    }


def verify(key: str, given: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Check a message as its receiver does; `key` is shared or public, header names are lower case.

    :raises BadSignature: when nothing fits, or the time stamp is more than five minutes off.
    :raises BadKey: when the key is none.
    """
    try:
        stamp = int(given["webhook-timestamp"])
        content = f"{given['webhook-id']}.{stamp}.".encode() + body
        signatures = given["webhook-signature"].split()
    except (KeyError, ValueError) as error:
        raise BadSignature("a header of the webhook is missing or unreadable") from error
    if abs(now.timestamp() - stamp) > TOLERANCE.total_seconds():
        raise BadSignature("the time stamp is more than five minutes off")
    if not any(_fits(key, content, signature) for signature in signatures):
        raise BadSignature("no signature fits the key")


def _sign(key: str, content: bytes) -> str:
    if key.startswith(SHARED):
        return "v1," + _mac(key, content)
    return "v1a," + base64.b64encode(_private(key).sign(content)).decode()


def _fits(key: str, content: bytes, signature: str) -> bool:
    version, _, text = signature.partition(",")
    if key.startswith(SHARED):
        return version == "v1" and hmac.compare_digest(_mac(key, content), text)
    if version != "v1a":
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(_bytes(key, PUBLIC))
        public.verify(base64.b64decode(text, validate=True), content)
    except (InvalidSignature, binascii.Error):
        return False
    except ValueError as error:
        raise BadKey("a public key has 32 bytes") from error
    return True


def _mac(key: str, content: bytes) -> str:
    secret = _bytes(key, SHARED)
    if not 24 <= len(secret) <= 64:
        raise BadKey("a shared key has 24 to 64 bytes")
    return base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()


def _private(key: str) -> Ed25519PrivateKey:
    raw = _bytes(key, PRIVATE)
    if len(raw) not in (32, 64):
        raise BadKey("a private key has 64 bytes: seed and public key")
    return Ed25519PrivateKey.from_private_bytes(raw[:32])


def _bytes(key: str, prefix: str) -> bytes:
    if not key.startswith(prefix):
        raise BadKey(f"a key that begins with {prefix} is wanted")
    try:
        return base64.b64decode(key.removeprefix(prefix), validate=True)
    except binascii.Error as error:
        raise BadKey("the key is no base64") from error
