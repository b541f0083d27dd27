"""The database kernel."""

from django.apps import AppConfig


class Db(AppConfig):
    """Documents, transactions, bulk statements, row security."""

    name = "b2b.db"
    label = "db"
    verbose_name = "Database kernel"
