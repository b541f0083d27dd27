"""The same request at the same time, from real threads over real connections: one effect."""

import threading
import urllib.error
import urllib.request

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.directory.services import api_key
from tests.factories import directory
from tests.http.toy import taken

TWINS = 8


@pytest.fixture
def toys(settings):
    from django.urls import clear_url_caches, set_urlconf

    settings.ROOT_URLCONF = "tests.http.toy"
    clear_url_caches()
    set_urlconf(None)


def call(server, token, key, body, answers):
    request = urllib.request.Request(
        f"{server}/api/v1/toys/numbers/",
        data=body,
        headers={
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answers.append((answer.status, answer.headers.get("Idempotency-Replayed"), answer.read()))
    except urllib.error.HTTPError as error:
        with error:
            answers.append((error.code, error.headers.get("Retry-After"), error.read()))


def together(calls):
    threads = [threading.Thread(target=call, args=arguments) for arguments in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def key_for(owner):
    by = system("test")
    with acting_as(by):
        return api_key.issue(owner, name="ERP", scopes=["catalog:read"], by=by, at=clock.now())[1]


@pytest.fixture
def token(toys, server, monkeypatch):
    monkeypatch.setattr("tests.http.toy.Numbers.scope", "")
    owner = directory.dealer()
    return owner, key_for(owner)


def test_twins_have_one_effect_and_get_one_answer(server, token):
    owner, text = token
    answers: list = []
    together([(server, text, "twin", b'{"count": 3}', answers)] * TWINS)
    assert {(status, body) for status, _, body in answers} == {(201, b'{"last":3}')}
    assert sorted(replayed or "" for _, replayed, _ in answers) == ["", *["true"] * (TWINS - 1)]
    with acting_as(system()):
        assert taken(owner) == 3


def test_keys_shared_by_two_organisations_at_once_do_not_meet(server, token):
    owner, text = token
    other = directory.dealer()
    answers: list = []
    texts = [text, key_for(other)]
    together([(server, texts[n % 2], "shared", b'{"count": 1}', answers) for n in range(TWINS)])
    assert {status for status, _, _ in answers} == {201}
    with acting_as(system()):
        assert (taken(owner), taken(other)) == (1, 1)


def test_a_twin_does_not_wait_for_ever(server, token, monkeypatch):
    """The first holds its key; the second is told to come again."""
    from b2b.http import idempotency

    owner, text = token
    inside, go_on = threading.Event(), threading.Event()
    original = idempotency.keep

    def slow(claim, response):
        inside.set()
        go_on.wait(30)
        original(claim, response)

    monkeypatch.setattr(idempotency, "keep", slow)
    monkeypatch.setattr(idempotency, "TWIN_TIMEOUT_MS", 200)
    first: list = []
    second: list = []
    thread = threading.Thread(target=call, args=(server, text, "held", b'{"count": 1}', first))
    thread.start()
    assert inside.wait(30)
    call(server, text, "held", b'{"count": 1}', second)
    go_on.set()
    thread.join()
    assert first[0][0] == 201
    assert second[0][:2] == (409, "1")
    assert b"idempotency_in_flight" in second[0][2]
    with acting_as(system()):
        assert taken(owner) == 1
