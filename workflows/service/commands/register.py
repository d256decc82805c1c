"""Register a downstream service; it waits for somebody else to approve it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from workflows.context import Context
from workflows.errors import Invalid
from workflows.service.events import Registered
from workflows.service.state import State

_LOOPBACK = ("localhost", "127.0.0.1", "::1")  # as `urlsplit` gives them, without brackets


@dataclass(frozen=True, slots=True)
class Register:
    stream: str
    name: str
    audience: str
    scopes: tuple[str, ...]


def decide(state: State, command: Register, context: Context) -> tuple[object, ...]:
    parts = urlsplit(command.audience)
    plain_loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if (parts.scheme != "https" and not plain_loopback) or not parts.netloc or parts.fragment:
        # RFC 8707 section 2: an absolute URI without a fragment.
        raise Invalid(
            "the audience is not an https URL",
            remedy="give the service's base URL, such as https://api.example",
            fields={"audience": "Enter an https URL such as https://api.example"},
        )
    if not command.scopes:
        raise Invalid("no scope is chosen", fields={"scopes": "Choose at least one scope"})
    if not command.name.strip():
        raise Invalid("the service has no name", fields={"name": "Enter a name"})
    return (Registered(command.name, command.audience, command.scopes, context.actor.id),)
