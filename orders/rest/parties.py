"""Whom a caller orders for, and where to."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.directory.models import Organization, Site
from b2b.directory.selectors import organization, site


def dealer_of(actor: Actor, code: str = "") -> Organization:
    """Return the caller's own organisation; the operator names the dealer.

    :raises Invalid: when there is no such dealer among those the caller may act for.
    """
    visible = organization.visible(actor).filter(kind="dealer", is_active=True)
    found = visible.filter(code=code).first() if code else visible.filter(pk=actor.organization_id).first()
    if found is None:
        problem = Problem("unknown_dealer", f"{code or 'no dealer'} is none you order for", pointer="/dealer")
        raise Invalid("Name the dealer.", problems=[problem])
    return found


def site_of(actor: Actor, dealer: Organization, code: str) -> Site | None:
    """Return the dealer's active site of this code, None for an empty code.

    :raises Invalid: when the dealer has no such site.
    """
    if not code:
        return None
    found = site.own(actor).filter(organization=dealer, code=code).first()
    if found is None:
        problem = Problem("unknown_site", f"{code[:32]} is none of your sites", pointer="/ship_to")
        raise Invalid("There is no such site.", problems=[problem])
    return found


def organization_of(actor: Actor, code: str = "") -> Organization:
    """Return the caller's own organisation; the operator may name another.

    :raises Invalid: when the caller may not act for it.
    """
    visible = organization.visible(actor).filter(is_active=True)
    found = visible.filter(code=code).first() if code else visible.filter(pk=actor.organization_id).first()
    if found is None:
        problem = Problem("unknown_organization", f"{code} is none of yours", pointer="/organization")
        raise Invalid("Name the organisation.", problems=[problem])
    return found


def party_of(actor: Actor, code: str) -> Organization:
    """Return the organisation of this code, for an operator who names the other party.

    :raises Invalid: when there is none.
    """
    found = organization.visible(actor).filter(code=code, is_active=True).first()
    if found is None:
        problem = Problem("unknown_party", f"{code[:24]} is no party", pointer="/party")
        raise Invalid("Name the other party.", problems=[problem])
    return found


def factory_of(actor: Actor, code: str) -> Organization:
    """Return the factory of this code, for an operator.

    :raises Invalid: when there is none.
    """
    found = organization.visible(actor).filter(kind="factory", code=code, is_active=True).first()
    if found is None:
        problem = Problem("unknown_factory", f"{code[:24]} is no factory", pointer="/factory")
        raise Invalid("Name a factory.", problems=[problem])
    return found


def warehouse_of(actor: Actor, code: str) -> Site:
    """Return the active warehouse of this code, for an operator.

    :raises Invalid: when there is none.
    """
    found = site.visible(actor).filter(kind="WAREHOUSE", code=code, is_active=True).first()
    if found is None:
        problem = Problem("unknown_site", f"{code[:32]} is no warehouse", pointer="/warehouse")
        raise Invalid("Name a warehouse.", problems=[problem])
    return found
