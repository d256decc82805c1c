"""Measured ratios, each against a named yardstick within one run."""
