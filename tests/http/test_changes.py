"""Commands: keys, versions, faults."""

import pytest

from tests.factories import catalog, directory
from tests.http.toy import taken

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.http.toy")]
NUMBERS = "/api/v1/toys/numbers/"


def test_a_repeated_request_has_one_effect_and_the_same_answer(api_as):
    dealer = directory.dealer()
    client, key = api_as(dealer), {"Idempotency-Key": "a"}
    first = client.post(NUMBERS, {"count": 2}, headers=key)
    again = client.post(NUMBERS, {"count": 2}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content == b'{"last":2}'
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert taken(dealer) == 2


def test_a_key_stands_for_one_request(api_as):
    client, key = api_as(directory.dealer()), {"Idempotency-Key": "a"}
    client.post(NUMBERS, {"count": 1}, headers=key)
    answer = client.post(NUMBERS, {"count": 2}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_of_two_organisations_never_meet(api_as):
    one, other = directory.dealer(), directory.dealer()
    for dealer in (one, other):
        answer = api_as(dealer).post(NUMBERS, {"count": 1}, headers={"Idempotency-Key": "a"})
        assert "Idempotency-Replayed" not in answer
        assert taken(dealer) == 1


def test_a_refused_request_keeps_nothing(api_as):
    dealer = directory.dealer()
    client, key = api_as(dealer), {"Idempotency-Key": "a"}
    assert client.post(NUMBERS, {"count": 10**29}, headers=key).status_code == 422
    assert client.post(NUMBERS, {"count": 1}, headers=key).status_code == 201
    assert taken(dealer) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "naïve"])
def test_a_key_must_be_one(api_as, key):
    answer = api_as(directory.dealer()).post(NUMBERS, {"count": 1}, headers={"Idempotency-Key": key})
    assert answer.json()["errors"][0]["code"] == "bad_idempotency_key"


def test_faults_name_their_place(api_as):
    answer = api_as(directory.dealer()).post(NUMBERS, {"count": 0, "lines": [1, 0]})
    assert answer.status_code == 422
    by_pointer = {fault["pointer"]: fault for fault in answer.json()["errors"]}
    assert by_pointer["/count"]["code"] == "min_value"
    assert (by_pointer["/lines/1"]["row"], by_pointer["/lines/1"]["field"]) == (2, "lines")


def test_the_wrong_kind_is_403(api_as):
    answer = api_as(directory.factory_organization()).post(NUMBERS, {"count": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_kind")


def test_a_viewer_may_not_change(api_as):
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_login(directory.person(directory.dealer(), role="VIEWER"))
    answer = client.post(NUMBERS, {"count": 1}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "read_only_role")


def test_a_session_must_bring_its_csrf_token():
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(directory.person(directory.dealer()))
    answer = client.post(NUMBERS, {"count": 1}, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


def test_changes_name_the_version_they_change(api_as):
    sku = catalog.product(weight_g=7).sku
    client, address = api_as(directory.dealer()), f"/api/v1/toys/{sku}/"
    tag = client.get(address)["ETag"]
    assert tag == '"7"'
    assert client.patch(address, {"name": "new"}).status_code == 428
    assert client.patch(address, {"name": "new"}, headers={"If-Match": '"6"'}).status_code == 412
    changed = client.patch(address, {"name": "new"}, headers={"If-Match": tag})
    assert (changed.status_code, changed["ETag"], changed.json()["name"]) == (200, '"8"', "new")
    late = client.patch(address, {"name": "late"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "version_changed")
    assert client.patch("/api/v1/toys/none/", {"name": "x"}).status_code == 404


def test_a_replay_answers_though_the_version_has_moved_on(api_as):
    sku = catalog.product(weight_g=7).sku
    client, headers = api_as(directory.dealer()), {"If-Match": '"7"', "Idempotency-Key": "k"}
    answers = [client.patch(f"/api/v1/toys/{sku}/", {"name": "new"}, headers=headers) for _ in range(2)]
    assert [answer["ETag"] for answer in answers] == ['"8"', '"8"']
