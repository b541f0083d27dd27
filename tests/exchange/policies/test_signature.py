"""Signatures as Standard Webhooks defines them, against its own published vector."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.exchange.policies import signature
from b2b.exchange.policies.signature import ED25519, HMAC, BadKey, BadSignature

# The example of the specification and of all its libraries.
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'


def test_the_published_vector():
    assert signature.headers([KEY], ID, AT, BODY) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("scheme", [HMAC, ED25519])
@given(body=st.binary(max_size=200), number=st.integers(0, 10**6))
def test_what_is_signed_is_verified_and_nothing_else(scheme: str, body: bytes, number: int):
    key = signature.make_key(scheme)
    given = signature.headers([key], f"m{number}", AT, body)
    signature.verify(signature.shown(key), given, body, now=AT)
    for broken, headers in (
        (body + b" ", given),
        (body, {**given, "webhook-id": f"m{number + 1}"}),
        (body, {**given, "webhook-timestamp": str(int(AT.timestamp()) + 1)}),
        (body, {**given, "webhook-signature": "v1,AAAA v1a,AAAA v1a,%%%"}),
    ):
        with pytest.raises(BadSignature):
            signature.verify(signature.shown(key), headers, broken, now=AT)


@pytest.mark.parametrize("scheme", [HMAC, ED25519])
def test_while_a_key_is_replaced_both_fit(scheme: str):
    old, new, other = (signature.make_key(scheme) for _ in range(3))
    given = signature.headers([new, old], ID, AT, BODY)
    for key in (old, new):
        signature.verify(signature.shown(key), given, BODY, now=AT)
    with pytest.raises(BadSignature):
        signature.verify(signature.shown(other), given, BODY, now=AT)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_message_is_refused(minutes: int):
    given = signature.headers([KEY], ID, AT, BODY)
    with pytest.raises(BadSignature, match="five minutes"):
        signature.verify(KEY, given, BODY, now=AT + timedelta(minutes=minutes))


def test_a_receiver_never_sees_the_private_half():
    key = signature.make_key(ED25519)
    assert key.startswith("whsk_")
    assert signature.shown(key).startswith("whpk_")
    assert signature.shown(key)[5:] not in key[:40]


@pytest.mark.parametrize("key", ["secret", "whsec_%%%", "whsec_AAAA", "whpk_AAAA"])
def test_what_is_no_key_is_named(key: str):
    with pytest.raises(BadKey):
        signature.headers([key], ID, AT, BODY)


def test_missing_headers_are_named():
    with pytest.raises(BadSignature, match="header"):
        signature.verify(KEY, {"webhook-id": ID}, BODY, now=AT)
