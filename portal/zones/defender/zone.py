"""Applicants and members of organizations."""

from portal.guard import Zone

zone = Zone("defender", __name__)
