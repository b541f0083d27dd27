"""What the directory can be asked, always on behalf of an actor."""
