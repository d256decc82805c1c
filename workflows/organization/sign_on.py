"""An organization's single sign-on as its history tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.organization import events as e

# How the portal proves itself at the provider's token endpoint (OpenID Connect Core section 9).
AUTHENTICATIONS = ("private_key_jwt", "client_secret")
EVENTS = (
    e.SignOnConfigured, e.SignOnProven, e.SignOnRequired, e.SignOnRequirementLifted,
    e.SignOnRemoved,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignOn:
    """`proven` are owners and admins who signed in through just this configuration."""

    issuer: str
    client_id: str
    authentication: str
    counts_as_passkey: bool
    proven: frozenset[str] = frozenset()
    required: bool = False


def evolve(present: SignOn | None, event: object) -> SignOn | None:
    """What is configured after one of `EVENTS`; None for nothing."""
    if isinstance(event, e.SignOnConfigured):
        return SignOn(event.issuer, event.client_id, event.authentication, event.counts_as_passkey)
    if present is None or isinstance(event, e.SignOnRemoved):
        return None
    if isinstance(event, e.SignOnProven):
        return replace(present, proven=present.proven | {event.account})
    return replace(present, required=isinstance(event, e.SignOnRequired))
