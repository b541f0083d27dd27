"""Kill what a market runs on, at random moments, and look whether anything was lost or doubled."""
