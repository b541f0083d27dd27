"""What outside parties may read."""
