"""The second factor of a sign-in: codes of an authenticator app (RFC 6238), and recovery codes that work once each."""

from __future__ import annotations

import logging

from django.utils.translation import gettext as _
from django_otp import devices_for_user
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import User

RECOVERY_CODES = 10
APP, RECOVERY = "app", "recovery"

log = logging.getLogger(__name__)


class WrongCode(Invalid):
    """The code is not right, has been used, or came too soon after wrong ones."""

    code = "wrong_code"


class AlreadySetUp(DomainError):
    """The second factor is set up; switch it off first."""

    code = "second_factor_set_up"


@unit_of_work()
def begin(user: User) -> TOTPDevice:
    """Return the device to be scanned, the same until it is confirmed.

    :raises AlreadySetUp: when the person has one.
    """
    if lock_one(User.objects.filter(pk=user.pk)).second_factor:
        raise AlreadySetUp
    device, _made = TOTPDevice.objects.get_or_create(user=user, name=APP, confirmed=False)
    return device


def confirm(user: User, code: str) -> tuple[str, ...]:
    """Take the scanned device into use once it has shown a code; return the recovery codes, shown this once.

    :raises WrongCode: when the code is not the device's. :raises AlreadySetUp: when the person has one.
    """
    device = begin(user)
    if not _accepted(user, code, confirmed=False):
        raise _wrong()
    return _take_into_use(user, device)


def prove(user: User, code: str) -> str:
    """Check a code of the app or a recovery code, which is used up; return the name of the device to be remembered.

    :raises WrongCode: otherwise; wrong codes make the next one wait longer and longer.
    """
    if not _accepted(user, code, confirmed=True):
        raise _wrong()
    return user.second_factor


def renew_recovery_codes(user: User, code: str) -> tuple[str, ...]:
    """Replace the recovery codes. :raises WrongCode: when `code` proves nothing."""
    prove(user, code)
    return _recovery_codes(user)


def switch_off(user: User, code: str) -> None:
    """Do without a second factor from now on. :raises WrongCode: when `code` proves nothing."""
    prove(user, code)
    forget([user])


@unit_of_work()
def forget(people: list[User]) -> None:
    """Remove the second factors of people who lost theirs; each signs in by password and sets up a new one."""
    keys = [user.pk for user in people]
    for devices in (TOTPDevice, StaticDevice):
        devices.objects.filter(user__in=keys).delete()
    User.objects.filter(pk__in=keys).update(second_factor="")
    log.warning("second factors removed of people %s", keys)


def codes_left(user: User) -> int:
    """Return how many recovery codes are unused."""
    return StaticToken.objects.filter(device__user=user).count()


def _wrong() -> WrongCode:
    remedy = _(
        "Wait for the app's next code and give that one, or one of the recovery codes not used so far."
    )
    return WrongCode(
        _("The code is not right, has been used, or came too soon after wrong ones."),
        problems=[Problem("wrong_code", _("not accepted"), field="code", remedy=remedy)],
    )


@unit_of_work()
def _accepted(user: User, code: str, *, confirmed: bool) -> bool:
    """Try the code; what a wrong one counts stays written, so the refusal is told after this unit of work."""
    code = code.replace(" ", "").lower()
    devices = devices_for_user(user, confirmed=confirmed, for_verify=True)
    return any(device.verify_token(code) for device in devices)


@unit_of_work()
def _take_into_use(user: User, device: TOTPDevice) -> tuple[str, ...]:
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    user.second_factor = device.persistent_id
    user.save(update_fields=["second_factor"])
    return _recovery_codes(user)


@unit_of_work()
def _recovery_codes(user: User) -> tuple[str, ...]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name=RECOVERY)
    codes = tuple(StaticToken.random_token() for _number in range(RECOVERY_CODES))
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes
