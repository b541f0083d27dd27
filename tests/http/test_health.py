"""/healthz: 200 only when all parts work."""

import pytest
from django.db import OperationalError

from b2b.outbox.selectors import health

pytestmark = pytest.mark.django_db
GOOD = {name: {"ok": True} for name in ("worker", "relay", "beat", "broker")}


def test_all_parts_work(client, monkeypatch):
    monkeypatch.setattr(health, "parts", lambda: GOOD | {"outbox": {"ok": False, "parked": 1}})
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()["parts"]) == {"web", "database", "worker", "relay", "beat", "broker", "outbox"}


def test_one_broken_part_is_named_and_its_address_is_not(client, monkeypatch):
    monkeypatch.setattr(
        health, "parts", lambda: GOOD | {"broker": {"ok": False, "error": "amqp://user:pw@host"}}
    )
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] == {"ok": False}
    assert answer.json()["parts"]["worker"] == {"ok": True}


def test_without_a_database_it_still_answers(client, monkeypatch):
    def away():
        raise OperationalError("no route to 10.0.0.1")

    monkeypatch.setattr(health, "parts", away)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"web": {"ok": True}, "database": {"ok": False}}


def test_nobody_works_here_and_it_says_so(client):
    parts = client.get("/healthz").json()["parts"]
    assert parts["database"] == {"ok": True}
    assert parts["worker"]["ok"] is False
