"""What an app is bound to: its settings and the key that opens its vault."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from portal.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    settings: Settings
    wrapping_key: bytes


def installation() -> Installation:
    """The installation of the running app."""
    found: Installation = current_app.extensions["portal"]
    return found


def settings() -> Settings:
    return installation().settings
