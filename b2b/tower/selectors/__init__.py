"""What the control tower can tell, always on behalf of an actor."""
