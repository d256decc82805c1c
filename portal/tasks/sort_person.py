"""Somebody accepted an invitation: if their organization's directory lists them, they get what
its groups give."""

from __future__ import annotations

from portal.directory import following


def work(payload: dict[str, str]) -> None:
    """`payload`: organization, invitation."""
    following.accepted(payload["invitation"])
