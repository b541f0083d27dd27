"""Run PostgreSQL and Valkey beside the platform on one machine, and supervise it all (`manage.py up`).

Nothing here imports Django at module level, because the settings themselves ask this package for addresses.
"""
