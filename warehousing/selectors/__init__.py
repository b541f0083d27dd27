"""What the warehouse can be asked, always on behalf of an actor."""
