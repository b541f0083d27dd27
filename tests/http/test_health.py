"""/healthz: 200 only when all parts work."""

import pytest

from b2b.http import health

pytestmark = pytest.mark.django_db


def test_all_parts_work(client, monkeypatch):
    monkeypatch.setattr(health, "PARTS", {"web": str, "database": health._database})
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": {"web": "ok", "database": "ok"}}


def test_one_broken_part_is_named_and_the_rest_still_told(client, monkeypatch):
    def broken():
        raise ConnectionError("secret address")

    monkeypatch.setattr(health, "PARTS", {"web": str, "broker": broken, "relay": lambda: "behind by 90 s"})
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"web": "ok", "broker": "does not answer", "relay": "behind by 90 s"}
    assert "secret" not in answer.content.decode()
