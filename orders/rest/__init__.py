"""Orders, cycles, purchase orders and signals in the API."""
