"""Pure rules of the outward language."""
