"""Claims on domains as an organization's history tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflows.organization import events as e


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed domain. Times are ISO 8601 UTC, "" for never.

    Attributes:
        token: the whole value of the TXT record, or of the file.
        expires_at: until when the token proves a domain that is not proven yet.
        verified_at: since when the domain is proven; "" while it is not.
        grace_until: set while the proof of a proven domain is missing; then it is lost.
        contested_at: when the proof was found in a domain that another organization holds.
        proof: where it was found: "dns" or "file"; "" while it has not been.
    """

    domain: str
    token: str
    expires_at: str
    verified_at: str = ""
    grace_until: str = ""
    contested_at: str = ""
    proof: str = ""

    @property
    def stands(self) -> bool:
        """Proven, and seen so at the last look: what new trust may rest on."""
        return bool(self.verified_at) and not self.grace_until


Claims = Mapping[str, Claim]


def evolve(claims: Claims, event: object) -> Claims:
    """The claims after an event of `workflows.organization.events` about one of them.

    Raises:
        TypeError: the event is about something else.
    """
    match event:
        case e.DomainClaimed(domain=domain, token=token, expires_at=expires_at):
            return {**claims, domain: Claim(domain, token, expires_at)}
        case e.DomainDropped(domain=domain) | e.DomainYielded(domain=domain):
            return {name: claim for name, claim in claims.items() if name != domain}
        case e.DomainVerified(domain=domain, looked_at=at, proof=proof):
            changed = replace(claims[domain], verified_at=at, contested_at="", proof=proof)
        case e.DomainLapsed(domain=domain, grace_until=until):
            changed = replace(claims[domain], grace_until=until)
        case e.DomainRestored(domain=domain, proof=proof):
            changed = replace(claims[domain], grace_until="", proof=proof)
        case e.DomainLost(domain=domain):
            changed = replace(claims[domain], verified_at="", grace_until="", proof="")
        case e.DomainContested(domain=domain, looked_at=at, proof=proof):
            changed = replace(claims[domain], contested_at=at, proof=proof)
        case e.DomainContestDismissed(domain=domain):
            changed = replace(claims[domain], contested_at="", expires_at="", proof="")
        case _:
            raise TypeError(f"not an organization event: {event!r}")
    return {**claims, domain: changed}
