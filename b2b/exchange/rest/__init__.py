"""What outside parties pull."""
