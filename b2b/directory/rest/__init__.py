"""Organisations and sites in the API."""
