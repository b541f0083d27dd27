"""From a signed-in person to the actor they are."""

from __future__ import annotations

from b2b.core.actor import NOBODY_ACTOR, Actor, acting_as, system
from b2b.directory.models import Membership, Organization, User


def actor_of(user: User, *, request_id: str = "") -> Actor:
    """Return the actor a person is, by their first active membership; nobody when they have none."""
    with acting_as(system("sign-in")):
        membership = (
            Membership.objects.filter(user=user, organization__is_active=True)
            .select_related("organization")
            .order_by("pk")
            .first()
        )
    if membership is None or not user.is_active:
        return NOBODY_ACTOR
    return of_organization(
        membership.organization,
        user_id=user.pk,
        name=user.get_full_name() or user.get_username(),
        role=membership.role,
        request_id=request_id,
    )


def of_organization(
    organization: Organization,
    *,
    user_id: int | None = None,
    name: str = "",
    role: str = Membership.Role.ADMIN,
    scopes: frozenset[str] = frozenset(),
    request_id: str = "",
    credential: str = "",
) -> Actor:
    """Return the actor that an organisation is, through a person or through a machine credential."""
    return Actor(
        kind=organization.kind,
        organization_id=organization.pk,
        organization_code=organization.code,
        user_id=user_id,
        name=name or organization.code,
        roles=frozenset([role]),
        scopes=scopes,
        request_id=request_id,
        credential=credential,
    )
