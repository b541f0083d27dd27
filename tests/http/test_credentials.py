"""Machines: API keys and OAuth2 clients."""

from datetime import timedelta

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import NotFound
from b2b.directory.models import ApiKey
from b2b.directory.selectors import credential
from b2b.directory.selectors.acting import of_organization
from b2b.directory.services import api_key, oauth_client
from b2b.http import throttle
from tests.factories import directory

pytestmark = pytest.mark.django_db
SITES = "/api/v1/sites/"


def issue(owner, scopes=("directory:read",), **values):
    """Issue a key as the owner's administrator."""
    values.setdefault("at", clock.now())
    by = directory.actor(owner)
    with acting_as(by):
        return api_key.issue(owner, name="ERP", scopes=scopes, by=by, **values)


def get(token, path=SITES, **values):
    return Client().get(path, headers={"Authorization": f"Bearer {token}"}, **values)


def test_a_key_opens_what_its_scopes_say_for_its_own_organisation():
    mine, rival = directory.dealer(), directory.dealer()
    own, _ = directory.site(mine), directory.site(rival)
    _, token = issue(mine)
    assert [row["code"] for row in get(token).json()["results"]] == [own.code]
    assert Client().get(SITES, headers={"X-Api-Key": token}).status_code == 200
    refused = get(token, "/api/v1/catalog/products/")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")


def test_the_text_of_a_key_is_kept_nowhere():
    key, token = issue(directory.dealer())
    with acting_as(system()), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM directory_apikey k")
        ((row,),) = cursor.fetchall()
    secret = token.rpartition("_")[2] or token
    assert secret not in row
    assert token not in row
    assert token not in f"{key} {key!r} {vars(key)}"


def test_a_hash_is_no_key():
    key, _ = issue(directory.dealer())
    assert get(f"msk_{key.prefix}_{key.secret_hash}").status_code == 401
    assert get(key.secret_hash).status_code == 401


def test_an_expired_or_revoked_key_is_refused_at_once():
    owner = directory.dealer()
    by = directory.actor(owner)
    _, old = issue(owner, at=clock.now() - timedelta(days=400))
    assert (get(old).status_code, get(old).json()["detail"]) == (401, "the API key has expired")
    key, token = issue(owner)
    assert get(token).status_code == 200
    with acting_as(by):
        api_key.revoke(key.pk, by=by, at=clock.now())
    assert get(token).status_code == 401


def test_a_rotated_key_works_beside_its_successor_for_a_while():
    owner = directory.dealer()
    by, now = directory.actor(owner), clock.now()
    key, old = issue(owner)
    with acting_as(by):
        _, new = api_key.rotate(key.pk, by=by, at=now)
    assert [get(token).status_code for token in (old, new)] == [200, 200]
    with clock.travel(now + timedelta(days=8)):
        assert [get(token).status_code for token in (old, new)] == [401, 200]


@pytest.mark.parametrize(
    ("address", "status"), [("10.1.2.3", 200), ("10.2.0.1", 401), ("::1", 401), ("", 401)]
)
def test_a_key_may_be_tied_to_networks(address, status):
    _, token = issue(directory.dealer(), allowed_networks=["10.1.0.0/16"])
    assert get(token, REMOTE_ADDR=address).status_code == status


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy():
    _, token = issue(directory.dealer(), allowed_networks=["10.1.0.0/16"])
    forged = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "10.1.0.1"}
    assert get(token, **forged).status_code == 401
    with override_settings(API_TRUSTED_PROXIES=1):
        assert get(token, **forged).status_code == 200
        assert get(token, **forged | {"HTTP_X_FORWARDED_FOR": "10.1.0.1, 192.0.2.9"}).status_code == 401


@pytest.mark.parametrize("token", ["", "msk_", "msk__", "x", "msk_\x7f", "é", "msk_" + "a" * 100_000])
def test_what_is_no_credential_is_401(token):
    assert get(token).status_code == 401


def test_a_kind_gets_only_its_scopes_and_a_rival_sees_no_keys():
    owner, rival = directory.dealer(), directory.dealer()
    with pytest.raises(api_key.BadCredential):
        issue(owner, scopes=["logistics:write"])
    with pytest.raises(api_key.BadCredential):
        issue(owner, allowed_networks=["anywhere"])
    key, _ = issue(owner)
    other = directory.actor(rival)
    with acting_as(other):
        assert not credential.visible_keys(other).exists()
        assert not ApiKey.objects.exists()
        with pytest.raises(NotFound):
            api_key.revoke(key.pk, by=other, at=clock.now())
        with pytest.raises(api_key.NotAdministrator):
            api_key.issue(owner, name="x", scopes=["catalog:read"], by=other, at=clock.now())


def test_use_is_noted():
    key, token = issue(directory.dealer())
    get(token)
    with acting_as(system()):
        key.refresh_from_db()
    assert key.last_used_at is not None


def token_of(client_id, secret, **values):
    return Client().post(
        "/oauth/token/",
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, **values},
    )


def test_an_oauth_client_gets_a_short_token_with_its_scopes():
    owner = directory.dealer()
    own = directory.site(owner)
    by = directory.actor(owner)
    with acting_as(by):
        client, secret = oauth_client.register(owner, name="ERP", scopes=["directory:read"], by=by)
        client_id = client.application.client_id
    assert client.application.client_secret != secret
    answer = token_of(client_id, secret)
    assert answer.status_code == 200, answer.content
    assert answer.json()["expires_in"] <= 15 * 60
    token = answer.json()["access_token"]
    assert get(token).json()["results"][0]["code"] == own.code
    assert get(token, "/api/v1/catalog/products/").status_code == 403
    assert token_of(client_id, secret, scope="orders:write").status_code == 400
    assert token_of(client_id, client.application.client_secret).status_code == 401
    with clock.travel(clock.now() + timedelta(minutes=16)):
        assert get(token).status_code == 401
    revoked = Client().post(
        "/oauth/revoke/", {"token": token, "client_id": client_id, "client_secret": secret}
    )
    assert revoked.status_code == 200
    assert get(token).status_code == 401


def test_the_command_prints_a_working_credential(capsys):
    owner = directory.factory_organization()
    call_command("issue_token", "--organization", owner.code)
    assert get(capsys.readouterr().out.strip()).status_code == 200
    call_command("issue_token", "--organization", owner.code, "--oauth")
    printed = dict(line.split("=", 1) for line in capsys.readouterr().out.split())
    assert token_of(printed["client_id"], printed["client_secret"]).status_code == 200


def test_too_many_requests_of_an_organisation_wait_and_others_do_not():
    from django.core.cache import cache

    cache.clear()
    busy, calm = directory.dealer(), directory.dealer()
    (_, of_busy), (_, of_calm) = issue(busy), issue(calm)
    with override_settings(API_RATE_PER_MINUTE=3):
        answers = [get(of_busy) for _ in range(8)]
        assert get(of_calm).status_code == 200
    assert 429 in {answer.status_code for answer in answers}
    late = next(answer for answer in answers if answer.status_code == 429)
    assert late.json()["code"] == "too_many_requests"
    assert 1 <= int(late["Retry-After"]) <= 61


def test_guessing_is_slowed_down():
    from django.core.cache import cache

    cache.clear()
    with override_settings(API_SIGN_IN_RATE_PER_MINUTE=3):
        assert 429 in {get("msk_guess").status_code for _ in range(8)}
    cache.clear()


@pytest.mark.parametrize("door", ["/dealer/login/", "/operator/login/", "/oauth/token/"])
def test_guessing_passwords_is_slowed_down_at_every_door(door):
    from django.core.cache import cache

    cache.clear()
    with override_settings(API_SIGN_IN_RATE_PER_MINUTE=3):
        tries = {Client().post(door, {"username": "x", "password": "y"}).status_code for _ in range(8)}
    cache.clear()
    assert 429 in tries


@pytest.mark.parametrize("role", ["CLERK", "VIEWER"])
def test_only_an_administrator_of_the_platform_makes_keys_for_others(role):
    owner, desk = directory.dealer(), directory.operator()
    clerk = of_organization(desk, role=role)
    with acting_as(clerk), pytest.raises(api_key.NotAdministrator):
        api_key.issue(owner, name="x", scopes=["catalog:read"], by=clerk, at=clock.now())
    key, _ = issue(owner)
    with acting_as(clerk), pytest.raises(api_key.NotAdministrator):
        api_key.rotate(key.pk, by=clerk, at=clock.now())


def test_a_trusted_key_costs_no_query_and_a_revocation_holds_after_some_seconds(monkeypatch):
    seconds = [100.0]
    monkeypatch.setattr(credential, "monotonic", lambda: seconds[0])
    key, token = issue(directory.dealer())
    with override_settings(API_KEY_TRUST_SECONDS=5.0):
        assert get(token).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            assert get(token).status_code == 200
        assert not [query for query in asked if "directory_apikey" in query["sql"]]
        with acting_as(system("test")):
            api_key.revoke(key.pk, by=system("test"), at=clock.now())
        seconds[0] += 5.0
        assert get(token).status_code == 401


def test_a_trusted_key_still_ends_in_time_and_at_its_networks():
    key, token = issue(directory.dealer())
    with override_settings(API_KEY_TRUST_SECONDS=5.0):
        assert get(token).status_code == 200
        with clock.travel(key.expires_at):
            assert get(token).status_code == 401
    fenced, token = issue(directory.dealer(), allowed_networks=["127.0.0.0/8"])
    with override_settings(API_KEY_TRUST_SECONDS=5.0):
        assert get(token).status_code == 200
        assert get(token, REMOTE_ADDR="10.9.9.9").status_code == 401
    assert fenced.allowed_networks


def test_a_process_spends_its_portion_without_the_cache_and_nobody_exceeds_the_limit(monkeypatch):
    calls = []
    cache = LocMemCache("portions", {})
    monkeypatch.setattr(cache, "incr", lambda *given: calls.append(given) or LocMemCache.incr(cache, *given))
    monkeypatch.setattr(throttle, "cache", cache)
    actor, request = of_organization(directory.dealer()), RequestFactory().get("/")
    answered = 0
    with override_settings(API_RATE_PER_MINUTE=400), clock.travel(clock.now()):
        for _ in range(500):
            try:
                throttle.count(actor, request, refused=False)
            except throttle.TooMany:
                continue
            answered += 1
    assert answered == 400
    assert len(calls) == 200 + 100


def test_a_session_of_production_ends_when_its_person_signs_out(settings, api_as):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    client = api_as(directory.dealer())
    assert client.get(SITES).status_code == 200
    kept = client.cookies["sessionid"].value
    client.logout()
    client.cookies["sessionid"] = kept
    assert client.get(SITES).status_code == 401
