"""What can have happened to an organization."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Registered:
    """The organization exists, its first member owns it. The name lies in the vault."""

    name: Vaulted
    owner: str


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody may join in a role, until a time (ISO 8601 UTC). The address lies in the vault."""

    invitation: str
    address: Vaulted
    role: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class InvitationPlaced:
    """Who accepts the invitation is let into a workspace or an engagement."""

    invitation: str
    room: str


@dataclass(frozen=True, slots=True)
class InvitationResent:
    invitation: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class InvitationWithdrawn:
    invitation: str


@dataclass(frozen=True, slots=True)
class InvitationAccepted:
    invitation: str


@dataclass(frozen=True, slots=True)
class InvitationDeclined:
    invitation: str


@dataclass(frozen=True, slots=True)
class MemberJoined:
    account: str
    role: str


@dataclass(frozen=True, slots=True)
class MemberPlaced:
    """A member was let into a workspace or an engagement."""

    account: str
    room: str


@dataclass(frozen=True, slots=True)
class MemberUnplaced:
    account: str
    room: str


@dataclass(frozen=True, slots=True)
class RoleChanged:
    account: str
    role: str


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    account: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Its only member was erased: nobody acts for it any more, and what it asked for is over."""


@dataclass(frozen=True, slots=True)
class MemberLeft:
    account: str


@dataclass(frozen=True, slots=True)
class OwnershipOffered:
    """The owner would hand the organization to a member; nothing changes until they accept."""

    account: str


@dataclass(frozen=True, slots=True)
class OwnershipOfferWithdrawn:
    account: str


@dataclass(frozen=True, slots=True)
class OwnershipTransferred:
    """The former owner stays as an admin."""

    former: str
    owner: str


@dataclass(frozen=True, slots=True)
class JoiningSet:
    """Whether people whose address lies in a proven domain may ask to join."""

    open: bool


@dataclass(frozen=True, slots=True)
class JoinRequested:
    """A person with an address in a proven domain asks, until a time (ISO 8601 UTC)."""

    account: str
    domain: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class JoinApproved:
    account: str


@dataclass(frozen=True, slots=True)
class JoinDeclined:
    """An admin said no, or the person took it back."""

    account: str


@dataclass(frozen=True, slots=True)
class DomainClaimed:
    """The organization says that a domain is its own; the token is to be put into its DNS, or
    into a file on its web server."""

    domain: str
    token: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class DomainVerified:
    """The token was found; `proof` is where: "dns" or "file", "dns" when in both."""

    domain: str
    looked_at: str
    proof: str


@dataclass(frozen=True, slots=True)
class DomainLapsed:
    """The proof is gone from a proven domain; it is lost unless it is back by `grace_until`."""

    domain: str
    looked_at: str
    grace_until: str


@dataclass(frozen=True, slots=True)
class DomainRestored:
    """The token of a lapsed domain is back; `proof` as in `DomainVerified`."""

    domain: str
    looked_at: str
    proof: str


@dataclass(frozen=True, slots=True)
class DomainLost:
    """The grace ended without the proof; `stood_since` is when it had been proven."""

    domain: str
    stood_since: str


@dataclass(frozen=True, slots=True)
class DomainDropped:
    """The organization gave it up; `stood_since` is "" when it never was proven."""

    domain: str
    stood_since: str


@dataclass(frozen=True, slots=True)
class DomainContested:
    """Their proof was found too, in a domain that another organization holds; `proof` as in
    `DomainVerified`."""

    domain: str
    looked_at: str
    proof: str


@dataclass(frozen=True, slots=True)
class DomainContestDismissed:
    domain: str


@dataclass(frozen=True, slots=True)
class DomainYielded:
    """Staff decided that the domain belongs to another organization, `to`."""

    domain: str
    stood_since: str
    to: str


@dataclass(frozen=True, slots=True)
class SignOnConfigured:
    """People may sign in through this OpenID provider; whatever was configured before is gone.

    `authentication` is how the portal proves itself to the provider: `private_key_jwt` or
    `client_secret`. `counts_as_passkey` lets what the provider calls phishing-resistant open what
    a passkey opens in this organization's matters.
    """

    issuer: str
    client_id: str
    authentication: str
    counts_as_passkey: bool


@dataclass(frozen=True, slots=True)
class SignOnProven:
    """An owner or admin signed in through the present configuration: it works."""

    account: str


@dataclass(frozen=True, slots=True)
class SignOnRequired:
    """People with an address in a proven domain no longer sign in by mailed link."""


@dataclass(frozen=True, slots=True)
class SignOnRequirementLifted:
    pass


@dataclass(frozen=True, slots=True)
class SignOnRemoved:
    """Nobody signs in through the organization's provider any more."""


@dataclass(frozen=True, slots=True)
class DirectoryTokenMade:
    """The organization's directory may speak by SCIM until a time (ISO 8601 UTC). The token
    itself is in no event."""

    token: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class DirectoryKeyRegistered:
    """The organization's directory may get tokens by this key, as the client `token`, until a time
    (ISO 8601 UTC). `jkt` is the RFC 7638 thumbprint of the key, `jwk` its public members."""

    token: str
    jkt: str
    jwk: dict[str, str]
    expires_at: str


@dataclass(frozen=True, slots=True)
class DirectoryTokenShortened:
    """Another follows it; both are accepted until this one's new end."""

    token: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class DirectoryTokenRevoked:
    token: str


@dataclass(frozen=True, slots=True)
class DirectoryStartSet:
    """What the people of the directory are when no group says more."""

    role: str


@dataclass(frozen=True, slots=True)
class DirectoryGroupMapped:
    """What a group of the directory gives: a role, and a workspace or engagement; "" for none."""

    group: str
    role: str
    room: str


@dataclass(frozen=True, slots=True)
class OwnerDepartureReported:
    """The directory says that the owner left; an owner stays until ownership is transferred."""

    account: str


@dataclass(frozen=True, slots=True)
class AttestationBegan:
    """From now on it is counted how long a member was spoken for; `due` is ISO 8601 UTC."""

    account: str
    due: str


@dataclass(frozen=True, slots=True)
class MemberAttested:
    """An owner or admin said that the member still works there; it counts until `due`."""

    account: str
    due: str


@dataclass(frozen=True, slots=True)
class MemberSuspended:
    """Nobody spoke for a member who was `due`: the membership opens nothing until somebody does."""

    account: str
    due: str


@dataclass(frozen=True, slots=True)
class MemberReinstated:
    """The membership opens again what it opened."""

    account: str
