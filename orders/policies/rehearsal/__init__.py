"""Play a market day by day by several rules of replenishment, on the same demand, and compare what comes of them.

`signals.Signals` decides by the very policies that plans use (`buffer`, `forecasting`), so that what it shows is what a
plan would have asked for.
"""
