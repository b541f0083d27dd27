"""Who and where."""

from django.apps import AppConfig


class Directory(AppConfig):
    """Organisations, people and sites."""

    name = "b2b.directory"
    label = "directory"
    verbose_name = "Directory"
