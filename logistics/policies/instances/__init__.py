"""Public routing instances: VRPLIB files and Solomon's tables as planning problems."""
