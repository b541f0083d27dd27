"""What this package raises: always one readable sentence with its remedy."""


class EmbeddedError(Exception):
    """Say what stopped an embedded server and what to do about it."""
