"""What anyone may reach: front page, signing in, one's own account."""

from portal.guard import Zone

zone = Zone("public", __name__)
