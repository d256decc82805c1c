"""Real stand-ins for what a demo machine lacks; loopback only."""
