"""Rules for views: known scopes, explicit members."""

import pytest
from rest_framework.serializers import ModelSerializer

from b2b.directory.scopes import SCOPES
from b2b.http.permissions import scope_of
from b2b.http.views import ApiView
from tests.house.routes import routes


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
