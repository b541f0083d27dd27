"""Input that means harm: refused in words, never a 500, nothing written."""

import json

import pytest

from tests.factories import directory
from tests.house.routes import fill, routes, takes
from tests.house.tenancy_matrix import MATRIX, World
from tests.http.toy import taken
from tests.support.examples import examples

pytestmark = pytest.mark.django_db
NUMBERS = "/api/v1/toys/numbers/"
JSON = "application/json"
PICKED = examples(2)

TEXTS = [
    "\0",
    "\\",
    "'; DROP TABLE x; --",
    "9" * 400,
    "-" + "9" * 20,
    "1e400",
    "NaN",
    "../../etc/passwd",
    "🧨" * 50,
    "=1+1",
]
VALUES = [None, True, -1, 0, 10**40, 1e308, "", *TEXTS, [], {}, [[]], {"a": {}}, [None] * 3, "\ud800"]

BODIES = {
    "nothing": b"",
    "not JSON": b"{count: 1}",
    "half": b'{"count": ',
    "not UTF-8": b'{"count": "\xff\xfe"}',
    "UTF-16": '{"count": 1}'.encode("utf-16"),
    "NaN": b'{"count": NaN}',
    "infinity": b'{"count": Infinity}',
    "1e999": b'{"count": 1e999}',
    "long number": b'{"count": ' + b"9" * 100_000 + b"}",
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep mappings": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep in a member": b'{"count": 1, "lines": ' + b"[" * 40 + b"]" * 40 + b"}",
    "a text": b'"count"',
    "a list": b"[]",
    "null": b"null",
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "lone surrogate": b'{"count": 1, "note": "\\ud800"}',
    "NUL": b'{"count": 1, "note": "\\u0000"}',
}


@pytest.mark.urls("tests.http.toy")
@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_no_request_are_refused_in_words(api_as, name):
    dealer = directory.dealer()
    answer = api_as(dealer).generic("POST", NUMBERS, BODIES[name], content_type=JSON)
    assert answer.status_code in {400, 422}, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] in {"malformed", "invalid"}
    assert len(answer.content) < 5_000
    assert taken(dealer) == 0


@pytest.mark.urls("tests.http.toy")
@pytest.mark.parametrize(
    "kind", ["text/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_other_media_types_are_415(api_as, kind):
    answer = api_as(directory.dealer()).generic("POST", NUMBERS, b"<a/>", content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.urls("tests.http.toy")
def test_bodies_are_bounded_before_they_are_read(api_as, settings):
    client = api_as(directory.dealer())
    declared = client.generic("POST", NUMBERS, b"{}", content_type=JSON, CONTENT_LENGTH=str(100 * 2**20))
    assert (declared.status_code, declared.json()["code"]) == (413, "too_large")
    settings.API_MAX_JSON = 1_000
    sent = client.generic("POST", NUMBERS, b'{"note": "' + b"x" * 1_000 + b'"}', content_type=JSON)
    assert (sent.status_code, sent.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("length", ["-1", "many", "9" * 30, "²"])
def test_a_false_length_is_no_way_in(api_as, length):
    answer = api_as(directory.dealer()).generic(
        "POST", "/api/v1/catalog/products/", b"", CONTENT_LENGTH=length
    )
    assert 400 <= answer.status_code < 500


def test_headers_are_input_too(api_as):
    client = api_as(directory.dealer())
    forged = client.get("/api/v1/catalog/products/", headers={"X-Request-Id": "a\r\nSet-Cookie: b"})
    assert "\n" not in forged["X-Request-Id"]
    assert (
        client.get("/api/v1/catalog/products/", headers={"Accept": "text/html;q=nonsense"}).status_code == 200
    )
    assert client.get("/api/v1/catalog/products/", headers={"Authorization": "Basic eDp5"}).status_code == 200


def some_of(values, number, route):
    """Return a few of the values; which ones differs by place, so that together the tests try all of them."""
    start = (number * PICKED + len(route)) % len(values)
    return (values + values)[start : start + PICKED]


READS = [route for route, view in sorted(routes().items()) if hasattr(view, "get")]
CHANGES = [
    (route, method)
    for route, view in sorted(routes().items())
    for method in ("post", "patch", "put", "delete")
    if takes(view, method)
]


@pytest.mark.parametrize("route", READS)
def test_queries_never_break_a_read(api_as, route):
    line, world = MATRIX[route], World()
    case, view = line.make(world), routes()[route]
    client, address = api_as(world.callers(line.owner)["owner"]), fill(route, case.values)
    filterset = getattr(view, "filterset", None)
    names = [
        "cursor",
        "page_size",
        "fields",
        "updated_after",
        "since",
        *(filterset.base_filters if filterset else ()),
    ]
    for number, name in enumerate(names):
        for text in some_of(TEXTS, number, route):
            answer = client.get(address, {name: text})
            assert answer.status_code < 500, f"{name}={text!r}: {answer.content[:300]!r}"


@pytest.mark.parametrize("route", [route for route in READS if "<str:" in route])
def test_names_in_the_address_never_break_a_read(api_as, route):
    client = api_as(directory.dealer())
    for text in ("%00", "%F0%9F%A7%A8", "%FF", "..%2F", "x" * 2_000, "%27"):
        answer = client.get("/api/v1/" + route.replace("<str:sku>", text))
        assert answer.status_code in {400, 403, 404, 422}, f"{text}: {answer.content[:300]!r}"


@pytest.mark.parametrize(("route", "method"), CHANGES)
def test_hostile_members_never_break_a_change(api_as, route, method):
    line, world = MATRIX[route], World()
    case, view = line.make(world), routes()[route]
    party = next(
        (p for name, p in world.callers(line.owner).items() if name in line.changes), world["operator"]
    )
    client, address = api_as(party), fill(route, case.values)
    members = getattr(view.input(), "fields", {}) if getattr(view, "input", None) else {}
    bodies = [
        line.body(world) | {name: value}
        for number, name in enumerate(members)
        for value in some_of(VALUES, number, route)
    ]
    bodies += [dict.fromkeys(members, value) for value in some_of(VALUES, len(members), route)]
    bodies += some_of(VALUES, len(members) + 1, route)
    for body in bodies:
        answer = client.generic(
            method.upper(), address, json.dumps(body).encode(), content_type=JSON, headers={"If-Match": "*"}
        )
        assert answer.status_code < 500, f"{body!r:.200}: {answer.content[:300]!r}"
