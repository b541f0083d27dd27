"""No address leads into the platform's own network."""

from __future__ import annotations

import pytest

from b2b.exchange.policies import endpoint
from b2b.exchange.policies.endpoint import BadEndpoint

HTTPS = endpoint.read("https://erp.example.com/midstream?a=1")


def test_an_address_in_its_parts():
    assert (HTTPS.host, HTTPS.port, HTTPS.target) == ("erp.example.com", 443, "/midstream?a=1")
    assert endpoint.read("https://erp.example.com:8443").authority == "erp.example.com:8443"
    assert endpoint.read("http://[::1]:8080/x").authority == "[::1]:8080"
    assert HTTPS.authority == "erp.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "erp.example.com",
        "ftp://erp.example.com",
        "file:///etc/passwd",
        "https://",
        "https://user:word@erp.example.com/",
        "https://erp.example.com/#part",
        "https://erp.example.com:99999/",
        "https://erp.example.com/a b",
        "https://erp.example.com/\r\nHost: inner",
        "https://[::1/",
        "https://erp.example.com/" + "a" * 500,
    ],
)
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(BadEndpoint):
        endpoint.read(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - refused, not bound
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # where clouds keep their machines' credentials
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(address: str):
    with pytest.raises(BadEndpoint):
        endpoint.choose(HTTPS, [address], ())
    with pytest.raises(BadEndpoint):
        endpoint.choose(HTTPS, ["93.184.216.34", address], ())


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_sent_to_by_https_only(address: str):
    assert endpoint.choose(HTTPS, [address], ()) == address
    with pytest.raises(BadEndpoint, match="https"):
        endpoint.choose(endpoint.read("http://erp.example.com"), [address], ())


def test_a_network_may_be_allowed():
    allowed = endpoint.networks(["10.0.0.0/8"])
    plain = endpoint.read("http://erp.inner")
    assert endpoint.choose(plain, ["10.1.2.3"], allowed) == "10.1.2.3"
    with pytest.raises(BadEndpoint):
        endpoint.choose(plain, ["10.1.2.3", "192.168.1.1"], allowed)


def test_a_name_without_address_is_refused():
    with pytest.raises(BadEndpoint, match="no address"):
        endpoint.choose(HTTPS, [], ())
