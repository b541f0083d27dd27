"""The parties of the market, each doing through the real services what it would do in life."""
