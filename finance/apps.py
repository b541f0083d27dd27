"""Ledger, credit, invoices, payments and reconciliation."""

from django.apps import AppConfig


class Finance(AppConfig):
    """See README.md in this folder."""

    name = "finance"
