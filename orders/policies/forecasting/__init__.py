"""Forecasts of many series at once, in numpy and nothing else.

`engine.forecast` is the way in. Every module works on a panel: one row for each series, one column for each bucket, the
latest bucket in the last column, NaN where nothing is known (before a product existed, while it was out of stock).
"""
