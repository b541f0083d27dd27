"""An app for tests and benchmarks alone: one event, handlers, and a table that counts their effects."""
