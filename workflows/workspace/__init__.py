"""Workspaces: rooms of an organization that show their people some of its applications."""
