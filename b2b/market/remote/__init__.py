"""The market traded over the API of a running server: the same parties, each with its own key, in real time."""
