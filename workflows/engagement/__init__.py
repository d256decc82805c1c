"""Engagements: work that somebody authorized, on named targets, between two dates."""
