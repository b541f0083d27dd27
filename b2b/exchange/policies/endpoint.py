"""Where the platform sends: an address that nobody can bend towards the platform's own network (SSRF).

Source: OWASP Server-Side Request Forgery Prevention Cheat Sheet; registries of RFC 6890 as `ipaddress` knows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
LONGEST_URL = 500


class BadEndpoint(ValueError):
    """The address cannot be sent to; the text says why and what to give instead."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address in its parts; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The Host header: the port is named where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def read(url: str) -> Endpoint:
    """Take an address apart.

    :raises BadEndpoint: when it is no plain http or https address of a host.
    """
    if len(url) > LONGEST_URL or any(character <= " " or character > "~" for character in url):
        raise BadEndpoint(f"an address of at most {LONGEST_URL} visible ASCII characters is wanted")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadEndpoint("this is no address; give one like https://erp.example.com/midstream") from error
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadEndpoint("give an address that begins with https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise BadEndpoint("leave user and password out of the address; the signature proves who sends")
    if parts.fragment or "#" in url:
        raise BadEndpoint("leave out what follows #; it is never sent")
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    return Endpoint(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), target)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read CIDR blocks."""
    return tuple(ip_network(text.strip()) for text in texts if text.strip())


def choose(endpoint: Endpoint, found: Sequence[str], allowed: Sequence[Network]) -> str:
    """Return the one of the found addresses to connect to; all of them must be fit, so that none is met by chance.

    Addresses that are not of the public internet are refused unless they lie in an `allowed` network; plain http only
    goes to those.

    :raises BadEndpoint: when an address is not to be sent to, or none was found.
    """
    if not found:
        raise BadEndpoint(f"{endpoint.host} has no address")
    for text in found:
        address = ip_address(text)
        if any(address in network for network in allowed if network.version == address.version):
            continue
        if not is_public(address):
            raise BadEndpoint(
                f"{endpoint.host} leads to {address}, which is no address of the public internet"
            )
        if endpoint.scheme != "https":
            raise BadEndpoint("give an address that begins with https://")
    return found[0]


def is_literal(host: str) -> bool:
    """Tell whether a host is written as an address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: Address) -> bool:
    """Tell whether an address, and any IPv4 address that hides in it, is one of the public internet."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and any(address in network for network in NAT64):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not is_public(inner):
            return False
    return address.is_global and not address.is_multicast
