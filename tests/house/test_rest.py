"""Rules for views: no bare managers, known scopes, explicit members."""

import ast
from pathlib import Path

import pytest
from rest_framework.serializers import ModelSerializer

from b2b.directory.scopes import SCOPES
from b2b.http.permissions import scope_of
from b2b.http.views import ApiView
from tests.house.routes import routes

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for app in ("b2b/*", "orders", "warehousing", "logistics", "finance")
    for path in ROOT.glob(f"{app}/rest/*.py")
)


def test_there_is_something_to_check():
    assert FILES
    assert routes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_views_ask_selectors_never_managers(path):
    bare = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    ]
    assert not bare, f"{path}: Model.objects in lines {bare}; ask a selector"


@pytest.mark.parametrize(
    ("route", "view"), routes().items(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_views_stand_on_the_base_and_name_known_scopes(route, view):
    assert issubclass(view, ApiView)
    for method in ("GET", "POST"):
        if hasattr(view, method.lower()):
            assert scope_of(view, method) in SCOPES, (
                f"{route}: add {scope_of(view, method)} to b2b/directory/scopes.py"
            )
    for serializer in (view.serializer, getattr(view, "input", None), getattr(view, "output", None)):
        assert serializer is None or not issubclass(serializer, ModelSerializer), f"{route}: name the members"
