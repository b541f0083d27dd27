"""Keep signing keys so that a copy of the database alone does not give them away."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"midstream webhook keys"


def seal(key: str) -> str:
    """Encrypt a key under the platform's SECRET_KEY."""
    return _box().encrypt(key.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt a key; keys sealed before SECRET_KEY was replaced open while it is among SECRET_KEY_FALLBACKS.

    :raises cryptography.fernet.InvalidToken: when none of the platform's secrets fits.
    """
    return _box().decrypt(sealed.encode()).decode()


def _box() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_fernet(str(secret)) for secret in secrets])


def _fernet(secret: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
