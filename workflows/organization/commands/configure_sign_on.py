"""Let people sign in through the organization's own OpenID provider.

That the provider answers, and under just this issuer, is established at the door. Configuring
again begins anew: the requirement is gone, because nobody has shown yet that the new one works.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from workflows.context import Context
from workflows.errors import Invalid, NotNow
from workflows.organization.events import SignOnConfigured
from workflows.organization.sign_on import AUTHENTICATIONS
from workflows.organization.state import State

MOST = 250  # characters of an issuer or a client id


@dataclass(frozen=True, slots=True)
class ConfigureSignOn:
    """`issuer` as the provider writes it, to the letter (OpenID Connect Discovery section 3)."""

    stream: str
    issuer: str
    client_id: str
    authentication: str
    counts_as_passkey: bool


def decide(state: State, command: ConfigureSignOn, context: Context) -> tuple[object, ...]:
    if not any(claim.verified_at for claim in state.domains.values()):
        raise NotNow(
            "your organization has no proven domain",
            code="no_domain",
            remedy="prove a domain first: only people with an address in it sign in this way",
        )
    _check_shape(command)
    return (
        SignOnConfigured(
            issuer=command.issuer,
            client_id=command.client_id,
            authentication=command.authentication,
            counts_as_passkey=command.counts_as_passkey,
        ),
    )


def _check_shape(command: ConfigureSignOn) -> None:
    parts = urlsplit(command.issuer)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise Invalid(
            "the issuer is not an https URL without query and fragment",
            remedy="copy it from the provider, such as https://login.cert.example",
            fields={"issuer": "Enter the issuer as the provider writes it"},
        )
    texts = (command.issuer, command.client_id)
    if not all(0 < len(text) <= MOST and text.isprintable() for text in texts):
        raise Invalid(
            f"issuer and client id have 1 to {MOST} printable characters",
            remedy="copy the client id that the provider gave to the portal",
            fields={"client_id": "Enter the client id"},
        )
    if command.authentication not in AUTHENTICATIONS:
        raise Invalid(
            f"{command.authentication!r} is not a way to prove oneself to a provider",
            remedy=f"one of {', '.join(AUTHENTICATIONS)}",
            fields={"authentication": "Choose how the portal proves itself"},
        )
