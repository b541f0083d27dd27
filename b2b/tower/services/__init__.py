"""Every write of the control tower: notes taken from events, safe to take twice and in any order."""
