"""Apply many migrations without rebuilding every model class after every step.

Django renders all related models again for each index, constraint and new model: some 20 ms a model, so that a
schema of a hundred tables takes minutes on an empty database. None of those steps changes an existing class in a way
that PostgreSQL's schema editor reads, so the classes are kept and only told about the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ModelState, ProjectState


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


@contextmanager
def kept_classes() -> Iterator[None]:
    """Apply migrations inside this block with model classes that are kept."""
    with patch.multiple(ProjectState, add_model=add_model, _append_option=append_option):
        yield
