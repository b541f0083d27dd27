"""PostgreSQL for Django, with every statement stamped by the actor who asked for it."""
