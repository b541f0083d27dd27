"""What the catalogue can be asked; it is open to every party."""
