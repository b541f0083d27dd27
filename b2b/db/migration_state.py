"""Apply many migrations without rebuilding every model class after every step.

Django renders all related models again for each index, constraint, field and new model: some 20 ms a model, so that a
schema of a hundred tables takes minutes on an empty database. An index, a constraint or a new model changes no existing
class in a way that PostgreSQL's schema editor reads, so the classes are kept and only told about the change. A field
changes the class of its own model alone, unless keys of others point at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.utils import field_is_referenced


def add_model(self: ProjectState, model_state: ModelState) -> None:
    """Render the new model alone; what it points to exists already and learns of it from the registry."""
    key = model_state.app_label, model_state.name_lower
    self.models[key] = model_state
    if self._relations is not None:
        self.resolve_model_relations(key)
    if "apps" in self.__dict__:
        self.apps.render_multiple([model_state])


def set_option(self: ProjectState, app_label: str, model_name: str, name: str, values: list[Any]) -> None:
    """Change the indexes or constraints of a model in the state and in its class."""
    self.models[app_label, model_name].options[name] = values
    if "apps" in self.__dict__:
        setattr(self.apps.get_model(app_label, model_name)._meta, name, values)


def append_option(self: ProjectState, app_label: str, model_name: str, name: str, added: Any) -> None:
    """Add an index or constraint."""
    values = self.models[app_label, model_name].options.get(name, [])
    set_option(self, app_label, model_name, name, [*values, added])


def alone(change: Callable[..., None]) -> Callable[..., None]:
    """Change a field and render its model alone; a field that others point at is left to Django.

    Models around keep their keys to the class that was: the table is the same, and the schema editor asks no more.
    """

    def inner(self: ProjectState, app_label: str, model_name: str, name: str, *more: Any) -> None:
        key = app_label, model_name
        before = self.models[key].fields.get(name)
        if before is not None and field_is_referenced(self, key, (name, before)):
            return change(self, app_label, model_name, name, *more)
        apps = self.__dict__.pop("apps", None)  # without classes Django changes the state and renders nothing
        change(self, app_label, model_name, name, *more)
        if apps is not None:
            self.__dict__["apps"] = apps
            self._reload({key})
        return None

    return inner


@contextmanager
def kept_classes() -> Iterator[None]:
    """Apply migrations inside this block with model classes that are kept."""
    fields = {
        name: alone(getattr(ProjectState, name)) for name in ("add_field", "alter_field", "remove_field")
    }
    with patch.multiple(ProjectState, add_model=add_model, _append_option=append_option, **fields):
        yield
