"""Every figure the project quotes, beside its limit measured in the same run: `make bench`, `make bench ONLY=name`."""
