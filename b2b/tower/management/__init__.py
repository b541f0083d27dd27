"""Commands of the control tower."""
