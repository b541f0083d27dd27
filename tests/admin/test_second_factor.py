"""Two factors at the doors: what is asked, what opens, and what somebody without the telephone can do."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from b2b.core import clock
from b2b.core.actor import OPERATOR
from b2b.http import doors
from tests.admin.conftest import Person

pytestmark = pytest.mark.django_db
PAGE, SECURITY, HOME = "/operator/second-factor/", "/operator/security/", "/operator/"
PASSWORD = {"username": "ops", "password": "correct horse"}
REQUIRED = override_settings(SECOND_FACTOR_REQUIRED=frozenset({OPERATOR}))


def code_of(person: Person) -> str:
    """Return the code that the person's app shows now."""
    device = TOTPDevice.objects.get(user=person.user)
    return f"{totp(device.bin_key):06d}"


def unthrottle(person: Person) -> None:
    """Let time pass: codes may be tried again, and the last one counts as unused."""
    TOTPDevice.objects.filter(user=person.user).update(
        last_t=-1, throttling_failure_count=0, throttling_failure_timestamp=None
    )
    StaticDevice.objects.filter(user=person.user).update(
        throttling_failure_count=0, throttling_failure_timestamp=None
    )


def set_up(person: Person) -> list[str]:
    """Set the second factor up as a person does; return the recovery codes."""
    assert b"<svg" in person.client.get(PAGE).content
    answer = person.client.post(PAGE, {"code": code_of(person)}).content.decode()
    codes = re.findall(r"<li>(\w+)</li>", answer)
    unthrottle(person)
    return codes


def signed_in() -> Client:
    """Sign in by password in another browser."""
    client = Client()
    assert client.post("/operator/login/", PASSWORD).status_code == 302
    return client


def opens(client: Client) -> bool:
    """Tell whether the desk opens."""
    return client.get(HOME).status_code == 200


def test_a_code_is_asked_after_the_password_once_it_is_set_up(operator: Person) -> None:
    codes = set_up(operator)
    assert len(set(codes)) == 10
    assert opens(operator.client), "the browser in which it was set up goes on"
    other = signed_in()
    assert not opens(other)
    assert other.get("/api/v1/orders/").status_code == 401, "nor does the session open the API"
    assert other.get(HOME, follow=True).redirect_chain[-1][0] == PAGE
    assert other.post(PAGE, {"code": code_of(operator)})["Location"] == HOME
    assert opens(other)


def test_a_wrong_code_opens_nothing_and_says_how_to_go_on(operator: Person) -> None:
    set_up(operator)
    other = signed_in()
    answer = other.post(PAGE, {"code": "000000"}).content.decode()
    assert "next code" in answer
    assert not opens(other)
    assert not other.post(PAGE, {"code": code_of(operator)}).has_header("Location"), (
        "and slows the next one down"
    )


def test_a_code_works_once(operator: Person) -> None:
    set_up(operator)
    first, second, code = signed_in(), signed_in(), code_of(operator)
    assert first.post(PAGE, {"code": code}).has_header("Location")
    assert not second.post(PAGE, {"code": code}).has_header("Location")


def test_a_recovery_code_works_once(operator: Person) -> None:
    code = set_up(operator)[3]
    first = signed_in()
    assert first.post(PAGE, {"code": f" {code.upper()} "}).has_header("Location")
    assert opens(first)
    assert StaticToken.objects.filter(device__user=operator.user).count() == 9
    unthrottle(operator)
    assert not signed_in().post(PAGE, {"code": code}).has_header("Location")


def test_who_must_have_one_is_led_to_it(operator: Person, dealer: Person) -> None:
    with REQUIRED:
        assert operator.client.get(HOME, follow=True).redirect_chain[-1][0] == PAGE
        assert dealer.client.get("/dealer/").status_code == 200
        set_up(operator)
        assert opens(operator.client)
        assert "Switch off" not in operator.client.get(SECURITY).content.decode()
        operator.client.post(SECURITY, {"code": code_of(operator), "off": "1"})
        assert TOTPDevice.objects.filter(user=operator.user).exists()


def test_codes_are_renewed_and_the_factor_is_switched_off_by_showing_a_code(operator: Person) -> None:
    assert "Set it up" in operator.client.get(SECURITY).content.decode()
    old = set_up(operator)
    operator.client.post(SECURITY, {"code": "000000", "off": "1"})
    unthrottle(operator)
    answer = operator.client.post(SECURITY, {"code": code_of(operator), "renew": "1"}).content.decode()
    new = re.findall(r"<li>(\w+)</li>", answer)
    assert len(new) == 10
    assert not set(new) & set(old)
    unthrottle(operator)
    assert operator.client.post(SECURITY, {"code": code_of(operator), "off": "1"})["Location"] == SECURITY
    assert opens(signed_in())


def test_an_administrator_lets_somebody_start_anew(operator: Person) -> None:
    set_up(operator)
    chosen = {"action": "forget_second_factor", "_selected_action": [operator.user.pk]}
    operator.client.post("/operator/directory/user/", chosen)
    assert opens(signed_in())
    assert not TOTPDevice.objects.filter(user=operator.user).exists()


def test_a_command_lets_somebody_start_anew(operator: Person) -> None:
    set_up(operator)
    call_command("forget_second_factor", "ops", stdout=io.StringIO())
    assert opens(signed_in())
    with pytest.raises(CommandError, match="Nobody signs in as 'noone'"):
        call_command("forget_second_factor", "noone")


def test_a_stranger_is_sent_to_the_door(db: None) -> None:
    assert Client().get(PAGE)["Location"] == "/operator/login/"


@override_settings(SESSION_IDLE_SECONDS=doors.SESSION_IDLE_SECONDS)
def test_silence_ends_a_session(operator: Person, dealer: Person) -> None:
    start = clock.now()
    with clock.travel(start):
        assert opens(operator.client)
    with clock.travel(start + timedelta(minutes=59)):
        assert opens(operator.client)
    with clock.travel(start + timedelta(minutes=118)):
        assert opens(operator.client), "it counts from the last page"
    with clock.travel(start + timedelta(minutes=180)):
        assert not opens(operator.client)
        assert operator.client.get(HOME, follow=True).redirect_chain[-1][0].startswith("/operator/login/")
        assert dealer.client.get("/dealer/").status_code == 200


def test_guessing_locks_the_name_for_the_guesser(operator: Person) -> None:
    guesser = Client(REMOTE_ADDR="203.0.113.9")
    for _number in range(5):
        guesser.post("/operator/login/", {**PASSWORD, "password": "guess"})
    answer = guesser.post("/operator/login/", PASSWORD)
    assert answer.status_code == 200
    assert "Wait 15 minutes" in answer.content.decode()
    assert Client(REMOTE_ADDR="203.0.113.10").post("/operator/login/", PASSWORD).status_code == 302


def test_pages_say_what_a_browser_may_load(operator: Person) -> None:
    policy = operator.client.get(HOME)["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "'unsafe-inline'" not in rules["script-src"]
    assert (rules["base-uri"], rules["frame-ancestors"], rules["object-src"]) == ("'none'",) * 3
    assert not re.search(r"https?:|\*", policy), "nothing comes from elsewhere"


def test_map_tiles_come_from_the_server_that_is_named_and_no_other() -> None:
    tiles = doors.policy(pictures_from="https://tiles.example/{z}/{x}/{y}.png")["DIRECTIVES"]["img-src"]
    assert set(tiles) - set(doors.policy()["DIRECTIVES"]["img-src"]) == {"https://tiles.example"}
