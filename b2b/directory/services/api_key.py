"""API keys: issue, rotate, revoke."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_network

from b2b.core.actor import OPERATOR, SYSTEM, Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory import keys
from b2b.directory import scopes as catalogue
from b2b.directory.models import ApiKey, Membership, Organization

LIFETIME_DAYS = 365
ROTATION_GRACE_DAYS = 7
USE_NOTED_EVERY = timedelta(minutes=1)


class NotAdministrator(Forbidden):
    """Only an administrator of the organisation manages its credentials."""

    code = "not_administrator"


class BadCredential(Invalid):
    """The credential cannot be made as asked."""

    code = "bad_credential"


@unit_of_work()
def issue(
    organization: Organization,
    *,
    name: str,
    scopes: Iterable[str],
    by: Actor,
    at: datetime,
    lifetime_days: int = LIFETIME_DAYS,
    allowed_networks: Iterable[str] = (),
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which nobody can read again.

    :raises NotAdministrator: when `by` does not administer the organisation. :raises BadCredential: for scopes the
        organisation's kind may not have, networks that are none, or a lifetime outside 1 to 730 days.
    """
    require_administrator(by, organization.pk)
    scopes, networks = list(scopes), [text.strip() for text in allowed_networks if text.strip()]
    faults = [_bad_scope(scope) for scope in catalogue.not_allowed(organization.kind, scopes)]
    faults += [_bad_network(text) for text in networks if not _is_network(text)]
    if not 1 <= lifetime_days <= 730:
        faults.append(Problem("bad_lifetime", "1 to 730 days", field="lifetime_days"))
    if not scopes:
        faults.append(Problem("no_scope", "a key without scopes opens nothing", field="scopes"))
    if faults:
        raise BadCredential(problems=faults)
    prefix, token = keys.make()
    key = ApiKey.objects.create(
        organization=organization,
        name=name[:80],
        prefix=prefix,
        secret_hash=keys.digest(token),
        scopes=scopes,
        allowed_networks=networks,
        created_at=at,
        created_by=str(by)[:150],
        expires_at=at + timedelta(days=lifetime_days),
    )
    return key, token


@unit_of_work()
def rotate(key_id: int, *, by: Actor, at: datetime) -> tuple[ApiKey, str]:
    """Issue a successor of a key and let the old one die after ROTATION_GRACE_DAYS, so that both work meanwhile.

    :raises NotFound: when the key is not the actor's to see. :raises BadCredential: when it is revoked or expired.
    """
    key = lock_one(ApiKey.objects.visible_to(by).filter(pk=key_id))
    require_administrator(by, key.organization_id)
    if key.revoked_at is not None or key.expires_at <= at:
        raise BadCredential("the key has ended; issue a new one")
    made = issue(
        key.organization,
        name=key.name,
        scopes=key.scopes,
        by=by,
        at=at,
        lifetime_days=max(1, min(730, (key.expires_at - key.created_at).days)),
        allowed_networks=key.allowed_networks,
    )
    key.expires_at = min(key.expires_at, at + timedelta(days=ROTATION_GRACE_DAYS))
    key.save(update_fields=["expires_at"])
    return made


@unit_of_work()
def revoke(key_id: int, *, by: Actor, at: datetime) -> ApiKey:
    """End a key at once; doing it twice changes nothing.

    :raises NotFound: when the key is not the actor's to see.
    """
    key = lock_one(ApiKey.objects.visible_to(by).filter(pk=key_id))
    require_administrator(by, key.organization_id)
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
    return key


def is_use_due(key: ApiKey, *, at: datetime) -> bool:
    """Tell whether the use of a key is to be noted again."""
    return key.last_used_at is None or at - key.last_used_at > USE_NOTED_EVERY


@unit_of_work()
def note_use(key: ApiKey, *, at: datetime) -> None:
    """Remember that a key is in use, at most once a minute."""
    if is_use_due(key, at=at):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
        key.last_used_at = at


def require_administrator(by: Actor, organization_id: int) -> None:
    """Check that the actor administers the organisation or the platform as a person, or is the platform itself.

    :raises NotAdministrator: otherwise; a credential may not make credentials.
    """
    if by.kind == SYSTEM:
        return
    theirs = by.kind == OPERATOR or by.organization_id == organization_id
    if by.credential or not theirs or Membership.Role.ADMIN not in by.roles:
        raise NotAdministrator


def _bad_scope(scope: str) -> Problem:
    return Problem("bad_scope", f"{scope} is not for this kind of organisation", field="scopes")


def _bad_network(text: str) -> Problem:
    return Problem("bad_network", f"{text} is not an address or CIDR block", field="allowed_networks")


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
