"""Prefer: respond-async: answered at once, done once by a worker, as the same caller."""

import json
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from b2b.contracts.platform import JobEnded
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db.transactions import Busy
from b2b.directory.services import api_key
from b2b.http import jobs
from b2b.http.models import Job
from b2b.outbox import dispatch
from b2b.outbox.models import OutboxEvent
from tests.factories import directory
from tests.http.toy import taken

NUMBERS = "/api/v1/toys/numbers/"
LATER = {"Prefer": "respond-async"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def toys(settings, monkeypatch):
    from django.urls import clear_url_caches, set_urlconf

    settings.ROOT_URLCONF = "tests.http.toy"
    clear_url_caches()
    set_urlconf(None)
    monkeypatch.setattr("tests.http.toy.Numbers.scope", "")
    yield
    clear_url_caches()


@pytest.fixture
def dealer():
    return directory.dealer()


def client_of(organization):
    by = system("test")
    with acting_as(by):
        scopes = ["catalog:read", "jobs:read"]
        token = api_key.issue(organization, name="ERP", scopes=scopes, by=by, at=clock.now())[1]
    client = APIClient(headers={"Authorization": f"Bearer {token}"})
    client.default_format = "json"
    return client


def job_of(answer):
    assert answer.status_code == 202, answer.content
    assert answer["Preference-Applied"] == "respond-async"
    return answer["Location"]


def count(organization):
    with acting_as(system()):
        return taken(organization)


def test_the_answer_is_what_the_request_itself_would_have_got(dealer):
    client = client_of(dealer)
    address = job_of(client.post(NUMBERS, {"count": 3}, headers=LATER))
    assert client.get(address).json()["status"] == "ACCEPTED"
    early = client.get(f"{address}result/")
    assert (early.status_code, early.json()["code"], early["Retry-After"]) == (409, "job_unfinished", "1")
    assert count(dealer) == 0
    dispatch.drain()
    told = client.get(address).json()
    assert (told["status"], told["response_status"], told["result"]) == ("DONE", 201, f"{address}result/")
    result = client.get(told["result"])
    assert (result.status_code, result.content) == (201, b'{"last":3}')
    with acting_as(system()):
        ended = OutboxEvent.objects.get(topic=JobEnded.topic)
    assert ended.parties == [dealer.pk]


def test_a_refusal_is_an_answer_and_takes_back_what_was_done(dealer, monkeypatch):
    client = client_of(dealer)

    def fail(self, data, *, by, at):
        original(self, data, by=by, at=at)
        raise Job.DoesNotExist

    from tests.http.toy import Numbers

    original = Numbers.call
    monkeypatch.setattr(Numbers, "call", fail)
    broken = job_of(client.post(NUMBERS, {"count": 3}, headers=LATER))
    bad = job_of(client.post(NUMBERS, {"count": 0}, headers=LATER))
    dispatch.drain()
    assert [client.get(f"{address}result/").status_code for address in (broken, bad)] == [500, 422]
    assert client.get(bad).json()["status"] == "FAILED"
    assert client.get(f"{bad}result/")["Content-Type"] == "application/problem+json"
    assert count(dealer) == 0


def test_the_same_key_gives_the_same_job_and_one_effect(dealer):
    client = client_of(dealer)
    answers = [
        client.post(NUMBERS, {"count": 2}, headers={**LATER, "Idempotency-Key": "twice"}) for _ in range(2)
    ]
    assert len({job_of(answer) for answer in answers}) == 1
    assert answers[1]["Idempotency-Replayed"] == "true"
    other = client.post(NUMBERS, {"count": 5}, headers={**LATER, "Idempotency-Key": "twice"})
    assert other.json()["code"] == "idempotency_key_reused"
    dispatch.drain()
    assert count(dealer) == 2


def test_working_twice_on_a_job_has_one_effect(dealer):
    key = UUID(job_of(client_of(dealer).post(NUMBERS, {"count": 2}, headers=LATER)).split("/")[-2])
    with acting_as(system("outbox")):
        jobs.run(key)
        jobs.run(key)
    assert count(dealer) == 2


def test_a_busy_platform_keeps_the_job_for_later(dealer, monkeypatch):
    key = UUID(job_of(client_of(dealer).post(NUMBERS, {"count": 2}, headers=LATER)).split("/")[-2])
    with monkeypatch.context() as patch, acting_as(system("outbox")):
        patch.setattr("tests.http.toy.Numbers.call", lambda *args, **values: (_ for _ in ()).throw(Busy()))
        with pytest.raises(Busy):
            jobs.run(key)
    dispatch.drain()
    assert count(dealer) == 2


def test_what_is_no_json_is_refused_at_once(dealer):
    answer = client_of(dealer).post(
        NUMBERS, "{", content_type="application/json", headers={**LATER, "Idempotency-Key": "x"}
    )
    assert answer.status_code == 400
    assert not Job.objects.exists()


def test_a_person_waits_and_jobs_are_private(dealer, api_as):
    assert api_as(dealer).post(NUMBERS, {"count": 1}, headers=LATER).status_code == 201
    mine = client_of(dealer)
    address = job_of(mine.post(NUMBERS, {"count": 1}, headers=LATER))
    for stranger in (client_of(directory.dealer()), client_of(dealer)):
        assert stranger.get(address).status_code == 404
        assert stranger.get("/api/v1/jobs/").json()["results"] == []
    assert json.loads(mine.get("/api/v1/jobs/").content)["results"][0]["path"] == NUMBERS


def test_old_jobs_are_forgotten_and_waiting_ones_kept(dealer):
    client = client_of(dealer)
    client.post(NUMBERS, {"count": 1}, headers=LATER)
    dispatch.drain()
    client.post(NUMBERS, {"count": 1}, headers=LATER)
    with acting_as(system()):
        assert jobs.forget(at=clock.now()) == 0
        assert jobs.forget(at=clock.now() + jobs.timedelta(days=jobs.KEPT_DAYS + 1)) == 1
        assert Job.objects.count() == 1
