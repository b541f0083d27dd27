"""What the directory does: credentials of organisations."""
