"""Who and where: organisations, their people, their sites."""

from b2b.directory.models.buyer_group import BuyerGroup, BuyerGroupMembership
from b2b.directory.models.credential import ApiKey, OAuthClient
from b2b.directory.models.organization import Organization
from b2b.directory.models.person import Membership, User
from b2b.directory.models.site import Site

__all__ = [
    "ApiKey",
    "BuyerGroup",
    "BuyerGroupMembership",
    "Membership",
    "OAuthClient",
    "Organization",
    "Site",
    "User",
]
